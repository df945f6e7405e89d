"""Messages as plain records (what `--json` shows and `pitboard encode` reads back) and as lines for people.

A record loses nothing: bytes are hex, a float that JSON cannot carry is `"inf"`, `"-inf"` or `"nan:` and its bits.
Views, other readings of the same bytes, stand beside the fields and are not read back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from enum import IntFlag
from typing import Any

from protocol import (
    MESSAGE_TYPES,
    Dialect,
    Direction,
    EncodeError,
    Extended,
    Message,
    Unknown,
    core_of,
    encode,
)
from protocol.messages.lights import LightChannel
from protocol.messages.unknown import NAMED_ORDERS
from protocol.wire.fields import Bit0Flag, CountedTuple, WireNan
from protocol.wire.frozen import REQUIRED, FieldSpec, Frozen
from protocol.wire.layout import Kind
from rig.cli.frame_sources import frame_from_hex
from rig.errors import InputError

TYPES: dict[str, type[Message]] = {cls.__name__: cls for cls in (*MESSAGE_TYPES, Unknown)}
_TO_CAR_IDS = NAMED_ORDERS | {cls.MSG_ID for cls in MESSAGE_TYPES if cls.FORM.direction is Direction.TO_CAR}
_NAN = "nan:"
_UNIT_SUFFIX = re.compile(r"_(mm_s2|mm_s|mm|mv|us|cm|px|1250us|10ms)$")


def direction_of(frame: bytes) -> Direction:
    """Who sends a frame, by its id; frames of unknown ids are taken for the car's."""
    return Direction.TO_CAR if len(frame) > 1 and frame[1] in _TO_CAR_IDS else Direction.TO_HOST


def record_of(message: Message) -> dict[str, Any]:
    """`{"message": class name, "fields": {...}}`, with `surplus` (hex) for a longer-than-known frame."""
    if isinstance(message, Extended):
        return record_of(message.message) | {"surplus": message.surplus.hex()}
    return {"message": type(message).__name__, "fields": _fields_record(message)}


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


def field_lines(message: Message) -> list[tuple[str, str, str]]:
    """(field, value, unit or meaning) of a message, for a table."""
    core = core_of(message)
    lines = [_field_line(spec, getattr(core, spec.name)) for spec in core.FIELDS]
    if isinstance(message, Extended):
        lines.append(("surplus", message.surplus.hex(" "), "bytes beyond the known form"))
    if isinstance(message, Unknown) and message.known_name:
        lines.append(("", "", message.known_name))
    return lines


def views_of(message: Message) -> dict[str, object]:
    """Other readings of the same bytes, those that apply, as a record."""
    core = core_of(message)
    readings = {name: getattr(core, name) for name in core.VIEWS}
    return {
        name: record_of(value) if isinstance(value, Message) else _plain(value)
        for name, value in readings.items()
        if value is not None
    }


def view_lines(message: Message) -> list[tuple[str, str, str]]:
    """(view, value, what it is) of a message, for the foot of a table."""
    core = core_of(message)
    lines = []
    for name in core.VIEWS:
        value = getattr(core, name)
        if isinstance(value, Message):
            lines.append((name, title_of(value), one_line(value)))
        elif value is not None and not isinstance(core, Unknown):  # whose name stands above
            about = (getattr(type(core), name).__doc__ or "").partition("\n")[0]
            lines.append((name, _yes_or_no(value) if isinstance(value, bool) else _shown(value), about))
    return lines


def one_line(message: Message) -> str:
    """All fields on one line, units behind their values."""
    units = {spec.unit for spec in core_of(message).FIELDS if spec.unit}
    parts = []
    for name, value, meaning in field_lines(message):
        label = _UNIT_SUFFIX.sub("", name) if meaning in units else name
        behind = meaning if meaning in units else meaning and f"({meaning})"
        parts.append(" ".join(part for part in (label, value, behind) if part))
    return " · ".join(parts)


def title_of(message: Message) -> str:
    """The class name, marked when the frame was longer than known."""
    if isinstance(message, Extended):
        return f"{type(message.message).__name__}+"
    return type(message).__name__


def value_from_text(cls: type[Message], name: str, text: str) -> object:
    """A field's value as someone types it: number (any base), name of a known value, or hex for bytes.

    Raises:
        InputError: it is none of these; unknown fields are left to `message_from`.
    """
    spec = _spec(cls, name)
    if spec is None or _is_bytes(spec, cls) or text.startswith(_NAN):
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


def _fields_record(value: Frozen) -> dict[str, Any]:
    return {spec.name: _plain(getattr(value, spec.name)) for spec in value.FIELDS}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_fields_record(entry) for entry in value]
    if isinstance(value, WireNan):
        return f"{_NAN}{value.bits:08x}"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


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
    if isinstance(value, str):
        return _number(
            cls, name, value, {} if spec is None or spec.values is None else spec.values.__members__
        )
    if not isinstance(value, int | float):
        raise InputError(f"{cls.__name__}.{name} = {value!r}: must be a number")
    return value


def _channels(cls: type[Message], name: str, value: object) -> tuple[LightChannel, ...]:
    if not isinstance(value, list):
        raise InputError(f"{cls.__name__}.{name} = {value!r}: must be a list of light channels")
    return tuple(_channel(entry) for entry in value)


def _channel(entry: object) -> LightChannel:
    try:
        given = LightChannel(**entry)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(f"a light channel has the fields {', '.join(LightChannel.NAMES)}") from None
    return LightChannel(
        *(
            int(spec.values[text.upper()])
            if isinstance(text := getattr(given, spec.name), str)
            and spec.values is not None
            and text.upper() in spec.values.__members__
            else text
            for spec in LightChannel.FIELDS
        )
    )


def _number(cls: type[Message], name: str, text: str, known: Mapping[str, Any]) -> float:
    if text.upper() in known:
        return int(known[text.upper()])
    try:
        return WireNan(int(text.removeprefix(_NAN), 16)) if text.startswith(_NAN) else float(text)
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


def _field_line(spec: FieldSpec, value: Any) -> tuple[str, str, str]:
    if isinstance(spec.wire, Bit0Flag):  # only bit 0 counts; the rest of the byte is shown when there is any
        return spec.name, _yes_or_no(value), "" if int(value) in {0, 1} else f"0x{int(value):02x}"
    if spec.values is not None and issubclass(spec.values, IntFlag):
        return spec.name, f"0x{int(value):02x}", _meaning(spec, value)
    return spec.name, _shown(value), _meaning(spec, value)


def _yes_or_no(value: object) -> str:
    return "yes" if value else "no"


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex(" ") or "-"
    if isinstance(value, tuple):
        return "; ".join(_entry(entry) for entry in value)
    if isinstance(value, float):
        return f"{value:.7g}"
    return str(int(value)) if isinstance(value, int) else str(value)


def _entry(value: Frozen) -> str:
    """One lamp, its fields in a row, known values by name."""
    parts = []
    for spec in value.FIELDS:
        number = getattr(value, spec.name)
        name = "" if spec.values is None else f" ({_meaning(spec, number)})"
        parts.append(f"{spec.name}={number}{name}")
    return " ".join(parts)


def _meaning(spec: FieldSpec, value: Any) -> str:
    if spec.values is None:
        return spec.unit
    if issubclass(spec.values, IntFlag):
        return ", ".join(_words(flag.name) for flag in spec.values if flag & value)
    try:
        return _words(spec.values(value).name)
    except ValueError:
        return "unknown value"


def _words(name: str | None) -> str:
    return (name or "").lower().replace("_", " ")
