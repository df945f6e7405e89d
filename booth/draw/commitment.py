"""The morning secret: 32 bytes nobody outside knows, whose SHA-256 is published before anything else and which is
revealed at the draw and mixed in. Whoever could steer the dice alone would not know what to steer them to."""

from __future__ import annotations

import hashlib

from booth.draw.errors import Refused

SECRET_BYTES = 32


def commitment_to(secret: bytes) -> str:
    """What is published in the morning: SHA-256 of the secret, hex."""
    return hashlib.sha256(secret).hexdigest()


def check_secret(secret: str, commitment: str) -> bytes:
    """The secret's bytes, if it is the one that was committed to. `secret` is hex.

    Raises:
        Refused: it is not.
    """
    value = hex_bytes(secret, SECRET_BYTES, "the morning secret")
    if commitment_to(value) != commitment:
        raise Refused(
            f"the morning secret's SHA-256 is {commitment_to(value)}, declared was {commitment}:"
            " it is not the secret of this draw"
        )
    return value


def hex_bytes(text: str, length: int, what: str) -> bytes:
    """So many bytes in lower-case hex.

    Raises:
        Refused: anything else.
    """
    if len(text) != 2 * length or not set(text) <= set("0123456789abcdef"):
        raise Refused(f"{what} must be {2 * length} lower-case hex digits, not '{text[:80]}'")
    return bytes.fromhex(text)
