"""The race process is killed at any moment and comes back in the right state: nothing counted twice, nothing lost."""

from __future__ import annotations

import pytest

from booth.pack.files import load_pack
from booth.show import commands, records
from booth.show.view import Stage
from tests.booth.show.toy_floor import ToyFloor

PACK = load_pack()
CREW = "crew"


def laps(stand):
    return [(lap.race, lap.seat, lap.number) for lap in stand.records(records.LapDone)]


def test_killed_in_a_race_it_goes_on_within_five_seconds_with_the_laps_it_had():
    stand = ToyFloor(PACK).open()
    stand.join("p1")
    stand.until(lambda: len(laps(stand)) >= 8)
    before, race = laps(stand), stand.show.game.race.race
    stand.wake(1.0)
    seen = stand.snapshot()
    assert seen.stage is Stage.RACE
    assert sum(seat.laps for seat in seen.race.seats) == len(before)
    assert {seat.player for seat in seen.race.seats} == {"p1", None}
    woke_s = stand.now_s
    stand.until(lambda: not stand.show.pauses)
    assert stand.now_s - woke_s <= 5.0
    assert any(car.speed_mm_s for car in stand.cars.values())
    stand.until(lambda: stand.show.stage is Stage.RESULT)
    assert len(set(laps(stand))) == len(laps(stand))
    (finished,) = stand.records(records.RaceFinished)
    assert finished.race == race
    assert finished.standings[0].laps == 5
    assert stand.records(records.RaceInterrupted)


@pytest.mark.parametrize("stage", [Stage.LINE_UP, Stage.COUNTDOWN])
def test_killed_before_green_the_race_is_lined_up_anew_with_its_players_first(stage):
    stand = ToyFloor(PACK).open()
    stand.join("p1")
    stand.until(lambda: stand.show.stage is stage)
    stand.wake(2.0)
    assert stand.snapshot().stage is Stage.ATTRACT
    assert stand.records(records.RaceStopped)[-1].why == "the race process was restarted before the start"
    stand.until(lambda: stand.show.stage is Stage.RACE)
    entries = stand.records(records.RaceLinedUp)[-1].entries
    assert stand.show.game.race.race == 2
    assert "p1" in {entry.player for entry in entries}


def test_killed_in_a_swap_it_goes_on_with_the_set_that_was_to_take_over():
    stand = ToyFloor(PACK).open()
    stand.run(20.0)
    stand.slips.lazy = {"placed"}
    stand.ask(commands.CallSwap(CREW))
    stand.until(lambda: stand.snapshot().swap is not None and stand.snapshot().swap.at >= 2)
    stand.wake(5.0)
    stand.slips.lazy = set()
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert stand.show.floor.rotation.active == "B"
    assert stand.breaches == []


def test_boards_counters_queue_and_lists_come_back():
    stand = ToyFloor(PACK).open()
    stand.join("p1")
    stand.until(lambda: stand.records(records.RaceFinished))
    stand.join("p2")
    stand.until(lambda: stand.show.stage is Stage.ATTRACT)
    before = stand.snapshot()
    stand.wake(3.0)
    after = stand.snapshot()
    assert [(row.player, row.value) for row in after.day_board] == [
        (row.player, row.value) for row in before.day_board
    ]
    assert after.uptime["races"] == before.uptime["races"] == 1.0
    assert after.uptime["open_s"] == pytest.approx(before.uptime["open_s"] + 3.0, abs=1.0)
    assert after.last.winner == before.last.winner
    assert after.checklists == before.checklists
    assert set(after.queue) | set(after.called) == set(before.queue) | set(before.called)
    assert after.uptime["median_wait_s"] == before.uptime["median_wait_s"]


def test_a_closed_show_stays_closed_and_an_open_one_open():
    stand = ToyFloor(PACK)
    stand.wake(1.0)
    assert stand.show.stage is Stage.CLOSED
    stand.open()
    stand.wake(1.0)
    assert stand.show.stage is Stage.ATTRACT
    stand.ask(commands.CloseShow(CREW))
    stand.wake(1.0)
    assert stand.show.stage is Stage.CLOSED


def test_batteries_and_cars_that_were_taken_out_are_remembered():
    stand = ToyFloor(PACK, dt_s=1.0).open()
    first = PACK.sets[0].cars[0].identifier
    stand.until(lambda: len(stand.records(records.RaceFinished)) == 3)
    driven_s = stand.show.floor.drains[first].driven_s
    stand.ask(commands.TakeOut(CREW, first, "it pulls to the left"))
    stand.wake(1.0)
    assert stand.show.floor.drains[first].driven_s == pytest.approx(driven_s, abs=61.0)
    assert stand.show.floor.rotation.car(first).quarantined == "Skull A1: it pulls to the left"


def test_an_incident_that_was_open_is_cured_by_the_restart():
    stand = ToyFloor(PACK).open()
    stand.run(20.0)
    stand.lose_radio()
    stand.radio_works = True
    stand.wake(1.0)
    assert stand.records(records.IncidentCured)[-1].by == "restarted"
    assert all(incident.cured_by for incident in stand.snapshot().incidents)
