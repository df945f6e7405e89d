"""The draw as a pure machine: `step(ceremony, act) -> ceremony`. Declared, frozen, its sources entered, ranked, then rank
after rank told and decided until one is claimed. Whatever may not be is refused with what it waits for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from booth.draw.acts import (
    Act,
    Announce,
    Correct,
    CorrectThrow,
    Decide,
    Declare,
    Freeze,
    Redeclare,
    Run,
    TakeDrand,
    Throw,
    Void,
)
from booth.draw.canonical import instant_text, to_second
from booth.draw.commitment import check_secret
from booth.draw.declaration import Declaration, check_declaration
from booth.draw.dice import check_throws, throws_needed
from booth.draw.drand import Beacon, agreed, chain_named
from booth.draw.errors import Refused
from booth.draw.freeze import FrozenList, freeze
from booth.draw.reasons import REASONS, Outcome, Reason, VoidReason
from booth.draw.rfc3797 import Pick, Source, ranking
from booth.draw.sources import all_sources
from booth.pack.model import Randomness

_BY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,11}")


class Phase(StrEnum):
    """How far a draw is."""

    DECLARED = "declared"
    FROZEN = "frozen"
    ENTERING = "entering"
    """Some throws are in, not all."""
    READY = "ready"
    """The sources are complete."""
    DRAWN = "drawn"
    """Ranked; the next rank is to be told."""
    ANNOUNCED = "announced"
    """A rank is told, its time runs."""
    CLOSED = "closed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Called:
    """A rank that was told, and what became of it."""

    rank: int
    code: str
    announced_at: datetime
    outcome: Outcome | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A draw. `acts` is everything done, in order; the rest follows from it. `ranks` are who was drawn, first to last
    alternate; `called` those told so far."""

    acts: tuple[Act, ...]
    declaration: Declaration
    frozen: FrozenList | None = None
    throws: tuple[int, ...] = ()
    answers: tuple[Beacon, ...] = ()
    picks: tuple[Pick, ...] = ()
    sources: tuple[Source, ...] = ()
    called: tuple[Called, ...] = ()
    void: VoidReason | None = None

    @property
    def last_at(self) -> datetime:
        """When something was done last."""
        return self.acts[-1].at

    @property
    def wanted(self) -> int:
        """How many ranks are drawn: the winner and the alternates, as far as there are tickets."""
        pool = 0 if self.frozen is None else len(self.frozen.codes)
        return min(pool, 1 + self.declaration.alternates)

    @property
    def throws_wanted(self) -> int:
        """How many throws of a die this draw takes; 0 before the freeze, and with drand."""
        if self.frozen is None or self.declaration.dice_at_least is None:
            return 0
        return max(self.declaration.dice_at_least, throws_needed(len(self.frozen.codes), self.wanted))

    @property
    def throws_missing(self) -> int:
        """How many of them are still to be thrown."""
        return self.throws_wanted - len(self.throws)

    @property
    def winner(self) -> Called | None:
        """Who claimed the prize."""
        return next((called for called in self.called if called.outcome is Outcome.CLAIMED), None)

    @property
    def deadline(self) -> datetime | None:
        """Until when the rank that was told has time; None: none is waited for."""
        if self.phase is not Phase.ANNOUNCED:
            return None
        return self.called[-1].announced_at + timedelta(minutes=self.declaration.answer_minutes)

    @property
    def phase(self) -> Phase:
        """How far the draw is."""
        if self.void is not None:
            return Phase.VOID
        if self.picks:
            return self._phase_after_ranking()
        if self.frozen is None:
            return Phase.DECLARED
        dice = self.declaration.randomness is Randomness.DICE
        if self.answers or (dice and self.throws_missing == 0 and self.wanted):
            return Phase.READY
        return Phase.ENTERING if self.throws else Phase.FROZEN

    def code(self, rank: int) -> str:
        """The ticket of a rank, from 1."""
        assert self.frozen is not None
        return self.frozen.codes[self.picks[rank - 1].item - 1]

    def _phase_after_ranking(self) -> Phase:
        if self.called and self.called[-1].outcome is None:
            return Phase.ANNOUNCED
        is_over = self.winner is not None or len(self.called) == len(self.picks)
        return Phase.CLOSED if is_over else Phase.DRAWN


