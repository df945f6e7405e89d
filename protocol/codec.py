"""Frames to messages and back."""

from __future__ import annotations

from protocol.catalogue import MESSAGE_TYPES
from protocol.dialect import Dialect, Direction
from protocol.errors import EncodeError
from protocol.messages.unknown import Extended
from protocol.wire.declare import Message
from protocol.wire.decoder import Decoder, Reading, fast_decoder

_UNKNOWN = Dialect.UNKNOWN  # a plain global: looking a member up on its enum class is slow
_DECODERS: dict[tuple[str, str], Decoder] = {}
_READINGS: dict[tuple[str, str], Reading] = {}


def decoder_for(direction: Direction = Direction.TO_HOST, dialect: Dialect = Dialect.UNKNOWN) -> Decoder:
    """The decoder of one direction and dialect; bind it once per link.

    It takes one frame (`bytes`, `bytearray` or `memoryview`), size byte first, and returns a message: a class of the
    catalogue, `Extended` when the frame is longer than the form it has in the dialect (the longest one for an unknown
    dialect), `Unknown` when the id is not public. It raises `DecodeError`, with frame and offset, for bytes that are
    no frame or truncated, which is shorter than that form and not exactly a known shorter one, and nothing else.
    """
    # `_value_` is the plain attribute; Enum's own hash and `value` are slow Python.
    key = (direction._value_, dialect._value_)
    decoder = _DECODERS.get(key)
    if decoder is None:
        decoder = _DECODERS[key] = fast_decoder(_reading(direction, dialect))
    return decoder


def _reading(direction: Direction, dialect: Dialect) -> Reading:
    key = (direction._value_, dialect._value_)
    reading = _READINGS.get(key)
    if reading is None:
        reading = _READINGS[key] = Reading(MESSAGE_TYPES, direction, dialect)
    return reading


def decode(
    frame: bytes | bytearray | memoryview,
    direction: Direction = Direction.TO_HOST,
    dialect: Dialect = Dialect.UNKNOWN,
) -> Message:
    """Decodes one frame; see `decoder_for`."""
    return decoder_for(direction, dialect)(frame)  # type: ignore[arg-type]


def encode(message: Message, dialect: Dialect = _UNKNOWN) -> bytes:
    """The frame of `message`, size byte first: for what `decode` gave, the bytes it was given.

    Raises `EncodeError` when a field is out of range, and when `dialect` is known and reads the frame as another
    message, which nothing that was decoded for it is (`protocol.commands` makes orders in the right form).
    """
    if dialect is not _UNKNOWN and (type(message), dialect._value_) not in _UNDERSTOOD:
        _refuse_misread(message, dialect)
    return message.encode()


def core_of(message: Message) -> Message:
    """`message` without the surplus bytes it may have come with."""
    return message.message if isinstance(message, Extended) else message


_UNDERSTOOD: set[tuple[type[Message], str]] = set()
"""Classes and dialects already found to fit: once per class instead of once per frame."""


def _refuse_misread(message: Message, dialect: Dialect) -> None:
    core = core_of(message)
    form = getattr(core, "FORM", None)
    if form is None or form.dialects == {Dialect.UNKNOWN}:
        return
    frame = message.encode()
    if _reading(form.direction, dialect).pick(form.msg_id, frame[0]) is not type(core):
        spoken = ", ".join(sorted(known.value for known in form.dialects))
        raise EncodeError(type(core).__name__, "dialect", dialect.value, f"one of {spoken}")
    if message is core and form.size is not None:
        _UNDERSTOOD.add((type(core), dialect._value_))
