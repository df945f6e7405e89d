"""The page of docs holds what the doctor may say."""

from rig.doctor.catalogue import CATALOGUE
from rig.doctor.known_bad import ADAPTERS, BLUEZ, KERNELS
from rig.doctor.page import doctor_page


def test_every_finding_and_every_known_fault_stands_on_it_once():
    page = doctor_page()
    for kind in CATALOGUE:
        assert page.count(f"| `{kind.id}` |") == 1
    for bad in (*KERNELS, *BLUEZ, *ADAPTERS):
        assert bad.fault in page
        assert bad.sources, "every entry has a source"


def test_tables_are_whole():
    rows = [line for line in doctor_page().splitlines() if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in rows}
    assert widths <= {5, 6, 7, 8}
