"""Uptime as a visitor would define it: whether one who comes now could start a race within one cycle. A swap that was
planned, and takes no longer than swaps do, counts apart."""

from __future__ import annotations

from booth.show import records
from booth.show.state import Show
from booth.show.troubles import why_no_races
from booth.show.turn import Turn
from booth.show.view import Stage
from rig.rotation.knowledge import Phase

PLANNED_S = 300.0
"""A swap that keeps visitors waiting for longer is no planned one any more."""
CYCLE_S = 60.0
"""So long between two races nobody minds; also how long a race may stand."""


def playable(show: Show) -> tuple[bool, bool, str]:
    """Whether a visitor could start a race within one cycle; if not, whether that was planned; and why."""
    now_s = show.now_s
    if not show.is_open:
        found = (False, True, "closed")
    elif "hold" in show.pauses:
        found = (now_s - show.pauses["hold"] < CYCLE_S, False, "the crew holds every car")
    elif show.pauses:
        found = (now_s - min(show.pauses.values()) < CYCLE_S, False, "the race stands")
    elif show.stage is Stage.FAULT:
        found = (False, False, show.troubles.why_stuck)
    elif show.stage is Stage.PIT_STOP:
        began_s = show.stage_s if show.floor.pit_s is None else show.floor.pit_s
        found = (False, now_s - began_s < PLANNED_S, "the sets change over")
    elif show.book.draw is not None:
        found = (False, True, "the draw is on the stage")
    elif show.stage is Stage.ATTRACT:
        is_up = show.floor.rotation.phase is Phase.SET_UP
        why = why_no_races(show) or "no race is set up"
        found = (is_up or now_s - show.stage_s < CYCLE_S, False, why)
    else:
        found = (True, False, "")
    return found


def count(turn: Turn) -> None:
    """At every tick: the day's seconds, and a record when it changes."""
    show, book = turn.show, turn.show.book
    is_playable, is_planned, why = playable(show)
    since_s = turn.now_s - book.counted_s
    if 0.0 < since_s < 60.0 and show.is_open:
        turn.book(
            open_s=book.open_s + since_s,
            playable_s=book.playable_s + (since_s if is_playable else 0.0),
            planned_s=book.planned_s + (since_s if is_planned and not is_playable else 0.0),
        )
    turn.book(counted_s=turn.now_s)
    now = (is_playable, is_planned and not is_playable)
    if now != book.playable:
        turn.book(playable=now)
        turn.write(records.PlayableChanged(is_playable, "" if is_playable else why, now[1]))
