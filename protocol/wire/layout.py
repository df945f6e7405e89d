"""What a declaration means to `struct`: format characters, offsets, kinds. Anything else is refused at import."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from construct import Bytes, FormatField, GreedyBytes

from protocol.wire.fields import Bit0Flag, CountedTuple, ExactFloat
from protocol.wire.frozen import FieldSpec


class Kind(Enum):
    """How a field's value relates to what `struct` packs."""

    INTEGER = "integer"
    FLOAT = "float"
    FLAG = "flag"
    RAW = "raw"
    REST = "rest"
    ARRAY = "array"


class Slot:
    """A field placed in its frame; `offset` counts from the size byte."""

    __slots__ = ("code", "kind", "length", "offset", "spec")

    def __init__(self, spec: FieldSpec, kind: Kind, code: str, offset: int, length: int | None) -> None:
        self.spec = spec
        self.kind = kind
        self.code = code
        self.offset = offset
        self.length = length

    @property
    def range(self) -> tuple[int, int]:
        """Least and greatest integer the field carries (integers and flags only)."""
        bits = 8 * (self.length or 0)
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if self.code.islower() else (0, (1 << bits) - 1)

    @property
    def type_name(self) -> str:
        """Short name of the wire type, as the field table shows it."""
        if self.kind is Kind.INTEGER:
            return f"{'i' if self.code.islower() else 'u'}{8 * (self.length or 0)}"
        names = {Kind.FLOAT: "f32", Kind.FLAG: "flag", Kind.RAW: f"{self.length} bytes", Kind.REST: "bytes"}
        return names.get(self.kind, "count u8, entries")


class Layout:
    """All fields of a message in order."""

    __slots__ = ("least_size", "size", "slots")

    def __init__(self, slots: tuple[Slot, ...]) -> None:
        self.slots = slots
        lengths = [slot.length for slot in slots]
        self.least_size = sum(length or 0 for length in lengths) + sum(s.kind is Kind.ARRAY for s in slots)
        self.size: int | None = None if None in lengths else self.least_size

    @property
    def format(self) -> str:
        """The `struct` format of the payload of a form of fixed size, without the byte order mark."""
        return "".join(slot.code for slot in self.slots)


def layout_of(fields: Iterable[FieldSpec]) -> Layout:
    """Places `fields` behind the size byte and the id."""
    slots = []
    offset = 2
    for spec in fields:
        kind, code, length = _measure(spec.wire)
        slots.append(Slot(spec, kind, code, offset, length))
        offset += length or 0
    return Layout(tuple(slots))


def _measure(wire: Any) -> tuple[Kind, str, int | None]:
    if isinstance(wire, ExactFloat):
        return Kind.FLOAT, "f", 4
    if isinstance(wire, Bit0Flag):
        return Kind.FLAG, "B", 1
    if isinstance(wire, CountedTuple):
        return Kind.ARRAY, "", None
    if isinstance(wire, Bytes) and isinstance(wire.length, int):
        return Kind.RAW, f"{wire.length}s", wire.length
    if wire is GreedyBytes:
        return Kind.REST, "", None
    if isinstance(wire, FormatField) and (wire.fmtstr[0] == "<" or wire.length == 1):
        return Kind.INTEGER, wire.fmtstr[1], wire.length
    raise TypeError(f"no wire layout for {wire!r}: add it to protocol.wire.layout")
