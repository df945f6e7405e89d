"""A made-up show's draw, step by step."""

from datetime import UTC, date, datetime, timedelta

from booth.draw.acts import (
    Act,
    Announce,
    Correct,
    CorrectThrow,
    Decide,
    Declare,
    Freeze,
    Run,
    TakeDrand,
    Throw,
)
from booth.draw.ceremony import step
from booth.draw.commitment import commitment_to
from booth.draw.declaration import Terms, declaration_of
from booth.draw.drand import QUICKNET, Beacon, time_of
from booth.draw.reasons import Correction, Outcome, Reason, Strike
from booth.pack.files import load_pack
from booth.pack.model import Randomness

DAY = date(2026, 11, 22)
MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CLOSES = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
SECRET = bytes(range(32))
CODES = ("K7Q2-01", "B3XD-02", "Z9PM-03", "A1TC-04", "M4RR-05", "C8WN-06", "Y2HJ-07")
STAFF = {"Z9PM-03": Strike.STAFF}

# published: the example of the drand-verify package
ROUND = 657413
BEACON = Beacon(
    ROUND,
    "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
)

PACK = load_pack()


def declaration(**terms):
    made = Terms(**{"closes_at": CLOSES, "randomness": Randomness.DICE, **terms})
    return declaration_of(PACK, DAY, made, commitment_to(SECRET), "1.2.3")


def drand_declaration():
    """For the published round, on its own day."""
    comes_at = time_of(QUICKNET, ROUND)
    closes_at = comes_at - timedelta(minutes=10)
    terms = Terms(closes_at, Randomness.DRAND)
    return declaration_of(PACK, comes_at.date(), terms, commitment_to(SECRET), "1.2.3")


def done(*whats, at=MORNING, seconds=60, ceremony=None):
    """The draw after these acts; each a minute after the last, from closing time on."""
    for what in whats:
        ceremony = step(ceremony, Act(at, "crew", what))
        at = max(at + timedelta(seconds=seconds), ceremony.declaration.closes_at)
    return ceremony


THROWS = (3, 6, 1, 1, 5, 2, 4, 4, 6, 2, 3, 5, 1, 6, 2, 2, 4, 1, 5, 5)
TO_RANKING = (
    Declare(declaration()),
    Freeze(CODES, {}),
    Correct(CODES, STAFF, Correction.WRONGLY_IN),
    Throw(THROWS[:12]),
    CorrectThrow(3, 2),
    Throw(THROWS[12:]),
    Run(SECRET.hex(), "1.2.3"),
)


def whole_draw():
    """With a corrected list and throw; the first rank declines, the second claims."""
    return done(
        *TO_RANKING,
        Announce(),
        Decide(Outcome.DECLINED, Reason.NOT_WANTED),
        Announce(),
        Decide(Outcome.CLAIMED, Reason.CAME),
    )


def drand_draw():
    declared = drand_declaration()
    begun = done(Declare(declared), Freeze(CODES, STAFF), at=declared.closes_at - timedelta(hours=7))
    return done(
        TakeDrand((BEACON, BEACON)),
        Run(SECRET.hex(), "1.2.3"),
        Announce(),
        Decide(Outcome.CLAIMED, Reason.CAME),
        at=declared.drand_comes_at,
        ceremony=begun,
    )
