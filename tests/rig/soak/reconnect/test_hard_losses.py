"""Every kind of loss on the simulator, its bench and its adapters: what is done to the car shows in the stages."""

from __future__ import annotations

import asyncio

import pytest

from rig.compose import run_with_radio
from rig.soak.kind import LegContext
from rig.soak.kinds import kind_named, parse_plan
from rig.soak.mending import SOAK_POLICY
from rig.soak.reconnect.plan import Loss
from rig.soak.recorder import LegRecorder
from rig.soak.schedule import CarSet, SoakCar
from rig.store.rows import ActRow

CARS = (SoakCar(0x0880EADB, "Skull A1"), SoakCar(0x0A41C37E, "Ground Shock A2"))
KIND = kind_named("reconnect")
PLAN = """
kind = "reconnect"
name = "hard"
cycles_per_car = {cycles}
losses = {losses}
{more}
[timing]
cycle_timeout_s = 60.0
charge_s = 12.0
[[limit]]
figure = "success"
at_least = 0.9
"""


class Book:
    """A journal in memory, as far as a leg writes one."""

    def __init__(self):
        self.rows, self.acts, self.notes, self.left = [], [], [], []

    def intend(self, at_s, act, **more):
        self.acts.append((act, more["subject_kind"]))
        return len(self.acts)

    def done(self, number, at_s, error=None):
        """Nobody asks."""

    def observed(self, at_s, act, **more):
        self.acts.append((act, more["subject_kind"]))

    def finish_unit(self, row, notes):
        self.rows.append(row)
        self.notes += notes

    def note(self, notes):
        self.notes += notes

    def learn_car(self, *facts):
        """Nobody asks."""

    def leave_alone(self, row):
        self.left.append(row)


def soak(*losses, cycles=None, more="", seed=3):
    """The book of one leg in which each car goes through these losses."""
    plan = parse_plan(
        PLAN.format(cycles=cycles or len(losses), losses=[loss.value for loss in losses], more=more),
        source="hard",
    )
    (leg,) = KIND.legs(plan, [CarSet("A", CARS)], seed)
    book = Book()

    async def main(station):
        recorder = LegRecorder(book, leg=1, set_name="A", offset_s=0.0, units=[], acts=[], replays=True)
        on = LegContext(station, recorder, 1, 1, SOAK_POLICY, lambda _: None, lambda _: None)
        await KIND.run_leg(plan, leg, on)

    uses_bench = KIND.needs(plan).uses_bench
    run_with_radio("sim:two-sets", main, seed=leg.seed, uses_bench=uses_bench)
    return book


@pytest.fixture(scope="module")
def hard():
    """Every kind of loss, once each for two cars."""
    return soak(*Loss)


BUTTON = Loss.AFTER_BUTTON
OF_BUTTON = parse_plan(PLAN.format(cycles=2, losses=[BUTTON.value], more=""), source="hard")
(BUTTON_LEG,) = KIND.legs(OF_BUTTON, [CarSet("A", CARS)], 3)
SKULL = CARS[0].identifier


class Left:
    """Who was left how."""

    def __init__(self):
        self.connected, self.off = [], []

    def __call__(self, car, *, switched_off=False):
        (self.off if switched_off else self.connected).append(car.label)


def with_buttons(main):
    """Runs `main(station, run_leg, left)` beside a bench; `run_leg(acts)` runs a leg of power button losses that finds these
    acts on record, and returns its book."""
    left = Left()

    async def on_station(station):
        async def run_leg(acts=()):
            book = Book()
            recorder = LegRecorder(
                book, leg=1, set_name="A", offset_s=0.0, units=[], acts=acts, replays=False
            )
            on = LegContext(station, recorder, 1, 1, SOAK_POLICY, lambda _: None, left)
            await KIND.run_leg(OF_BUTTON, BUTTON_LEG, on)
            return book

        return await main(station, run_leg, left)

    return run_with_radio("sim:two-sets", on_station, seed=3, uses_bench=True)


