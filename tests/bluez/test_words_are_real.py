"""The table quotes BlueZ: its names and words stand in the bluetoothd of this machine, where there is one."""

from pathlib import Path

import pytest

from tests.bluez.error_table import BLUEZ, GATT, TABLE

BLUETOOTHD = [Path("/usr/libexec/bluetooth/bluetoothd"), Path("/usr/lib/bluetooth/bluetoothd")]
NOT_A_LITERAL = {
    "something new": "stands for what nobody has seen yet",
    "Page Timeout": "of the kernel's status table",
    "Operation Not Permitted": "BlueZ gives NotPermitted with words of the caller's",
    "Client Characteristic Configuration Descriptor Improperly Configured": "of BlueZ after 5.66",
}
_ATT = "Operation failed with ATT error: 0x"


@pytest.fixture(scope="module")
def bluetoothd():
    for path in BLUETOOTHD:
        if path.is_file():
            return path.read_bytes()
    pytest.skip("cannot run here: no bluetoothd to read; install the package bluez")


def test_every_name_and_every_word_of_the_table_is_bluez_own(bluetoothd):
    missing = set()
    for row in TABLE:
        if row.source not in {BLUEZ, GATT}:
            continue
        words = row.words or ""
        if words.startswith(_ATT):
            words = f"{_ATT}%02x"
        for text in (row.name, words):
            if text and text not in NOT_A_LITERAL and text.encode() not in bluetoothd:
                missing.add(text)
    assert missing <= {"org.bluez.Error.ImproperlyConfigured"}, sorted(missing)
