"""What the stacks below say, and which of our errors it is. Pure: tables, read by `rig.radio.translate`.

The exact texts come from bleak 3.1.0 (`bleak/backends/bluezdbus`), BlueZ (`src/error.h`, `src/error.c`,
`src/gatt-client.c`), dbus-daemon and from the issue threads of bleak and bleak-retry-connector named beside
them. `tests/bluez/error_table.py` lists them with the call at which each comes.
"""

from __future__ import annotations

from enum import Enum

from bleak.exc import (
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakGATTProtocolError,
)

from rig.radio.errors import (
    AdapterGone,
    AdapterMissing,
    AdapterOff,
    AlreadyConnected,
    AttError,
    CarFault,
    CarNotFound,
    ConnectTimedOut,
    EstablishmentFailed,
    HostFault,
    HostTrouble,
    LinkLost,
    NoAnswer,
    NotPermitted,
    ServicesMissing,
    SlotsExhausted,
    StackBusy,
    StackMissing,
)


class Doing(Enum):
    """What was being asked of the stack when it failed."""

    SCANNING = "scanning"
    CONNECTING = "connecting"
    TALKING = "talking"


HostKind = type[HostFault]
CarKind = type[CarFault]
Kind = HostKind | CarKind | type[AlreadyConnected]

REASONS: dict[BleakBluetoothNotAvailableReason, HostKind] = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: AdapterMissing,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: AdapterMissing,
    BleakBluetoothNotAvailableReason.POWERED_OFF: AdapterOff,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: NotPermitted,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: NotPermitted,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: NotPermitted,
    BleakBluetoothNotAvailableReason.UNKNOWN: HostTrouble,
}

TIMED_OUT: dict[Doing, Kind] = {
    Doing.SCANNING: StackBusy,
    Doing.CONNECTING: ConnectTimedOut,
    Doing.TALKING: NoAnswer,
}

TYPES: tuple[tuple[type[BaseException], Kind], ...] = (
    (BleakDeviceNotFoundError, CarNotFound),
    (BleakCharacteristicNotFoundError, ServicesMissing),
    (BleakGATTProtocolError, AttError),
    (BleakDBusError, AttError),  # those that carry an ATT code; the others are told by name
    (PermissionError, NotPermitted),
)

DBUS_NAMES: dict[str, Kind] = {
    "org.bluez.Error.InProgress": StackBusy,  # bleak #1036 #859: concurrent connects
    "org.bluez.Error.NotReady": AdapterOff,  # BlueZ 5.82 after power off
    "org.bluez.Error.AdapterNotPowered": AdapterOff,  # after 5.66, for le-connection-adapter-not-powered
    "org.bluez.Error.Blocked": AdapterOff,  # by rfkill, when it is to be switched on
    "org.bluez.Error.Busy": StackBusy,  # it is being switched on
    "org.bluez.Error.NoSuchAdapter": AdapterGone,
    "org.bluez.Error.NotPermitted": NotPermitted,
    "org.bluez.Error.NotAuthorized": NotPermitted,
    "org.bluez.Error.NotConnected": LinkLost,
    "org.bluez.Error.AlreadyConnected": StackBusy,  # not by this radio, which knows its own links
    "org.bluez.Error.ConnectionAttemptFailed": EstablishmentFailed,
    "org.bluez.Error.DoesNotExist": CarNotFound,
    "org.bluez.Error.InvalidArguments": HostTrouble,
    "org.freedesktop.DBus.Error.AccessDenied": NotPermitted,
    "org.freedesktop.DBus.Error.AuthFailed": NotPermitted,
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired": NotPermitted,
    "org.freedesktop.DBus.Error.ServiceUnknown": StackMissing,
    "org.freedesktop.DBus.Error.NameHasNoOwner": StackMissing,
    "org.freedesktop.DBus.Error.NoServer": StackMissing,
    "org.freedesktop.DBus.Error.Disconnected": StackMissing,
    "org.freedesktop.DBus.Error.TimedOut": StackMissing,  # bluetoothd was started and never showed up
    "org.freedesktop.DBus.Error.NoReply": StackBusy,
    "org.freedesktop.DBus.Error.Timeout": StackBusy,
    "org.freedesktop.DBus.Error.LimitsExceeded": StackBusy,
}

# By the beginning of the name: why D-Bus could not start bluetoothd.
DBUS_FAMILIES: dict[str, Kind] = {
    "org.freedesktop.DBus.Error.Spawn.": StackMissing,
    "org.freedesktop.systemd1.": StackMissing,
}

# An object of BlueZ's that is not there: which one it was follows from what was being done.
GONE: dict[Doing, Kind] = {
    Doing.SCANNING: AdapterGone,
    Doing.CONNECTING: CarNotFound,  # the device was removed: scan again
    Doing.TALKING: LinkLost,
}
GONE_NAMES = ("org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.UnknownMethod")

