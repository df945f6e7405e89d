"""The line to bluetoothd when there is none, or when it refuses."""

import asyncio

import pytest

from rig.radio import bluez
from rig.radio.bluez import Bluez
from rig.radio.errors import AdapterMissing, AdapterOff, HostTrouble, NotPermitted, StackBusy, StackMissing


def connect():
    async def main():
        async with Bluez.connect():
            raise AssertionError

    asyncio.run(main())


def test_without_a_bus_there_is_no_stack(monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    with pytest.raises(StackMissing, match="no system D-Bus"):
        connect()


def test_elsewhere_than_on_linux_there_is_no_bluez(monkeypatch):
    monkeypatch.setattr(bluez.sys, "platform", "darwin")
    with pytest.raises(StackMissing, match="this is darwin"):
        connect()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("org.freedesktop.DBus.Error.ServiceUnknown", StackMissing),
        ("org.freedesktop.DBus.Error.Spawn.ChildExited", StackMissing),
        ("org.freedesktop.DBus.Error.AccessDenied", NotPermitted),
        ("org.freedesktop.DBus.Error.UnknownObject", AdapterMissing),
        ("org.bluez.Error.DoesNotExist", AdapterMissing),
        ("org.bluez.Error.Busy", StackBusy),
        ("org.bluez.Error.InProgress", StackBusy),
        ("org.bluez.Error.NotReady", AdapterOff),
        ("org.example.Unheard", HostTrouble),
    ],
)
def test_a_refusal_has_its_class_and_keeps_its_words(name, kind):
    fault = bluez._fault("hci3", name, ["the words"])
    assert type(fault) is kind
    assert fault.adapter == "hci3"
    assert "the words" in fault.detail
