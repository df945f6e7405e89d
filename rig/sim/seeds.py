"""One seed for a run, one independent random stream per concern.

Streams are derived by name, so that drawing one more number in one place shifts nothing elsewhere.
"""

from __future__ import annotations

import hashlib
from random import Random


def child_seed(seed: int, *names: str) -> int:
    """A 64-bit seed for the concern called `names`; the same on every machine and Python version."""
    text = "\0".join((str(seed), *names))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def child_random(seed: int, *names: str) -> Random:
    """A random stream of its own for the concern called `names`."""
    return Random(child_seed(seed, *names))
