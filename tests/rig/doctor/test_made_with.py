"""The Bluetooth side of a run, for its record."""

from __future__ import annotations

from rig.doctor.facts import AdapterFacts, ControllerFacts, Unknown, UsbFacts
from rig.doctor.made_with import adapter_words, bluetooth_versions
from rig.virtual_time import run_virtual


def test_an_adapter_is_told_by_what_decides_how_it_behaves():
    dongle = AdapterFacts("hci0", bus="usb", driver="btusb", usb=UsbFacts(0x0A12, 0x0001, "8891"))
    known = ControllerFacts("00:1A:7D:DA:71:13", 6, 10, powered=True, low_energy=True)
    assert adapter_words(dongle, known) == "usb 0a12:0001 rev 8891, btusb, HCI 6 by 10"
    bare = AdapterFacts("hci1", bus="virtual", driver=Unknown("no driver named"))
    assert adapter_words(bare, Unknown("no privilege")) == "virtual"


def test_a_machine_without_bluetooth_says_so(tmp_path):
    found = run_virtual(lambda: bluetooth_versions(tmp_path, programs=[]))
    assert found == {"bluez": "unknown (neither bluetoothd nor bluetoothctl is installed)"}
