"""Messages to frames: one `struct` call when all is well, a precise complaint when it is not."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from protocol.errors import EncodeError
from protocol.wire.layout import Kind, Slot, layout_of

if TYPE_CHECKING:
    from protocol.wire.declare import Message

MOST_ENTRIES = 255  # what a count byte can say
LONGEST_PAYLOAD = 254  # what the size byte can count beside the id


def fast_encoder(cls: type[Message]) -> Callable[[Any], bytes]:
    """The `encode` method of a message class."""
    form = cls.FORM
    if form.size is None:
        return encode_exactly
    if not form.layout.slots:
        frame = bytes((form.size, form.msg_id))
        return lambda _message: frame
    arguments, guards = [], []
    for index, slot in enumerate(form.layout.slots):
        read = f"message.{slot.spec.name}"
        if slot.kind is Kind.FLOAT:  # false for a NaN only, whose bits struct would lose
            guards.append(f"(v{index} := {read}) <= v{index}")
        elif slot.kind is Kind.RAW:  # struct pads and cuts in silence
            guards.append(f"len(v{index} := {read}) == {slot.length}")
        arguments.append(read if slot.kind in {Kind.INTEGER, Kind.FLAG} else f"v{index}")
    # Size byte and id as one number: one argument less to pack.
    pack = f"return _pack({form.msg_id << 8 | form.size}, {', '.join(arguments)})"
    lines = ["def encode(message):", " try:"]
    lines += [f"  if {' and '.join(guards)}:", f"   {pack}"] if guards else [f"  {pack}"]
    lines += [" except _misfits:", "  pass", " return _exactly(message)"]
    namespace: dict[str, Any] = {
        "_pack": struct.Struct("<H" + form.layout.format).pack,
        "_misfits": (struct.error, OverflowError, TypeError),
        "_exactly": encode_exactly,
    }
    exec("\n".join(lines), namespace)  # noqa: S102  the source is built from our own declarations
    encode: Callable[[Any], bytes] = namespace["encode"]
    return encode


def encode_exactly(message: Message) -> bytes:
    """The frame by way of construct, after every field was checked."""
    form = message.FORM
    for slot in form.layout.slots:
        check_field(message, slot)
    payload = form.payload.build({name: getattr(message, name) for name in message.NAMES})
    return frame_of(message, form.msg_id, payload)


def frame_of(message: object, msg_id: int, payload: bytes) -> bytes:
    """Size byte, id and `payload`; `EncodeError` when the size byte cannot count it."""
    if len(payload) > LONGEST_PAYLOAD:
        raise EncodeError(
            type(message).__name__, "payload", payload, f"at most {LONGEST_PAYLOAD} bytes, not {len(payload)}"
        )
    return bytes((1 + len(payload), msg_id)) + payload


def check_field(message: Message, slot: Slot) -> None:
    """Raises `EncodeError` when the field does not fit."""
    name = slot.spec.name
    value = getattr(message, name)
    misfit = _misfit_in_array(value, slot) if slot.kind is Kind.ARRAY else _misfit(value, slot)
    if isinstance(misfit, str):
        raise EncodeError(type(message).__name__, name, value, misfit)
    if misfit is not None:
        place, wrong, allowed = misfit
        raise EncodeError(type(message).__name__, f"{name}{place}", wrong, allowed)


def _misfit(value: Any, slot: Slot) -> str | None:
    """What the field allows, when `value` is something else."""
    if slot.kind in {Kind.INTEGER, Kind.FLAG}:
        low, high = slot.range
        fits = hasattr(value, "__index__") and low <= value.__index__() <= high
        return None if fits else f"an integer {low}..{high}{f' ({slot.spec.unit})' if slot.spec.unit else ''}"
    if slot.kind is Kind.FLOAT:
        try:
            struct.pack("<f", value)
        except (struct.error, OverflowError):
            return f"a number within ±3.4e38{f' ({slot.spec.unit})' if slot.spec.unit else ''}"
        return None
    exactly = "" if slot.length is None else f"{slot.length} "
    fits = isinstance(value, bytes) and slot.length in {None, len(value)}
    return None if fits else f"{exactly}bytes"


def _misfit_in_array(value: Any, slot: Slot) -> str | tuple[str, object, str] | None:
    """As `_misfit`; for a field of an entry also where it is, as `[2].start`, and what it holds."""
    wire = slot.spec.wire
    if not isinstance(value, tuple) or not all(isinstance(entry, wire.value_type) for entry in value):
        return f"a tuple of {wire.value_type.__name__}"
    if len(value) > MOST_ENTRIES:
        return f"a tuple of at most {MOST_ENTRIES} {wire.value_type.__name__}"
    for number, entry in enumerate(value):
        for part in layout_of(wire.value_type.FIELDS).slots:
            wrong = getattr(entry, part.spec.name)
            allowed = _misfit(wrong, part)
            if allowed is not None:
                return f"[{number}].{part.spec.name}", wrong, allowed
    return None
