"""From a player's phone to a wish. The latest word wins; silence stands. Pure."""

from __future__ import annotations

from typing import NamedTuple

from booth.race.wish import SLOWEST_MM_S, STAND, WIDEST_LANE_MM, Wish, safe, within

DEAD_SHARE = 0.04
"""A throttle below this is a thumb at rest."""


class Wheel(NamedTuple):
    """What a phone last said. `number` rises with each word; `heard_s` is when anything was heard, None: never."""

    number: int = -1
    throttle: float = 0.0
    lane: float = 0.0
    heard_s: float | None = None


def steered(
    wheel: Wheel, at_s: float, *, number: int, throttle: float, lane: float, heartbeat_s: float
) -> Wheel:
    """The wheel after a word of the phone. An older word than the last is ignored; a page that was loaded anew counts
    from the beginning again, which shows by the silence before it. Numbers that are none are let go of: 0."""
    heard = wheel._replace(heard_s=at_s)
    was_silent = not is_heard(wheel, at_s, heartbeat_s)
    if number <= wheel.number and not was_silent:
        return heard
    return heard._replace(
        number=number, throttle=within(throttle, 0.0, 1.0, 0.0), lane=within(lane, -1.0, 1.0, 0.0)
    )


def beaten(wheel: Wheel, at_s: float) -> Wheel:
    """The wheel after a heartbeat."""
    return wheel._replace(heard_s=at_s)


def is_heard(wheel: Wheel, now_s: float, heartbeat_s: float) -> bool:
    """Whether the phone was heard of in the last `heartbeat_s` seconds."""
    return wheel.heard_s is not None and now_s - wheel.heard_s <= heartbeat_s


def wish_of_wheel(wheel: Wheel, now_s: float, *, cap_mm_s: int, heartbeat_s: float) -> Wish:
    """What the player wants: full throttle is the cap, the lane from edge to edge. A silent phone stands, on its lane.

    How fast a car changes its speed is limited by the car itself, by the wish's acceleration.
    """
    lane_mm = wheel.lane * WIDEST_LANE_MM
    if wheel.throttle < DEAD_SHARE or not is_heard(wheel, now_s, heartbeat_s):
        return STAND._replace(lane_mm=lane_mm)
    least = min(SLOWEST_MM_S, cap_mm_s)
    return safe(Wish(round(least + wheel.throttle * (cap_mm_s - least)), lane_mm), cap_mm_s)
