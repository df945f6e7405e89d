"""AI drivers of graded skill. Pure: what they do follows from seed, race, seat, grade and where the car is."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from booth.race.battle import along_mm, may_shoot, target_of
from booth.race.state import Race
from booth.race.wish import Wish, safe

LANES_MM = (-45.0, -15.0, 15.0, 45.0)
_STRETCHES = 3
"""Into how many stretches a lap is divided; on each a driver makes up its mind anew."""
_TOO_NEAR_MM = 320.0
_SAME_LANE_MM = 25.0
_WORST_SHARE = 0.62
"""Of the cap: how fast a driver without skill drives on the straight; with full skill it drives 0.97."""
_BEST_SHARE = 0.97


class Driver(NamedTuple):
    """An AI driver: `grade` of skill 0 to 1; the same `seed`, `race` and `seat` drive the same."""

    seed: int
    race: int
    seat: int
    grade: float


class Motion(NamedTuple):
    """Where its car is: laps done and the share of the next, whether on a curve, and the gap to the next car ahead
    with that car's lane (None: nobody near, or unknown)."""

    laps: int = 0
    share: float = 0.0
    is_curve: bool = False
    ahead_mm: float | None = None
    ahead_lane_mm: float | None = None


def wish_of(driver: Driver, motion: Motion, cap_mm_s: int) -> Wish:
    """What the driver wants now.

    A better driver is faster on average, wavers less from lap to lap, brakes less for curves and gives way to a car
    ahead by changing lanes rather than by waiting behind it.
    """
    grade = min(max(0.0, driver.grade), 1.0)
    stretch = min(int(motion.share * _STRETCHES), _STRETCHES - 1)
    wavers = 0.10 - 0.07 * grade
    share = _WORST_SHARE + (_BEST_SHARE - _WORST_SHARE) * grade
    share *= 1.0 + wavers * (2.0 * _drawn(driver, "pace", motion.laps, stretch) - 1.0)
    if motion.is_curve:
        share *= 0.84 + 0.12 * grade
    lane_mm = LANES_MM[int(_drawn(driver, "lane", motion.laps, stretch) * len(LANES_MM))]
    near = motion.ahead_mm is not None and motion.ahead_mm < _TOO_NEAR_MM
    if near and motion.ahead_lane_mm is not None and abs(motion.ahead_lane_mm - lane_mm) < _SAME_LANE_MM:
        if _drawn(driver, "overtakes", motion.laps, stretch) < 0.35 + 0.6 * grade:
            lane_mm = lane_mm - 60.0 if lane_mm > 0 else lane_mm + 60.0
        else:
            share *= 0.75
    return safe(Wish(round(cap_mm_s * min(share, 1.0)), lane_mm), cap_mm_s)


def fires(driver: Driver, race: Race, now_s: float) -> bool:
    """Whether the driver shoots now, asked at every tick: its gun is loaded, somebody is in range, and it has noticed.
    A better one notices sooner."""
    racer = race.of_seat(driver.seat)
    if racer is None or not may_shoot(race, racer, now_s) or target_of(race, racer, now_s) is None:
        return False
    return _drawn(driver, "notices", int(now_s * 2.0)) < 0.2 + 0.6 * driver.grade


def motion_of(race: Race, seat: int, now_s: float, *, is_curve: bool = False) -> Motion:
    """Where a seat's car is, for its driver."""
    racer = race.of_seat(seat)
    mine_mm = None if racer is None else along_mm(race, racer, now_s)
    if racer is None or racer.spot is None or mine_mm is None:
        return Motion(laps=0 if racer is None else len(racer.laps))
    gaps = [
        ((at_mm - mine_mm) % racer.spot.lap_mm, other.spot.lane_mm)
        for other in race.racers
        if other.seat != seat and other.spot is not None
        if (at_mm := along_mm(race, other, now_s)) is not None
    ]
    ahead_mm, lane_mm = min(gaps, default=(None, None))
    return Motion(len(racer.laps), racer.spot.share, is_curve, ahead_mm, lane_mm)


def _drawn(driver: Driver, *key: object) -> float:
    """A number from 0 to 1 that depends on the driver and the key alone, the same on every machine."""
    text = "/".join(str(part) for part in (driver.seed, driver.race, driver.seat, *key))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48
