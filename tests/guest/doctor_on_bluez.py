"""`pitboard doctor` in the guest: a real kernel, BlueZ and D-Bus, in states that can be provoked.

Named to pytest by the suites (tests/guest/suites.py); not collected outside the guest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guest.service import order

PITBOARD = Path(sys.executable).parent / "pitboard"
LIMIT_S = 60
TRIES = 20  # of about 1.5 s each: until the adapter is up, or has gone
AS_NOBODY = (
    "import asyncio, os\n"
    "from rig.cli.main import main\n"
    "from rig.doctor.probe import collect\n"
    "asyncio.run(collect())  # loads what is needed: the interpreter may live where nobody may read\n"
    "import rig.cli.doctor, rig.cli.doctor_text, rig.doctor.diagnosis\n"
    "os.setgroups([]), os.setgid(65534), os.setuid(65534)\n"
    "main()\n"
)


def diagnosis(*arguments, program=(PITBOARD,)):
    done = subprocess.run(
        [*program, "doctor", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.stderr == ""
    record = json.loads(done.stdout)
    assert done.returncode == record["exit_code"]
    return record


def found(record):
    return {finding["id"]: finding["level"] for finding in record["radios"][0]["findings"]}


def until(id_):
    for _ in range(TRIES):
        record = diagnosis()
        if id_ in found(record):
            return record
    raise AssertionError(f"never {id_}: {found(record)}")


@pytest.fixture(scope="module", autouse=True)
def world():
    """A simulated fleet on an adapter of this kernel, for as long as the tests run."""
    process = subprocess.Popen(
        [PITBOARD, "scan", "--radio", "vhci:one-car", "--seconds", "600"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()


def test_a_usable_adapter_with_the_versions_around_it():
    record = until("adapter-usable")
    assert record["usable"]
    (adapter,) = record["facts"]["adapters"]
    assert adapter["bus"] == "virtual"
    assert adapter["stack"]["powered"]
    assert adapter["stack"]["address"] == adapter["controller"]["address"]
    assert adapter["controller"]["hci_version"] >= 6
    assert adapter["link"]["supervision_timeout_ms"] > 0
    assert record["facts"]["system"]["kernel"]["release"] == os.uname().release
    bluez = subprocess.run(["bluetoothctl", "--version"], capture_output=True, text=True, check=True).stdout
    assert record["facts"]["stack"]["bluez_version"] == bluez.split()[-1]


def test_the_adapter_of_another_name():
    assert found(diagnosis("--radio", "ble:hci9"))["adapter-not-found"] == "bad"


def test_nobody_sees_as_much_as_root():
    nobody = (sys.executable, "-c", AS_NOBODY)
    record = diagnosis(program=nobody)
    assert record["facts"]["user"]["name"] == "nobody"
    (adapter,) = record["facts"]["adapters"]
    assert adapter["controller"]["address"]
    assert adapter["link"]["interval_min_ms"] > 0
    assert "adapter-usable" in found(record)
    assert found(diagnosis("--radio", "vhci", program=nobody))["virtual-refused"] == "bad"


def test_a_bluetoothd_that_hangs():
    order("hang")
    try:
        assert found(diagnosis())["stack-silent"] == "bad"
    finally:
        order("resume")


def test_an_adapter_that_is_switched_off():
    subprocess.run(["bluetoothctl", "power", "off"], capture_output=True, timeout=LIMIT_S, check=True)
    assert found(diagnosis())["adapter-off"] == "bad"


def test_no_adapter(world):
    world.kill()
    world.wait()
    record = until("no-adapter")
    assert record["exit_code"] == 3
    assert found(record)["virtual-usable"] == "ok"


def test_no_bluetoothd():
    """Without an adapter its absence is not the point, but the virtual radio needs it."""
    order("stop")
    try:
        assert found(diagnosis("--radio", "vhci"))["no-bluetoothd"] == "bad"
    finally:
        order("start")