def cut(state, *, detail=BUTTON.value, after=()):
    acts = [("break link", detail, state), *after]
    return [
        ActRow(n, "car", f"{SKULL:08x}", 1, 1.0, act, what, how, 2.0, None)
        for n, (act, what, how) in enumerate(acts, start=1)
    ]


def rows_of(book, loss):
    return [row for row in book.rows if row.loss == loss]


def latency(row):
    return row.first_data_s - row.loss_s


def test_cars_come_back_from_every_kind_of_loss(hard):
    assert {(row.loss, row.outcome) for row in hard.rows} == {(loss.value, "ok") for loss in Loss}
    assert {row.unasked_losses for row in hard.rows} == {0}, (
        "an adapter lost on purpose is held against no car"
    )
    assert hard.left == []


@pytest.mark.parametrize(
    ("loss", "attempts"),
    [
        (Loss.AGAIN_SEEKING, 1),
        (Loss.AGAIN_CONNECTING, 1),
        (Loss.AGAIN_DISCOVERING, 2),
        (Loss.AGAIN_SUBSCRIBING, 2),
        (Loss.AGAIN_LISTENING, 2),
    ],
)
def test_a_second_loss_strikes_in_its_phase_and_costs_time(hard, loss, attempts):
    plain_s = max(latency(row) for row in rows_of(hard, Loss.VANISH))
    for row in rows_of(hard, loss):
        assert row.attempts == attempts
        assert latency(row) > plain_s


@pytest.mark.parametrize(
    ("loss", "stages"),
    [
        (Loss.AGAIN_DISCOVERING, {"connected", "services"}),
        (Loss.AGAIN_SUBSCRIBING, {"subscribed"}),
        (Loss.AGAIN_LISTENING, {"first data"}),
    ],
)
def test_the_note_of_a_second_loss_names_its_phase(hard, loss, stages):
    cycles = {(row.identifier, row.cycle) for row in rows_of(hard, loss)}
    notes = {note.stage for note in hard.notes if (note.identifier, note.unit) in cycles}
    assert notes
    assert notes <= stages


def test_the_lost_adapter_comes_back_and_the_car_over_it(hard):
    for row in rows_of(hard, Loss.ADAPTER):
        assert 2.0 < latency(row) < 10.0
        assert row.attempts > 1


def test_bench_losses_are_acts_in_the_journal_and_leave_every_charger_off(hard):
    on_bays = [act for act, kind in hard.acts if kind == "bay"]
    assert on_bays.count("charger on") == on_bays.count("charger off") == 2
    assert on_bays.count("press power") == 4, "off and on again"
    assert ("all off", "bench") in hard.acts


def test_what_is_done_to_a_car_is_not_in_its_latency(hard):
    for loss in (Loss.AFTER_CHARGE, Loss.AFTER_APP):
        for row in rows_of(hard, loss):
            assert row.ended_s - row.began_s > 5.0
            assert latency(row) < 2.0


def test_crowded_air_ends_with_its_cycle():
    book = soak(Loss.CROWDED, Loss.VANISH, cycles=8)
    crowded, plain = ([latency(row) for row in rows_of(book, loss)] for loss in (Loss.CROWDED, Loss.VANISH))
    assert sum(crowded) / len(crowded) > sum(plain) / len(plain) + 0.2
    assert max(plain) < 3.3


def test_the_same_seed_gives_the_same_cycles():
    one, two, other = (
        soak(Loss.CROWDED, Loss.AFTER_APP, Loss.AFTER_BUTTON, seed=seed).rows for seed in (3, 3, 4)
    )
    assert one == two != other


def test_a_schedule_is_kept_and_what_is_late_for_it_says_so():
    """The second car's round waits for the first car's, which takes longer than the pace."""
    book = soak(Loss.VANISH, cycles=3, more="pace_s = 2.0")
    assert [round(row.intended_s - book.rows[0].intended_s, 3) for row in book.rows] == [
        pytest.approx(2.0 * n) for n in range(6)
    ]
    late = [row.loss_s - row.intended_s for row in book.rows]
    assert late == sorted(late)
    assert late[-1] > 5.0
    easy = soak(Loss.VANISH, cycles=2, more="pace_s = 30.0")
    assert all(abs(row.loss_s - row.intended_s) < 0.05 for row in easy.rows)


