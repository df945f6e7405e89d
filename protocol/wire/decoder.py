"""Frames to messages: one generated function per direction and dialect.

The function asks for the most frequent ids first and halves its way to the rest, unpacks with one `struct` call that
also brings the size byte, and leaves everything that is not an exact, ordinary frame to `decode_exactly`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any

from construct import ConstructError

from protocol.dialect import Dialect, Direction
from protocol.errors import DecodeError
from protocol.messages.unknown import Extended, Unknown
from protocol.wire.declare import Form, Message
from protocol.wire.fields import FLAGS
from protocol.wire.frozen import twin_of
from protocol.wire.layout import Kind

Decoder = Callable[[bytes], Message]

# By how often a driving car or a driving host sends them.
_FREQUENT = {Direction.TO_HOST: (0x27, 0x29, 0x4D, 0x36), Direction.TO_CAR: (0x24, 0x25)}


class Reading:
    """The message classes of one direction as one dialect reads them."""

    def __init__(self, classes: Iterable[type[Message]], direction: Direction, dialect: Dialect) -> None:
        self.direction = direction
        self.dialect = dialect
        self.by_id: dict[int, list[type[Message]]] = {}
        for cls in classes:
            if cls.FORM.direction is direction:
                self.by_id.setdefault(cls.FORM.msg_id, []).append(cls)
        for rivals in self.by_id.values():
            rivals.sort(key=lambda cls: -cls.FORM.least_size)

    def exact(self, msg_id: int, size: int) -> type[Message] | None:
        """The class whose form has exactly this size; the dialect decides between two of one size."""
        fitting = [cls for cls in self.by_id.get(msg_id, ()) if cls.FORM.size == size]
        if len(fitting) > 1:
            fitting = [cls for cls in fitting if self._speaks(cls)]
        return fitting[0] if fitting else None

    def _speaks(self, cls: type[Message]) -> bool:
        return self.dialect in cls.FORM.dialects

    def pick(self, msg_id: int, size: int) -> type[Message] | None:
        """The class that reads a frame of this id and size: the exact form; else the open-ended form; else the
        longest form of the dialect, whose surplus or shortage shows. None for an unknown id."""
        exact = self.exact(msg_id, size)
        if exact is not None:
            return exact
        rivals = self.by_id.get(msg_id)
        if rivals is None:
            return None
        spoken = [cls for cls in rivals if self._speaks(cls)]
        if self.dialect is Dialect.UNKNOWN or not spoken:
            spoken = rivals
        open_ended = [cls for cls in rivals if cls.FORM.size is None]
        return (open_ended or spoken)[0]


def decode_exactly(data: bytes, reading: Reading) -> Message:
    """Decodes any frame by way of construct; what it cannot be is a `DecodeError` that says where."""
    frame = bytes(data)
    if not frame:
        raise DecodeError(frame, 0, "empty frame")
    size = frame[0]
    if size == 0:
        raise DecodeError(frame, 0, "size byte 0 leaves no room for a message id")
    if len(frame) < size + 1:
        raise DecodeError(frame, len(frame), f"truncated: size byte {size} promises {size + 1} bytes")
    if len(frame) > size + 1:
        raise DecodeError(frame, size + 1, f"size byte {size} promises {size + 1} bytes, {len(frame)} came")
    cls = reading.pick(frame[1], size)
    if cls is None:
        return Unknown(frame[1], frame[2:])
    form = cls.FORM
    if size < form.least_size:
        raise DecodeError(
            frame, len(frame), f"truncated: {cls.__name__} has size {form.least_size}, not {size}"
        )
    try:
        parsed = form.payload.parse(frame[2:])
    except ConstructError:
        raise DecodeError(frame, len(frame), f"{cls.__name__} announces more entries than it holds") from None
    message: Message = cls(**{name: parsed[name] for name in cls.NAMES})
    if form.size is None or form.size == size:
        return message
    return Extended(message, frame[1 + form.size :])


def fast_decoder(reading: Reading) -> Decoder:
    """Generates the decoder of one direction and dialect."""
    namespace: dict[str, Any] = {
        "_misfits": (struct.error, IndexError),
        "_flags": FLAGS,
        "_unknown": twin_of(Unknown),
        "_Unknown": Unknown,
        "_exactly": lambda data: decode_exactly(data, reading),
    }
    lines = ["def decode(data):", " try:", "  k = data[1]"]
    frequent = _FREQUENT[reading.direction]
    for msg_id in frequent:
        lines += [
            f"  if k == {msg_id}:",
            *_leaf(reading, msg_id, "   ", namespace),
            "   return _exactly(data)",
        ]
    _halve(sorted(set(reading.by_id) - set(frequent)), reading, "  ", namespace, lines)
    lines += [" except _misfits:", "  pass", " return _exactly(data)"]
    exec("\n".join(lines), namespace)  # noqa: S102  the source is built from our own declarations
    decoder: Decoder = namespace["decode"]
    return decoder


def _halve(
    ids: list[int], reading: Reading, indent: str, namespace: dict[str, Any], lines: list[str]
) -> None:
    if len(ids) > 2:
        middle = len(ids) // 2
        lines.append(f"{indent}if k < {ids[middle]}:")
        _halve(ids[:middle], reading, indent + " ", namespace, lines)
        lines.append(f"{indent}else:")
        _halve(ids[middle:], reading, indent + " ", namespace, lines)
        return
    for position, msg_id in enumerate(ids):
        lines.append(f"{indent}{'elif' if position else 'if'} k == {msg_id}:")
        lines += _leaf(reading, msg_id, indent + " ", namespace)
    lines += [
        f"{indent}elif data[0] + 1 == len(data):",
        f"{indent} o = _unknown()",
        f"{indent} o.msg_id = k",
        f"{indent} o.payload = bytes(data[2:])",
        f"{indent} o.__class__ = _Unknown",
        f"{indent} return o",
    ]


def _leaf(reading: Reading, msg_id: int, indent: str, namespace: dict[str, Any]) -> list[str]:
    sizes = sorted(
        {cls.FORM.size for cls in reading.by_id[msg_id] if cls.FORM.size is not None}, reverse=True
    )
    forms = [cls for size in sizes if (cls := reading.exact(msg_id, size)) is not None]
    forms.sort(key=lambda cls: reading.dialect not in cls.FORM.dialects)
    if not forms:
        return [f"{indent}pass"]
    if len(forms) == 1:
        return _unpack(forms[0].FORM, forms[0], indent, namespace, brings_size=True)
    lines = [f"{indent}s = data[0]"]
    for position, cls in enumerate(forms):
        lines.append(f"{indent}{'elif' if position else 'if'} s == {cls.FORM.size}:")
        lines += _unpack(cls.FORM, cls, indent + " ", namespace, brings_size=False)
    return lines


def _unpack(
    form: Form, cls: type[Message], indent: str, namespace: dict[str, Any], *, brings_size: bool
) -> list[str]:
    tag = cls.__name__
    namespace[tag] = cls
    if not form.layout.slots:
        namespace[f"{tag}_only"] = cls()
        size_fits = f"data[0] == {form.size} and " if brings_size else ""
        return [f"{indent}if {size_fits}len(data) == 2:", f"{indent} return {tag}_only"]
    targets, guards, after = [], [], []
    if brings_size:
        targets.append("s")
        guards.append(f"s == {form.size}")
    for index, slot in enumerate(form.layout.slots):
        name = slot.spec.name
        if slot.kind in {Kind.FLOAT, Kind.FLAG}:
            targets.append(f"v{index}")
            after.append(f"o.{name} = " + (f"v{index}" if slot.kind is Kind.FLOAT else f"_flags[v{index}]"))
            if slot.kind is Kind.FLOAT:
                guards.append(f"v{index} == v{index}")
        else:
            targets.append(f"o.{name}")
    namespace[f"{tag}_twin"] = twin_of(cls)
    namespace[f"{tag}_unpack"] = struct.Struct(("<Bx" if brings_size else "<2x") + form.layout.format).unpack
    lines = [f"{indent}o = {tag}_twin()", f"{indent}{', '.join(targets)}, = {tag}_unpack(data)"]
    if guards:
        lines.append(f"{indent}if {' and '.join(guards)}:")
        indent += " "
    lines += [f"{indent}{line}" for line in after]
    return [*lines, f"{indent}o.__class__ = {tag}", f"{indent}return o"]
