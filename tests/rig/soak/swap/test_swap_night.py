"""Swaps as a user's run has them: stored, cut and taken up again, reported."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rig.clock import Uptime
from rig.compose import run_with_radio
from rig.errors import InputError
from rig.report.html import render_html
from rig.report.json_report import as_document
from rig.report.run_report import report_of
from rig.report.text import render_text
from rig.soak.abilities import Abilities, refuse_unmet
from rig.soak.kinds import kind_named, parse_plan
from rig.soak.night import Night, night_legs, run_night
from rig.soak.outcome import Outcome
from rig.soak.run_plan import load_run_plan, part_rows
from rig.soak.swap.kind import SwapKind
from rig.soak.swap.steps import SwapOutcome
from rig.store.database import open_database
from rig.store.journal import RunJournal
from rig.store.queries import acts_of, find_run, stored_run
from rig.store.rows import CarRow
from rig.store.runs import RunSpec, begin_run, resume_run
from tests.rig.soak.swap.on_bench import SETS

PLAN = """
kind = "swap"
name = "short"
swaps = 3
race_s = 15.0
[nemesis]
stuck_button = 0.4
wrong_line_up = 0.4
[[limit]]
figure = "success"
at_least = 0.1
[[limit]]
figure = "total"
quantile = 0.5
at_most_s = 60.0
[[limit]]
figure = "faults_met"
at_least = 0.1
"""


class PowerCut(Exception):  # noqa: N818 - named for what happened
    pass


class StillClock:
    def __init__(self, later_s=0.0):
        self.later_s = later_s

    def utc_now(self):
        return datetime(2026, 11, 22, 22, 15, tzinfo=UTC) + timedelta(seconds=self.later_s)

    def uptime(self):
        return Uptime("boot", 500.0 + self.later_s)


class Home:
    def __init__(self, path, *, virtual=True):
        self.virtual = virtual
        self.path = path / "pitboard.db"
        self.db = open_database(self.path)
        plan_path = path / "short.toml"
        plan_path.write_text(PLAN)
        self.plan = load_run_plan(str(plan_path))

    def begin(self, **more):
        head = self.plan.head
        spec = RunSpec(
            head.name,
            head.digest,
            head.text,
            "sim:two-sets",
            None,
            5,
            virtual=self.virtual,
            parts=part_rows(self.plan),
        )
        rows = [CarRow(s.name, car.identifier, car.label, None, None) for s in SETS for car in s.cars]
        journal, run_id = begin_run(self.db, self.path, spec=spec, cars=rows, on={}, clock=StillClock())
        return self.night(journal, **more), run_id

    def night(self, journal, **more):
        legs = night_legs(self.plan.parts, SETS, 5)
        return Night(legs=legs, journal=journal, db=self.db, database=self.path, virtual=self.virtual, **more)

    def as_it_is(self, path):
        """The home that a kill at this instant leaves: what is on disk by now."""
        with contextlib.closing(sqlite3.connect(path)) as other:
            self.db.conn.backup(other)
        left = copy.copy(self)
        left.path, left.db = path, None
        return left

    @contextlib.contextmanager
    def opened(self):
        """Has its database open, and closes it."""
        self.db = self.db or open_database(self.path)
        try:
            yield
        finally:
            self.db.close()

    def go_on(self, run_id, *, after_s=0.0):
        """Takes the run up again after so long, to its end; the gap."""
        journal, _, gap = resume_run(self.db, self.path, run_id, StillClock(after_s))
        run_night(self.night(journal), on_simulator, from_s=gap.until_s)
        return gap

    def report(self, run_id):
        stored = stored_run(self.db, find_run(self.db, run_id))
        return report_of(replace(stored, run=replace(stored.run, status="finished")))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home"))
    yield home
    home.db.close()


@pytest.fixture(scope="module")
def whole(home):
    """(run number, id) of one whole run that nobody disturbed; the tests only read it."""
    night, run_id = home.begin()
    run_night(night, on_simulator, from_s=0.0)
    return night.journal.run, run_id


@pytest.fixture
def stored(home, whole):
    found = stored_run(home.db, find_run(home.db, whole[1]))
    return replace(found, run=replace(found.run, status="finished"))


def on_simulator(main, leg):
    run_with_radio("sim:two-sets", main, seed=leg.seed, uses_bench=leg.uses_bench)


def document(report):
    found = as_document(report)
    for varying in ("wall_clock", "gaps"):
        found.pop(varying)
    return found


def test_a_run_that_was_cut_goes_on_as_if_it_had_never_been_and_its_journal_is_as_sound(home, whole):
    whole_number, whole_id = whole
    seen = []

    def cut(progress):
        seen.append(progress.what)
        if len(seen) == 2:
            raise PowerCut

    night, run_id = home.begin(on_progress=cut)
    with pytest.raises(PowerCut):
        run_night(night, on_simulator, from_s=0.0)
    assert [row.swap for row in stored_run(home.db, find_run(home.db, run_id)).swaps] == [1, 2]
    home.go_on(run_id)
    assert document(home.report(run_id)) == document(home.report(whole_id))
    ours, theirs = (journaled(home.db, number) for number in (night.journal.run, whole_number))
    assert theirs - ours == Counter()
    assert {act for _, _, _, act, *_ in ours - theirs} <= {"disconnect", "all off"}
    (part,) = home.report(run_id).parts
    assert all(not figures.breaches for figures in part.invariants)


@pytest.mark.parametrize("is_written", [False, True], ids=["before it is written", "once it is written"])
def test_a_cut_at_a_fact_that_is_seen_leaves_it_whole_or_not_at_all(home, whole, monkeypatch, is_written):
    """A fact takes no time: there is no half of it that the invariants, checked over the journal, could miss."""
    write, seen = RunJournal.observed, []

    def cut(journal, at_s, act, **more):
        seen.append(act)
        last = act == "seen: swap" and seen.count(act) == 3  # the second swap begins
        if is_written or not last:
            write(journal, at_s, act, **more)
        if last:
            raise PowerCut

    monkeypatch.setattr(RunJournal, "observed", cut)
    night, run_id = home.begin()
    with pytest.raises(PowerCut):
        run_night(night, on_simulator, from_s=0.0)
    monkeypatch.undo()
    assert {act.state for act in acts_of(home.db, night.journal.run) if act.act.startswith("seen")} == {"ok"}
    home.go_on(run_id)
    ours, theirs = (home.report(one).parts[0] for one in (run_id, whole[1]))
    assert [figures.checked for figures in ours.invariants] == [
        figures.checked for figures in theirs.invariants
    ]
    assert document(home.report(run_id)) == document(home.report(whole[1]))


def killed_at(home, monkeypatch, folder, name_of):
    """A whole run, and the homes that kills leave on the way: one for each name that `name_of` an act first has."""
    write, left = RunJournal.intend, {}

    def intend(journal, at_s, act, *, unit=None, **more):
        number = write(journal, at_s, act, unit=unit, **more)
        name = name_of(act, unit)
        if name is not None and name not in left:
            left[name] = home.as_it_is(folder / f"{name}.db")
        return number

    monkeypatch.setattr(RunJournal, "intend", intend)
    night, run_id = home.begin()
    run_night(night, on_simulator, from_s=0.0)
    monkeypatch.undo()
    return night.journal.run, run_id, left


def stopped_at(home, monkeypatch, act, unit):
    """A run that somebody stops in the middle of this act."""
    write, legs, stopped = RunJournal.intend, [], []

    def intend(journal, at_s, name, **more):
        number = write(journal, at_s, name, **more)
        if (name, more["unit"]) == (act, unit) and not stopped:
            stopped.append(asyncio.get_running_loop().call_soon(legs[0].cancel))
        return number

    def on_watched_simulator(main, leg):
        async def watched(station):
            legs.append(asyncio.current_task())
            await main(station)

        on_simulator(watched, leg)

    monkeypatch.setattr(RunJournal, "intend", intend)
    night, run_id = home.begin()
    with pytest.raises(asyncio.CancelledError):
        run_night(night, on_watched_simulator, from_s=0.0)
    monkeypatch.undo()
    return night.journal.run, run_id


def test_a_kill_in_the_middle_of_an_act_changes_no_figure(home, whole, tmp_path, monkeypatch):
    """The act comes again at its own instant, and is not one more for the invariants to check."""
    wanted = {"connect", "drive", "charger on"}
    run, run_id, left = killed_at(home, monkeypatch, tmp_path, lambda act, _: act if act in wanted else None)
    assert left.keys() == wanted
    for act, killed in left.items():
        with killed.opened():
            assert [row.act for row in acts_of(killed.db, run) if row.state == "intended"] == [act]
            killed.go_on(run_id)
            assert document(killed.report(run_id)) == document(home.report(whole[1]))
            assert journaled(killed.db, run) == journaled(home.db, whole[0])


def test_a_stop_in_the_middle_of_an_act_changes_no_figure(home, whole, monkeypatch):
    run, run_id = stopped_at(home, monkeypatch, "charger on", 1)
    cancelled = [row for row in acts_of(home.db, run) if row.error == "CancelledError"]
    assert {row.act for row in cancelled} == {"charger on"}
    home.go_on(run_id)
    assert document(home.report(run_id)) == document(home.report(whole[1]))
    assert journaled(home.db, whole[0]) - journaled(home.db, run) == Counter()


def test_on_a_bench_a_swap_that_a_kill_cut_is_a_row_and_the_race_before_it_is_run_again(
    tmp_path, monkeypatch
):
    home = Home(tmp_path, virtual=False)
    moments = {("press power", 2): "in a swap", ("drive", 1): "in a race"}
    with home.opened():
        _, run_id, left = killed_at(home, monkeypatch, tmp_path, lambda *what: moments.get(what))
    swap, race = left["in a swap"], left["in a race"]
    with race.opened():
        race.go_on(run_id, after_s=60.0)
        (part,) = race.report(run_id).parts
        assert [row.swap for row in part.rows] == [1, 2, 3]
        assert part.outcomes[SwapOutcome.CUT] == 0
    with swap.opened():
        gap = swap.go_on(run_id, after_s=60.0)
        report = swap.report(run_id)
    (part,) = report.parts
    cut = part.rows[1]
    assert [(row.swap, row.outcome == "cut") for row in part.rows] == [(1, False), (2, True), (3, False)]
    assert (cut.from_set, cut.to_set, cut.ended_s) == (part.rows[0].to_set, part.rows[0].from_set, gap.from_s)
    assert part.rows[0].ended_s < cut.began_s < cut.ended_s
    assert part.rows[2].began_s > gap.until_s == gap.from_s + 60.0
    assert (part.done, part.planned) == (3, 3)
    assert not any(figures.breaches for figures in part.invariants)
    (exclusion,) = [each for each in part.exclusions if "cut by" in each.reason]
    assert exclusion.unit == 2
    assert exclusion.reason.startswith("no time, not counted: cut by a kill, a power cut or the like after")
    assert exclusion.reason.endswith("gone on with 60.0 s later")
    found = as_document(report)["parts"][0]
    assert found["swap_outcomes"]["cut"] == 1
    assert (found["samples"][1]["outcome"], found["samples"][1]["error"]) == ("cut", cut.error)
    assert found["total"]["n"] <= 2
    assert "cut by a kill" in render_html(report)


def test_on_a_bench_a_swap_that_was_stopped_is_cut_too(tmp_path, monkeypatch):
    home = Home(tmp_path, virtual=False)
    with home.opened():
        _, run_id = stopped_at(home, monkeypatch, "charger off", 2)
        home.go_on(run_id, after_s=60.0)
        (part,) = home.report(run_id).parts
    assert [row.swap for row in part.rows] == [1, 2, 3]
    assert part.rows[1].error.startswith("cut by a stop of the run after")


def journaled(db, run):
    return Counter(
        (row.at_s, row.subject, row.unit, row.act, row.detail, row.state, row.done_s)
        for row in acts_of(db, run)
    )


def test_every_report_says_the_same_of_the_swaps(stored):
    report = report_of(stored)
    (part,) = report.parts
    assert part.outcome in {Outcome.PASS, Outcome.INCONCLUSIVE}  # three swaps prove little
    assert (part.done, part.planned) == (3, 3)
    assert [figures.checked > 0 for figures in part.invariants] == [True] * 5
    found = as_document(report)["parts"][0]
    assert [swap["swap"] for swap in found["samples"]] == [1, 2, 3]
    for swap in found["samples"]:
        spent_s = sum(took_s for took_s in swap["steps_s"].values() if took_s is not None)
        assert spent_s == pytest.approx(swap["ended_s"] - swap["began_s"], abs=1e-3)
    assert sum(fault["struck"] for fault in found["faults"]) == sum(
        fault["at_s"] is not None for swap in found["samples"] for fault in swap["faults"]
    )
    json.dumps(found)
    names = {metric.name for metric in report.metrics}
    assert names <= {"swap.total_s", "swap.success"}
    for text in (render_text(report), render_html(report)):
        assert "never both sets off while a race is due" in text
        assert "off, confirmed" in text


def test_a_set_that_is_too_slow_and_a_fault_that_was_not_answered_fail_the_part(stored):
    slow = PLAN.replace("at_most_s = 60.0", "at_most_s = 1.0")
    many = tuple(replace(row, swap=n, faults="[]") for n in range(1, 41) for row in stored.swaps[:1])
    parts = (replace(stored.parts[0], plan_text=slow),)
    report = report_of(replace(stored, swaps=many, parts=parts))
    assert report.outcome is Outcome.FAIL
    assert "over the limit of 1 s" in str(report.parts[0].reasons)
    missed = '[["stuck_button","off",143714011,1.0,90.0,false]]'
    report = report_of(replace(stored, swaps=tuple(replace(row, faults=missed) for row in many)))
    assert "the swap handling" in str(report.parts[0].reasons)
    assert report.outcome is Outcome.FAIL


def test_a_broken_invariant_in_the_journal_fails_the_part_and_says_where(stored):
    drive = next(act for act in stored.swap_acts if act.act == "drive")
    bad = replace(drive, subject=f"{SETS[1].cars[0].identifier:08x}")
    acts = tuple(bad if act is drive else act for act in stored.swap_acts)
    report = report_of(replace(stored, swap_acts=acts))
    assert report.outcome is Outcome.FAIL
    assert "'a resting car is never driven' was broken at" in str(report.parts[0].reasons)


def test_what_a_plan_needs_is_asked_for_before_anything_runs():
    kind = kind_named("swap")
    plan = parse_plan(PLAN.replace("wrong_line_up", "adapter_lost"), source="short.toml")
    with pytest.raises(
        InputError, match="wants the fault 'adapter_lost', which only a simulated radio can make"
    ):
        refuse_unmet("short", kind.needs(plan), Abilities(simulated=False), SETS[0].cars)
    with pytest.raises(InputError, match="wants swaps, which needs a charger"):
        refuse_unmet("short", kind.needs(plan), Abilities(simulated=True), SETS[0].cars)
    with pytest.raises(InputError, match="swaps two sets of cars, and there is 1; name two with --set"):
        SwapKind().legs(plan, SETS[:1], 1)
