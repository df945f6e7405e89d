"""What is declared before anybody's ticket is frozen: prize, rules, closing, alternates, and where the randomness will
come from, down to the round. Its SHA-256 goes on the stage."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from booth.draw.canonical import encoded, to_second, written
from booth.draw.commitment import hex_bytes
from booth.draw.dice import MOST_THROWS
from booth.draw.drand import QUICKNET, chain_named, first_round_from, time_of
from booth.draw.errors import Refused
from booth.draw.rfc3797 import ALGORITHM
from booth.pack.model import Enters, Randomness, ShowPack

MOST_ALTERNATES = 18
"""With as many ranks, `dice.MOST_THROWS` are enough for any pool."""

USUAL_THROWS = 20
ROUND_AFTER = timedelta(minutes=10)
"""How long after closing the drand round comes, for the freeze to be done in between."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A draw before it is one. `dice_at_least` throws of a die, or `drand_round` of `drand_chain`, whose time is
    `drand_comes_at`; the others are None. `commitment` is the SHA-256 of the morning secret. `pack` is the digest of the
    show pack. `follows` is "" or the bundle id of the void draw it replaces."""

    show: str
    day: date
    pack: str
    prize: str
    value: str
    rules: Mapping[str, str]
    enters: Enters
    time_zone: str
    closes_at: datetime
    alternates: int
    answer_minutes: int
    algorithm: str
    randomness: Randomness
    dice_at_least: int | None
    drand_chain: str | None
    drand_round: int | None
    drand_comes_at: datetime | None
    commitment: str
    follows: str
    software: str

    @property
    def content(self) -> bytes:
        """The declaration as it is hashed and published."""
        return written(encoded(self))

    @property
    def sha256(self) -> str:
        """Of `content`, hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Terms:
    """What may differ from the show pack: `closes_at` and `randomness` (None: the pack's), drand's chain, and how many
    throws of a die at least."""

    closes_at: datetime | None = None
    randomness: Randomness | None = None
    chain: str = QUICKNET.name
    dice_at_least: int = USUAL_THROWS


def declaration_of(
    pack: ShowPack, day: date, terms: Terms, commitment: str, software: str, *, follows: str = ""
) -> Declaration:
    """What a show pack says of a day's draw. The drand round is the first that comes ten minutes after closing.

    Raises:
        Refused: no such chain.
    """
    rules = pack.draw
    closes_at = terms.closes_at or datetime.combine(day, rules.closes, ZoneInfo(pack.time_zone))
    closes_at = to_second(closes_at)
    kind = terms.randomness or rules.randomness
    of, number = None, None
    if kind is Randomness.DRAND:
        of = chain_named(terms.chain)
        number = first_round_from(of, closes_at + ROUND_AFTER)
    return Declaration(
        show=pack.name,
        day=day,
        pack=pack.digest,
        prize=rules.prize,
        value=rules.value,
        rules=dict(rules.rules),
        enters=rules.enters,
        time_zone=pack.time_zone,
        closes_at=closes_at,
        alternates=rules.alternates,
        answer_minutes=rules.answer_minutes,
        algorithm=ALGORITHM,
        randomness=kind,
        dice_at_least=terms.dice_at_least if kind is Randomness.DICE else None,
        drand_chain=None if of is None else of.name,
        drand_round=number,
        drand_comes_at=None if of is None or number is None else time_of(of, number),
        commitment=commitment,
        follows=follows,
        software=software,
    )


def check_declaration(declared: Declaration, at: datetime) -> None:
    """Refuses a declaration that could not be kept, or of randomness already known.

    Raises:
        Refused: why.
    """
    hex_bytes(declared.commitment, 32, "the commitment")
    if declared.follows:
        hex_bytes(declared.follows, 32, "the void draw's bundle id")
    if declared.algorithm != ALGORITHM:
        raise Refused(f"the algorithm '{declared.algorithm}' is not {ALGORITHM}, the only one drawn here")
    if not 0 <= declared.alternates <= MOST_ALTERNATES:
        raise Refused(f"{declared.alternates} alternates; declare 0 to {MOST_ALTERNATES}")
    if not 1 <= declared.answer_minutes <= 24 * 60:
        raise Refused(f"{declared.answer_minutes} minutes to answer; declare 1 to {24 * 60}")
    if declared.randomness is Randomness.DICE:
        _check_dice(declared)
    else:
        _check_drand(declared, at)


def _check_dice(declared: Declaration) -> None:
    if declared.dice_at_least is None or not 1 <= declared.dice_at_least <= MOST_THROWS:
        raise Refused(f"{declared.dice_at_least} throws of a die; declare 1 to {MOST_THROWS}")
    if (declared.drand_chain, declared.drand_round, declared.drand_comes_at) != (None, None, None):
        raise Refused("the declaration names dice and drand; one of them")


def _check_drand(declared: Declaration, at: datetime) -> None:
    if declared.drand_chain is None or declared.drand_round is None or declared.dice_at_least is not None:
        raise Refused("the declaration names no chain and round of drand, or dice beside it; one of them")
    comes_at = time_of(chain_named(declared.drand_chain), declared.drand_round)
    if comes_at != declared.drand_comes_at:
        raise Refused(
            f"drand round {declared.drand_round} comes at {comes_at:%Y-%m-%dT%H:%M:%SZ}; declare that"
        )
    if comes_at <= max(at, declared.closes_at).astimezone(UTC):
        raise Refused(
            f"drand round {declared.drand_round} is known from {comes_at:%H:%M:%S} UTC on,"
            " before the list can be frozen; declare a later one"
        )
