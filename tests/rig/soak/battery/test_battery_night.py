"""Whole battery runs on the simulator: kept, resumed, judged and reported."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rig.clock import Uptime
from rig.compose import run_with_radio
from rig.report.html import render_html
from rig.report.json_report import as_document
from rig.report.junit import render_junit
from rig.report.run_report import report_of
from rig.report.text import render_text
from rig.soak.battery.ends import End
from rig.soak.night import Night, night_legs, run_night
from rig.soak.outcome import Outcome
from rig.soak.run_plan import load_run_plan, part_rows
from rig.soak.schedule import CarSet
from rig.store.database import open_database
from rig.store.queries import acts_of, find_run, stored_run
from rig.store.rows import CarRow
from rig.store.runs import RunSpec, begin_run, resume_run
from tests.rig.soak.battery.short_lives import PLAN, SHOCK, SKULL, world_files

HEAD = 'kind = "battery"\nname = "short"\n'


class StillClock:
    def utc_now(self):
        return datetime(2026, 11, 22, 22, 15, tzinfo=UTC)

    def uptime(self):
        return Uptime("boot", 500.0)


class PowerCut(BaseException):
    """Ends a run as abruptly as Python can."""


class Rig:
    """A database, a world with its bench, and what it takes to run nights on them."""

    def __init__(self, folder, **cells):
        self.path = folder / "pitboard.db"
        self.db = open_database(self.path)
        self.world = world_files(folder, **cells)
        plan = folder / "plan.toml"
        plan.write_text(HEAD + PLAN, encoding="utf-8")
        self.plan = load_run_plan(str(plan))

    def begin(self, *, cars=(SKULL, SHOCK), virtual=True):
        head = self.plan.head
        rows = part_rows(self.plan)
        spec = RunSpec(head.name, head.digest, head.text, "sim:short", None, 1, virtual=virtual, parts=rows)
        rows = [CarRow("A", car.identifier, car.label, None, None) for car in cars]
        journal, run_id = begin_run(self.db, self.path, spec=spec, cars=rows, on={}, clock=StillClock())
        legs = night_legs(self.plan.parts, [CarSet("A", tuple(cars))], 1)
        return self.night(legs, journal, virtual=virtual), run_id

    def night(self, legs, journal, *, virtual=True):
        return Night(legs=legs, journal=journal, db=self.db, database=self.path, virtual=virtual)

    def resume(self, night, run_id):
        journal, _, gap = resume_run(self.db, self.path, run_id, StillClock())
        return self.night(night.legs, journal, virtual=night.virtual), gap

    def on_simulator(self, main, leg):
        run_with_radio(f"sim:{self.world}", main, seed=leg.seed, uses_bench=leg.uses_bench)

    def cut(self, night, *, after_s):
        """Runs until the power fails, so many seconds into the leg."""

        def pull(main, leg):
            async def run(station):
                going = asyncio.ensure_future(main(station))
                await asyncio.wait({going}, timeout=after_s)
                going.cancel()
                await asyncio.wait({going})
                raise PowerCut

            run_with_radio(f"sim:{self.world}", run, seed=leg.seed, uses_bench=leg.uses_bench)

        with pytest.raises(PowerCut):
            run_night(night, pull, from_s=0.0)

    def stored(self, run_id):
        return stored_run(self.db, find_run(self.db, run_id))

    def report(self, run_id):
        stored = self.stored(run_id)
        return report_of(replace(stored, run=replace(stored.run, status="finished")))

    def document(self, run_id):
        document = as_document(self.report(run_id))
        for varying in ("wall_clock", "gaps"):
            document.pop(varying)
        return document


@pytest.fixture
def rig(tmp_path):
    rig = Rig(tmp_path)
    yield rig
    rig.db.close()


def test_lives_charges_and_readings_are_kept_and_acts_journaled(rig):
    night, run_id = rig.begin()
    run_night(night, rig.on_simulator, from_s=0.0)
    stored = rig.stored(run_id)
    assert {(row.identifier, row.life) for row in stored.lives} == {
        (car.identifier, life) for car in (SKULL, SHOCK) for life in (1, 2)
    }
    assert {row.end for row in stored.lives} == {"battery death"}
    assert {row.bay for row in stored.lives} == {"A1", "A2"}
    assert len(stored.charges) == 4
    assert {row.doing for row in stored.readings} == {"drive", "rest", "charge"}
    acts = acts_of(rig.db, night.journal.run)
    assert {act.state for act in acts} == {"ok"}
    names = [(act.subject_kind, act.act) for act in acts]
    assert names.count(("car", "live")) == 4
    assert names.count(("bay", "charger on")) == 4
    assert names[-1] == ("bench", "all off")


@pytest.mark.parametrize("after_s", [20.0, 90.0, 130.0, 200.0])
def test_a_run_cut_short_comes_out_as_if_it_had_never_been(rig, after_s):
    whole, whole_id = rig.begin()
    run_night(whole, rig.on_simulator, from_s=0.0)
    night, run_id = rig.begin()
    rig.cut(night, after_s=after_s)
    again, gap = rig.resume(night, run_id)
    run_night(again, rig.on_simulator, from_s=gap.until_s)
    assert rig.document(run_id) == rig.document(whole_id)
    assert rig.stored(run_id).readings == rig.stored(whole_id).readings
    assert len(rig.stored(run_id).gaps) == 1


def test_on_a_bench_the_life_that_a_cut_ended_is_censored_at_its_last_reading(rig):
    night, run_id = rig.begin(cars=(SKULL,), virtual=False)
    rig.cut(night, after_s=40.0)
    last = rig.stored(run_id).readings[-1]
    again, gap = rig.resume(night, run_id)
    run_night(again, rig.on_simulator, from_s=gap.until_s + 100.0)
    first, second = rig.stored(run_id).lives
    assert (first.life, first.end, first.ended_s) == (1, "cut", last.at_s)
    assert first.life_s == last.age_s
    assert (second.life, second.end) == (2, "battery death")
    (part,) = rig.report(run_id).parts
    assert [o.ended.value for o in part.cars[0].observations] == ["censored", "event"]


def test_healthy_cars_pass_and_every_report_can_be_made(rig):
    night, run_id = rig.begin()
    run_night(night, rig.on_simulator, from_s=0.0)
    report = rig.report(run_id)
    assert report.outcome is Outcome.PASS
    assert report.headline == "All 2 cars last and charge within their limits."
    names = {metric.name for metric in report.metrics}
    assert names == {"battery.life_s", "battery.charge_s", "battery.charge_mah", "battery.speed_held"}
    assert "battery death" in str(as_document(report))
    assert "Skull A1" in render_text(report)
    assert "P50 life" in render_html(report)
    assert 'failures="0"' in render_junit(report)
    part = report.parts[0]
    assert part.sets[0].curve.events == 4
    assert all(len(trace.points) > 5 for car in part.cars for trace in (*car.voltages, *car.charging))


def test_a_car_with_a_faded_cell_fails_and_is_named(tmp_path):
    rig = Rig(tmp_path, weak={"health": 0.4, "charge_minutes": 0.6})
    night, run_id = rig.begin()
    run_night(night, rig.on_simulator, from_s=0.0)
    report = rig.report(run_id)
    rig.db.close()
    weak, fit = report.parts[0].cars
    assert (report.outcome, weak.verdict.outcome, fit.verdict.outcome) == (
        Outcome.FAIL,
        Outcome.FAIL,
        Outcome.PASS,
    )
    assert "Not fit to race: Skull A1" in report.headline
    assert "P50 life ≥ 0.5 min does not hold" in weak.verdict.reasons[0]
    assert "the battery has faded" in weak.diagnosis
    assert weak.lives.ends == {End.BATTERY: 2}


def test_the_builtin_plan_is_one():
    plan = load_run_plan("battery")
    assert plan.size == "2 lives a car"
