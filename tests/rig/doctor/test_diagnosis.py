"""Facts in, findings out: every kind of finding, what it is found from, and what it is not."""

import string
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.doctor.catalogue import CATALOGUE
from rig.doctor.diagnosis import Asked, diagnose
from rig.doctor.facts import (
    AdapterFacts,
    ControllerFacts,
    Facts,
    KernelFacts,
    LinkDefaults,
    OpenedFacts,
    PeerFacts,
    RfkillFacts,
    SerialPortFacts,
    StackAdapterFacts,
    StackFacts,
    SystemFacts,
    Unknown,
    UsbFacts,
    UserFacts,
    VirtualControllerFacts,
)
from rig.doctor.findings import Level
from tests.rig.doctor.machines import ADDRESS, adapter, ids, kernel, machine, served

BLE = Asked()
DENIED = Unknown("not readable: permission denied")
DONGLE = Asked("hci", "serial:/dev/ttyACM0,1000000")
PORT = SerialPortFacts("/dev/ttyACM0", "/dev/serial/by-id/usb-ZEPHYR-if00", readable=True, group="dialout")
VHCI = VirtualControllerFacts(exists=True, writable=True)
NO_VHCI = VirtualControllerFacts(exists=False, writable=False)
CAR = PeerFacts("/org/bluez/hci0/dev_1", "DB:7F:00:00:00:01", "Drive", is_car=True)
MOUSE = PeerFacts("/org/bluez/hci0/dev_2", "DB:7F:00:00:00:02", "Mouse", is_car=False)


def usb(vendor_id, product_id, **changes):
    return replace(adapter().usb, vendor_id=vendor_id, product_id=product_id, **changes)


def says(version=6, manufacturer=15, powered=True, low_energy=True):
    return ControllerFacts(ADDRESS, version, manufacturer, powered=powered, low_energy=low_energy)


DEBIAN_55 = kernel("6.1.0-55-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-10-30)")
DEBIAN_56 = kernel("6.1.0-56-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-12)")
DEBIAN_54 = kernel("6.1.0-54-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.190-1 (2026-10-01)")
STRIPPED_55 = kernel("6.1.0-55-rt-amd64", "#1 SMP")
PI = kernel("6.6.62+rpt-rpi-v8", "#1 SMP PREEMPT Debian 1:6.6.62-1+rpt1 (2024-11-25)")
BUSTER = kernel("4.19.0-27-amd64", "#1 SMP Debian 4.19.316-1 (2024-06-25)")

