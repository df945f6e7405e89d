"""What must never happen, as folds over a history of timed facts.

A history says what was physically so, whoever wrote it down: the live machine as it goes, or a journal read
back afterwards. Nothing here knows the interlock, so a fault in the interlock shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class What(StrEnum):
    """The kinds of facts a history is made of; a fact's `on` says whether it begins or ends."""

    POWER = "power"
    """Of a car; None: not known."""
    CHARGER = "charger"
    """Of a car; None: not confirmed, and so possibly on."""
    CONNECTED = "connected"
    """Of a car: fresh data came, or the link is gone."""
    DRIVEN = "driven"
    """Of a car: it was told to drive."""
    RACING = "racing"
    """Of a set."""
    SET_UP = "set up"
    """Of a set: all of its cars are connected with fresh data, or it has been given up."""
    RACE_DUE = "race due"
    """Of the stand: somebody waits for a race."""
    SWAP = "swap"
    """Of the stand: a swap begins or ends, whatever became of it."""
    OUT = "out"
    """Of a car: it takes no further part, until it is let in again."""
    FORGOTTEN = "forgotten"
    """Of the stand: whoever watched was away, and nothing holds of what was written before."""


@dataclass(frozen=True, slots=True)
class TimedFact:
    """One line of a history. `subject` is a car's identifier, a set's name, or empty for the stand."""

    at_s: float
    what: What
    subject: int | str = ""
    on: bool | None = True


@dataclass(frozen=True, slots=True)
class Stand:
    """What a history has said so far. `sets` maps each car to its set."""

    sets: Mapping[int, str]
    power: Mapping[int, bool | None] = field(default_factory=dict)
    charger: Mapping[int, bool | None] = field(default_factory=dict)
    racing: str | None = None
    set_up: str | None = None
    due: bool = False
    swap_s: float | None = None
    out: frozenset[int] = frozenset()
    late: bool = False
    """The swap under way has been reported as too long."""


