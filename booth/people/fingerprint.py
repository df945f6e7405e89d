"""Knows a person again without knowing who they are: a slow, salted fingerprint of an e-mail address or telephone number.

argon2id (RFC 9106), 3 passes over 64 MiB, with 16 random bytes of salt that belong to one show. What a thief of the machine
gains: the salt lies beside the fingerprints, so whoever has a *guess* (this very address) can confirm it at some 0.15 s of
one core, and whoever lists 10,000 addresses needs 25 minutes. All numbers of one US area code, eight million, take two
weeks of a core. Names, companies, answers and notes are in no fingerprint. Two shows cannot be compared: their salts differ.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from nacl.pwhash import argon2id

from booth.people.contact import Contact

SALT_BYTES = argon2id.SALTBYTES
_BYTES = 32
_ONE_AT_A_TIME = threading.Lock()
"""64 MiB each."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: passes over this much memory."""

    passes: int
    memory_bytes: int


USUAL = Cost(3, 64 << 20)
CHEAPEST = Cost(argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)
"""For tests and rehearsals, whose people are made up."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The fingerprints of one contact; None for what was not given."""

    email: bytes | None
    phone: bytes | None


def marks_of(contact: Contact, salt: bytes, cost: Cost = USUAL) -> Marks:
    """Fingerprints of an address, whatever its case, and of a number in E.164. Slow on purpose."""
    return Marks(
        _mark("email", contact.email.casefold(), salt, cost), _mark("phone", contact.phone, salt, cost)
    )


def _mark(kind: str, value: str, salt: bytes, cost: Cost) -> bytes | None:
    if not value:
        return None
    with _ONE_AT_A_TIME:
        return argon2id.kdf(_BYTES, f"{kind}:{value}".encode(), salt, cost.passes, cost.memory_bytes)
