"""Ports by stable identity."""

import pytest

from rig.bench.errors import PortAmbiguous, PortMissing
from rig.bench.ports import identity
from rig.bench.ports.identity import PortFacts, find_port, list_ports
from rig.errors import InputError

PORTS = (
    PortFacts("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523, by_id="usb-1a86-if00", by_path="pci-usb-0:1.1"),
    PortFacts("/dev/ttyUSB1", "USB Serial", 0x1A86, 0x7523, by_path="pci-usb-0:1.2"),
    PortFacts("/dev/ttyACM0", "Pololu Maestro", 0x1FFB, 0x0089, "00123", by_path="pci-usb-0:1.3"),
)


@pytest.mark.parametrize(
    ("wanted", "device"),
    [
        ("usb:1ffb:0089:00123", "/dev/ttyACM0"),
        ("usb:1FFB:0089", "/dev/ttyACM0"),
        ("by-path:pci-usb-0:1.2", "/dev/ttyUSB1"),
        ("by-id:usb-1a86-if00", "/dev/ttyUSB0"),
        ("socket://host:4001", "socket://host:4001"),
        ("rfc2217://host:4001", "rfc2217://host:4001"),
        ("/dev/bench-relays", "/dev/bench-relays"),
    ],
)
def test_an_identity_is_found_wherever_it_is_today(wanted, device):
    assert find_port(wanted, PORTS) == device


def test_two_boards_alike_are_one_clear_sentence():
    with pytest.raises(PortAmbiguous) as caught:
        find_port("usb:1a86:7523", PORTS)
    assert str(caught.value) == (
        "'usb:1a86:7523' fits several ports: by-path:pci-usb-0:1.1, by-path:pci-usb-0:1.2; name one of these instead"
    )
    assert caught.value.exit_code == 2


def test_what_is_not_plugged_in_is_named_with_its_fixture():
    with pytest.raises(PortMissing, match=r"chargers \(usb:2a19:0c01\): its port is not there"):
        find_port("usb:2a19:0c01", PORTS, label="chargers")


def test_a_number_is_refused_with_its_identity():
    with pytest.raises(InputError, match="name the port by identity, it is usb:1ffb:0089:00123 today"):
        find_port("/dev/ttyACM0", PORTS)


def test_nonsense_is_refused():
    with pytest.raises(InputError, match="'relay' is no port identity; write usb:VID:PID:SERIAL"):
        find_port("relay", PORTS)


def test_each_port_is_called_by_its_most_stable_name():
    assert [port.identity for port in PORTS] == [
        "by-path:pci-usb-0:1.1",
        "by-path:pci-usb-0:1.2",
        "usb:1ffb:0089:00123",
    ]
    assert all(find_port(port.identity, PORTS) == port.device for port in PORTS)


def test_this_machines_ports_with_links_of_udev(tmp_path, monkeypatch):
    class Port:
        device, product, description = str(tmp_path / "ttyUSB7"), None, "n/a"
        vid, pid, serial_number = 0x1A86, 0x7523, None

    (tmp_path / "ttyUSB7").touch()
    (tmp_path / "by-path").mkdir()
    (tmp_path / "by-path" / "pci-usb-0:9").symlink_to(tmp_path / "ttyUSB7")
    monkeypatch.setattr(identity, "_SERIAL_LINKS", tmp_path)
    monkeypatch.setattr(identity.pyserial_list, "comports", lambda: [Port])
    (found,) = list_ports()
    assert found.identity == "by-path:pci-usb-0:9"
    assert found.kinds == ("lcus", "riden", "modbus-relay")


def test_canary_pyserials_port_facts_still_have_these_names():
    from serial.tools.list_ports_common import ListPortInfo

    port = ListPortInfo("/dev/ttyS0")
    assert (port.vid, port.pid, port.serial_number, port.product, port.description) == (None,) * 4 + ("n/a",)
    assert port.device == "/dev/ttyS0"
