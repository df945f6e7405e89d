"""Swaps as a user's run has them: stored, cut and taken up again, reported."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

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
    def utc_now(self):
        return datetime(2026, 11, 22, 22, 15, tzinfo=UTC)

    def uptime(self):
        return Uptime("boot", 500.0)


class Home:
    def __init__(self, path):
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
            virtual=True,
            parts=part_rows(self.plan),
        )
        rows = [CarRow(s.name, car.identifier, car.label, None, None) for s in SETS for car in s.cars]
        journal, run_id = begin_run(self.db, self.path, spec=spec, cars=rows, on={}, clock=StillClock())
        return self.night(journal, **more), run_id

    def night(self, journal, **more):
        legs = night_legs(self.plan.parts, SETS, 5)
        return Night(legs=legs, journal=journal, db=self.db, database=self.path, virtual=True, **more)

    def as_it_is(self, path):
        """The home that a kill at this instant leaves: what is on disk by now."""
        with contextlib.closing(sqlite3.connect(path)) as other:
            self.db.conn.backup(other)
        left = copy.copy(self)
        left.path, left.db = path, None
        return left

    def go_on(self, run_id):
        """Takes the run up again, to its end."""
        journal, _, gap = resume_run(self.db, self.path, run_id, StillClock())
        run_night(self.night(journal), on_simulator, from_s=gap.until_s)

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


def test_a_kill_in_the_middle_of_an_act_changes_no_figure(home, whole, tmp_path, monkeypatch):
    """The act comes again at its own instant, and is not one more for the invariants to check."""
    write, left = RunJournal.intend, {}

    def intend(journal, at_s, act, **more):
        number = write(journal, at_s, act, **more)
        if act in {"connect", "drive", "charger on"} and act not in left:
            left[act] = home.as_it_is(tmp_path / f"{act}.db")
        return number

    monkeypatch.setattr(RunJournal, "intend", intend)
    night, run_id = home.begin()
    run_night(night, on_simulator, from_s=0.0)
    monkeypatch.undo()
    for act, killed in left.items():
        killed.db = open_database(killed.path)
        assert [row.act for row in acts_of(killed.db, night.journal.run) if row.state == "intended"] == [act]
        killed.go_on(run_id)
        assert document(killed.report(run_id)) == document(home.report(whole[1]))
        assert journaled(killed.db, night.journal.run) == journaled(home.db, whole[0])
        killed.db.close()
    assert len(left) == 3


def test_a_stop_in_the_middle_of_an_act_changes_no_figure(home, whole, monkeypatch):
    write, legs, stopped = RunJournal.intend, [], []

    def intend(journal, at_s, name, **more):
        number = write(journal, at_s, name, **more)
        if name == "charger on" and not stopped:
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
    cancelled = [row for row in acts_of(home.db, night.journal.run) if row.error == "CancelledError"]
    assert {row.act for row in cancelled} == {"charger on"}
    home.go_on(run_id)
    assert document(home.report(run_id)) == document(home.report(whole[1]))
    assert journaled(home.db, whole[0]) - journaled(home.db, night.journal.run) == Counter()


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
