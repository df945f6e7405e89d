"""The swap as the crew lives it: wrong orders refused in the interlock's words, mistakes repaired, sets that are not
ready, sets that die."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booth.floor.forecast import Drain
from booth.pack.files import load_pack
from booth.show import commands, records
from booth.show.view import Stage
from tests.booth.show.toy_floor import ToyFloor

PACK = load_pack()
A, B = ([car.identifier for car in group.cars] for group in PACK.sets)
CREW = "crew"


def racing(**more):
    """Set A races; nobody waits."""
    stand = ToyFloor(PACK, dt_s=1.0, **more).open()
    stand.until(lambda: stand.show.stage is Stage.RACE)
    return stand


def swapping(*, lazy=()):
    """A race is over and the crew's swap is under way."""
    stand = racing()
    stand.slips.lazy = set(lazy)
    assert stand.ask(commands.CallSwap(CREW)) is None
    stand.until(lambda: stand.show.stage is Stage.PIT_STOP)
    return stand


def keys(stand):
    return {task.key.split("-")[0] for task in stand.snapshot().tasks}


def test_the_brief_s_order_and_nothing_else():
    stand = swapping(lazy={"press"})
    stand.until(lambda: stand.snapshot().swap.at == 1)
    dying = A[0]
    refused = stand.ask(commands.SetUp(CREW, "B"))
    assert refused.startswith("set B may not be set up: ")
    assert "still advertising: switch off before set B is set up" in refused
    refused = stand.ask(commands.MayCharge(CREW, dying))
    assert refused == (
        "Skull A1 may not be charged: the race of set A has ended and its cars are going off; "
        "that belongs where the rotation is set up, racing, dying"
    )
    assert stand.snapshot().refusal == refused
    assert [record.sentence for record in stand.records(records.Refused)][-1] == refused
    stand.slips.lazy = set()
    stand.until(lambda: stand.show.floor.rotation.phase == "set up")
    assert stand.ask(commands.MayCharge(CREW, dying)) is None
    assert stand.snapshot().refusal is None
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert "its set is racing" not in (stand.ask(commands.MayCharge(CREW, B[0])) or "")
    assert "no charger is on while its set races" in stand.ask(commands.MayCharge(CREW, B[0]))
    assert stand.breaches == []


def test_a_dying_car_that_goes_on_its_charger_too_early_is_seen_and_taken_off_again():
    stand = swapping(lazy={"press"})
    stand.until(lambda: stand.snapshot().swap.at == 1)
    stand.slips.lazy = {"press", "unplug"}
    stand.plug(A[0], on=True, by_mistake=True)
    stand.run(3.0)
    task = next(task for task in stand.snapshot().tasks if task.key == f"unplug-{A[0]:08x}")
    assert task.words == "Take Skull A1 off its charger"
    assert "too early" in task.why
    stand.slips.lazy = set()
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert stand.show.floor.rotation.active == "B"


def test_a_car_left_on_its_charger_has_a_letter_and_a_task_and_is_gone_on_without():
    stand = swapping(lazy={"unplug"})
    stand.run(5.0)
    assert "unplug" in keys(stand)
    stand.plug(B[1], on=False)
    stand.plug(B[2], on=False)
    stand.plug(B[3], on=False)
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert stand.show.floor.rotation.car(B[0]).quarantined == "Guardian B1: it was left on its charger"
    (view,) = [car for group in stand.snapshot().sets for car in group.cars if car.car == B[0]]
    assert view.letter == "Q"
    assert stand.breaches == []


def test_a_racing_car_that_is_put_on_its_charger_gets_its_letter_and_holds_the_next_race():
    stand = racing()
    stand.slips.lazy = {"unplug"}
    stand.plug(A[0], on=True, by_mistake=True)
    stand.tick()
    (view,) = [car for group in stand.snapshot().sets for car in group.cars if car.car == A[0]]
    assert view.letter == "C"
    stand.until(lambda: stand.show.stage is Stage.ATTRACT)
    stand.run(60.0)
    assert stand.show.stage in {Stage.ATTRACT, Stage.FAULT}
    assert f"unplug-{A[0]:08x}" in {task.key for task in stand.snapshot().tasks}
    stand.slips.lazy = set()
    stand.until(lambda: stand.show.stage is Stage.RACE)


def test_a_resting_car_that_wakes_gets_its_letter_and_goes_off():
    stand = swapping()
    stand.until(lambda: stand.show.stage is Stage.PIT_STOP and stand.snapshot().swap.at == 2)
    stand.slips.lazy = {"press"}
    stand.press(A[1])
    stand.run(3.0)
    (view,) = [car for group in stand.snapshot().sets for car in group.cars if car.car == A[1]]
    assert (view.letter, view.words) == (
        "W",
        "It is on and of the wrong set: set A rests, switch it off",
    ) or stand.show.floor.swap is not None
    stand.slips.lazy = set()
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert stand.breaches == []


