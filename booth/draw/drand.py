"""drand, the public randomness of the League of Entropy: which round is when, and whether a value can be one.

A round's randomness is SHA-256 of its signature (drand's specification); that, the round's number and the lengths are
checked here. The BLS signature itself is not: that needs a pairing library. A value is believed when two mirrors agree;
whoever wants more checks the signature in the bundle with a drand client.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from booth.draw.commitment import hex_bytes
from booth.draw.errors import Refused

_MOST_TEXT = 4096
_LAST_ROUND = 1_000_000_000
"""Still in the calendar of any chain."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One of drand's networks: round 1 is at `genesis_s` (Unix), the next `period_s` later."""

    name: str
    hash: str
    genesis_s: int
    period_s: int
    signature_bytes: int


QUICKNET = Chain(
    "quicknet", "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971", 1692803367, 3, 48
)
DEFAULT = Chain(
    "default", "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce", 1595431050, 30, 96
)
CHAINS = {chain.name: chain for chain in (QUICKNET, DEFAULT)}


@dataclass(frozen=True, slots=True)
class Beacon:
    """What a mirror says of a round; the values in lower-case hex."""

    round: int
    randomness: str
    signature: str
    previous_signature: str | None = None


def chain_named(name: str) -> Chain:
    """A chain.

    Raises:
        Refused: no such chain.
    """
    if name not in CHAINS:
        raise Refused(f"no drand chain '{name}'; there are {' and '.join(CHAINS)}")
    return CHAINS[name]


def round_at(chain: Chain, at: datetime) -> int:
    """The round that is the newest at this instant; 0 before the first."""
    since_s = (at - datetime.fromtimestamp(chain.genesis_s, UTC)) // timedelta(seconds=1)
    return max(0, since_s // chain.period_s + 1)


def first_round_from(chain: Chain, at: datetime) -> int:
    """The first round that comes at this instant or later."""
    newest = round_at(chain, at)
    return newest if newest and time_of(chain, newest) == at else newest + 1


def time_of(chain: Chain, number: int) -> datetime:
    """When a round comes, UTC.

    Raises:
        Refused: there is no such round.
    """
    if not 1 <= number <= _LAST_ROUND:
        raise Refused(f"drand has no round {number}; rounds count from 1")
    seconds = (number - 1) * chain.period_s
    return datetime.fromtimestamp(chain.genesis_s, UTC) + timedelta(seconds=seconds)


def parse_beacon(text: str, where: str) -> Beacon:
    """What a mirror answered, as JSON with round, randomness, signature and, on a chained network, previous_signature.

    Raises:
        Refused: it is something else.
    """
    try:
        body = json.loads(text) if len(text) <= _MOST_TEXT else None
    except (ValueError, RecursionError):
        body = None
    wanted = f"{where} is no answer of a drand mirror; save /{{chain hash}}/public/{{round}} as it comes"
    if not isinstance(body, dict) or type(body.get("round")) is not int:
        raise Refused(wanted)
    randomness, signature = body.get("randomness"), body.get("signature")
    previous = body.get("previous_signature", "")
    if not isinstance(randomness, str) or not isinstance(signature, str) or not isinstance(previous, str):
        raise Refused(wanted)
    return Beacon(body["round"], randomness, signature, previous or None)


def check_beacon(beacon: Beacon, chain: Chain, number: int, where: str) -> bytes:
    """The randomness of this round, 32 bytes.

    Raises:
        Refused: another round, or values that cannot belong together.
    """
    if beacon.round != number:
        raise Refused(
            f"{where} is of drand round {beacon.round}, declared was round {number}; fetch that one"
        )
    signature = hex_bytes(beacon.signature, chain.signature_bytes, f"{where}: the signature")
    randomness = hex_bytes(beacon.randomness, 32, f"{where}: the randomness")
    if beacon.previous_signature is not None:
        hex_bytes(beacon.previous_signature, chain.signature_bytes, f"{where}: the previous signature")
    if hashlib.sha256(signature).digest() != randomness:
        raise Refused(f"{where}: the randomness is not the SHA-256 of the signature; fetch it again")
    return randomness


def agreed(beacons: Sequence[Beacon], chain: Chain, number: int) -> bytes:
    """The randomness on which two mirrors agree.

    Raises:
        Refused: fewer than two answers, one that cannot be, or two that differ.
    """
    if len(beacons) != 2:
        raise Refused(f"a drand value needs the answers of two mirrors, not {len(beacons)}")
    values = [check_beacon(beacon, chain, number, f"answer {at}") for at, beacon in enumerate(beacons, 1)]
    if beacons[0] != beacons[1]:
        raise Refused(f"the two mirrors differ on drand round {number}; fetch both again, from other mirrors")
    return values[0]
