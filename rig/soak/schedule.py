"""Cars, sets of them, and what is decided by the seed alone.

Whatever a kind draws (order, pause, pace) it draws with `derived_seed` from what it is for, never from what happened
before, so that a run cut short goes on as it would have.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SoakCar:
    """One car under test: its advertised identifier (32 bits), and what people call it."""

    identifier: int
    label: str
    model_id: int | None = None
    firmware: int | None = None


@dataclass(frozen=True, slots=True)
class CarSet:
    """Cars that race together; at most four on one track."""

    name: str
    cars: tuple[SoakCar, ...]


def derived_seed(*key: object) -> int:
    """A 63-bit number that depends on `key` alone, the same on every machine."""
    text = "/".join(str(part) for part in key)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
