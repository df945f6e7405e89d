"""A swap that a cut ended, read back from the journal."""

from __future__ import annotations

import pytest

from rig.soak.swap.cut import cut_swaps
from rig.store.rows import ActRow, GapRow

SETS = ("A", "B")
GAP = GapRow(50.0, 110.0, "", "", 1)


def act(at_s, name, subject="", unit=None, detail="", *, kind="stand"):
    return ActRow(int(at_s), kind, subject, unit, at_s, name, detail, "ok", at_s, None, leg=3)


def racing(at_s, name, unit):
    return act(at_s, "seen: racing", name, unit, "on", kind="set")


def swap(at_s, unit, detail="on"):
    return act(at_s, "seen: swap", "", unit, detail)


def found(*acts, gaps=(GAP,), finished=()):
    return cut_swaps(acts, gaps, SETS, finished)


def test_a_swap_under_way_lasts_until_its_gap_begins_and_says_what_cut_it():
    (row,) = found(racing(10.0, "B", 4), swap(30.0, 4), act(45.0, "press power", "A1", 4))
    assert (row.leg, row.key, row.from_set, row.to_set) == (3, (4,), "B", "A")
    assert (row.outcome, row.began_s, row.ended_s) == ("cut", 30.0, 50.0)
    assert (
        row.error == "cut by a kill, a power cut or the like after at least 20.0 s, gone on with 60.0 s later"
    )
    assert (row.ready_s, row.charge_s, row.taken_out, row.responses, row.faults) == (
        None, None, "[]", "[]", "[]",
    )  # fmt: skip


def test_a_run_that_was_stopped_has_let_go_of_everything():
    (row,) = found(racing(10.0, "A", 1), swap(30.0, 1), act(48.0, "all off", "bench"))
    assert row.error.startswith("cut by a stop of the run after")


@pytest.mark.parametrize(
    "acts",
    [
        (),
        (act(5.0, "seen: race due", "", 2, "on"), racing(10.0, "A", 2)),
        (racing(10.0, "A", 1), swap(30.0, 1), swap(40.0, 1, "off")),
    ],
    ids=["nothing", "the race before it", "finished"],
)
def test_what_was_not_begun_or_is_finished_was_not_cut(acts):
    assert found(*acts, finished={1}) == []


def test_a_swap_whose_end_was_seen_and_not_kept_was_cut_all_the_same():
    (row,) = found(racing(10.0, "A", 1), swap(30.0, 1), swap(40.0, 1, "off"))
    assert (row.swap, row.ended_s) == (1, 50.0)


def test_each_swap_is_cut_by_the_gap_that_follows_it():
    before = GapRow(20.0, 25.0, "", "", 0)
    acts = (racing(10.0, "A", 1), racing(27.0, "A", 1), swap(30.0, 1))
    (row,) = found(*acts, gaps=(before, GAP, GapRow(400.0, 500.0, "", "", 0)))
    assert row.ended_s == 50.0
