"""What may be sent to a car. Pure.

A real car gets only the messages of the protocol's allow-list: boot-loader ids, 0x3a and the development
block can be decoded but never sent. A simulated car may get any bytes at all.
"""

from __future__ import annotations

from enum import Enum

from protocol import TRANSMIT_ALLOWED, DecodeError, Dialect, Direction, Message, decode
from protocol.commands import encode_order
from rig.radio.errors import TransmitRefused


class TransmitPolicy(Enum):
    """Who is listening, and so what may be said."""

    REAL_CARS = "allow-list only"
    SIMULATED_CARS = "anything"


def frame_to_send(car: str, given: Message | bytes, dialect: Dialect, policy: TransmitPolicy) -> bytes:
    """The bytes to put on the air for a message or a ready frame, once the policy agrees.

    Bytes for a real car are decoded first: they must be exactly one frame of an allowed message, with a
    true size byte and no surplus.

    Raises:
        TransmitRefused: a real car would have received something outside the allow-list.
        protocol.EncodeError: a field of the message is out of range, or the car's dialect speaks another form.
    """
    frame = bytes(given) if isinstance(given, bytes | bytearray) else encode_order(given, dialect)
    if policy is TransmitPolicy.SIMULATED_CARS:
        return frame
    if not isinstance(given, bytes | bytearray):
        meant: object = given
    else:
        try:
            meant = decode(frame, Direction.TO_CAR, dialect)
        except DecodeError as error:
            raise TransmitRefused(car, frame, "it is not a whole frame") from error
    if type(meant) not in TRANSMIT_ALLOWED:
        raise TransmitRefused(car, frame, f"{type(meant).__name__} is not on the transmit allow-list")
    return frame