def step(ceremony: Ceremony | None, act: Act) -> Ceremony:
    """The draw after one more act; None before the first, which is a `Declare`.

    Raises:
        Refused: that may not be, or not now.
    """
    if not _BY.fullmatch(act.by):
        raise Refused(
            f"sign with a role or initials, 1 to 12 of letters, digits and '-', not '{act.by[:40]}'"
        )
    if act.at != to_second(act.at):
        raise Refused(f"{act.at} has fractions of a second; a draw is written in whole ones")
    if ceremony is None:
        if not isinstance(act.what, Declare):
            raise Refused("there is no draw yet; declare it first: 'pitboard booth draw declare'")
        check_declaration(act.what.declaration, act.at)
        return Ceremony((act,), act.what.declaration)
    if act.at < ceremony.last_at:
        raise Refused(f"{instant_text(act.at)} is before what was done last; check the clock")
    return replace(_after(ceremony, act), acts=(*ceremony.acts, act))


def _after(ceremony: Ceremony, act: Act) -> Ceremony:  # noqa: C901, PLR0911 - one case per act
    match act.what:
        case Declare():
            raise Refused("this draw is declared; change it with a new declaration and a reason")
        case Redeclare(declaration):
            return _redeclared(ceremony, declaration, act.at)
        case Freeze(tickets, struck):
            return _frozen(ceremony, freeze(tickets, struck), act.at)
        case Correct(tickets, struck):
            return _corrected(ceremony, freeze(tickets, struck), act.at)
        case Throw(values):
            return _thrown(ceremony, values)
        case CorrectThrow(number, value):
            return _throw_corrected(ceremony, number, value)
        case TakeDrand(answers):
            return _drand_taken(ceremony, answers, act.at)
        case Run(secret):
            return _run(ceremony, secret)
        case Announce():
            return _announced(ceremony, act.at)
        case Decide(outcome, reason):
            return _decided(ceremony, outcome, reason, act.at)
        case Void(why, secret):
            return _voided(ceremony, why, secret)


def _voided(ceremony: Ceremony, why: VoidReason, secret: str | None) -> Ceremony:
    if ceremony.phase in {Phase.CLOSED, Phase.VOID}:
        raise Refused(f"the draw is {ceremony.phase}; nothing is left to call off")
    if secret is not None:
        check_secret(secret, ceremony.declaration.commitment)
    elif why is not VoidReason.SECRET_LOST and not ceremony.picks:
        raise Refused("a void draw reveals its morning secret; only with reason 'secret-lost' it does not")
    return replace(ceremony, void=why)


def _must_be(ceremony: Ceremony, *phases: Phase, what: str) -> None:
    if ceremony.phase not in phases:
        wanted = " or ".join(phases)
        raise Refused(f"{what}: the draw must be {wanted} for that, and it is {ceremony.phase}")


def _redeclared(ceremony: Ceremony, new: Declaration, at: datetime) -> Ceremony:
    _must_be(ceremony, Phase.DECLARED, what="another declaration")
    old = ceremony.declaration
    if (new.show, new.day, new.commitment, new.follows) != (old.show, old.day, old.commitment, old.follows):
        raise Refused("another declaration is of the same show, day and morning secret; this one is not")
    check_declaration(new, at)
    return replace(ceremony, declaration=new)


def _frozen(ceremony: Ceremony, new: FrozenList, at: datetime) -> Ceremony:
    _must_be(ceremony, Phase.DECLARED, what="the freeze")
    closes_at = ceremony.declaration.closes_at
    if at < closes_at:
        raise Refused(
            f"entries close at {instant_text(closes_at)}, it is {instant_text(at)}; freeze then, or declare"
            " another closing time first"
        )
    _before_drand(ceremony, at, "declare a later round first, with reason 'source'")
    return replace(ceremony, frozen=new)


def _corrected(ceremony: Ceremony, new: FrozenList, at: datetime) -> Ceremony:
    if ceremony.phase not in {Phase.DECLARED, Phase.FROZEN}:
        raise Refused(
            f"the list can be corrected only before its sources are known, and the draw is {ceremony.phase};"
            " go on with it, or call it void with reason 'list-wrong'"
        )
    _must_be(ceremony, Phase.FROZEN, what="a corrected list")
    _before_drand(ceremony, at, "go on with this list, or call the draw void with reason 'list-wrong'")
    return replace(ceremony, frozen=new)


