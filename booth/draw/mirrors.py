"""Fetches a drand round from two mirrors, where there is a network."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

from booth.draw.drand import Beacon, Chain, check_beacon, parse_beacon
from booth.draw.errors import Refused
from booth.errors import BoothBroken

MIRRORS = (
    "https://api.drand.sh",
    "https://drand.cloudflare.com",
    "https://api2.drand.sh",
    "https://api3.drand.sh",
)
_TIMEOUT_S = 10.0
_MOST_BYTES = 4096


def fetch(chain: Chain, number: int, mirrors: tuple[str, ...] = MIRRORS) -> tuple[Beacon, Beacon]:
    """What the first two mirrors that answer say of a round.

    Raises:
        BoothBroken: fewer than two answer.
    """
    found: list[Beacon] = []
    why: list[str] = []
    for mirror in mirrors:
        try:
            found.append(_ask(mirror, chain, number))
        except (OSError, http.client.HTTPException, ValueError, Refused) as error:
            why.append(f"{mirror} said: {error}")
        if len(found) == 2:
            return found[0], found[1]
    raise BoothBroken(
        f"only {len(found)} drand mirrors answered for round {number} ({why[0]}). Open"
        f" MIRROR/{chain.hash}/public/{number} on a telephone at two of them, save both answers, and give the files"
    )


def _ask(mirror: str, chain: Chain, number: int) -> Beacon:
    address = f"{mirror}/{chain.hash}/public/{number}"
    with urllib.request.urlopen(address, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - MIRRORS are https
        text = answer.read(_MOST_BYTES).decode("utf-8")
    beacon = parse_beacon(text, mirror)
    check_beacon(beacon, chain, number, mirror)
    return beacon
