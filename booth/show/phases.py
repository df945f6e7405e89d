"""What the show goes through, as one table: from which phase which cause leads where. The phases are the stages that
visitors see, but for the draw, which is shown over any phase in which nobody races. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from booth.show.view import Stage


class Cause(StrEnum):
    """Why a phase ends."""

    OPENED = "visitors are let in"
    LINED_UP = "a race is lined up"
    COUNTED_IN = "every car is on the grid, or time is up"
    GREEN = "green"
    FINISHED = "there is a result"
    STOPPED = "the race was stopped"
    SHOWN = "the result was shown"
    SWAP_DUE = "the sets are to change over"
    SWAPPED = "the race is set up with a set"
    STUCK = "no race can be run"
    MENDED = "races can be run again"
    CLOSED = "the show closes"


PHASES: Mapping[tuple[Stage, Cause], Stage] = MappingProxyType(
    {
        (Stage.CLOSED, Cause.OPENED): Stage.ATTRACT,
        (Stage.ATTRACT, Cause.LINED_UP): Stage.LINE_UP,
        (Stage.ATTRACT, Cause.SWAP_DUE): Stage.PIT_STOP,
        (Stage.ATTRACT, Cause.STUCK): Stage.FAULT,
        (Stage.ATTRACT, Cause.CLOSED): Stage.CLOSED,
        (Stage.LINE_UP, Cause.COUNTED_IN): Stage.COUNTDOWN,
        (Stage.LINE_UP, Cause.STOPPED): Stage.ATTRACT,
        (Stage.COUNTDOWN, Cause.GREEN): Stage.RACE,
        (Stage.COUNTDOWN, Cause.STOPPED): Stage.ATTRACT,
        (Stage.RACE, Cause.FINISHED): Stage.RESULT,
        (Stage.RACE, Cause.STOPPED): Stage.ATTRACT,
        (Stage.RESULT, Cause.SHOWN): Stage.ATTRACT,
        (Stage.RESULT, Cause.SWAP_DUE): Stage.PIT_STOP,
        (Stage.RESULT, Cause.CLOSED): Stage.CLOSED,
        (Stage.PIT_STOP, Cause.SWAPPED): Stage.ATTRACT,
        (Stage.PIT_STOP, Cause.STUCK): Stage.FAULT,
        (Stage.PIT_STOP, Cause.CLOSED): Stage.CLOSED,
        (Stage.FAULT, Cause.MENDED): Stage.ATTRACT,
        (Stage.FAULT, Cause.CLOSED): Stage.CLOSED,
    }
)
"""Closing while a race is lined up or on waits for its end."""

RACING = frozenset({Stage.LINE_UP, Stage.COUNTDOWN, Stage.RACE})
"""The phases in which cars may be driven."""
