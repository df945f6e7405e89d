"""How long it will be. Pure."""

from __future__ import annotations

from statistics import median

from booth.seats.state import Seats


def waits_s(seats: Seats, now_s: float, usual_cycle_s: float) -> dict[str, float]:
    """Seconds until the race of everybody who is called or waits, by player, if all come. A cycle, green to green, is
    the median of the last ones, or `usual_cycle_s` while none is known."""
    cycle_s = median(seats.cycles_s) if seats.cycles_s else usual_cycle_s
    next_s = 0.0
    if seats.is_on and seats.began_s is not None:
        next_s = max(0.0, cycle_s - (now_s - seats.began_s))
    a_race = max(1, len(seats.open_seats) or seats.play.seats)
    in_order = (*(one.player for one in seats.called), *seats.queue)
    return {player: next_s + n // a_race * cycle_s for n, player in enumerate(in_order)}


def called_s(seats: Seats, now_s: float) -> dict[str, float]:
    """The players called up, and how many seconds they have left to come; of one whose phone is heard all of them."""
    left = {}
    for one in seats.called:
        last_s = one.called_s if one.heard_s is None else max(one.called_s, one.heard_s)
        left[one.player] = max(0.0, seats.play.call_up_s - (now_s - last_s))
    return left
