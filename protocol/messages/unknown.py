"""Frames that are well formed and not (wholly) understood: kept, so that they can be logged and sent on."""

from __future__ import annotations

from protocol.errors import EncodeError
from protocol.wire.declare import Message
from protocol.wire.encoder import frame_of
from protocol.wire.frozen import field, frozen

# Names for ids whose payload no public source describes. Sources: MasterAirscrachDev/Anki-Partydrive:Protocol.cs
# and the OverCar Prime sketch (trust D).
KNOWN_NAMES: dict[int, str] = {
    **{msg_id: f"boot loader 0x{msg_id:02x}" for msg_id in range(7)},
    0x2E: "acknowledge?",
    0x30: "track configuration?",
    0x31: "configuration acknowledge?",
    0x3A: "SEND_DO_NOT_USE",
    0x42: "thermal status?",
    0x48: "unnamed long packet",
    0x51: "TRACK_TRANSITION_2",
    0x53: "TR_SPECIAL",
    0x54: "AWAITING_NEXT_INIT",
    0x89: "radio reset",
    0xD2: "DEBUG_RAW",
}

NAMED_ORDERS = frozenset({0x30, 0x3A, 0x48, 0x89})
"""Those of them that only a host sends; the boot loader's go both ways, the rest comes from cars."""


@frozen
class Unknown(Message):
    """A frame whose id or layout is not public."""

    msg_id: int = field(None, "second byte of the frame")
    payload: bytes = field(None, "everything after the id")

    @property
    def known_name(self) -> str | None:
        """What a public source calls this id, if one does."""
        return KNOWN_NAMES.get(self.msg_id)

    def encode(self) -> bytes:
        """The frame. Raises `EncodeError` when the id is no byte or the payload not at most 254 bytes."""
        if not isinstance(self.msg_id, int) or not 0 <= self.msg_id <= 255:
            raise EncodeError("Unknown", "msg_id", self.msg_id, "an integer 0..255")
        _require_bytes(self, "payload", self.payload)
        return frame_of(self, self.msg_id, self.payload)


@frozen
class Extended(Message):
    """A message longer than its known form: `message` is what the known bytes say, `surplus` what follows."""

    message: Message = field(None, "the part that is understood")
    surplus: bytes = field(None, "the bytes after it")

    def encode(self) -> bytes:
        """The frame with its surplus. Raises `EncodeError` like `message` does, when there is no message or
        no bytes behind it, or when it grows too long."""
        if not isinstance(self.message, Message):
            raise EncodeError("Extended", "message", self.message, "a message")
        _require_bytes(self, "surplus", self.surplus)
        core = self.message.encode()
        return frame_of(self, core[1], core[2:] + self.surplus)


def _require_bytes(message: Message, name: str, value: object) -> None:
    if not isinstance(value, bytes):
        raise EncodeError(type(message).__name__, name, value, "bytes")
