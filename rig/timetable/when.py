"""A time of day on some days of the week. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rig.errors import InputError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class When:
    """`hour` 0 to 23 and `minute` 0 to 59 by the machine's local clock; `days` are indices into DAYS, rising."""

    hour: int
    minute: int
    days: tuple[int, ...] = tuple(range(7))

    @property
    def calendar(self) -> str:
        """As systemd's OnCalendar wants it, e.g. `Mon,Tue *-*-* 22:00:00` (man systemd.time)."""
        names = "" if len(self.days) == 7 else ",".join(DAYS[day].title() for day in self.days) + " "
        return f"{names}*-*-* {self.hour:02}:{self.minute:02}:00"

    @property
    def cron_fields(self) -> str:
        """The first five fields of a crontab line, e.g. `0 22 * * 1,2` (man 5 crontab; Sunday is 0)."""
        days = (
            "*" if len(self.days) == 7 else ",".join(str(n) for n in sorted((d + 1) % 7 for d in self.days))
        )
        return f"{self.minute} {self.hour} * * {days}"


def parse_when(at: str, days: str = "") -> When:
    """`at` as HH:MM; `days` as names and ranges, e.g. `mon-thu,sat`; empty means every day. A range may go over Sunday.

    Raises:
        InputError: it is neither.
    """
    found = _TIME.fullmatch(at.strip())
    if found is None or not (int(found[1]) < 24 and int(found[2]) < 60):
        raise InputError(f"'{at}' is no time of day; write HH:MM, e.g. 22:00")
    picked: set[int] = set()
    for part in days.lower().split(",") if days.strip() else ():
        first, dash, last = (word.strip() for word in part.partition("-"))
        ends = [first, last] if dash else [first]
        if not all(len(word) >= 3 and _day(word) is not None for word in ends):
            raise InputError(f"'{part.strip()}' is no day; write {', '.join(DAYS)} or a range as mon-fri")
        start, stop = _day(ends[0]), _day(ends[-1])
        assert start is not None
        assert stop is not None
        picked.update((start + n) % 7 for n in range((stop - start) % 7 + 1))
    return When(int(found[1]), int(found[2]), tuple(sorted(picked)) or tuple(range(7)))


_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _day(word: str) -> int | None:
    return next((index for index, name in enumerate(_FULL) if len(word) >= 3 and name.startswith(word)), None)
