"""Whole runs on the simulator, in virtual time, with few cycles."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rig.clock import Uptime
from rig.compose import run_with_radio
from rig.errors import BenchError
from rig.radio.errors import AdapterGone, AdapterOff, ConnectTimedOut, HostFault
from rig.radio.milestones import LossReason
from rig.radio.radio import Radio
from rig.report.json_report import as_document
from rig.report.run_report import report_of
from rig.soak.night import Night, night_legs, run_night
from rig.soak.reconnect.car_runner import CarRunner
from rig.soak.reconnect.plan import Loss
from rig.soak.run_plan import load_run_plan, part_rows
from rig.soak.schedule import CarSet, SoakCar
from rig.store.database import open_database
from rig.store.queries import acts_of, find_run, stored_run, units_of
from rig.store.rows import CarRow, CycleRow, LeftAloneRow
from rig.store.runs import RunSpec, begin_run, resume_run

SKULL, SHOCK = SoakCar(0x0880EADB, "Skull A1"), SoakCar(0x0A41C37E, "Ground Shock A2")
GHOST = SoakCar(0xDEADBEEF, "Ghost")
PLAN = """
kind = "reconnect"
name = "short"
cycles_per_car = {cycles}
losses = ["vanish", "disconnect"]
at_once = {at_once}
give_up_after = 2
[timing]
arm_timeout_s = 5.0
[[limit]]
figure = "reconnect"
quantile = 0.5
at_most_s = 6.0
"""


class StillClock:
    def utc_now(self):
        return datetime(2026, 11, 22, 22, 15, tzinfo=UTC)

    def uptime(self):
        return Uptime("boot", 500.0)


class Bench:
    """A database and what it takes to run nights on the simulator."""

    def __init__(self, path):
        self.path = path
        self.db = open_database(path)

    def begin(self, *, cars=(SKULL, SHOCK), cycles=3, at_once=1, seed=1):
        path = self.path.with_name("short.toml")
        path.write_text(PLAN.format(cycles=cycles, at_once=at_once))
        return self.begin_plan(load_run_plan(str(path)), cars, seed)

    def begin_plan(self, plan, cars=(SKULL, SHOCK), seed=1):
        head = plan.head
        spec = RunSpec(
            head.name,
            head.digest,
            head.text,
            "sim:two-sets",
            None,
            seed,
            virtual=True,
            parts=part_rows(plan),
        )
        rows = [CarRow("A", car.identifier, car.label, None, None) for car in cars]
        journal, run_id = begin_run(self.db, self.path, spec=spec, cars=rows, on={}, clock=StillClock())
        legs = night_legs(plan.parts, [CarSet("A", tuple(cars))], seed)
        return self.night(legs, journal), run_id

    def night(self, legs, journal, **more):
        return Night(legs=legs, journal=journal, db=self.db, database=self.path, virtual=True, **more)

    def resume(self, night, run_id):
        journal, _, gap = resume_run(self.db, self.path, run_id, StillClock())
        return self.night(night.legs, journal), gap

    def stored(self, run_id):
        return stored_run(self.db, find_run(self.db, run_id))

    def document(self, run_id):
        stored = self.stored(run_id)
        document = as_document(report_of(replace(stored, run=replace(stored.run, status="finished"))))
        for varying in ("wall_clock", "gaps"):
            document.pop(varying)
        return document


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path / "pitboard.db")
    yield bench
    bench.db.close()


def on_simulator(main, leg):
    run_with_radio("sim:two-sets", main, seed=leg.seed)


def test_every_cycle_is_measured_and_every_act_journaled(bench):
    night, run_id = bench.begin()
    run_night(night, on_simulator, from_s=0.0)
    stored = bench.stored(run_id)
    assert [(row.identifier, row.cycle) for row in stored.cycles] == [
        (car.identifier, n) for n in (1, 2, 3) for car in (SKULL, SHOCK)
    ]
    assert {row.outcome for row in stored.cycles} == {"ok"}
    assert stored.legs[0].ended_s > stored.cycles[-1].ended_s
    acts = acts_of(bench.db, night.journal.run)
    assert {act.state for act in acts} == {"ok"}
    assert [act.act for act in acts].count("break link") == 6
    assert [act.act for act in acts].count("connect") == 8
    assert [act.act for act in acts][-2:] == ["disconnect", "disconnect"]


def test_a_silent_loss_is_noticed_by_the_supervision_timeout_and_a_disconnect_at_once(bench):
    night, run_id = bench.begin(cycles=2)
    run_night(night, on_simulator, from_s=0.0)
    for row in bench.stored(run_id).cycles:
        noticed_s = row.noticed_s - row.loss_s
        assert (1.5 < noticed_s < 3.0) if row.loss == Loss.VANISH else (noticed_s < 0.5)


def test_firmware_and_model_are_learned_from_the_air(bench):
    night, run_id = bench.begin(cycles=1)
    run_night(night, on_simulator, from_s=0.0)
    assert bench.stored(run_id).cars[0].firmware == 0x2774


def test_the_same_seed_gives_the_same_run_and_another_gives_another(bench):
    documents = []
    for seed in (5, 5, 6):
        night, run_id = bench.begin(seed=seed)
        run_night(night, on_simulator, from_s=0.0)
        documents.append(bench.document(run_id))
    assert documents[0] == documents[1] != documents[2]


def test_cars_may_lose_their_links_together(bench):
    night, run_id = bench.begin(at_once=2)
    run_night(night, on_simulator, from_s=0.0)
    rows = bench.stored(run_id).cycles
    assert len(rows) == 6
    by_cycle = {n: [row.loss_s for row in rows if row.cycle == n] for n in (1, 2, 3)}
    assert all(max(losses) - min(losses) < 0.1 for losses in by_cycle.values())


def test_a_car_that_never_answers_is_left_alone_and_the_others_go_on(bench):
    night, run_id = bench.begin(cars=(SKULL, GHOST), cycles=4)
    run_night(night, on_simulator, from_s=0.0)
    stored = bench.stored(run_id)
    outcomes = [row.outcome for row in stored.cycles if row.identifier == GHOST.identifier]
    assert outcomes == ["not ready"] * 2
    assert stored.left_alone[0].given_up == "could not be connected 2 times in a row (never seen)"
    assert [row.outcome for row in stored.cycles if row.identifier == SKULL.identifier] == ["ok"] * 4


class PowerCut(BaseException):
    """Ends a run as abruptly as Python can."""


@pytest.mark.parametrize("after", [1, 2, 4, 5])
def test_a_run_cut_short_goes_on_as_if_it_had_never_been(bench, after):
    whole, whole_id = bench.begin()
    run_night(whole, on_simulator, from_s=0.0)
    night, run_id = bench.begin()

    def cut(progress):
        if progress.done == after:
            raise PowerCut

    with pytest.raises(PowerCut):
        run_night(replace(night, on_progress=cut), on_simulator, from_s=0.0)
    assert len(bench.stored(run_id).cycles) == after
    again, gap = bench.resume(night, run_id)
    run_night(again, on_simulator, from_s=gap.until_s)
    assert bench.document(run_id) == bench.document(whole_id)
    assert len(bench.stored(run_id).gaps) == 1


def test_on_a_bench_cycles_on_record_are_not_run_again(bench):
    night, run_id = bench.begin()
    real = replace(night, virtual=False)

    def cut(progress):
        if progress.done == 3:
            raise PowerCut

    with pytest.raises(PowerCut):
        run_night(replace(real, on_progress=cut), on_simulator, from_s=0.0)
    before = bench.stored(run_id).cycles
    again, gap = bench.resume(night, run_id)
    run_night(replace(again, virtual=False), on_simulator, from_s=gap.until_s + 100.0)
    after = bench.stored(run_id).cycles
    assert after[:3] == before
    assert len(after) == 6
    assert after[3].began_s > before[-1].ended_s + 90.0


def test_a_replay_that_does_not_come_out_as_on_record_is_refused(bench):
    night, run_id = bench.begin()

    def cut(progress):
        if progress.done == 2:
            raise PowerCut

    with pytest.raises(PowerCut):
        run_night(replace(night, on_progress=cut), on_simulator, from_s=0.0)
    bench.db.execute("UPDATE cycles SET seen_s = seen_s + 1")
    bench.db.conn.commit()
    again, gap = bench.resume(night, run_id)
    with pytest.raises(BenchError, match="Skull A1: cycle 1 does not come out as on record"):
        run_night(again, on_simulator, from_s=gap.until_s)


def test_finished_legs_are_not_run_again(bench):
    night, run_id = bench.begin(cycles=1)
    run_night(night, on_simulator, from_s=0.0)
    again, gap = bench.resume(night, run_id)
    run_night(again, lambda *_: pytest.fail("the leg ran again"), from_s=gap.until_s)


def test_a_broken_adapter_voids_cycles_and_ends_a_night_that_can_be_resumed(bench, monkeypatch):
    connect = Radio.connect
    left = [4]

    async def until_unplugged(self, sighting, **more):
        left[0] -= 1
        if left[0] < 0:
            raise AdapterGone("sim0", "unplugged")
        return await connect(self, sighting, **more)

    # the radio itself, not a third party: what breaks below it is the air's own test
    monkeypatch.setattr(Radio, "connect", until_unplugged)
    night, run_id = bench.begin(cycles=5)
    night = replace(night, virtual=False)  # a replay would meet the same fault again
    with pytest.raises(AdapterGone, match="plug it in again"):
        run_night(night, on_simulator, from_s=0.0)
    stored = bench.stored(run_id)
    assert [row.outcome for row in stored.cycles] == ["ok", "ok", "void", "void", "void", "void"]
    assert (
        "the bench failed 2 times in a row (sim0: the Bluetooth adapter went away"
        in stored.left_alone[0].bench_error
    )
    left[0] = 1000  # somebody has plugged it in again
    again, gap = bench.resume(night, run_id)
    run_night(replace(again, virtual=False), on_simulator, from_s=gap.until_s)
    stored = bench.stored(run_id)
    assert [row.outcome for row in stored.cycles] == ["ok"] * 2 + ["void"] * 4 + ["ok"] * 4
    assert not stored.left_alone


def test_a_bench_that_failed_is_mended_before_the_next_cycle(bench):
    """Somebody switches the adapter off in the middle of a night: one cycle is void, then all is well again."""

    def on_simulator_switched_off(main, leg):
        async def run(station):
            station.world.after(11.0, lambda: station.world.inject("adapter_off"))
            await main(station)

        run_with_radio("sim:two-sets", run, seed=leg.seed)

    documents = []
    for _ in range(2):
        night, run_id = bench.begin(cars=(SKULL,), cycles=6)
        run_night(night, on_simulator_switched_off, from_s=0.0)
        outcomes = [row.outcome for row in bench.stored(run_id).cycles]
        assert outcomes.count("void") == 1
        assert set(outcomes) <= {"ok", "flaky", "void"}
        acts = [act for act in acts_of(bench.db, night.journal.run) if act.act.startswith("recovery: ")]
        assert [(act.act, act.detail, act.state, act.error) for act in acts] == [
            ("recovery: back off", "AdapterOff", "fail", "AdapterOff"),
            ("recovery: back off", "AdapterOff", "fail", "AdapterOff"),
            ("recovery: power-cycle adapter", "AdapterOff", "ok", None),
        ]
        documents.append(bench.document(run_id))
    assert documents[0] == documents[1]


def test_a_bench_beyond_help_is_climbed_for_once(bench):
    def on_simulator_unplugged(main, leg):
        async def run(station):
            station.world.after(11.0, lambda: station.world.inject("unplug"))
            await main(station)

        run_with_radio("sim:two-sets", run, seed=leg.seed)

    night, run_id = bench.begin(cycles=6)
    with pytest.raises(HostFault):
        run_night(night, on_simulator_unplugged, from_s=0.0)
    stored = bench.stored(run_id)
    assert [left.bench_error[:33] for left in stored.left_alone] == ["the bench failed 2 times in a row"] * 2
    acts = [act.act for act in acts_of(bench.db, night.journal.run) if act.act.startswith("recovery: ")]
    assert acts == ["recovery: back off"] * 7


def test_a_bench_that_never_worked_is_not_waited_for(bench):
    def on_dead_simulator(main, leg):
        async def run(station):
            station.world.inject("adapter_off")
            await main(station)

        run_with_radio("sim:two-sets", run, seed=leg.seed)

    night, run_id = bench.begin(cycles=6)
    with pytest.raises(HostFault):
        run_night(night, on_dead_simulator, from_s=0.0)
    assert {row.outcome for row in bench.stored(run_id).cycles} == {"void"}
    assert not [act for act in acts_of(bench.db, night.journal.run) if act.act.startswith("recovery: ")]


def test_a_full_disk_stops_the_run_safely_and_keeps_what_was_finished(bench):
    night, run_id = bench.begin(cycles=200)
    pages = bench.db.execute("PRAGMA page_count").fetchone()[0]
    bench.db.execute(f"PRAGMA max_page_count={pages + 3}")
    with pytest.raises(BenchError, match="the disk is full"):
        run_night(night, on_simulator, from_s=0.0)
    bench.db.execute("PRAGMA max_page_count=1000000")
    kept = len(units_of(bench.db, night.journal.run, CycleRow))
    assert kept > 2
    assert len(bench.stored(run_id).cycles) == kept


def test_telemetry_holds_the_frames(bench):
    night, run_id = bench.begin(cycles=2)
    run_night(replace(night, telemetry=True), on_simulator, from_s=0.0)
    sums = bench.stored(run_id).telemetry
    assert [each.identifier for each in sums] == [SKULL.identifier, SHOCK.identifier]
    assert all(each.frames > 2 for each in sums)


@pytest.mark.parametrize("trouble", ["raises", "unconfirmed"])
def test_a_car_that_cannot_be_stopped_is_named_and_does_not_keep_the_others_connected(
    bench, monkeypatch, trouble
):
    stop, left, stopped = CarRunner.stop, [], []

    async def troubled(self):
        stopped.append(self.car.label)
        confirmed = await stop(self)
        if self.car.identifier != SKULL.identifier:
            return confirmed
        if trouble == "raises":
            raise AdapterGone("sim0", "unplugged")
        return False

    monkeypatch.setattr(CarRunner, "stop", troubled)
    night, _ = bench.begin(cycles=1)
    night = replace(night, on_left=lambda car: left.append(car.label))
    with pytest.raises(AdapterGone) if trouble == "raises" else nullcontext():
        run_night(night, on_simulator, from_s=0.0)
    assert (stopped, left) == (["Skull A1", "Ground Shock A2"], ["Skull A1"])


def test_a_disk_that_is_full_leaves_no_car_connected(bench, monkeypatch):
    links = []
    connect = Radio.connect

    async def remembered(self, sighting, **more):
        links.append(await connect(self, sighting, **more))
        return links[-1]

    monkeypatch.setattr(Radio, "connect", remembered)
    night, _ = bench.begin(cycles=200)
    open_after = []

    def on_simulator_until_full(main, leg):
        async def run(station):
            try:
                await main(station)
            finally:
                open_after.extend(link for link in links if link.is_open)

        run_with_radio("sim:two-sets", run, seed=leg.seed)

    pages = bench.db.execute("PRAGMA page_count").fetchone()[0]
    bench.db.execute(f"PRAGMA max_page_count={pages + 3}")
    with pytest.raises(BenchError, match="the disk is full"):
        run_night(night, on_simulator_until_full, from_s=0.0)
    assert len(links) > 2
    assert open_after == []


def test_after_a_resume_on_a_bench_a_car_that_was_left_alone_gets_another_chance(bench):
    night, run_id = bench.begin()
    night.journal.begin_leg(1, "A", 0.0, kind="reconnect")
    night.journal.leave_alone(LeftAloneRow(1, SKULL.identifier, given_up="could not be connected"))
    assert bench.stored(run_id).left_alone
    bench.resume(night, run_id)
    assert bench.stored(run_id).left_alone == ()


def test_what_a_broken_bench_says_has_no_advice_for_the_command_line(bench, monkeypatch):
    async def off(self, sighting, **more):
        raise AdapterOff("hci0")

    monkeypatch.setattr(Radio, "connect", off)
    night, run_id = bench.begin(cycles=2)
    with pytest.raises(HostFault):
        run_night(night, on_simulator, from_s=0.0)
    assert "--radio sim" not in str(bench.stored(run_id))


def test_a_link_that_goes_as_soon_as_it_gave_data_was_up_and_is_brought_up_again(bench, monkeypatch):
    connect = Radio.connect
    made = []

    async def gone_at_once(self, sighting, **more):
        made.append(await connect(self, sighting, **more))
        if len(made) != 3:  # the first two bring the cars up; this one is Skull's way back in cycle 1
            return made[-1]
        await made[-1].disconnect()
        error = ConnectTimedOut("Skull A1")
        error.milestones = made[-1].milestones
        assert error.milestones.first_data_s is not None
        raise error

    monkeypatch.setattr(Radio, "connect", gone_at_once)
    night, run_id = bench.begin()
    run_night(night, on_simulator, from_s=0.0)
    rows = bench.stored(run_id).cycles
    assert [row.outcome for row in rows] == ["ok"] * 6
    assert [row.unasked_losses for row in rows if row.identifier == SKULL.identifier] == [0, 1, 0]


def test_links_that_go_with_the_bluetooth_service_are_the_benchs_loss(bench):
    night, run_id = bench.begin(cycles=3)

    def service_ends_once(main, leg):
        async def on_station(station):
            def end():
                for link in station.radio.links.values():
                    link.ended(LossReason.STACK)

            station.world.after(5.0, end)
            await main(station)

        run_with_radio("sim:two-sets", on_station, seed=leg.seed)

    run_night(night, service_ends_once, from_s=0.0)
    cycles = bench.stored(run_id).cycles
    assert {row.unasked_losses for row in cycles} == {0}
    assert [row.outcome for row in cycles].count("void") == 1, "one car was in its cycle, the other waited"
    assert LossReason.STACK.value in {row.error for row in cycles}
    assert all(row.outcome == "ok" for row in cycles if row.cycle > 1)


SHORT_NIGHT = """
kind = "nightly"
name = "short-night"
[[part]]
plan = "{plan}"
repeat = 2
"""


@pytest.fixture
def nightly(bench):
    """A nightly of the same reconnect plan twice."""
    short = bench.path.with_name("short.toml")
    short.write_text(PLAN.format(cycles=2, at_once=1))
    path = bench.path.with_name("night.toml")
    path.write_text(SHORT_NIGHT.format(plan=short))
    return load_run_plan(str(path))


def test_two_parts_with_the_same_plan_and_cars_do_not_collide(bench, nightly):
    night, run_id = bench.begin_plan(nightly)
    run_night(night, on_simulator, from_s=0.0)
    stored = bench.stored(run_id)
    assert [(leg.leg, leg.part) for leg in stored.legs] == [(1, 1), (2, 2)]
    assert stored.legs[1].began_s == stored.legs[0].ended_s
    document = bench.document(run_id)
    one, two = ([car for car in document["cars"] if car["part"] == part] for part in (1, 2))
    assert [car["label"] for car in one] == [car["label"] for car in two]
    assert [car["samples"] for car in one] != [car["samples"] for car in two], "a repeat is another sample"
    assert all(car["cycles"] == 2 for car in one + two)
    assert [part["title"] for part in document["parts"]] == ["short (1 of 2)", "short (2 of 2)"]


@pytest.mark.parametrize("after", [1, 4, 6])
def test_a_nightly_that_was_cut_goes_on_as_if_it_had_never_been(bench, nightly, after):
    whole, whole_id = bench.begin_plan(nightly)
    run_night(whole, on_simulator, from_s=0.0)
    night, run_id = bench.begin_plan(nightly)
    done = []

    def cut(progress):
        done.append(progress)
        if len(done) == after:
            raise PowerCut

    with pytest.raises(PowerCut):
        run_night(replace(night, on_progress=cut), on_simulator, from_s=0.0)
    again, gap = bench.resume(night, run_id)
    run_night(again, on_simulator, from_s=gap.until_s)
    assert bench.document(run_id) == bench.document(whole_id)
    ours, theirs = (
        Counter((a.leg, a.at_s, a.subject, a.unit, a.act, a.state) for a in acts_of(bench.db, number))
        for number in (night.journal.run, whole.journal.run)
    )
    assert theirs - ours == Counter(), "no act is missing"
    assert {act for _, _, _, _, act, _ in ours - theirs} <= {"disconnect"}, (
        "but for the cut's own, none is doubled"
    )
