"""Races for tests, and the words to tell them."""

from __future__ import annotations

from dataclasses import replace

from booth.pack.model import Mode, ModeKind, ModeState
from booth.race.engine import line_up, step
from booth.race.events import Green, Lapped, Moved, Ticked
from booth.show.records import Entry

LAP_MM = 3000.0
WORDS = {"en": "Words"}
RACE = Mode("race", ModeKind.RACE, ModeState.DEFAULT, WORDS, WORDS, laps=3, limit_s=60.0)
TRIAL = replace(RACE, name="trial", kind=ModeKind.TIME_TRIAL)
BATTLE = replace(RACE, name="battle", kind=ModeKind.BATTLE, energy=2, hit=1, range_mm=600.0)
MODES = {mode.name: mode for mode in (RACE, TRIAL, BATTLE)}


def entries(seats=3):
    """Seat 1 is driven by a player, with car 11; the others by an AI."""
    return tuple(
        Entry(seat, 10 + seat, "p1" if seat == 1 else None, None if seat == 1 else 0.5)
        for seat in range(1, seats + 1)
    )


class Told:
    """A race and everything it had to say."""

    def __init__(self, mode=RACE, seats=3, **options):
        self.race, self.said = line_up(7, mode, "A", entries(seats), **options)

    def tell(self, *happenings):
        """What these events gave to write down."""
        said = ()
        for event in happenings:
            self.race, more = step(self.race, event)
            said += more
        self.said += said
        return said

    def green(self, at_s=0.0):
        self.tell(Green(at_s))
        return self

    def crossings(self, seat, *at_s):
        """The seat's car crosses the line at these times; the first starts its clock."""
        said = ()
        for n, (before_s, now_s) in enumerate(zip((None, *at_s), at_s, strict=False)):
            time_s = None if before_s is None else now_s - before_s
            said += self.tell(Lapped(now_s, 10 + seat, now_s, time_s, is_first=n == 0))
        return said

    def at(self, seat, along_mm, at_s, speed_mm_s=0):
        return self.tell(Moved(at_s, 10 + seat, along_mm, LAP_MM, speed_mm_s))

    def tick(self, at_s):
        return self.tell(Ticked(at_s))

    def racer(self, seat):
        return self.race.of_seat(seat)

    @property
    def order(self):
        """The seats of the result, from first to last."""
        return [standing.seat for standing in self.race.result.standings]