@dataclass(frozen=True, slots=True)
class Breach:
    """An invariant that was broken, when, and by which cars."""

    invariant: str
    at_s: float
    words: str
    cars: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the time budget of a swap is, in seconds."""

    budget_s: float


Check = Callable[[Stand, TimedFact, Bounds], "tuple[bool, Breach | None]"]
"""Whether the fact was one to check, given what stood before it, and what it broke."""


def _no_charger_in_race(stand: Stand, fact: TimedFact, _: Bounds) -> tuple[bool, Breach | None]:
    name = NO_CHARGER_IN_RACE
    if fact.what is What.CHARGER and fact.on is not False:
        assert isinstance(fact.subject, int)
        racer = fact.subject not in stand.out and stand.sets[fact.subject] == stand.racing
        if stand.racing is not None and racer:
            return True, Breach(name, fact.at_s, "its charger came on in its race", (fact.subject,))
        return True, None
    if fact.what is What.RACING and fact.on:
        fed = tuple(car for car in _cars(stand, fact.subject) if stand.charger.get(car, False) is not False)
        return True, Breach(name, fact.at_s, "its race began with its charger on", fed) if fed else None
    return False, None


def _not_both_off(stand: Stand, fact: TimedFact, _: Bounds) -> tuple[bool, Breach | None]:
    due = stand.due and fact.what is What.POWER and fact.on is False
    begins = fact.what is What.RACE_DUE and bool(fact.on)
    if not (due or begins):
        return False, None
    off = {car for car, on in stand.power.items() if on is False}
    if due:
        assert isinstance(fact.subject, int)
        off.add(fact.subject)
    racers = set(stand.sets) - stand.out
    if racers and off >= racers:
        return True, Breach(NOT_BOTH_OFF, fact.at_s, "a race is due and every car of both sets is off")
    return True, None


def _resting_not_driven(stand: Stand, fact: TimedFact, _: Bounds) -> tuple[bool, Breach | None]:
    if fact.what is not What.DRIVEN:
        return False, None
    assert isinstance(fact.subject, int)
    if stand.racing == stand.sets[fact.subject]:
        return True, None
    return True, Breach(
        RESTING_NOT_DRIVEN, fact.at_s, "it was driven while its set was not racing", (fact.subject,)
    )


def _charged_after_set_up(stand: Stand, fact: TimedFact, _: Bounds) -> tuple[bool, Breach | None]:
    if fact.what is not What.CHARGER or fact.on is False:
        return False, None
    assert isinstance(fact.subject, int)
    up = stand.racing or stand.set_up
    if up is not None and up != stand.sets[fact.subject]:
        return True, None
    return True, Breach(
        CHARGED_AFTER_SET_UP,
        fact.at_s,
        "its charger came on before a race was set up with the other set",
        (fact.subject,),
    )


def _in_time(stand: Stand, fact: TimedFact, bounds: Bounds) -> tuple[bool, Breach | None]:
    if stand.swap_s is None or fact.what is What.FORGOTTEN:
        return False, None
    took_s = fact.at_s - stand.swap_s
    if took_s <= bounds.budget_s + 1e-6:
        return fact.what is What.SWAP, None
    if stand.late:
        return False, None
    return True, Breach(
        IN_TIME, fact.at_s, f"a swap has taken {took_s:.1f} s, more than {bounds.budget_s:g} s"
    )


def _cars(stand: Stand, set_name: int | str) -> list[int]:
    return [car for car, name in stand.sets.items() if name == set_name and car not in stand.out]


NO_CHARGER_IN_RACE = "no charger is on while its set races"
NOT_BOTH_OFF = "never both sets off while a race is due"
RESTING_NOT_DRIVEN = "a resting car is never driven"
IN_TIME = "a swap ends within its time budget"
CHARGED_AFTER_SET_UP = "a set charges only after a race is set up with the other"

INVARIANTS: dict[str, Check] = {
    NO_CHARGER_IN_RACE: _no_charger_in_race,
    NOT_BOTH_OFF: _not_both_off,
    RESTING_NOT_DRIVEN: _resting_not_driven,
    IN_TIME: _in_time,
    CHARGED_AFTER_SET_UP: _charged_after_set_up,
}


@dataclass(frozen=True, slots=True)
class Findings:
    """What checking a history came to: how often each invariant was checked, and each breach."""

    checked: Mapping[str, int]
    breaches: tuple[Breach, ...] = ()


@dataclass(frozen=True, slots=True)
class Witness:
    """A history under observation: `stand` is what holds now."""

    stand: Stand
    bounds: Bounds
    findings: Findings = field(default_factory=lambda: Findings(dict.fromkeys(INVARIANTS, 0)))


def witness_of(sets: Mapping[int, str], budget_s: float) -> Witness:
    """A witness who has seen nothing yet. `sets` maps each car to its set."""
    return Witness(Stand(dict(sets)), Bounds(budget_s))


def observe(witness: Witness, fact: TimedFact) -> tuple[Witness, tuple[Breach, ...]]:
    """Takes one more fact in; returns what it broke."""
    checked: dict[str, int] | None = None
    breaches: list[Breach] = []
    for name, check in INVARIANTS.items():
        was_checked, breach = check(witness.stand, fact, witness.bounds)
        if was_checked:
            checked = dict(witness.findings.checked) if checked is None else checked
            checked[name] += 1
        if breach is not None:
            breaches.append(breach)
    findings = witness.findings
    if checked is not None:
        findings = Findings(checked, (*findings.breaches, *breaches))
    late = any(breach.invariant == IN_TIME for breach in breaches)
    stand = _after(witness.stand, fact)
    if late and stand.swap_s is not None:
        stand = replace(stand, late=True)
    return Witness(stand, witness.bounds, findings), tuple(breaches)


def check_history(sets: Mapping[int, str], budget_s: float, history: Iterable[TimedFact]) -> Findings:
    """Checks a whole history, in the order given."""
    witness = witness_of(sets, budget_s)
    for fact in history:
        witness, _ = observe(witness, fact)
    return witness.findings


def _after(stand: Stand, fact: TimedFact) -> Stand:
    subject, on = fact.subject, fact.on
    changes: dict[str, Any] = {}
    match fact.what:
        case What.POWER:
            changes = {"power": {**stand.power, subject: on}}
        case What.CONNECTED if on:
            changes = {"power": {**stand.power, subject: True}}
        case What.CHARGER:
            changes = {"charger": {**stand.charger, subject: on}}
        case What.RACING:
            changes = {"racing": subject if on else None}
        case What.SET_UP:
            changes = {"set_up": subject if on else None}
        case What.RACE_DUE:
            changes = {"due": bool(on)}
        case What.SWAP:
            changes = {"swap_s": fact.at_s if on else None, "late": False}
        case What.OUT:
            changes = {"out": stand.out | {subject} if on else stand.out - {subject}}
        case What.FORGOTTEN:
            return Stand(stand.sets, out=stand.out)
    return replace(stand, **changes) if changes else stand
