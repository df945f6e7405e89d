"""A draw as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from booth.draw.bundle import bundle_id, bundled
from booth.draw.canonical import instant_text
from booth.draw.ceremony import Ceremony, Phase
from booth.draw.dice import BITS_PER_THROW
from booth.draw.drand import chain_named
from booth.draw.mirrors import MIRRORS
from booth.draw.reasons import REASON_WORDS, STRIKE_WORDS
from booth.draw.staging import may_do, staged
from booth.draw.telling import ending

_COMMANDS = {
    "Freeze": "freeze --tickets FILE",
    "Redeclare": "declare --again REASON",
    "Correct": "freeze --tickets FILE --correct REASON",
    "Throw": "dice VALUES",
    "CorrectThrow": "dice --correct NUMBER VALUE",
    "TakeDrand": "drand FILE FILE",
    "Run": "run",
    "Announce": "announce",
    "Decide": "decide OUTCOME",
    "Void": "void REASON",
}


def as_document(name: str, ceremony: Ceremony, now: datetime) -> dict[str, Any]:
    """What `--json` prints: the stage's facts, the ranks told so far, and what may be done next."""
    step, body = staged(ceremony)
    told = [
        {"rank": each.rank, "code": each.code, "outcome": each.outcome, "reason": each.reason}
        for each in ceremony.called
    ]
    return {"draw": name, "phase": step, **body, "told": told, "next": list(may_do(ceremony, now))}


def draw_text(name: str, ceremony: Ceremony, now: datetime) -> str:
    """What a person reads."""
    return "\n".join(_lines(name, ceremony, now))


def _lines(name: str, ceremony: Ceremony, now: datetime) -> Iterator[str]:
    declared = ceremony.declaration
    zone = ZoneInfo(declared.time_zone)
    yield f"draw {name}: {ceremony.phase}"
    yield f"  prize        {declared.prize}, {declared.value}; {declared.enters} enter"
    yield f"  closes       {declared.closes_at.astimezone(zone):%Y-%m-%d %H:%M:%S} {declared.time_zone}"
    yield f"  declaration  SHA-256 {declared.sha256}"
    yield f"  commitment   SHA-256 {declared.commitment}"
    yield from _randomness(ceremony, zone)
    yield from _list(ceremony)
    for called in ceremony.called:
        became = "waiting" if called.outcome is None else f"{called.outcome}"
        why = "" if called.reason is None else f": {REASON_WORDS[called.reason]}"
        yield f"  rank {called.rank:<7} {called.code}  {became}{why}"
    if ceremony.deadline is not None:
        yield f"  has until    {ceremony.deadline.astimezone(zone):%H:%M:%S}"
    if ceremony.phase in {Phase.CLOSED, Phase.VOID}:
        yield f"  end          {ending(ceremony)}"
        yield f"  bundle id    {bundle_id(bundled(ceremony))}"
    names = [f"pitboard booth draw {_COMMANDS[each]}" for each in may_do(ceremony, now)]
    for number, command in enumerate(names or ["pitboard booth draw bundle"]):
        yield f"  {'next' if number == 0 else 'or':12} {command}"


def _randomness(ceremony: Ceremony, zone: ZoneInfo) -> Iterator[str]:
    declared = ceremony.declaration
    if declared.drand_chain is None or declared.drand_comes_at is None:
        least = ceremony.throws_wanted or declared.dice_at_least or 0
        thrown = " ".join(map(str, ceremony.throws)) or "none yet"
        yield f"  randomness   {least} throws of a die ({least * BITS_PER_THROW:.1f} bits): {thrown}"
        return
    comes_at = declared.drand_comes_at.astimezone(zone)
    yield f"  randomness   drand {declared.drand_chain} round {declared.drand_round}, from {comes_at:%H:%M:%S} on"
    if not ceremony.answers:
        chain = chain_named(declared.drand_chain)
        for mirror in MIRRORS[:2]:
            yield f"               {mirror}/{chain.hash}/public/{declared.drand_round}"


def _list(ceremony: Ceremony) -> Iterator[str]:
    if ceremony.frozen is None:
        return
    at = instant_text(next(act.at for act in reversed(ceremony.acts) if hasattr(act.what, "tickets")))
    yield f"  list         {len(ceremony.frozen.codes)} tickets, frozen {at}"
    yield f"               SHA-256 {ceremony.frozen.sha256}"
    for code, why in ceremony.frozen.struck.items():
        yield f"  struck out   {code}: {STRIKE_WORDS[why]}"