async def until_off(station):
    while station.world.cars[SKULL].power.on:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("after_s", [0.0, 0.5, 2.0, 3.0, 3.2, 3.4, 3.6, 3.8, 4.5])
def test_a_leg_stopped_between_the_two_presses_leaves_the_car_on(after_s):
    async def main(station, run_leg, left):
        leg = asyncio.create_task(run_leg())
        await until_off(station)
        await asyncio.sleep(after_s)
        leg.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leg
        return station.world.cars[SKULL].power.on, left.connected, left.off

    assert with_buttons(main) == (True, [], [])


def test_a_car_that_cannot_be_pressed_back_on_is_named():
    async def main(station, run_leg, left):
        leg = asyncio.create_task(run_leg())
        await until_off(station)
        station.bench_faults.inject("missed_button", "A1")
        leg.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leg
        return station.world.cars[SKULL].power.on, left.connected, left.off

    assert with_buttons(main) == (False, [], ["Skull A1"])


def test_impatience_names_it_too():
    async def main(station, run_leg, left):
        leg = asyncio.create_task(run_leg())
        await until_off(station)
        for _ in range(2):
            leg.cancel()
            await asyncio.sleep(0.1)
        with pytest.raises(asyncio.CancelledError):
            await leg
        return left.off

    assert with_buttons(main) == ["Skull A1"]


@pytest.mark.parametrize("acts", [cut("unknown"), cut("fail", after=[("disconnect", "", "ok")])])
def test_a_car_that_a_killed_run_left_off_is_pressed_on(acts):
    async def main(station, run_leg, left):
        station.world.handle(SKULL, lambda car, now_s: car.press_power_button(now_s))
        await until_off(station)
        return await run_leg(acts)

    book = with_buttons(main)
    assert [act for act, _ in book.acts][:2] == ["switch back on", "press power"]
    assert [row.outcome for row in book.rows] == ["ok"] * 4


@pytest.mark.parametrize("state", ["unknown", "fail"])
def test_a_car_that_is_on_already_is_not_pressed(state):
    async def main(station, run_leg, left):
        return await run_leg(cut(state))

    book = with_buttons(main)
    assert [act for act, _ in book.acts][:2] == ["switch back on", "connect"]
    assert [row.outcome for row in book.rows] == ["ok"] * 4


@pytest.mark.parametrize("acts", [(), cut("ok"), cut("unknown", detail="after charge")])
def test_only_a_car_that_was_between_two_presses_is_suspected(acts):
    async def main(station, run_leg, left):
        return await run_leg(acts)

    assert "switch back on" not in [act for act, _ in with_buttons(main).acts]


def test_a_radio_that_fails_between_the_presses_leaves_no_car_off_for_the_night():
    async def main(station, run_leg, left):
        leg = asyncio.create_task(run_leg())
        await until_off(station)
        station.world.inject("adapter_reset", value=1.0)
        book = await leg
        return book, station.world.cars[SKULL].power.on, left.off

    book, is_on, off = with_buttons(main)
    assert (is_on, off) == (True, [])
    outcomes = [row.outcome for row in book.rows if row.identifier == SKULL]
    assert outcomes == ["void", "ok"]


def test_a_press_that_missed_is_the_bays_fault_and_no_second_one_follows():
    async def main(station, run_leg, left):
        station.bench_faults.inject("missed_button", "A1")
        book = await run_leg()
        return book, station.world.cars[SKULL].power.on, left.off

    book, is_on, off = with_buttons(main)
    assert (is_on, off) == (True, [])
    voids = [row for row in book.rows if row.identifier == SKULL]
    assert {row.outcome for row in voids} == {"void"}
    assert "power button pressed, but car 0880eadb is still on the air" in voids[0].error