def test_a_set_whose_batteries_do_not_last_another_race_is_not_started_again():
    stand = racing(life_s=1200.0)
    stand.show = _drained(stand.show, A[2], 840.0)
    stand.until(lambda: stand.records(records.SwapCalled))
    why = stand.records(records.SwapCalled)[0].why
    assert why.startswith("set A may not race: Thermo A3 has about 1 min of driving left")
    stand.until(lambda: stand.show.floor.rotation.active == "B" and stand.show.stage is Stage.RACE)
    assert [race.set_name for race in stand.records(records.RaceLinedUp)][-1] == "B"


def test_while_the_other_set_still_charges_the_cars_that_can_race_do():
    stand = racing()
    for car in B:
        stand.show = _drained(stand.show, car, 900.0)
    stand.show = _drained(stand.show, A[2], 890.0)
    stand.until(lambda: stand.records(records.CarTakenOut))
    assert stand.records(records.CarTakenOut)[0].why == (
        "Thermo A3: its battery is empty and set B still charges"
    )
    stand.until(lambda: len(stand.records(records.RaceLinedUp)) == 2)
    assert len(stand.records(records.RaceLinedUp)[1].entries) == 3


def test_when_nothing_of_the_set_can_race_visitors_wait_in_the_pit_stop_and_the_crew_may_cut_it_short():
    stand = racing()
    for car in (*A, *B):
        stand.show = _drained(stand.show, car, 890.0)
    stand.until(lambda: stand.show.stage is Stage.PIT_STOP)
    seen = stand.snapshot()
    assert seen.headline == "Pit stop: set B still charges."
    task = next(task for task in seen.tasks if task.key == "charging")
    assert task.button is None
    assert 10.0 < task.by_s < 600.0
    assert stand.ask(commands.CallSwap(CREW)) == (
        "a swap may not be called: set B has no race in its batteries yet: leave it on its chargers"
    )
    stand.until(lambda: "Change over now" in {task.button_words for task in stand.snapshot().tasks})
    assert stand.ask(commands.CallSwap(CREW)) is None
    stand.until(lambda: stand.show.stage is Stage.RACE, limit_s=900.0)
    assert stand.show.floor.rotation.active == "B"


def test_two_empty_sets_are_a_fault_that_says_how_it_goes_on():
    stand = racing()
    stand.slips.lazy = {"charge"}
    for car in (*A, *B):
        stand.plug(car, on=False)
    stand.run(5.0)
    for car in (*A, *B):
        stand.die(car)
    stand.until(lambda: "empty" in keys(stand), limit_s=900.0)
    assert stand.show.stage is Stage.FAULT
    task = next(task for task in stand.snapshot().tasks if task.key == "empty")
    assert task.button["do"] == "CloseShow"
    stand.slips.lazy = set()
    assert stand.ask(commands.CloseShow(CREW)) is None
    stand.run(600.0)
    assert stand.ask(commands.OpenShow(CREW)) is None
    stand.until(lambda: stand.show.stage is Stage.RACE, limit_s=900.0)


def test_a_dead_set_makes_way_for_the_other():
    stand = racing()
    for car in A:
        stand.die(car)
    stand.until(lambda: stand.show.stage is Stage.RACE and stand.show.floor.rotation.active == "B")
    stand.run(100.0)
    assert all(stand.cars[car].charging for car in A)
    assert stand.breaches == []


@pytest.mark.parametrize("set_name", ["A", "B"])
def test_a_set_is_not_set_up_out_of_turn(set_name):
    stand = racing()
    refused = stand.ask(commands.SetUp(CREW, set_name))
    assert "set A is racing; that belongs where the rotation is standing, ended" in refused
    assert stand.ask(commands.SetUp(CREW, "C")) == "there is no set 'C'"


def test_a_car_taken_out_by_a_person_comes_back_by_a_person_only():
    stand = racing()
    assert stand.ask(commands.TakeOut(CREW, A[0], "a wheel is off")) is None
    assert stand.records(records.CarOut)[-1].why == "the crew took it out"
    assert stand.ask(commands.Readmit(CREW, A[1])) == "Ground Shock A2 takes part already"
    stand.ask(commands.CallSwap(CREW))
    stand.until(lambda: stand.show.floor.rotation.active == "B" and stand.show.stage is Stage.RACE)
    stand.run(60.0)
    assert stand.show.floor.rotation.car(A[0]).quarantined == "Skull A1: a wheel is off"
    stand.ask(commands.Readmit(CREW, A[0]))
    stand.run(30.0)
    assert stand.show.floor.rotation.car(A[0]).quarantined is None
    assert stand.cars[A[0]].charging


def _drained(show, car, driven_s):
    drains = {**show.floor.drains, car: Drain(driven_s)}
    return replace(show, floor=replace(show.floor, drains=drains))