# name: (facts, asked, {finding: level} beyond ok, usable)
CASES = {
    "sound": (machine(), BLE, {}, True),
    "named adapter": (machine(adapter(), adapter("hci1")), Asked("ble", "hci1"), {}, True),
    "no adapter": (replace(machine(), adapters=()), BLE, {"no-adapter": "bad"}, False),
    "no Bluetooth in the kernel": (
        replace(machine(), adapters=Unknown("none")),
        BLE,
        {"kernel-without-bluetooth": "bad"},
        False,
    ),
    "no Bluetooth at all, and nothing of it either": (
        replace(machine(stack={"bus_reachable": False, "daemon_running": False}), adapters=Unknown("none")),
        BLE,
        {"kernel-without-bluetooth": "bad"},
        False,
    ),
    "another adapter asked": (machine(), Asked("ble", "hci7"), {"adapter-not-found": "bad"}, False),
    "off": (machine(adapter(stack=served(powered=False))), BLE, {"adapter-off": "bad"}, False),
    "off, as only the kernel knows": (
        machine(adapter(stack=DENIED, controller=says(powered=False))),
        BLE,
        {"adapter-off": "bad", "adapter-not-served": "bad"},
        False,
    ),
    "one off, one on": (
        machine(adapter(stack=served(powered=False)), adapter("hci1")), BLE, {"adapter-off": "warn"}, True,
    ),
    "one off, and that one asked": (
        machine(adapter(stack=served(powered=False)), adapter("hci1")),
        Asked("ble", "hci0"),
        {"adapter-off": "bad"},
        False,
    ),
    "soft block": (
        machine(adapter(stack=served(powered=False)), switches=(RfkillFacts("hci0", "bluetooth", True, False),)),
        BLE,
        {"adapter-blocked": "bad"},
        False,
    ),
    "hard block": (
        machine(adapter(stack=served(powered=False)), switches=(RfkillFacts("hci0", "bluetooth", True, True),)),
        BLE,
        {"adapter-hard-blocked": "bad"},
        False,
    ),
    "a platform switch blocks": (
        machine(switches=(RfkillFacts("tpacpi_bluetooth_sw", "bluetooth", True, False),)),
        BLE,
        {"adapter-blocked": "warn"},
        True,
    ),
    "Wi-Fi blocked is none of our business": (
        machine(switches=(RfkillFacts("phy0", "wlan", True, True),)), BLE, {}, True,
    ),
    "peripheral only": (
        machine(adapter(stack=served(roles=("peripheral",)))), BLE, {"adapter-not-le": "bad"}, False,
    ),
    "classic only, BlueZ too old to tell roles": (
        machine(adapter(stack=served(roles=()), controller=says(low_energy=False))),
        BLE,
        {"adapter-not-le": "bad"},
        False,
    ),
    "the service does not have it": (
        machine(adapter(stack=Unknown("BlueZ does not offer it"))), BLE, {"adapter-not-served": "bad"}, False,
    ),
    "CSR clone": (
        machine(adapter(usb=usb(0x0A12, 1), controller=says(manufacturer=93))), BLE, {"adapter-poor": "bad"}, False,
    ),
    "CSR, perhaps genuine": (
        machine(adapter(usb=usb(0x0A12, 1), controller=says(manufacturer=10))), BLE, {"adapter-poor": "note"}, True,
    ),
    "CSR, maker not told": (
        machine(adapter(usb=usb(0x0A12, 1), controller=DENIED)),
        BLE,
        {"adapter-poor": "note", "not-looked-at": "note"},
        True,
    ),
    "TP-Link UB500": (machine(adapter(usb=usb(0x2357, 0x0604))), BLE, {"adapter-poor": "warn"}, True),
    "RTL8761BU on 6.12": (machine(adapter(usb=usb(0x0BDA, 0x8771))), BLE, {"adapter-poor": "note"}, True),
    "RTL8761BU on 5.15.100": (
        machine(adapter(usb=usb(0x0BDA, 0x8771)), system={"kernel": kernel("5.15.100-generic", "#1 SMP")}),
        BLE,
        {"adapter-poor": "warn"},
        True,
    ),
    "autosuspend": (
        machine(adapter(usb=replace(adapter().usb, autosuspend=True))), BLE, {"adapter-sleeps": "warn"}, True,
    ),
    "autosuspend not readable": (
        machine(adapter(usb=replace(adapter().usb, autosuspend=DENIED))), BLE, {}, True,
    ),
    "USB side not readable": (machine(adapter(usb=DENIED)), BLE, {"not-looked-at": "note"}, True),
    "Intel beside Wi-Fi": (
        machine(adapter(usb=usb(0x8087, 0x0AAA)), system={"wifi_up": ("wlp3s0",)}),
        BLE,
        {"adapter-shares-wifi": "warn"},
        True,
    ),
    "Intel, Wi-Fi down": (machine(adapter(usb=usb(0x8087, 0x0AAA))), BLE, {}, True),
    "Raspberry Pi, Wi-Fi up": (
        machine(
            adapter(bus="serial", driver="hci_uart_bcm", usb=None),
            system={"wifi_up": ("wlan0",), "kernel": PI},
        ),
        BLE,
        {"adapter-shares-wifi": "warn"},
        True,
    ),
    "a dongle beside Wi-Fi": (machine(system={"wifi_up": ("wlan0",)}), BLE, {}, True),
    "somebody scans": (machine(adapter(stack=served(discovering=True))), BLE, {"adapter-scanned": "note"}, True),
    "a car is still connected": (
        machine(adapter(stack=served(connected=(CAR,)))), BLE, {"adapter-holds-car": "warn"}, True,
    ),
    "a mouse is connected": (
        machine(adapter(stack=served(connected=(MOUSE,)))), BLE, {"adapter-holds-others": "note"}, True,
    ),
    "eight cars, one adapter": (machine(), Asked(cars=8), {"too-few-adapters": "warn"}, True),
    "eight cars, two adapters": (machine(adapter(), adapter("hci1")), Asked(cars=8), {}, True),
    "eight cars, two adapters, one off": (
        machine(adapter(), adapter("hci1", stack=served(powered=False))),
        Asked(cars=8),
        {"too-few-adapters": "warn", "adapter-off": "warn"},
        True,
    ),
    "the kernel's own link timeout": (
        machine(adapter(link=LinkDefaults(30, 50, 0, 420))), BLE, {"link-timeout-short": "note"}, True,
    ),
    "link defaults unreadable": (machine(adapter(link=DENIED)), BLE, {"not-looked-at": "note"}, True),
    "6.1.192-1": (machine(system={"kernel": DEBIAN_55}), BLE, {"kernel-known-bad": "bad"}, False),
    "6.1.192-2": (machine(system={"kernel": DEBIAN_56}), BLE, {"kernel-known-bad": "bad"}, False),
    "6.1.0-55 with a bare build": (machine(system={"kernel": STRIPPED_55}), BLE, {"kernel-known-bad": "bad"}, False),
    "6.1.190-1": (machine(system={"kernel": DEBIAN_54}), BLE, {}, True),
    "Raspberry Pi's kernel": (machine(system={"kernel": PI}), BLE, {}, True),
    "4.19": (machine(system={"kernel": BUSTER}), BLE, {"kernel-old": "warn"}, True),
    "a kernel without a number": (machine(system={"kernel": kernel("odd", "")}), BLE, {}, True),
    "BlueZ 5.23": (
        machine(stack={"bluez_version": "5.23"}), BLE, {"bluez-too-old": "bad", "bluez-known-bad": "bad"}, False,
    ),
    "BlueZ 5.43": (
        machine(stack={"bluez_version": "5.43"}), BLE, {"bluez-too-old": "bad", "bluez-known-bad": "bad"}, False,
    ),
    "BlueZ 5.50": (
        machine(stack={"bluez_version": "5.50"}), BLE, {"bluez-too-old": "bad", "bluez-known-bad": "bad"}, False,
    ),
    "BlueZ 5.48": (machine(stack={"bluez_version": "5.48"}), BLE, {"bluez-too-old": "bad"}, False),
    "BlueZ 5.55": (machine(stack={"bluez_version": "5.55"}), BLE, {"bluez-known-bad": "warn"}, True),
    "BlueZ 5.63": (machine(stack={"bluez_version": "5.63"}), BLE, {}, True),
    "BlueZ 5.71": (machine(stack={"bluez_version": "5.71"}), BLE, {"bluez-known-bad": "warn"}, True),
    "BlueZ 5.86": (machine(stack={"bluez_version": "5.86"}), BLE, {}, True),
    "BlueZ 5.87": (machine(stack={"bluez_version": "5.87"}), BLE, {"bluez-known-bad": "bad"}, False),
    "BlueZ 5.88": (machine(stack={"bluez_version": "5.88"}), BLE, {}, True),
    "BlueZ unknown": (
        machine(stack={"bluez_version": Unknown("not installed")}), BLE, {"bluez-version-unknown": "note"}, True,
    ),
    "BlueZ odd": (machine(stack={"bluez_version": "git"}), BLE, {"bluez-version-unknown": "note"}, True),
    "no D-Bus": (
        machine(
            adapter(stack=Unknown("no D-Bus")),
            stack={"bus_reachable": False, "daemon_running": False, "answered": Unknown("no D-Bus")},
        ),
        BLE,
        {"no-dbus": "bad"},
        False,
    ),
    "D-Bus refuses": (
        machine(stack={"bus_reachable": DENIED, "answered": Unknown("no D-Bus")}), BLE, {"no-dbus": "bad"}, False,
    ),
    "no bluetoothd": (
        machine(
            adapter(stack=Unknown("no bluetoothd"), controller=says(powered=False)),
            stack={"daemon_running": False, "answered": Unknown("no bluetoothd")},
        ),
        BLE,
        {"no-bluetoothd": "bad"},
        False,
    ),
    "policy denies": (
        machine(stack={"refused": "Sender is not authorized", "answered": DENIED}),
        BLE,
        {"not-permitted": "bad"},
        False,
    ),
    "bluetoothd hangs": (
        machine(stack={"answered": Unknown("no answer in 5 s")}), BLE, {"stack-silent": "bad"}, False,
    ),
    "bluetoothd says nothing": (machine(stack={"answered": False}), BLE, {"stack-silent": "bad"}, False),
    "bleak missing": (
        machine(system={"packages": (("bleak", Unknown("not installed")),)}), BLE, {"package-missing": "bad"}, False,
    ),
    "powersave": (
        machine(system={"governors": ("performance", "powersave")}), BLE, {"cpu-saves-power": "note"}, True,
    ),
    "ondemand": (machine(system={"governors": ("ondemand",)}), BLE, {}, True),
    "no real time": (machine(system={"realtime_granted": False}), BLE, {"no-realtime": "note"}, True),
    "container without D-Bus": (
        machine(
            system={"in_container": True},
            stack={"bus_reachable": False, "daemon_running": False, "answered": Unknown("no D-Bus")},
        ),
        BLE,
        {"in-container": "note", "no-dbus": "bad"},
        False,
    ),
    "container with everything mounted": (machine(system={"in_container": True}), BLE, {}, True),
    "macOS": (
        machine(system={"platform": "darwin"}, stack={"answered": Unknown("not on darwin")}),
        BLE,
        {"not-linux": "note"},
        True,
    ),
    "switches unreadable": (machine(switches=DENIED), BLE, {"not-looked-at": "note"}, True),
    "governor and Wi-Fi unreadable": (
        machine(system={"governors": DENIED, "wifi_up": DENIED}), BLE, {"not-looked-at": "note"}, True,
    ),
    "a serial port that is closed to us, in passing": (
        machine(serial_ports=(replace(PORT, readable=False),)), BLE, {"serial-refused": "note"}, True,
    ),
    "opened": (machine(opened=OpenedFacts(True, "opened, and 4 cars heard in 3 s")), BLE, {}, True),
    "not opened": (machine(opened=OpenedFacts(False, "no")), BLE, {"radio-not-opened": "bad"}, False),
    "dongle, not probed": (machine(serial_ports=(PORT,)), DONGLE, {"radio-unopened": "note"}, True),
    "dongle by its lasting name": (
        machine(serial_ports=(PORT,)), Asked("hci", f"serial:{PORT.label}"), {"radio-unopened": "note"}, True,
    ),
    "a dongle and ModemManager": (
        machine(serial_ports=(PORT,), system={"modem_manager": True}),
        DONGLE,
        {"radio-unopened": "note", "serial-contested": "note"},
        True,
    ),
    "dongle missing": (machine(), DONGLE, {"serial-missing": "bad", "radio-unopened": "note"}, False),
    "dongle closed to us": (
        machine(serial_ports=(replace(PORT, readable=False),)),
        DONGLE,
        {"serial-refused": "bad", "radio-unopened": "note"},
        False,
    ),
    "dongle unreadable": (
        machine(serial_ports=(replace(PORT, readable=DENIED),)), DONGLE, {"radio-unopened": "note"}, True,
    ),
    "dongle answered": (
        machine(serial_ports=(PORT,), opened=OpenedFacts(True, "opened")), DONGLE, {}, True,
    ),
    "dongle silent": (
        machine(serial_ports=(PORT,), opened=OpenedFacts(False, "silent")), DONGLE, {"radio-not-opened": "bad"}, False,
    ),
    "another transport": (machine(), Asked("hci", "tcp-client:[::1]:9001"), {"radio-unopened": "note"}, True),
    "dongles need no stack": (
        replace(machine(stack={"bus_reachable": False}, serial_ports=(PORT,)), adapters=Unknown("none")),
        DONGLE,
        {"radio-unopened": "note"},
        True,
    ),
    "simulated": (replace(machine(), adapters=Unknown("none")), Asked("sim"), {}, True),
    "simulated, bumble missing": (
        machine(system={"packages": (("bumble", Unknown("not installed")),)}),
        Asked("sim"),
        {"package-missing": "bad"},
        False,
    ),
    "virtual": (machine(user={"is_root": True}, virtual_controller=VHCI), Asked("vhci"), {}, True),
    "virtual, not root": (
        machine(virtual_controller=replace(VHCI, writable=False)), Asked("vhci"), {"virtual-refused": "bad"}, False,
    ),
    "virtual, not in the kernel": (machine(), Asked("vhci"), {"virtual-missing": "bad"}, False),
    "virtual, not looked at": (
        machine(virtual_controller=DENIED), Asked("vhci"), {"virtual-missing": "bad"}, False,
    ),
    "virtual on a bad kernel": (
        machine(virtual_controller=VHCI, system={"kernel": DEBIAN_56}),
        Asked("vhci"),
        {"kernel-known-bad": "bad"},
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_found(name):
    facts, asked, expected, usable = CASES[name]
    diagnosis = diagnose(facts, asked)
    assert ids(diagnosis) == expected
    assert diagnosis.usable is usable
    assert diagnosis.exit_code == (0 if usable else 3)


def all_findings():
    return [finding for facts, asked, _, _ in CASES.values() for finding in diagnose(facts, asked).findings]


def test_every_kind_is_found_in_some_case():
    assert {kind.id for kind in CATALOGUE} - {finding.id for finding in all_findings()} == set()


def test_ids_are_unique_and_fit_for_scripts():
    names = [kind.id for kind in CATALOGUE]
    assert len(set(names)) == len(names)
    assert all(set(name) <= set(string.ascii_lowercase + string.digits + "-") for name in names)


def test_every_finding_says_what_and_what_to_do():
    for finding in all_findings():
        assert finding.subject
        assert finding.found[-1] not in ".;:", finding
        assert "{" not in finding.remedy
        assert finding.remedy.count("`") % 2 == 0
        if finding.level in (Level.WARN, Level.BAD):
            assert finding.remedy, finding


def test_a_machine_without_bluetooth_is_told_in_one_sentence_and_offered_the_simulation():
    facts = replace(machine(stack={"bus_reachable": False}), adapters=Unknown("its kernel has none"))
    bad = [finding for finding in diagnose(facts).findings if finding.level is Level.BAD]
    assert [finding.found for finding in bad] == ["this machine has no Bluetooth: its kernel has none"]
    assert "pitboard scan --radio sim" in bad[0].remedy


def test_root_with_virtual_controllers_is_offered_them():
    facts = replace(machine(user={"is_root": True}, virtual_controller=VHCI), adapters=())
    assert "virtual-usable" in {finding.id for finding in diagnose(facts).findings}
    facts = replace(machine(virtual_controller=VHCI), adapters=())
    assert "virtual-usable" not in {finding.id for finding in diagnose(facts).findings}


def test_remedies_name_the_thing():
    def remedy(name, of):
        facts, asked, _, _ = CASES[of]
        return next(finding.remedy for finding in diagnose(facts, asked).findings if finding.id == name)

    assert CAR.address in remedy("adapter-holds-car", "a car is still connected")
    assert "/sys/bus/usb/devices/1-2/power/control" in remedy("adapter-sleeps", "autosuspend")
    assert "usermod -aG bluetooth ada" in remedy("not-permitted", "policy denies")
    assert "usermod -aG dialout ada" in remedy("serial-refused", "dongle closed to us")
    assert "hci0" in remedy("adapter-not-found", "another adapter asked")
    assert "6.1.190" in remedy("kernel-known-bad", "6.1.192-1")
    assert "add 1 more" in remedy("too-few-adapters", "eight cars, one adapter")


def test_the_sources_of_a_known_fault_stand_with_it():
    facts, asked, _, _ = CASES["BlueZ 5.43"]
    found = next(finding for finding in diagnose(facts, asked).findings if finding.id == "bluez-known-bad")
    assert found.sources == ("https://github.com/com2m/anki-overdrive-goes-iot/issues/1",)


TEXT = st.text(max_size=12)
MAYBE = st.builds(Unknown, TEXT)


def facts_of(type_, **given_):
    hints = {
        "usb": st.none() | MAYBE | st.builds(UsbFacts, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)),
        "controller": MAYBE | st.builds(ControllerFacts, TEXT, st.integers(0, 255), st.integers(0, 0xFFFF), st.booleans(), st.booleans()),
        "link": MAYBE | st.builds(LinkDefaults, st.floats(0, 1e4), st.floats(0, 1e4), st.integers(0, 500), st.integers(0, 32000)),
    }  # fmt: skip
    return st.builds(type_, **{**{f.name: hints[f.name] for f in fields(type_) if f.name in hints}, **given_})


PEERS = st.tuples(st.builds(PeerFacts, TEXT, TEXT, TEXT, st.booleans()))
NAMES = st.sampled_from(["hci0", "hci1", "hci12"])
SIDES = st.builds(
    StackAdapterFacts, NAMES, TEXT, st.booleans(), st.booleans(), st.sampled_from([(), ("central",), ("odd",)]),
    TEXT, MAYBE | PEERS,
)  # fmt: skip
ADAPTERS = facts_of(AdapterFacts, name=NAMES, bus=MAYBE | TEXT, driver=MAYBE | TEXT, stack=MAYBE | SIDES)
YES = st.booleans() | MAYBE
ANY_FACTS = st.builds(
    Facts,
    st.builds(
        SystemFacts, st.sampled_from(["linux", "darwin"]), MAYBE | TEXT, st.builds(KernelFacts, TEXT, TEXT), TEXT,
        in_container=YES, packages=st.just((("bleak", "3.1.0"),)), governors=MAYBE | st.tuples(TEXT),
        realtime_granted=YES, wifi_up=MAYBE | st.tuples(TEXT),
    ),
    st.builds(UserFacts, TEXT, st.booleans(), st.just(())),
    st.builds(StackFacts, YES, YES, MAYBE | TEXT, YES, TEXT),
    adapters=MAYBE | st.lists(ADAPTERS, max_size=3).map(tuple),
    switches=MAYBE | st.tuples(st.builds(RfkillFacts, NAMES, TEXT, st.booleans(), st.booleans())),
    serial_ports=MAYBE | st.tuples(st.builds(SerialPortFacts, TEXT, TEXT, YES, TEXT)),
    virtual_controller=MAYBE | st.just(VHCI) | st.just(NO_VHCI),
    opened=st.none() | st.builds(OpenedFacts, st.booleans(), TEXT),
)  # fmt: skip
ASKED = st.builds(
    Asked, st.sampled_from(["ble", "hci", "vhci", "sim"]), NAMES | st.just(""), st.integers(1, 40)
)


@given(ANY_FACTS, ASKED)
def test_no_facts_are_too_odd_and_linux_always_gets_a_verdict_about_its_adapters(facts, asked):
    diagnosis = diagnose(facts, asked)
    assert diagnosis.exit_code in (0, 3)
    if asked.kind == "ble" and facts.system.platform == "linux" and diagnosis.usable:
        assert "adapter-usable" in {finding.id for finding in diagnosis.findings}
