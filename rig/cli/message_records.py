"""Messages as plain records (what `--json` shows and `pitboard encode` reads back) and as lines for people.

A record loses nothing: bytes are hex, a float that JSON cannot carry is `"inf"`, `"-inf"` or `"nan:` and its bits.
Views, other readings of the same bytes, stand beside the fields and are not read back.
"""

from __future__ import annotations

import math
import re
from enum import IntFlag
from typing import Any

from protocol import MESSAGE_TYPES, Direction, Extended, Message, Unknown, core_of
from protocol.messages.unknown import NAMED_ORDERS
from protocol.wire.fields import Bit0Flag, WireNan
from protocol.wire.frozen import FieldSpec, Frozen

NAN = "nan:"
_TO_CAR_IDS = NAMED_ORDERS | {cls.MSG_ID for cls in MESSAGE_TYPES if cls.FORM.direction is Direction.TO_CAR}
_UNIT_SUFFIX = re.compile(r"_(mm_s2|mm_s|mm|mv|us|cm|px|1250us|10ms)$")


def direction_of(frame: bytes) -> Direction:
    """Who sends a frame, by its id; frames of unknown ids are taken for the car's."""
    return Direction.TO_CAR if len(frame) > 1 and frame[1] in _TO_CAR_IDS else Direction.TO_HOST


def record_of(message: Message) -> dict[str, Any]:
    """`{"message": class name, "fields": {...}}`, with `surplus` (hex) for a longer-than-known frame."""
    if isinstance(message, Extended):
        return record_of(message.message) | {"surplus": message.surplus.hex()}
    return {"message": type(message).__name__, "fields": _fields_record(message)}


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


def _fields_record(value: Frozen) -> dict[str, Any]:
    return {spec.name: _plain(getattr(value, spec.name)) for spec in value.FIELDS}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_fields_record(entry) for entry in value]
    if isinstance(value, WireNan):
        return f"{NAN}{value.bits:08x}"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


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
