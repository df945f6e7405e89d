"""The table of phases: every phase is reached and left, every stage but the draw is one, and the page is current."""

from __future__ import annotations

from pathlib import Path

from booth.show.diagram import show_page
from booth.show.phases import PHASES, RACING, Cause
from booth.show.view import Stage


def test_every_stage_but_the_draw_is_a_phase_that_is_reached_and_left():
    phases = set(Stage) - {Stage.DRAW}
    assert {here for here, _ in PHASES} == phases
    assert set(PHASES.values()) == phases
    assert {cause for _, cause in PHASES} == set(Cause)


def test_from_every_phase_there_is_a_way_to_a_race_and_a_way_to_close():
    for start in set(PHASES.values()):
        reached, todo = set(), [start]
        while todo:
            here = todo.pop()
            reached.add(here)
            todo += [there for (of, _), there in PHASES.items() if of is here and there not in reached]
        assert {Stage.RACE, Stage.CLOSED} <= reached


def test_a_race_is_never_closed_or_swapped_away():
    for stage in RACING:
        assert {cause for of, cause in PHASES if of is stage} <= {
            Cause.COUNTED_IN,
            Cause.GREEN,
            Cause.FINISHED,
            Cause.STOPPED,
        }


def test_the_page_is_current():
    page = Path(__file__).parents[3] / "docs/booth-show.md"
    assert page.read_text(encoding="utf-8") == show_page()
