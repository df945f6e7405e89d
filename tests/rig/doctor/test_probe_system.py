"""Who and where we are, from file trees and from this machine."""

import os
import sys

import pytest

from rig.doctor import probe_system
from rig.doctor.facts import Unknown, VirtualControllerFacts


def test_this_machine_can_be_described():
    system = probe_system.system_facts()
    assert system.platform == sys.platform
    assert system.kernel.release
    packages = dict(system.packages)
    assert set(packages) >= {"pitboard", "bleak", "bumble"}
    assert not any(isinstance(version, Unknown) for version in packages.values())
    assert system.realtime
    user = probe_system.user_facts()
    assert user.name
    assert user.is_root is (os.geteuid() == 0)


def test_looking_at_the_priority_does_not_keep_it():
    before = os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)
    probe_system.system_facts()
    assert (os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)) == before


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('NAME=x\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n', "Debian GNU/Linux 12 (bookworm)"),
        ("PRETTY_NAME='Raspbian'\n", "Raspbian"),
        ("\xff\n=\n", Unknown("os-release names none")),
    ],
)
def test_distributions(tmp_path, text, name):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_bytes(text.encode("latin-1"))
    assert probe_system.distribution(tmp_path) == name


def test_no_distribution_at_all(tmp_path):
    assert probe_system.distribution(tmp_path) == Unknown("not there")


def test_containers(tmp_path):
    assert not probe_system.in_container(tmp_path)
    (tmp_path / ".dockerenv").touch()
    assert probe_system.in_container(tmp_path)


def test_capabilities(tmp_path):
    assert probe_system.user_facts(tmp_path).may_administer_network == Unknown("not there")
    (tmp_path / "proc/self").mkdir(parents=True)
    status = tmp_path / "proc/self/status"
    for text, may in [
        ("CapEff:\t0000000000001000\n", True),
        ("Name:\tx\nCapEff:\t0000000000000000\n", False),
    ]:
        status.write_text(text)
        assert probe_system.user_facts(tmp_path).may_administer_network is may
    status.write_text("Name:\tx\n")
    assert probe_system.user_facts(tmp_path).may_administer_network == Unknown("no capabilities told")


def test_serial_ports(tmp_path):
    assert probe_system.serial_ports(tmp_path) == Unknown("not there")
    (tmp_path / "dev/serial/by-id").mkdir(parents=True)
    for name in ("ttyACM0", "ttyUSB10", "tty1", "ttyS0", "ttyACMx"):
        (tmp_path / "dev" / name).touch()
    (tmp_path / "dev/serial/by-id/usb-ZEPHYR-if00").symlink_to("../../ttyACM0")
    acm, usb = probe_system.serial_ports(tmp_path)
    assert (acm.path, acm.label, acm.readable) == ("/dev/ttyACM0", "/dev/serial/by-id/usb-ZEPHYR-if00", True)
    assert (usb.path, usb.label) == ("/dev/ttyUSB10", "")


def test_a_serial_port_that_just_went(tmp_path):
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/ttyACM0").symlink_to("gone")
    (port,) = probe_system.serial_ports(tmp_path)
    assert port.readable == Unknown("not there")


def test_the_virtual_controller(tmp_path):
    absent = VirtualControllerFacts(exists=False, writable=False)
    assert probe_system.virtual_controller(tmp_path) == absent
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/vhci").touch()
    assert probe_system.virtual_controller(tmp_path) == absent, "a plain file is no device"
    (tmp_path / "dev/vhci").unlink()
    (tmp_path / "dev/vhci").symlink_to("/dev/null")
    assert probe_system.virtual_controller(tmp_path) == VirtualControllerFacts(exists=True, writable=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[General]\nName=x\n", ()),
        ("[LE]\n#MinConnectionInterval=\nConnectionSupervisionTimeout=200\n",
         (("ConnectionSupervisionTimeout", "200"),)),
        ("[LE]\nAutoconnecttimeout = 5%\n[Policy]\nAutoEnable=true\n", (("Autoconnecttimeout", "5%"),)),
    ],
)  # fmt: skip
def test_link_settings(tmp_path, text, found):
    (tmp_path / "etc/bluetooth").mkdir(parents=True)
    (tmp_path / "etc/bluetooth/main.conf").write_text(text)
    assert probe_system.link_settings(tmp_path) == found


def test_link_settings_that_cannot_be_had(tmp_path):
    assert probe_system.link_settings(tmp_path) == Unknown("not there")
    (tmp_path / "etc/bluetooth").mkdir(parents=True)
    (tmp_path / "etc/bluetooth/main.conf").write_text("no section\n")
    assert "cannot be understood" in probe_system.link_settings(tmp_path).why


@pytest.mark.parametrize(("name", "runs"), [("bluetoothd", True), ("bluetoothd-x", False)])
def test_whether_the_daemon_runs(tmp_path, name, runs):
    for number, comm in (("1", "init"), ("77", name), ("self", "bluetoothd")):
        (tmp_path / "proc" / number).mkdir(parents=True)
        (tmp_path / "proc" / number / "comm").write_text(comm + "\n")
    assert probe_system.process_running(tmp_path, "bluetoothd") is runs
    assert probe_system.process_running(tmp_path / "none", "bluetoothd") == Unknown("not there")
