"""Frames to messages: one generated function per direction and dialect.

The function asks for frequent ids first and halves its way to the rest, unpacks with one `struct` call that also
brings the size byte, and leaves everything that is not an exact, ordinary frame to `decode_exactly`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any

from construct import ConstructError

from protocol.dialect import Dialect, Direction
from protocol.errors import DecodeError
from protocol.messages.unknown import Extended, Unknown
from protocol.wire.declare import Message
from protocol.wire.frozen import twin_of
from protocol.wire.layout import Kind

Decoder = Callable[[bytes], Message]

# How often a driving car or a driving host sends an id, roughly, per ten minutes; 1 for all others. Decides only
# how soon the generated code asks for it.
_WEIGHTS = {
    Direction.TO_HOST: {
        0x29: 1400,
        0x27: 600,
        0x4D: 250,
        0x1B: 150,
        0x36: 60,
        0x41: 60,
        0x2D: 30,
        0x19: 20,
        0x17: 10,
    },
    Direction.TO_CAR: {0x24: 1000, 0x25: 500, 0x1A: 150, 0x33: 50, 0x1D: 50, 0x2C: 30},
}

# Messages are frozen, so equal small ones may be one object, like small integers: looking it up is cheaper than
# building it. Bounded, because a car may send anything.
_SMALL = 5
_MOST_SEEN = 4096


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
        """The class whose form has exactly this size; the dialect decides between two of one size, and whether a
        form that extends another is one."""
        fitting = [
            cls for cls in self.by_id.get(msg_id, ()) if cls.FORM.size == size and not self._is_foreign(cls)
        ]
        if len(fitting) > 1:
            fitting = [cls for cls in fitting if self._speaks(cls)]
        return fitting[0] if fitting else None

    def _is_foreign(self, cls: type[Message]) -> bool:
        """Its bytes are a shorter form and surplus here."""
        return cls.FORM.extends is not None and self.dialect is not Dialect.UNKNOWN and not self._speaks(cls)

    def _speaks(self, cls: type[Message]) -> bool:
        return self.dialect in cls.FORM.dialects

    def exact_forms(self, msg_id: int) -> list[type[Message]]:
        """The classes of fixed size this id has in this dialect, its own and captured ones first, one per size."""
        sizes = {cls.FORM.size for cls in self.by_id[msg_id] if cls.FORM.size is not None}
        forms = [cls for size in sorted(sizes) if (cls := self.exact(msg_id, size)) is not None]
        return sorted(forms, key=lambda cls: (not self._speaks(cls), "B" not in cls.FORM.trust))

    def likely(self, forms: list[type[Message]]) -> type[Message] | None:
        """The one form this dialect uses, or the one that was captured of several; None when nothing decides."""
        spoken = [cls for cls in forms if self._speaks(cls)]
        if len(spoken) > 1:
            spoken = [cls for cls in spoken if "B" in cls.FORM.trust]
        return spoken[0] if len(spoken) == 1 else None

    def pick(self, msg_id: int, size: int) -> type[Message] | None:
        """The class that reads a frame of this id and size; None for an unknown id.

        It is the form of exactly this size; else, of the forms the dialect speaks (all, when it is unknown or speaks
        none), the open-ended one, or the longest, whose surplus or shortage shows. So a frame between two sizes is
        truncated: it is not read by the shorter form, whose fields would be other bytes' plausible garbage.
        """
        exact = self.exact(msg_id, size)
        if exact is not None:
            return exact
        rivals = self.by_id.get(msg_id)
        if rivals is None:
            return None
        spoken = [cls for cls in rivals if self._speaks(cls)]
        if self.dialect is Dialect.UNKNOWN or not spoken:
            spoken = rivals
        return next((cls for cls in spoken if cls.FORM.size is None), spoken[0])


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
    """Generates the decoder of one direction and dialect.

    Where several sizes of one id exist, the dialect's own is tried at once; what does not fit it goes to a second
    function, which asks for the size first.
    """
    namespace: dict[str, Any] = {
        "_misfits": (struct.error, IndexError, BufferError),
        "_unknown": twin_of(Unknown),
        "_Unknown": Unknown,
        "_exactly": lambda data: decode_exactly(data, reading),
    }
    several = [msg_id for msg_id in reading.by_id if len(reading.exact_forms(msg_id)) > 1]
    lines = ["def decode_by_size(data):", " try:", "  k = data[1]"]
    for msg_id in several:
        lines.append(f"  if k == {msg_id}:")
        lines += _leaf(reading, msg_id, "   ", namespace, by_size=True)
    lines += [" except _misfits:", "  pass", " return _exactly(data)"]
    lines += ["def decode(data):", " try:", "  k = data[1]"]
    _branch(sorted(reading.by_id), reading, "  ", namespace, lines)
    lines += [" except _misfits:", "  pass", " return decode_by_size(data)"]
    exec("\n".join(lines), namespace)  # noqa: S102  the source is built from our own declarations
    decoder: Decoder = namespace["decode"]
    return decoder


def _branch(
    ids: list[int], reading: Reading, indent: str, namespace: dict[str, Any], lines: list[str]
) -> None:
    """Writes the tests that find one of the sorted `ids`: equality for what outweighs the rest or for the last few,
    halves by weight otherwise."""
    weights = _WEIGHTS[reading.direction]
    total = sum(weights.get(msg_id, 1) for msg_id in ids)
    by_weight = sorted(ids, key=lambda msg_id: -weights.get(msg_id, 1))
    asked = by_weight if len(ids) <= 3 else [i for i in by_weight[:1] if 3 * weights.get(i, 1) > total]
    for msg_id in asked:
        lines.append(f"{indent}if k == {msg_id}:")
        lines += _leaf(reading, msg_id, indent + " ", namespace, by_size=False)
        lines.append(f"{indent} return decode_by_size(data)")
    if asked == by_weight:
        lines += [
            f"{indent}if data[0] + 1 == len(data):",
            f"{indent} o = _unknown()",
            f"{indent} o.msg_id = k",
            f"{indent} o.payload = bytes(data[2:])",
            f"{indent} o.__class__ = _Unknown",
            f"{indent} return o",
        ]
    elif asked:
        _branch([msg_id for msg_id in ids if msg_id not in asked], reading, indent, namespace, lines)
    else:
        running, middle = 0, 0
        while 2 * running < total:
            running += weights.get(ids[middle], 1)
            middle += 1
        middle = min(middle, len(ids) - 1)
        lines.append(f"{indent}if k < {ids[middle]}:")
        _branch(ids[:middle], reading, indent + " ", namespace, lines)
        lines.append(f"{indent}else:")
        _branch(ids[middle:], reading, indent + " ", namespace, lines)


def _leaf(
    reading: Reading, msg_id: int, indent: str, namespace: dict[str, Any], *, by_size: bool
) -> list[str]:
    forms = reading.exact_forms(msg_id)
    likely = forms[0] if len(forms) == 1 else reading.likely(forms)
    if likely is not None and not by_size:
        return _unpack(likely, indent, namespace, brings_size=True)
    lines = [f"{indent}s = data[0]"]
    for cls in forms:
        lines.append(f"{indent}if s == {cls.FORM.size}:")
        lines += _unpack(cls, indent + " ", namespace, brings_size=False)
    return lines


def _unpack(cls: type[Message], indent: str, namespace: dict[str, Any], *, brings_size: bool) -> list[str]:
    form = cls.FORM
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
            after.append(f"o.{name} = v{index}")
            # A NaN and a flag beyond 0 and 1 are kept by the exact path.
            guards.append(f"v{index} == v{index}" if slot.kind is Kind.FLOAT else f"v{index} < 2")
        else:
            targets.append(f"o.{name}")
    namespace[f"{tag}_twin"] = twin_of(cls)
    unpack = f"{tag}_unpack_{'with' if brings_size else 'after'}_size"
    namespace[unpack] = struct.Struct(("<Bx" if brings_size else "<2x") + form.layout.format).unpack
    assert form.size is not None, "a form without a size has no fast path"
    if form.size <= _SMALL and all(slot.kind is not Kind.FLOAT for slot in form.layout.slots):
        seen: dict[tuple[int, ...], Message] = {}
        namespace[f"{unpack}_seen"], namespace[f"{unpack}_known"] = seen, seen.get
        lines = [
            f"{indent}t = {unpack}(data)",
            f"{indent}o = {unpack}_known(t)",
            f"{indent}if o is not None:",
            f"{indent} return o",
            f"{indent}o = {tag}_twin()",
            f"{indent}{', '.join(targets)}, = t",
        ]
        after += [f"if len({unpack}_seen) < {_MOST_SEEN}:", f" {unpack}_seen[t] = o"]
    else:
        lines = [f"{indent}o = {tag}_twin()", f"{indent}{', '.join(targets)}, = {unpack}(data)"]
    if guards:
        lines.append(f"{indent}if {' and '.join(guards)}:")
        indent += " "
    lines += [f"{indent}{line}" for line in after]
    return [*lines, f"{indent}o.__class__ = {tag}", f"{indent}return o"]
