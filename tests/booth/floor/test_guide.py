"""The guided swap: the right order with hands that do what they are told, and every wrong one repaired in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booth.floor.guide import advance, approach, begin, is_placed, tend
from booth.floor.steps import Limits, Sight, Step, placed_item, unplugged_item
from booth.floor.table import mark_of, set_state
from rig.rotation.events import (
    CallDying,
    ChargerIs,
    Connect,
    Halt,
    Heard,
    LineUp,
    LinkDown,
    LinkUp,
    Listened,
    Press,
    Quarantine,
    Refused,
    Restarted,
    Start,
    SwitchCharger,
)
from rig.rotation.interlock import step
from rig.rotation.knowledge import Car, Charger, Link, Phase, Power, rotation_of

A1, A2, B1, B2 = 1, 2, 11, 12
CARS = [Car(A1, "Skull A1", "A"), Car(A2, "Nuke A2", "A"), Car(B1, "Thermo B1", "B"), Car(B2, "Bang B2", "B")]


class Stand:
    """Four cars and hands. `lazy` is what hands do not do; the ear hears whatever is on."""

    def __init__(self):
        self.now_s = 0.0
        self.state = rotation_of(CARS)
        self.on = dict.fromkeys([A1, A2, B1, B2], True)
        self.charging = {A1: False, A2: False, B1: True, B2: True}
        self.linked = set()
        self.broken = set()
        self.placed = set()
        self.is_racing = False
        self.tasks = {}
        self.lazy = set()
        self.steps = []
        for car in self.on:
            self.tell(LinkDown(0.0, car))

    @property
    def sight(self):
        return Sight(self.is_racing, {}, frozenset(self.placed), frozenset(self.on), Limits())

    def tell(self, event):
        self.state, actions = step(self.state, event)
        for action in actions:
            match action:
                case Connect(car=car) if self.on[car] and car not in self.broken:
                    self.linked.add(car)
                    self.tell(LinkUp(self.now_s, car))
                case Halt(car=car):
                    self.linked.discard(car)
                    self.tell(LinkDown(self.now_s, car))
                case Refused():
                    assert action.sentence
        return actions

    def look(self):
        self.now_s += 4.0
        heard = [car for car, on in self.on.items() if on and car not in self.linked]
        for car in heard:
            self.tell(ChargerIs(self.now_s, car, Charger.ON if self.charging[car] else Charger.OFF))
            self.tell(Heard(self.now_s, car, low=False))
        self.tell(Listened(self.now_s, self.now_s - 4.0, frozenset([*heard, *self.linked])))

    def follow(self, advice):
        """Asks what is advised, does what hands are told, and looks around."""
        self.tasks = {task.key: task for task in advice.tasks}
        for request in advice.requests:
            self.tell(request)
        for key, task in self.tasks.items():
            if key.split("-")[0] not in self.lazy:
                self.do(key.split("-")[0], task)
        self.look()

    def do(self, kind, task):
        match kind:
            case "unplug":
                self.charging[task.car] = False
            case "charge":
                self.charging[task.car] = self.on[task.car] = True
            case "press" if task.words.startswith("Press"):
                self.on[task.car] = not self.on[task.car]
            case "unplugged":
                for car in self.state.cars:
                    if car.set_name == task.tick[-1] and car.charger is Charger.UNKNOWN:
                        self.tell(ChargerIs(self.now_s, car.identifier, Charger.OFF))
            case "placed":
                self.placed.add(task.tick[-1])

    def race(self):
        since_s = self.now_s
        for _ in range(20):
            advice = approach(self.state, "A", self.now_s, since_s, self.sight)
            if advice.is_over:
                break
            self.follow(advice)
        self.tell(Start(self.now_s))
        assert self.state.phase is Phase.RACING
        return self

    def swap(self, turns=60):
        swap = begin("A", "B", "for the test", self.now_s)
        for _ in range(turns):
            swap, advice = advance(swap, self.state, self.now_s, self.sight)
            if not self.steps or self.steps[-1] is not swap.step:
                self.steps.append(swap.step)
            if advice.is_over:
                return swap
            self.follow(advice)
        self.tasks = {task.key: task for task in advice.tasks}
        return swap


def test_the_stand_is_taken_up_as_it_is_with_the_other_set_charging_on():
    stand = Stand().race()
    assert stand.charging[B1]
    assert {car.link for car in stand.state.of("A")} == {Link.UP}


def test_the_right_order_leads_from_set_to_set_and_only_then_may_the_first_charge():
    stand = Stand().race()
    swap = stand.swap()
    assert stand.steps == [Step.READY, Step.OFF, Step.TRACK, Step.SET_UP]
    assert [step for step, _ in swap.marks] == [Step.READY, Step.OFF, Step.TRACK]
    assert not any(stand.on[car] for car in (A1, A2))
    assert not any(stand.charging.values())
    assert stand.state.phase is Phase.SET_UP
    stand.tell(Start(stand.now_s))
    assert advance(swap, stand.state, stand.now_s, stand.sight)[1].is_over
    for _ in range(4):
        stand.follow(tend(stand.state, stand.now_s, stand.sight))
    assert {car.charger for car in stand.state.of("A")} == {Charger.ON}
    assert tend(stand.state, stand.now_s, stand.sight).tasks == ()


def test_while_the_set_still_races_the_other_is_made_ready_and_the_race_is_not_ended():
    stand = Stand().race()
    stand.is_racing = True
    stand.swap(turns=10)
    assert stand.state.phase is Phase.DYING
    assert all(stand.on[car] and not stand.charging[car] for car in (B1, B2))
    stand.is_racing = False
    assert stand.swap().step is Step.SET_UP


def test_a_car_left_on_its_charger_is_named_and_gone_on_without_after_its_time():
    stand = Stand().race()
    stand.lazy = {"unplug"}
    stand.swap(turns=20)
    assert stand.state.phase is Phase.DYING
    assert stand.tasks["unplug-0000000b"].words == "Take Thermo B1 off its charger"
    stand.charging[B2] = False
    stand.swap(turns=40)
    assert stand.state.car(B1).quarantined == "Thermo B1: it was left on its charger"
    stand.swap()
    assert stand.state.active == "B"


def test_a_car_that_is_not_switched_off_holds_the_swap_and_says_why():
    stand = Stand().race()
    stand.lazy = {"press"}
    stand.swap(turns=12)
    assert stand.steps[-1] is Step.OFF
    task = stand.tasks["press-00000001"]
    assert (task.words, task.why) == (
        "Press the button of Skull A1: off",
        "Set A must be off before set B is set up",
    )
    stand.swap(turns=40)
    assert "could confirm it is off" in (stand.state.car(A1).quarantined or "")


def test_a_dying_car_put_on_its_charger_too_early_comes_off_again_before_anything_goes_on():
    stand = Stand().race()
    stand.lazy = {"press"}
    stand.swap(turns=6)
    stand.charging[A1] = True
    stand.lazy = {"press", "unplug"}
    stand.swap(turns=1)
    stand.swap(turns=1)
    task = stand.tasks["unplug-00000001"]
    assert task.words == "Take Skull A1 off its charger"
    assert "too early" in task.why
    stand.lazy = set()
    stand.swap()
    assert not stand.charging[A1]
    assert stand.state.phase is Phase.SET_UP


def test_a_car_of_the_resting_set_that_wakes_stops_the_line_up_until_it_is_off():
    stand = Stand().race()
    stand.lazy = {"placed"}
    stand.swap(turns=15)
    assert stand.steps[-1] is Step.TRACK
    stand.on[A2] = True
    stand.look()
    assert mark_of(stand.state, stand.state.car(A2)).letter == "W"
    stand.lazy = {"placed", "press"}
    stand.swap(turns=1)
    assert stand.tasks["press-00000002"].why == "It is of the wrong set: set A rests"
    stand.lazy = set()
    assert stand.swap().step is Step.SET_UP


def test_a_set_that_is_called_away_between_races_is_ended_as_one_that_races():
    stand = Stand()
    for _ in range(4):
        stand.follow(approach(stand.state, "A", stand.now_s, 0.0, stand.sight))
    assert stand.state.phase is Phase.SET_UP
    assert stand.swap().step is Step.SET_UP
    assert stand.state.active == "B"


def test_a_set_of_which_nothing_is_left_makes_way_for_the_other():
    stand = Stand().race()
    stand.tell(CallDying(stand.now_s))
    stand.broken = {A1, A2}
    stand.tell(Restarted(stand.now_s))
    for car in stand.on:
        stand.linked.discard(car)
        stand.tell(LinkDown(stand.now_s, car))
    assert stand.swap().step is Step.SET_UP
    assert stand.state.active == "B"


def test_a_car_that_cannot_be_connected_is_gone_on_without():
    stand = Stand()
    stand.broken = {A2}
    stand.race()
    assert stand.state.car(A2).quarantined == "Nuke A2: it could not be connected"
    assert mark_of(stand.state, stand.state.car(A2)).letter == "Q"


def test_a_car_that_circumstances_took_out_comes_back_when_its_set_rests():
    stand = Stand()
    stand.broken = {A2}
    stand.race().swap()
    stand.tell(Start(stand.now_s))
    for _ in range(5):
        stand.follow(tend(stand.state, stand.now_s, stand.sight))
    assert stand.state.car(A2).quarantined is None
    assert stand.state.car(A2).charger is Charger.ON


def test_the_crews_look_stands_in_for_a_meter_and_never_outvotes_a_car_that_says_it_charges():
    stand = Stand()
    stand.on[A1] = False
    stand.lazy = {"unplugged", "press"}
    for _ in range(3):
        stand.follow(approach(stand.state, "A", stand.now_s, 0.0, stand.sight))
    assert unplugged_item("A") in stand.tasks
    assert stand.state.car(A1).charger is Charger.UNKNOWN
    stand.lazy = set()
    stand.race()


def test_where_cars_stand_is_what_they_say_or_what_the_crew_ticks_while_none_denies_it():
    state = rotation_of(CARS)
    assert not is_placed("B", state, Sight())
    assert is_placed("B", state, Sight(on_track={B1: True, B2: True}))
    assert is_placed("B", state, Sight(placed=frozenset({"B"})))
    assert not is_placed("B", state, Sight(on_track={B1: False}, placed=frozenset({"B"})))
    assert placed_item("B") == "placed-B"


@pytest.mark.parametrize(
    ("changes", "letter"),
    [
        ({B1: {"quarantined": "flat"}}, "Q"),
        ({B1: {"link": Link.UP}}, "M"),
        ({B1: {"power": Power.ON}}, "W"),
        ({B1: {"power": Power.ON, "charger": Charger.ON}}, ""),
        ({B1: {"power": Power.ON, "has_charged": True}}, ""),
        ({B1: {"low": True}}, "L"),
    ],
)
def test_letters_of_a_resting_car(changes, letter):
    state = replace(rotation_of(CARS), phase=Phase.RACING, active="A")
    for car, values in changes.items():
        state = state.with_car(replace(state.car(car), **values))
    mark = mark_of(state, state.car(B1))
    assert mark.letter == letter
    assert bool(mark.words) is bool(letter)


def test_letters_of_a_racing_car_and_states_of_sets():
    state = replace(rotation_of(CARS), phase=Phase.RACING, active="A")
    assert mark_of(state, state.car(A1)).letter == "S"
    state = state.with_car(replace(state.car(A1), charger=Charger.ON, link=Link.UP, power=Power.ON))
    assert mark_of(state, state.car(A1)).letter == "C"
    assert set_state(state, "A", is_charged=True) == "racing"
    assert set_state(state, "B", is_charged=True) == "unknown"
    for car, value in ((B1, Charger.ON), (B2, Charger.OFF)):
        state = state.with_car(replace(state.car(car), charger=value, power=Power.ON))
    assert set_state(state, "B", is_charged=False) == "charging"
    assert set_state(state, "B", is_charged=True) == "ready"
    assert set_state(replace(state, phase=Phase.DYING), "A", is_charged=True) == "dying"
    assert set_state(rotation_of(CARS), "A", is_charged=True) == "unknown"
    for car in (B1, B2):
        state = state.with_car(replace(state.car(car), charger=Charger.OFF, power=Power.OFF))
    assert set_state(state, "B", is_charged=True) == "off"


def test_a_lined_up_car_that_goes_onto_its_charger_keeps_the_race_from_beginning():
    stand = Stand()
    for _ in range(4):
        stand.follow(approach(stand.state, "A", stand.now_s, 0.0, stand.sight))
    stand.tell(ChargerIs(stand.now_s, A1, Charger.ON))
    advice = approach(stand.state, "A", stand.now_s, 0.0, stand.sight)
    assert not advice.is_over
    assert [task.words for task in advice.tasks] == ["Take Skull A1 off its charger"]
    (refused,) = stand.tell(Start(stand.now_s))
    assert refused.sentence == "the race may not start: the charger of Skull A1 is on: switch it off first"


def test_relays_and_hands_get_what_the_interlock_granted():
    stand = Stand().race()
    assert stand.tell(LineUp(stand.now_s, B1))[0].sentence.startswith("Thermo B1 may not be lined up")
    swap = begin("A", "B", "", stand.now_s)
    _, advice = advance(swap, stand.state, stand.now_s, stand.sight)
    stand.state, _ = step(stand.state, CallDying(stand.now_s))
    _, advice = advance(swap, stand.state, stand.now_s, stand.sight)
    given = [action for request in advice.requests for action in stand.tell(request)]
    assert given == [SwitchCharger(B1, on=False), SwitchCharger(B2, on=False)]
    stand.tell(Quarantine(stand.now_s, A1, "for the test"))
    assert Press not in {type(action) for action in given}
