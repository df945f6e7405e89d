"""Messages out of plain records and out of what people type, for `pitboard encode`; `message_records` is the other way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from protocol import MESSAGE_TYPES, Dialect, Direction, EncodeError, Extended, Message, Unknown, encode
from protocol.messages.lights import LightChannel
from protocol.wire.fields import CountedTuple, WireNan
from protocol.wire.frozen import REQUIRED, FieldSpec
from protocol.wire.layout import Kind
from rig.cli.frame_sources import frame_from_hex
from rig.cli.message_records import NAN
from rig.errors import InputError

TYPES: dict[str, type[Message]] = {cls.__name__: cls for cls in (*MESSAGE_TYPES, Unknown)}


def message_from(record: Mapping[str, Any], dialect: Dialect = Dialect.UNKNOWN) -> Message:
    """The message a record describes: as it stands when the record is of a decoded frame (it has `hex` or
    `direction`), else in the form `dialect` understands where it has one of its own.

    Raises:
        InputError: unknown message or field (the nearest known name is offered), a missing field, a value of
            the wrong kind.
    """
    name, fields = record.get("message"), record.get("fields", {})
    if not isinstance(name, str) or not isinstance(fields, Mapping):
        raise InputError('a message is {"message": NAME, "fields": {...}}')
    cls = TYPES.get(name)
    if cls is None:
        raise InputError(f"no message is called '{name}'{_nearest(name, TYPES)}; see pitboard encode --list")
    decoded = "hex" in record or "direction" in record
    message = _build(cls if decoded else _form_for(cls, fields, dialect), fields)
    if "surplus" not in record:
        return message
    return Extended(message, _bytes(name, "surplus", record["surplus"]))


def frame_of(message: Message, dialect: Dialect = Dialect.UNKNOWN) -> bytes:
    """The frame.

    Raises:
        InputError: a value does not fit, or a car of this dialect would misread the message.
    """
    try:
        return encode(message, dialect)
    except EncodeError as error:
        raise InputError(str(error)) from error


def value_from_text(cls: type[Message], name: str, text: str) -> object:
    """A field's value as someone types it: number (any base), name of a known value, or hex for bytes.

    Raises:
        InputError: it is none of these; unknown fields are left to `message_from`.
    """
    spec = _spec(cls, name)
    if spec is None or _is_bytes(spec, cls) or text.startswith(NAN):
        return text
    members: Mapping[str, Any] = {} if spec.values is None else spec.values.__members__
    if text.upper() in members:
        return int(members[text.upper()].value)
    for read in (lambda given: int(given, 0), float):
        try:
            return read(text)
        except ValueError:
            continue
    if text.lower() in {"true", "false", "on", "off", "yes", "no"}:
        return int(text.lower() in {"true", "on", "yes"})
    names = f" or one of {', '.join(members)}" if members else ""
    raise InputError(f"{cls.__name__}.{name} = '{text}': must be a number{names}")


def _build(cls: type[Message], fields: Mapping[str, Any]) -> Message:
    for name in fields:
        if name not in cls.NAMES:
            raise InputError(f"{cls.__name__} has no field '{name}'{_nearest(name, cls.NAMES)}")
    missing = [name for name in cls.NAMES if name in _required(cls) and name not in fields]
    if missing:
        raise InputError(f"{cls.__name__} needs {', '.join(missing)}")
    message: Message = cls(**{name: _value(cls, name, value) for name, value in fields.items()})
    return message


def _form_for(cls: type[Message], fields: Mapping[str, Any], dialect: Dialect) -> type[Message]:
    """The class itself, or its sibling of the same id when only that one is spoken by `dialect` and the fields
    suffice for it. What a car says is never re-formed."""
    form = getattr(cls, "FORM", None)
    if form is None or dialect is Dialect.UNKNOWN or dialect in form.dialects:
        return cls
    siblings = (
        other
        for other in MESSAGE_TYPES
        if other.MSG_ID == cls.MSG_ID
        and other.FORM.direction is form.direction is Direction.TO_CAR
        and dialect in other.FORM.dialects
        and _required(other) <= set(fields) <= set(other.NAMES)
    )
    return next(siblings, cls)


def _required(cls: type[Message]) -> set[str]:
    return {spec.name for spec in cls.FIELDS if spec.default is REQUIRED}


def _value(cls: type[Message], name: str, value: object) -> object:
    spec = _spec(cls, name)
    if spec is not None and _is_bytes(spec, cls):
        return _bytes(cls.__name__, name, value)
    if spec is not None and isinstance(spec.wire, CountedTuple):
        return _channels(cls, name, value)
    if spec is not None:
        value = _known_number(spec, value)
    if isinstance(value, str):
        return _special_float(cls, name, value)
    if not isinstance(value, int | float):
        raise InputError(f"{cls.__name__}.{name} = {value!r}: must be a number")
    return value


def _channels(cls: type[Message], name: str, value: object) -> tuple[LightChannel, ...]:
    if not isinstance(value, list):
        raise InputError(f"{cls.__name__}.{name} = {value!r}: must be a list of light channels")
    return tuple(_channel(entry) for entry in value)


def _channel(entry: object) -> LightChannel:
    try:
        given: LightChannel = LightChannel(**entry)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(f"a light channel has the fields {', '.join(LightChannel.NAMES)}") from None
    return LightChannel(*map(_known_number, LightChannel.FIELDS, given.values()))


def _known_number(spec: FieldSpec, given: Any) -> Any:
    """The number of a known value given by name; anything else as it is."""
    if isinstance(given, str) and spec.values is not None and given.upper() in spec.values.__members__:
        return int(spec.values[given.upper()])
    return given


def _special_float(cls: type[Message], name: str, text: str) -> float:
    try:
        return WireNan(int(text.removeprefix(NAN), 16)) if text.startswith(NAN) else float(text)
    except ValueError:
        raise InputError(f"{cls.__name__}.{name} = '{text}': must be a number") from None


def _bytes(message: str, name: str, value: object) -> bytes:
    if not isinstance(value, str):
        raise InputError(f"{message}.{name} = {value!r}: must be bytes in hex")
    try:
        return frame_from_hex(value)
    except InputError as error:
        raise InputError(f"{message}.{name}: {error}") from None


def _spec(cls: type[Message], name: str) -> FieldSpec | None:
    return next((spec for spec in cls.FIELDS if spec.name == name), None)


def _is_bytes(spec: FieldSpec, cls: type[Message]) -> bool:
    if cls is Unknown:
        return spec.name == "payload"
    slot = next(slot for slot in cls.FORM.layout.slots if slot.spec is spec)
    return slot.kind in {Kind.RAW, Kind.REST}


def _nearest(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a mistake

    lowered = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), lowered, n=1, cutoff=0.5)
    return f", did you mean '{lowered[found[0]]}'?" if found else ""
