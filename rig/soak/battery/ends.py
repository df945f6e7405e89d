"""How a battery life can end, and what each end means to the statistics. Pure.

Only a death of the battery is an event of the figure "life". What the rig cut short (limit, bench, power cut) is
censored: the life lasted at least so long. What the car did instead of dying (radio loss, stall, off track, taken
off) competes with it: told apart, never lumped together with either.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What an end is to survival statistics."""

    EVENT = "event"
    CENSORED = "censored"
    COMPETING = "competing"


class End(StrEnum):
    """How a life ended.

    BATTERY: the cell could no longer feed the car. RADIO_LOSS: the link went and did not come back although the
    battery had charge left. STALL: the car was told to drive, answered, and did not move. OFF_TRACK: it lost the
    road and did not find it again. TAKEN_OFF: somebody lifted it, or it stood on a live charger. LIMIT: the plan's
    limit was reached. CUT: the run was cut short under it. VOID: the bench failed. NOT_STARTED: the car could not
    be brought up, so that there was no life at all.
    """

    BATTERY = "battery death"
    RADIO_LOSS = "radio loss"
    STALL = "stall"
    OFF_TRACK = "off track"
    TAKEN_OFF = "taken off"
    LIMIT = "limit reached"
    CUT = "cut"
    VOID = "bench void"
    NOT_STARTED = "not started"

    @property
    def meaning(self) -> Meaning:
        """What it is to the figure "life"."""
        if self is End.BATTERY:
            return Meaning.EVENT
        return Meaning.COMPETING if self in COMPETING else Meaning.CENSORED


COMPETING = frozenset({End.RADIO_LOSS, End.STALL, End.OFF_TRACK, End.TAKEN_OFF})
"""Ends that are the car's (or a hand's) doing, without the battery."""


class ChargeEnd(StrEnum):
    """How a charge ended: by the car's own full flag, by the current falling away, by the plan's limit (then it
    would have taken at least so long), or by the bench."""

    FULL = "full flag"
    CURRENT = "current fell"
    LIMIT = "limit reached"
    VOID = "bench void"


@dataclass(frozen=True, slots=True)
class Silence:
    """What is known of a car whose link went and did not come back in time.

    `low` is the car's own flag, from its link or its last advert; `last_mv` the last voltage it told; `heard`
    whether any advert of it came since the loss; `others_heard` whether the radio heard, or held, any other car
    meanwhile, and `others_expected` whether it ever did; `can_charge` whether a charger can wake it.
    """

    low: bool
    last_mv: int | None
    dying_mv: float
    heard: bool
    others_heard: bool
    others_expected: bool
    can_charge: bool
    bench_fault: bool = False

    @property
    def dying(self) -> bool:
        """Whether its battery was about to give out."""
        return self.low or (self.last_mv is not None and self.last_mv <= self.dying_mv)


def end_of_silence(silence: Silence) -> End | None:
    """Why a car fell silent; None when only its charger can tell."""
    if silence.bench_fault:
        return End.VOID
    if (
        silence.heard
    ):  # on the air, but no link: a cell that still boots and cannot carry a link is flat as well
        return End.BATTERY if silence.low else End.RADIO_LOSS
    if silence.dying:  # the last of a set to die is not heard by anybody's ears either
        return End.BATTERY
    return None if silence.can_charge else _not_heard(silence)


def end_told_by_charger(silence: Silence, *, woke: bool, low: bool) -> End:
    """Why a car had fallen silent, now that its charger is on: one that wakes up with the low flag was flat."""
    if woke:
        return End.BATTERY if low else End.RADIO_LOSS
    return _not_heard(silence)


def _not_heard(silence: Silence) -> End:
    """A radio that hears nobody proves nothing about one car."""
    deaf = silence.others_expected and not silence.others_heard
    return End.VOID if deaf else End.RADIO_LOSS
