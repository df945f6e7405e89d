"""The errors of protocol.

ProtocolError
├── DecodeError   these bytes are not what they should be: truncated, or sizes that lie
└── EncodeError   a value does not fit its field

Both carry their facts as attributes; their text is one sentence.
"""

from __future__ import annotations


class ProtocolError(ValueError):
    """Root of everything protocol raises on purpose."""


class DecodeError(ProtocolError):
    """Bytes that cannot be a message: `frame` as given, `offset` of the first byte that is wrong."""

    def __init__(self, frame: bytes, offset: int, reason: str) -> None:
        super().__init__(f"{reason} at byte {offset} of '{frame.hex()}'")
        self.frame = frame
        self.offset = offset
        self.reason = reason

    def __reduce__(self) -> tuple[type[DecodeError], tuple[bytes, int, str]]:
        return DecodeError, (self.frame, self.offset, self.reason)


class EncodeError(ProtocolError):
    """A value that does not fit: `field`, `value`, and the range it may have, in words."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field} is {value!r} but must be {allowed}")
        self.field = field
        self.value = value
        self.allowed = allowed

    def __reduce__(self) -> tuple[type[EncodeError], tuple[str, object, str]]:
        return EncodeError, (self.field, self.value, self.allowed)
