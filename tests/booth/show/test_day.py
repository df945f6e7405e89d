"""Whole stretches of a show day on the toy stand: races by themselves, swaps in the right order, people in the seats."""

from __future__ import annotations

import pytest

from booth.pack.files import load_pack
from booth.show import commands, records
from booth.show.commands import Role
from booth.show.view import Stage
from tests.booth.show.toy_floor import ToyFloor

PACK = load_pack()
A, B = ({car.identifier for car in group.cars} for group in PACK.sets)


def a_show(**more):
    return ToyFloor(PACK, **more).open()


def test_one_person_opens_and_races_run_by_themselves_with_computers_in_the_seats():
    stand = a_show()
    stand.until(lambda: len(stand.records(records.RaceFinished)) == 3)
    for finished in stand.records(records.RaceFinished):
        assert finished.standings[0].laps == 5
        assert all(standing.player is None for standing in finished.standings)
    assert stand.breaches == []
    numbers = [record.race for record in stand.records(records.RaceLinedUp)]
    assert numbers == [1, 2, 3]
    laps = [(lap.race, lap.seat, lap.number) for lap in stand.records(records.LapDone)]
    assert len(laps) == len(set(laps))


def test_every_phase_a_race_goes_through_is_seen():
    stand = a_show()
    seen = []
    while len(stand.records(records.RaceFinished)) < 2:
        stand.tick()
        if not seen or seen[-1] != stand.show.stage:
            seen.append(stand.show.stage)
    assert seen[:5] == [Stage.ATTRACT, Stage.LINE_UP, Stage.COUNTDOWN, Stage.RACE, Stage.RESULT]


@pytest.mark.parametrize("has_hands", [False, True])
def test_sets_swap_all_day_in_the_right_order(has_hands):
    stand = a_show(life_s=1200.0, has_hands=has_hands, dt_s=1.0)
    stand.until(lambda: len(stand.records(records.SwapDone)) == 2, limit_s=2 * 3600.0)
    assert stand.breaches == []
    assert stand.records(records.CarTakenOut) == []
    assert [record.to_set for record in stand.records(records.SwapDone)] == ["B", "A"]
    steps = [record.step for record in stand.records(records.SwapStepDone)]
    assert steps[:4] == ["ready", "off", "track", "set-up"]
    stand.run(120.0)
    assert all(stand.cars[car].charging for car in B)
    assert not any(stand.cars[car].charging for car in A)


def test_players_join_by_phone_race_and_stand_on_the_boards():
    stand = a_show()
    for player in ("p1", "p2"):
        assert stand.join(player) is None
    stand.until(lambda: len(stand.records(records.RaceFinished)) == 1)
    finished = stand.records(records.RaceFinished)[0]
    players = [standing.player for standing in finished.standings if standing.player]
    assert sorted(players) == ["p1", "p2"]
    seen = stand.snapshot()
    assert {row.player for row in seen.day_board} == {"p1", "p2"}
    assert all(row.is_new for row in seen.hour_board)
    assert seen.last is not None
    assert seen.last.winner == finished.winner
    assert [record.player for record in stand.records(records.PlayerSeated)] == ["p1", "p2"]


def test_a_phone_that_falls_silent_is_driven_on_by_a_computer():
    stand = a_show()
    stand.join("p1")
    stand.until(lambda: stand.show.stage is Stage.RACE)
    del stand.players["p1"]
    stand.until(lambda: len(stand.records(records.PlayerLeft)) == 1)
    stand.until(lambda: len(stand.records(records.RaceFinished)) == 1)
    standings = stand.records(records.RaceFinished)[0].standings
    assert all(standing.player is None for standing in standings)


def test_the_show_opens_only_when_its_list_is_done_and_says_what_is_missing():
    stand = ToyFloor(PACK)
    refused = stand.ask(commands.OpenShow("crew"))
    assert refused is not None
    assert "the opening checklist is not done: Power, screens and sound are on" in refused
    assert stand.snapshot().refusal == refused
    assert stand.open().snapshot().refusal is None


def test_closing_waits_for_the_race_and_makes_everything_safe():
    stand = a_show()
    stand.join("p1")
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert stand.ask(commands.CloseShow("crew")) is None
    assert stand.show.stage is Stage.RACE
    assert stand.ask(commands.Join("p2"), Role.PLAYER) == "the show is closed: come back when it opens"
    stand.until(lambda: stand.show.stage is Stage.CLOSED)
    assert len(stand.records(records.RaceFinished)) == 1
    stand.run(5.0)
    assert not any(car.linked for car in stand.cars.values())
    assert stand.ask(commands.MayCharge("crew", next(iter(A)))) is None
    assert stand.snapshot().tasks
