"""bleak's exceptions, in our words. Pure: tables and one function.

The exact texts come from bleak 3.1.0 (`bleak/backends/bluezdbus`), BlueZ (`src/error.h`) and from the issue
threads of bleak and bleak-retry-connector named beside them. A text that is not in the tables still becomes
a `HostTrouble` or, on an open link, a `LinkLost`, with the original words kept in `detail`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from rig.errors import RigError
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
    NoFreshData,
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

_REASONS: dict[BleakBluetoothNotAvailableReason, HostKind] = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: AdapterMissing,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: AdapterMissing,
    BleakBluetoothNotAvailableReason.POWERED_OFF: AdapterOff,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: NotPermitted,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: NotPermitted,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: NotPermitted,
    BleakBluetoothNotAvailableReason.UNKNOWN: HostTrouble,
}

_TIMED_OUT: dict[Doing, Kind] = {
    Doing.SCANNING: StackBusy,
    Doing.CONNECTING: ConnectTimedOut,
    Doing.TALKING: NoAnswer,
}

_TYPES: tuple[tuple[type[BaseException], Kind], ...] = (
    (BleakDeviceNotFoundError, CarNotFound),
    (BleakCharacteristicNotFoundError, ServicesMissing),
    (BleakGATTProtocolError, AttError),
    (BleakDBusError, AttError),  # those that carry an ATT code; the others are told by name
    (PermissionError, NotPermitted),
)

_DBUS_NAMES: dict[str, Kind] = {
    "org.bluez.Error.InProgress": StackBusy,  # bleak #1036 #859: concurrent connects
    "org.bluez.Error.NotReady": AdapterOff,  # BlueZ 5.82 after power off
    "org.bluez.Error.NotPermitted": NotPermitted,
    "org.bluez.Error.NotAuthorized": NotPermitted,
    "org.bluez.Error.NotConnected": LinkLost,
    "org.bluez.Error.AlreadyConnected": AlreadyConnected,
    "org.bluez.Error.ConnectionAttemptFailed": EstablishmentFailed,
    "org.bluez.Error.DoesNotExist": CarNotFound,
    "org.freedesktop.DBus.Error.UnknownObject": CarNotFound,  # removed object path: scan again
    "org.freedesktop.DBus.Error.AccessDenied": NotPermitted,
    "org.freedesktop.DBus.Error.ServiceUnknown": StackMissing,
    "org.freedesktop.DBus.Error.NameHasNoOwner": StackMissing,
    "org.freedesktop.DBus.Error.Spawn.ChildExited": StackMissing,  # bluetoothd died while asked
    "org.freedesktop.DBus.Error.Disconnected": StackMissing,
    "org.freedesktop.DBus.Error.NoReply": StackBusy,
}

# Searched in order in the words of the error, lower case. The first hit decides.
_WORDS: tuple[tuple[str, Kind], ...] = (
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
    ("memory-allocation", SlotsExhausted),
    ("connection-adapter-not-powered", AdapterOff),
    ("adapter is off", AdapterOff),
    ("adapter is gone", AdapterGone),
    ("resource not ready", AdapterOff),
    ("connection-already-connected", AlreadyConnected),
    ("client is already connected", AlreadyConnected),
    ("connection-busy", StackBusy),
    ("resource temporarily unavailable", StackBusy),  # BlueZ 5.43/5.50 after 5-10 min
    ("connection-timeout", ConnectTimedOut),
    ("connection timeout", ConnectTimedOut),
    ("connect timed out", ConnectTimedOut),
    ("connection timed out", ConnectTimedOut),
    ("page-timeout", ConnectTimedOut),
    ("host is down", ConnectTimedOut),
    ("connection-gatt-browsing", EstablishmentFailed),
    ("connection-refused", EstablishmentFailed),
    ("failed to discover services, device disconnected", EstablishmentFailed),
    ("device not found", CarNotFound),
    ("device may be disconnected", LinkLost),
    ("service discovery has not been performed yet", LinkLost),
    ("not connected", LinkLost),
    ("disconnected", LinkLost),
    ("requires bluez", StackMissing),
)

_WHILE_OPENING: frozenset[Kind] = frozenset(
    {ConnectTimedOut, EstablishmentFailed}
)  # on an open link: its end

_TRANSIENT = (
    StackBusy,
    CarNotFound,
    ConnectTimedOut,
    EstablishmentFailed,
    LinkLost,
    NoFreshData,
    NoAnswer,
)


def is_transient(error: BaseException) -> bool:
    """Whether another attempt has a fair chance without anybody touching the bench."""
    return isinstance(error, _TRANSIENT)


def translate(
    error: BaseException, doing: Doing, *, car: str = "", adapter: str = "", waited_s: float | None = None
) -> RigError | None:
    """Our error for one of bleak's or the system's; None for what is not theirs (a bug: let it fly).

    `car` labels the car being talked to, `adapter` the radio; `waited_s` is the limit that ran out.
    """
    kind = _kind_of(error, doing)
    if kind is None:
        return None
    detail = _words_of(error)
    make = _MAKERS.get(kind)
    if make is not None:
        return make(car, detail, waited_s, error)
    if issubclass(kind, HostFault):
        return kind(adapter, detail)
    if issubclass(kind, CarFault):
        return kind(car or "car", detail)
    return AlreadyConnected(car or "car")


def _kind_of(error: BaseException, doing: Doing) -> Kind | None:
    if isinstance(error, TimeoutError):
        return _TIMED_OUT[doing]
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _REASONS.get(error.reason, HostTrouble)
    if isinstance(error, BleakDBusError) and _att_code(error) is None:
        return _DBUS_NAMES.get(error.dbus_error) or _by_words(error, doing)
    for type_, kind in _TYPES:
        if isinstance(error, type_):
            return kind
    if isinstance(error, BleakError):
        return _by_words(error, doing)
    return _system_kind(error, doing)


def _system_kind(error: BaseException, doing: Doing) -> Kind | None:
    if isinstance(error, OSError | EOFError):  # no D-Bus socket, or it was closed
        return StackMissing if doing is Doing.SCANNING else HostTrouble
    if type(error).__module__.split(".")[0] == "dbus_fast":
        return NotPermitted if type(error).__name__ == "AuthError" else HostTrouble
    return None


def _by_words(error: BleakError, doing: Doing) -> Kind:
    text = _words_of(error).lower()
    for words, kind in _WORDS:
        if words in text:
            return LinkLost if doing is Doing.TALKING and kind in _WHILE_OPENING else kind
    if text.startswith("adapter '") and text.endswith("not found"):
        return AdapterMissing
    if text.startswith("device ") and "not found" in text:
        return CarNotFound
    return LinkLost if doing is Doing.TALKING else HostTrouble


def _words_of(error: BaseException) -> str:
    if isinstance(error, BleakBluetoothNotAvailableError):
        return str(error.args[0])
    if isinstance(error, BleakGATTProtocolError):
        return str(error.args[1])
    if isinstance(error, OSError) and error.strerror:
        return f"the way to the stack: {error.strerror}"
    return str(error)


def _att_code(error: BaseException) -> int | None:
    if isinstance(error, BleakGATTProtocolError):
        return int(error.args[0])
    _, found, digits = str(error).partition("ATT error: 0x")
    return int(digits[:2], 16) if found else None


def _not_found(car: str, detail: str, _waited_s: float | None, _error: BaseException) -> RigError:
    return CarNotFound(car or "car", detail)


def _timed_out(car: str, detail: str, waited_s: float | None, _error: BaseException) -> RigError:
    return ConnectTimedOut(car or "car", detail, waited_s)


def _att(car: str, detail: str, _waited_s: float | None, error: BaseException) -> RigError:
    return AttError(car or "car", detail, _att_code(error))


_MAKERS: dict[object, Callable[[str, str, float | None, BaseException], RigError]] = {
    CarNotFound: _not_found,
    ConnectTimedOut: _timed_out,
    AttError: _att,
}
