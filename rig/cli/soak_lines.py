"""A soak told in plain lines on stderr, where no terminal is: a part begins, goes on, ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from itertools import accumulate

import click

from rig.clock import process_time_s
from rig.report.text_words import span_text
from rig.soak.kind import Progress
from rig.soak.kinds import kind_named
from rig.soak.night import NightLeg
from rig.soak.outcome import Outcome

EVERY_S = 600.0
"""Of real time: how long a part that goes on is silent."""


def tell(line: str) -> None:
    """Prints a line on stderr. A log that cannot be written (its disk is full, its reader gone) ends no night."""
    with contextlib.suppress(OSError):
        click.echo(line, err=True)


class PlainLines:
    """Tells of the parts of `legs`. `judge` gives the verdict on a part (by its number) as it is by now, `now_s` real
    time in seconds."""

    def __init__(
        self,
        legs: tuple[NightLeg, ...],
        judge: Callable[[int], Outcome],
        *,
        say: Callable[[str], None] = tell,
        now_s: Callable[[], float] = process_time_s,
    ) -> None:
        self._parts = {leg.part.number: [each for each in legs if each.part == leg.part] for leg in legs}
        self._judge = judge
        self._say = say
        self._now_s = now_s
        self._leg: NightLeg | None = None
        self._before = 0
        self._done = 0
        self._began_s = self._at_s = 0.0
        self._began_real_s = self._told_real_s = now_s()

    def begun(self, leg: NightLeg, at_s: float) -> None:
        """A leg begins at this run second."""
        legs = self._parts[leg.part.number]
        is_news = self._leg is None or self._leg.part != leg.part
        sums = accumulate((each.leg.units for each in legs), initial=0)
        self._before = dict(zip([each.number for each in legs], sums, strict=False))[leg.number]
        self._leg, self._done, self._at_s = leg, self._before, at_s
        if is_news:
            self._began_s, self._began_real_s = at_s, self._now_s()
            size = kind_named(leg.part.plan.head.kind).size(leg.part.plan)
            self._tell(f"begins, {size}" if not self._before else f"goes on, {self._count}")

    def progress(self, progress: Progress) -> None:
        """A unit more is done."""
        self._done, self._at_s = self._before + progress.done, progress.at_s
        self.beat()

    def beat(self) -> None:
        """Real time has passed: tells how far the part is, when that was long ago."""
        if self._leg is not None and self._now_s() - self._told_real_s >= EVERY_S:
            verdict = self._judge(self._leg.part.number)
            self._tell(f"{self._count}, {verdict} so far; {self._times}")

    def ended(self, leg: NightLeg, at_s: float) -> None:
        """A leg is through at this run second."""
        self._at_s = at_s
        if leg == self._parts[leg.part.number][-1]:
            self._tell(f"{self._judge(leg.part.number)}, {self._count}; {self._times}")

    def remark(self, words: str) -> None:
        """Something that whoever watches should know at once."""
        self._say(words)

    @property
    def _count(self) -> str:
        assert self._leg is not None
        return f"{self._done} of {sum(each.leg.units for each in self._parts[self._leg.part.number])} done"

    @property
    def _times(self) -> str:
        real = span_text(self._now_s() - self._began_real_s)
        return f"{span_text(self._at_s - self._began_s)} of run time, {real} by the clock"

    def _tell(self, words: str) -> None:
        assert self._leg is not None
        part = self._leg.part
        where = f"part {part.number} of {max(self._parts)}, " if len(self._parts) > 1 else ""
        self._told_real_s = self._now_s()
        self._say(f"{where}{part.title}: {words}")
