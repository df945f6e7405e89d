"""The construct types a message field can have; all little-endian.

Two of them exist to lose nothing. A C float that is a signalling NaN turns quiet when it passes through a Python
float, so `F32` keeps the bits of every NaN. A status byte means its bit 0, so `BIT0` keeps the byte and is true by
bit 0.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Self

from construct import (
    Adapter,
    Bytes,
    Construct,
    FormatFieldError,
    GreedyBytes,
    Int8sl,
    Int8ul,
    Int16sl,
    Int16ul,
    Int32ul,
    PrefixedArray,
)

if TYPE_CHECKING:
    AnyAdapter = Adapter[Any, Any, Any, Any]  # generic in its stubs only
else:
    AnyAdapter = Adapter

I8, U8, I16, U16, U32 = Int8sl, Int8ul, Int16sl, Int16ul, Int32ul
REST = GreedyBytes

_FLOAT = struct.Struct("<f")
_BITS = struct.Struct("<I")
_ALL_BITS, _INFINITY, _FRACTION = 0xFFFFFFFF, 0x7F800000, 0x007FFFFF


class WireNan(float):
    """A NaN that remembers its 32 bits, so that the frame it came from can be built again."""

    __slots__ = ("bits",)
    bits: int

    def __new__(cls, bits: int) -> Self:
        """`bits` as they stand on the wire, read as a little-endian u32.

        Raises:
            ValueError: they are not 32 bits, or not those of a NaN.
        """
        if not (0 <= bits <= _ALL_BITS and bits & _INFINITY == _INFINITY and bits & _FRACTION):
            raise ValueError(f"{bits:#x} is not the 32 bits of a NaN")
        nan = super().__new__(cls, "nan")
        nan.bits = bits
        return nan

    def __eq__(self, other: object) -> bool:
        """By the bits, so that two readings of one frame are equal; equal to no other NaN."""
        return isinstance(other, WireNan) and other.bits == self.bits

    def __ne__(self, other: object) -> bool:
        return not self == other  # float has one of its own

    def __hash__(self) -> int:
        return hash(self.bits)

    def __reduce__(self) -> tuple[type[WireNan], tuple[int]]:
        return WireNan, (self.bits,)


class WireFlag(int):
    """A flag byte that is neither 0 nor 1: keeps its value, is true by bit 0."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return int(self) & 1 == 1


# Indexed by the byte. 0 and 1 stay plain ints: they are what cars send.
FLAGS: tuple[int, ...] = (0, 1, *(WireFlag(byte) for byte in range(2, 256)))


class ExactFloat(AnyAdapter):
    """A 32-bit float over the integer of its bits."""

    def _decode(self, obj: int, context: Any, path: str) -> float:
        value: float = _FLOAT.unpack(_BITS.pack(obj))[0]
        return value if value == value else WireNan(obj)  # noqa: PLR0124  only a NaN differs from itself

    def _encode(self, obj: float, context: Any, path: str) -> int:
        if isinstance(obj, WireNan):
            return obj.bits
        try:
            bits: int = _BITS.unpack(_FLOAT.pack(obj))[0]
        except (struct.error, OverflowError) as error:
            raise FormatFieldError(str(error), path=path) from error
        return bits


class Bit0Flag(AnyAdapter):
    """A byte that means its bit 0."""

    def _decode(self, obj: int, context: Any, path: str) -> int:
        return FLAGS[obj]

    def _encode(self, obj: int, context: Any, path: str) -> int:
        return int.__index__(obj)


class CountedTuple(AnyAdapter):
    """A count byte, then as many `element` structs, as a tuple of `value_type`."""

    def __init__(self, element: Construct[Any, Any], value_type: type, names: tuple[str, ...]) -> None:
        super().__init__(PrefixedArray(U8, element))
        self.value_type = value_type
        self.names = names

    def _decode(self, obj: Any, context: Any, path: str) -> tuple[Any, ...]:
        return tuple(self.value_type(*(entry[name] for name in self.names)) for entry in obj)

    def _encode(self, obj: tuple[Any, ...], context: Any, path: str) -> list[dict[str, Any]]:
        return [{name: getattr(value, name) for name in self.names} for value in obj]


F32 = ExactFloat(Int32ul)
BIT0 = Bit0Flag(Int8ul)


def raw(length: int) -> Construct[Any, Any]:
    """`length` bytes whose meaning is not public or not decided."""
    return Bytes(length)