def _before_drand(ceremony: Ceremony, at: datetime, advice: str) -> None:
    comes_at = ceremony.declaration.drand_comes_at
    if comes_at is not None and at >= comes_at:
        raise Refused(
            f"drand round {ceremony.declaration.drand_round} is known since {instant_text(comes_at)},"
            f" so the list can no longer change; {advice}"
        )


def _thrown(ceremony: Ceremony, values: tuple[int, ...]) -> Ceremony:
    _dice_wanted(ceremony, "a throw")
    check_throws(values)
    if not values or len(values) > ceremony.throws_missing:
        raise Refused(f"{len(values)} throws came, {ceremony.throws_missing} are still to be thrown")
    return replace(ceremony, throws=(*ceremony.throws, *values))


def _throw_corrected(ceremony: Ceremony, number: int, value: int) -> Ceremony:
    _dice_wanted(ceremony, "a corrected throw")
    check_throws([value])
    if not 1 <= number <= len(ceremony.throws):
        raise Refused(f"throw {number} is not entered; there are {len(ceremony.throws)}")
    throws = (*ceremony.throws[: number - 1], value, *ceremony.throws[number:])
    return replace(ceremony, throws=throws)


def _dice_wanted(ceremony: Ceremony, what: str) -> None:
    if ceremony.declaration.randomness is not Randomness.DICE:
        raise Refused(f"drand round {ceremony.declaration.drand_round} was declared, not dice")
    _must_be(ceremony, Phase.FROZEN, Phase.ENTERING, Phase.READY, what=what)
    _somebody_wanted(ceremony)


def _drand_taken(ceremony: Ceremony, answers: tuple[Beacon, ...], at: datetime) -> Ceremony:
    declared = ceremony.declaration
    if declared.drand_chain is None or declared.drand_round is None or declared.drand_comes_at is None:
        raise Refused(f"{declared.dice_at_least} throws of a die or more were declared, not drand")
    _must_be(ceremony, Phase.FROZEN, what="the drand value")
    _somebody_wanted(ceremony)
    if at < declared.drand_comes_at:
        raise Refused(
            f"drand round {declared.drand_round} comes at {instant_text(declared.drand_comes_at)}; wait"
        )
    agreed(answers, chain_named(declared.drand_chain), declared.drand_round)
    return replace(ceremony, answers=answers)


def _somebody_wanted(ceremony: Ceremony) -> None:
    if ceremony.frozen is not None and not ceremony.wanted:
        raise Refused("nobody is on the list; correct it, or call the draw void with reason 'nobody'")


def _run(ceremony: Ceremony, secret: str) -> Ceremony:
    _somebody_wanted(ceremony)
    _must_be(ceremony, Phase.READY, what="the ranking")
    value = check_secret(secret, ceremony.declaration.commitment)
    beacon = bytes.fromhex(ceremony.answers[0].randomness) if ceremony.answers else None
    sources = all_sources(value, ceremony.throws, beacon)
    assert ceremony.frozen is not None
    picks = ranking(len(ceremony.frozen.codes), ceremony.wanted, sources)
    return replace(ceremony, picks=picks, sources=sources)


def _announced(ceremony: Ceremony, at: datetime) -> Ceremony:
    _must_be(ceremony, Phase.DRAWN, what="the next rank")
    rank = len(ceremony.called) + 1
    return replace(ceremony, called=(*ceremony.called, Called(rank, ceremony.code(rank), at)))


def _decided(ceremony: Ceremony, outcome: Outcome, reason: Reason, at: datetime) -> Ceremony:
    _must_be(ceremony, Phase.ANNOUNCED, what="a decision")
    if reason not in REASONS[outcome]:
        choices = ", ".join(REASONS[outcome])
        raise Refused(f"'{reason}' is no reason for {outcome}; there are {choices}")
    deadline = ceremony.deadline
    assert deadline is not None
    if outcome is Outcome.UNREACHABLE and at < deadline:
        raise Refused(
            f"rank {ceremony.called[-1].rank} has until {instant_text(deadline)} to come forward; wait, or"
            " decide otherwise"
        )
    last = replace(ceremony.called[-1], outcome=outcome, reason=reason)
    return replace(ceremony, called=(*ceremony.called[:-1], last))
