"""What can go wrong between bytes and messages.

    ProtocolError
    ├── DecodeError   the bytes are no frame: empty, truncated, or the size byte lies
    └── EncodeError   the message does not fit its wire form: a field is out of range

Unknown ids, unknown enum values and frames longer than known are values (`Unknown`, plain ints, `Extended`),
never errors.
"""

from __future__ import annotations


class ProtocolError(Exception):
    """Root of everything `protocol` raises on purpose."""


class DecodeError(ProtocolError):
    """`frame` is not a message; `offset` is the first byte that is wrong or missing (0 = the size byte)."""

    def __init__(self, frame: bytes, offset: int, reason: str) -> None:
        super().__init__(frame, offset, reason)
        self.frame = frame
        self.offset = offset
        self.reason = reason

    def __str__(self) -> str:
        shown = self.frame[:32].hex(" ") + (" …" if len(self.frame) > 32 else "")
        return f"{self.reason} (byte {self.offset} of frame [{shown}])"


class EncodeError(ProtocolError):
    """`field` of a `message` holds `value`, which the wire cannot carry; `allowed` says what it can."""

    def __init__(self, message: str, field: str, value: object, allowed: str) -> None:
        super().__init__(message, field, value, allowed)
        self.message = message
        self.field = field
        self.value = value
        self.allowed = allowed

    def __str__(self) -> str:
        return f"{self.message}.{self.field} = {self.value!r}: must be {self.allowed}"