# Words that tell more than the error's name.
NAMED_WORDS: dict[tuple[str, str], Kind] = {
    ("org.bluez.Error.NotPermitted", "not paired"): AttError,  # the car asks for pairing
    ("org.bluez.Error.NotPermitted", "notify acquired"): StackBusy,  # by another program
    ("org.bluez.Error.NotPermitted", "write acquired"): StackBusy,
    (
        "org.freedesktop.DBus.Error.NoReply",
        "recipient disconnected",
    ): StackMissing,  # bluetoothd died while asked
}

# Searched in order in the words of the error, lower case. The first hit decides.
WORDS: tuple[tuple[str, Kind], ...] = (
    ("operation already in progress", StackBusy),
    ("le-connection-abort-by-local", EstablishmentFailed),  # bleak #1255 #1673 #993; BlueZ >= 5.62
    ("le-connection-abort-by-remote", EstablishmentFailed),
    ("br-connection-canceled", EstablishmentFailed),  # retried by bleak-retry-connector
    ("le-connection-canceled", EstablishmentFailed),
    ("connection-aborted-by", EstablishmentFailed),
    (
        "software caused connection abort",
        EstablishmentFailed,
    ),  # bleak #666: 30-40 % of connects on one set-up
    ("failed to be established", EstablishmentFailed),  # HCI 0x3e
    ("hci 0x3e", EstablishmentFailed),
    ("(0x3e)", EstablishmentFailed),
    ("hci 0x08", EstablishmentFailed),  # supervision timeout
    ("(0x08)", EstablishmentFailed),
    ("supervision timeout", EstablishmentFailed),
    ("status 133", EstablishmentFailed),  # Android 0x85: asked again too soon after a drop
    ("status=133", EstablishmentFailed),
    ("gatt_error", EstablishmentFailed),
    ("status 147", ConnectTimedOut),  # Android 0x93
    ("status=147", ConnectTimedOut),
    ("gatt_connection_timeout", ConnectTimedOut),
    ("internal application error", EstablishmentFailed),  # anki/drive-sdk #39: discovery failed half way
    ("connection refused due", SlotsExhausted),
    ("concurrent-connection-limit", SlotsExhausted),
    ("connection limit exceeded", SlotsExhausted),  # HCI 0x09
    ("limited resources", SlotsExhausted),  # HCI 0x0d
    ("too many links", SlotsExhausted),  # the same, BlueZ 5.55 to 5.61
    ("memory-allocation", SlotsExhausted),  # HCI 0x07
    ("cannot allocate memory", SlotsExhausted),
    ("connection-adapter-not-powered", AdapterOff),
    ("adapter is off", AdapterOff),
    ("adapter is gone", AdapterGone),
    ("input/output error", AdapterOff),  # BlueZ 5.66 asked to connect with its adapter off
    ("no route to host", AdapterOff),  # EHOSTUNREACH, as connection-adapter-not-powered
    ("network is down", AdapterOff),
    ("no such device", AdapterGone),
    ("permission denied", NotPermitted),
    ("operation not permitted", NotPermitted),
    ("connection-already-connected", StackBusy),  # by another program, or left behind by one
    ("endpoint is already connected", StackBusy),
    ("client is already connected", AlreadyConnected),
    ("connection-busy", StackBusy),
    ("resource temporarily unavailable", StackBusy),  # BlueZ 5.43/5.50 after 5-10 min
    ("resource busy", StackBusy),
    ("connection-timeout", ConnectTimedOut),
    ("connection timeout", ConnectTimedOut),
    ("connect timed out", ConnectTimedOut),
    ("connection timed out", ConnectTimedOut),
    ("page-timeout", ConnectTimedOut),
    ("host is down", ConnectTimedOut),
    ("connection-gatt-browsing", EstablishmentFailed),
    ("connection-refused", EstablishmentFailed),
    ("connection refused", EstablishmentFailed),
    ("connection reset by peer", EstablishmentFailed),
    ("connection-link-layer-protocol-error", EstablishmentFailed),
    ("connection-lmp-protocol-error", EstablishmentFailed),
    ("protocol error", EstablishmentFailed),
    ("connection-unknown", EstablishmentFailed),  # what the kernel has no errno for, HCI 0x3e among it
    ("function not implemented", EstablishmentFailed),  # the same, BlueZ 5.55 to 5.61
    ("failed to discover services, device disconnected", EstablishmentFailed),
    ("device not found", CarNotFound),
    ("device may be disconnected", LinkLost),
    ("service discovery has not been performed yet", LinkLost),
    ("not connected", LinkLost),
    ("disconnected", LinkLost),
    ("requires bluez", StackMissing),
)

WHILE_OPENING: frozenset[Kind] = frozenset({ConnectTimedOut, EstablishmentFailed})  # on an open link: its end
