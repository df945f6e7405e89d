"""FIDELITY.md leaves nothing out: every key of a world file and every fault stands in it, and nothing else does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rig.errors import InputError
from rig.sim.bench_fault_names import BENCH_FAULTS
from rig.sim.car.faults import CAR_FAULTS
from rig.sim.faults import FAULTS
from rig.sim.spec import parse_world
from rig.sim.track_layout import STARTER_OVAL

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "rig/sim/FIDELITY.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def first_column(title: str) -> set[str]:
    """The names in backticks of a table's first column."""
    rows = [line for line in section(title).splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


CAR = "[[car]]\nidentifier = 1\n"
FAULT = CAR + "[[fault]]\nat_s = 1\nkind = 'asleep'\ncar = 1\n"
TABLES = {
    "": "#### = 1\n" + CAR,
    "air.": "air.#### = 1\n" + CAR,
    "car.": CAR + "#### = 1\n",
    "car.battery.": CAR + "battery.#### = 1\n",
    "car.start.": CAR + "start.#### = 1\n",
    "car.air.": CAR + "air.#### = 1\n",
    "change.": CAR + "[[change]]\nfrom_night = 2\ntrim = 1.0\n#### = 1\n",
    "fault.": FAULT + "#### = 1\n",
    "bench_fault.": CAR + "[[bench_fault]]\nat_s = 1\nkind = 'brown_out'\nfixture = 'x'\n#### = 1\n",
}
OF_A_BAY = CAR + "[[bench_fault]]\nat_s = 1\nkind = 'dirty_contact'\nbay = 'x'\n#### = 1\n"
"""A key that nobody knows, in each table: the answer lists those that are known."""


def known_keys(text: str) -> set[str]:
    with pytest.raises(InputError) as caught:
        parse_world(text.replace("####", "'####'"), source="w", load_track=lambda _name: STARTER_OVAL)
    return set(str(caught.value).rpartition("known here: ")[2].split(", "))


def test_every_key_of_a_world_file_stands_in_the_table():
    keys = {prefix + key for prefix, text in TABLES.items() for key in known_keys(text)}
    keys |= {f"bench_fault.{key}" for key in known_keys(OF_A_BAY)}
    tables = {
        "air",
        "bench_fault",
        "car",
        "change",
        "fault",
        "car.battery",
        "car.start",
        "car.air",
        "car.faults",
    }
    changed = {"change.battery", "change.air", "change.faults"}
    any_of_them = {"car.faults.…", *(f"{name}.…" for name in changed)}
    assert first_column("Keys of a world file") == (keys - tables - changed) | any_of_them


def test_every_fault_stands_in_its_table():
    assert first_column("Faults of a car") == set(CAR_FAULTS)
    assert first_column("Faults of the air and the adapter") == set(FAULTS)
    assert first_column("Faults of the bench") == set(BENCH_FAULTS)


def test_faults_have_one_name_each():
    assert len({*CAR_FAULTS, *FAULTS, *BENCH_FAULTS}) == len(CAR_FAULTS) + len(FAULTS) + len(BENCH_FAULTS)


def test_every_row_says_how_true_it_is():
    for title in ("What a car sends", "On the road", "Power", "Adverts and the air"):
        for row in section(title).splitlines():
            if row.startswith("| ") and not row.startswith("| behaviour"):
                assert row.split("|")[2].strip() in {"modelled", "approximated", "not modelled"}, row


def test_the_picture_exists():
    (picture,) = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", PAGE)
    assert (ROOT / "rig/sim" / picture).is_file()
