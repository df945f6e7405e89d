"""What may be sent to a car. Pure.

A real car gets only the messages of the protocol's allow-list: boot-loader ids, 0x3a and the development
block can be decoded but never sent. A simulated car may get any bytes at all.
"""

from __future__ import annotations

import math
from enum import Enum

from protocol import TRANSMIT_ALLOWED, DecodeError, Dialect, Direction, Message, decode
from protocol.commands import encode_order
from rig.radio.errors import TransmitRefused

Buffer = bytes | bytearray | memoryview


class TransmitPolicy(Enum):
    """Who is listening, and so what may be said."""

    REAL_CARS = "allow-list only"
    SIMULATED_CARS = "anything"


_LENGTHS = {  # what a car does with a distance that is no number, nobody has seen
    kind: tuple(name for name, type_ in kind.__annotations__.items() if type_ in {"float", float})
    for kind in TRANSMIT_ALLOWED
}


def frame_to_send(car: str, given: Message | Buffer, dialect: Dialect, policy: TransmitPolicy) -> bytes:
    """The bytes to put on the air for a message or a ready frame, once the policy agrees.

    Bytes for a real car are decoded first: they must be exactly one frame of an allowed message, with a
    true size byte and no surplus; distances must be finite.

    Raises:
        TransmitRefused: a real car would have received something outside the allow-list.
        protocol.EncodeError: a field of the message is out of range, or the car's dialect speaks another form.
        TypeError: `given` is neither a message nor bytes.
    """
    if isinstance(given, Message):
        frame = encode_order(given, dialect)
    elif isinstance(given, Buffer):
        frame = bytes(given)
    else:
        raise TypeError(f"a car is sent a message or bytes, not {type(given).__name__}")
    if policy is TransmitPolicy.SIMULATED_CARS:
        return frame
    meant = given if isinstance(given, Message) else _meaning(car, frame, dialect)
    lengths = _LENGTHS.get(type(meant))
    if lengths is None:
        raise TransmitRefused(car, frame, f"{type(meant).__name__} is not on the transmit allow-list")
    for name in lengths:
        if not math.isfinite(getattr(meant, name)):
            raise TransmitRefused(car, frame, f"its {name} is {getattr(meant, name)}")
    return frame


def _meaning(car: str, frame: bytes, dialect: Dialect) -> Message:
    try:
        return decode(frame, Direction.TO_CAR, dialect)
    except DecodeError as error:
        raise TransmitRefused(car, frame, "it is not a whole frame") from error
