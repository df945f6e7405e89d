"""bleak's exceptions, in our words. Pure: one function over the tables of `rig.radio.error_words`.

A text that is not in the tables still becomes a `HostTrouble` or, on an open link, a `LinkLost`, with the
original words kept in `detail`.
"""

from __future__ import annotations

from collections.abc import Callable

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDBusError,
    BleakError,
    BleakGATTProtocolError,
)

from rig.errors import RigError
from rig.radio.error_words import (
    DBUS_FAMILIES,
    DBUS_NAMES,
    GONE,
    GONE_NAMES,
    NAMED_WORDS,
    REASONS,
    TIMED_OUT,
    TYPES,
    WHILE_OPENING,
    WORDS,
    Doing,
    Kind,
)
from rig.radio.errors import (
    AdapterMissing,
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
    StackBusy,
    StackMissing,
)

__all__ = ["Doing", "is_transient", "translate"]

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
        return TIMED_OUT[doing]
    if isinstance(error, BleakBluetoothNotAvailableError):
        return REASONS.get(error.reason, HostTrouble)
    if isinstance(error, BleakDBusError) and _att_code(error) is None:
        return _by_name(error, doing) or _by_words(error, doing)
    for type_, kind in TYPES:
        if isinstance(error, type_):
            return kind
    if isinstance(error, BleakError):
        return _by_words(error, doing)
    return _system_kind(error, doing)


def _system_kind(error: BaseException, doing: Doing) -> Kind | None:
    if isinstance(error, ConnectionError | FileNotFoundError | EOFError):  # no D-Bus socket, or it was closed
        return StackMissing
    if isinstance(error, OSError):
        return StackMissing if doing is Doing.SCANNING else HostTrouble
    if type(error).__module__.split(".")[0] == "dbus_fast":
        return NotPermitted if type(error).__name__ == "AuthError" else HostTrouble
    return None


def _by_name(error: BleakDBusError, doing: Doing) -> Kind | None:
    name, text = error.dbus_error, _words_of(error).lower()
    for (named, words), kind in NAMED_WORDS.items():
        if name == named and words in text:
            return kind
    if name in GONE_NAMES:
        return GONE[doing]
    for beginning, kind in DBUS_FAMILIES.items():
        if name.startswith(beginning):
            return kind
    return DBUS_NAMES.get(name)


def _by_words(error: BleakError, doing: Doing) -> Kind:
    text = _words_of(error).lower()
    for words, kind in WORDS:
        if words in text:
            return LinkLost if doing is Doing.TALKING and kind in WHILE_OPENING else kind
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
    if isinstance(error, FileNotFoundError):  # of the bus: `No such file or directory` names no file
        return "no system D-Bus"
    if isinstance(error, OSError) and error.strerror:
        return f"the way to the stack: {error.strerror}"
    return " ".join(str(error).split())  # D-Bus ends some of its sentences with a line feed


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
