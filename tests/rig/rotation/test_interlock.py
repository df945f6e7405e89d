"""The two-set interlock: the one right order, every wrong one, and what counts as evidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rig.rotation.diagram import rotation_page
from rig.rotation.events import (
    FACTS,
    CallDying,
    Charge,
    ChargerIs,
    Connect,
    Drive,
    EarLost,
    EndRace,
    Finish,
    Go,
    Halt,
    Heard,
    LineUp,
    LinkDown,
    LinkUp,
    Listened,
    Press,
    Pressed,
    Quarantine,
    Readmit,
    Refused,
    Restarted,
    SetUp,
    StandDown,
    Start,
    StopCharging,
    SwitchCharger,
    SwitchOff,
    SwitchOn,
    TakeStock,
    TakeUp,
)
from rig.rotation.interlock import TRANSITIONS, step
from rig.rotation.knowledge import Car, Charger, Link, Phase, Power, rotation_of

A1, A2, B1, B2 = 1, 2, 11, 12
CARS = [
    Car(A1, "Skull A1", "A"),
    Car(A2, "Nuke A2", "A"),
    Car(B1, "Thermo B1", "B"),
    Car(B2, "Big Bang B2", "B"),
]


def run(state, *events):
    """The last state and what the last event gave."""
    actions = ()
    for event in events:
        state, actions = step(state, event)
    return state, actions


def granted(state, *events):
    for event in events:
        state, actions = step(state, event)
        assert not [a for a in actions if isinstance(a, Refused)], [a.sentence for a in actions]
    return state


def refusal(state, request):
    after, (refused,) = step(state, request)
    assert isinstance(refused, Refused)
    assert after == state
    return refused


def each(kind, at_s, *cars):
    return [kind(at_s, car) for car in cars]


def known():
    """Every car heard, unconnected, off its charger; nobody races."""
    state = rotation_of(CARS)
    facts = [LinkDown(0.0, car.identifier) for car in CARS]
    facts += [ChargerIs(0.0, car.identifier, Charger.OFF) for car in CARS]
    facts += [Heard(0.5, car.identifier, low=False) for car in CARS]
    return granted(state, *facts, TakeStock(1.0))


def racing():
    """Set A races, B waits awake."""
    state = granted(known(), SetUp(2.0, "A"), *each(LineUp, 2.0, A1, A2), *each(LinkUp, 3.0, A1, A2))
    return granted(state, Start(4.0))


def ended():
    """A's race has ended for a swap and its cars are disconnected."""
    state = granted(racing(), *each(Heard, 100.0, B1, B2), CallDying(100.0), EndRace(101.0))
    return granted(state, *each(LinkDown, 101.5, A1, A2), *each(Heard, 102.0, A1, A2))


def all_off():
    """A is off, confirmed."""
    state = granted(ended(), *each(SwitchOff, 103.0, A1, A2), *each(Pressed, 104.0, A1, A2))
    return granted(state, Listened(107.5, 104.0, frozenset({B1, B2})))


def set_up_b():
    """B is connected; nobody races yet."""
    return granted(all_off(), SetUp(108.0, "B"), *each(LineUp, 108.0, B1, B2), *each(LinkUp, 109.0, B1, B2))


def test_the_right_order_is_granted_step_by_step():
    assert racing().phase is Phase.RACING
    state, actions = run(racing(), *each(Heard, 100.0, B1, B2), CallDying(100.0), EndRace(101.0))
    assert state.phase is Phase.ENDED
    assert actions == (Halt(A1), Halt(A2))
    assert run(ended(), SwitchOff(103.0, A1))[1] == (Press(A1),)
    assert {car.power for car in all_off().of("A")} == {Power.OFF}
    state = set_up_b()
    assert (state.phase, state.active, state.leaving) == (Phase.SET_UP, "B", "A")
    assert run(state, Charge(110.0, A1))[1] == (SwitchCharger(A1, on=True),)
    state, actions = run(state, ChargerIs(111.0, A1, Charger.ON), Start(112.0))
    assert actions == (Go(B1), Go(B2))
    assert run(state, Drive(113.0, B1))[1] == (Go(B1),)


def test_charging_is_refused_before_the_other_set_is_set_up_and_says_what_to_do():
    for state in (known(), racing(), ended(), all_off(), granted(all_off(), SetUp(108.0, "B"))):
        assert refusal(state, Charge(109.0, A1)).sentence.startswith("Skull A1 may not be charged: ")
    assert (
        "the race with set B is not set up yet"
        in refusal(granted(all_off(), SetUp(108.0, "B")), Charge(109.0, A1)).sentence
    )
    assert "no charger is on while its set races" in refusal(racing(), Charge(5.0, A1)).sentence


def test_a_set_that_still_advertises_holds_the_other_back_and_is_named():
    refused = refusal(ended(), SetUp(103.0, "B"))
    assert refused.sentence == (
        "set B may not be set up: Skull A1 and Nuke A2 are still advertising: switch off before set B is set up"
    )
    assert refused.cars == (A1, A2)
    pressed = granted(ended(), SwitchOff(103.0, A1), Pressed(104.0, A1))
    assert "nobody has confirmed that Skull A1 is off" in refusal(pressed, SetUp(105.0, "B")).sentence


@pytest.mark.parametrize(
    ("listened", "off"),
    [
        (Listened(107.5, 104.0, frozenset({B1})), True),
        (Listened(107.5, 104.0, frozenset()), False),  # heard nobody: may be deaf
        (Listened(106.5, 104.0, frozenset({B1})), False),  # too short
        (Listened(107.5, 106.0, frozenset({B1})), False),  # began too late
        (Listened(107.5, 100.0, frozenset({B1})), True),  # counts from the press only
        (Listened(107.5, 104.0, frozenset({A1, B1})), False),  # still there
    ],
)
def test_off_is_only_what_a_hearing_ear_no_longer_hears(listened, off):
    state = granted(ended(), SwitchOff(103.0, A1), Pressed(104.0, A1), listened)
    assert (state.car(A1).power is Power.OFF) is off


def test_a_press_is_refused_where_it_would_do_the_opposite():
    assert "a press would switch it on" in refusal(all_off(), SwitchOff(108.0, A1)).sentence
    assert "a press would switch it off" in refusal(racing(), SwitchOn(5.0, B1)).sentence
    pressed = granted(ended(), Pressed(103.0, A1))
    for request in (SwitchOff(104.0, A1), SwitchOn(104.0, A1)):
        assert "a press toggles: listen first" in refusal(pressed, request).sentence


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (ChargerIs(90.0, B1, Charger.ON), "the charger of Thermo B1 is still on: switch it off first"),
        (
            ChargerIs(90.0, B1, Charger.UNKNOWN),
            "no meter has shown the charger of Thermo B1 off: check the bay",
        ),
        (Pressed(101.0, B1), "nobody knows whether Thermo B1 is on: listen first"),
        (Heard(101.0, B1, low=True), "Thermo B1 is low on battery: charge longer, or leave it out"),
        (EarLost(101.0), "nobody knows whether Thermo B1 and Big Bang B2 are on: listen first"),
    ],
)
def test_the_race_goes_on_until_the_other_set_is_ready(fact, words):
    state = granted(racing(), *each(Heard, 100.0, B1, B2), CallDying(100.0), fact)
    assert words in refusal(state, EndRace(102.0)).sentence


def test_old_news_of_the_other_set_does_not_count():
    state = granted(racing(), *each(Heard, 50.0, B1, B2), CallDying(100.0))
    assert "have" not in refusal(state, EndRace(102.0)).sentence
    assert "Thermo B1 and Big Bang B2 are not heard for 15 s" in refusal(state, EndRace(102.0)).sentence


def test_a_resting_car_is_neither_lined_up_nor_driven():
    assert "it rests: set A is racing" in refusal(racing(), Drive(5.0, B1)).sentence
    assert "it belongs to set B, and set A is to race" in refusal(racing(), LineUp(5.0, B1)).sentence


def test_a_car_of_the_wrong_set_that_is_on_again_stops_the_line_up():
    state = granted(all_off(), SetUp(108.0, "B"), Heard(108.5, A2))
    words = "Nuke A2 is on and of the wrong set: set A rests, switch off first"
    assert words in refusal(state, LineUp(109.0, B1)).sentence
    assert words in refusal(granted(set_up_b(), Heard(110.0, A2)), Start(111.0)).sentence
    back = granted(set_up_b(), Heard(110.0, A2), SwitchOff(111.0, A2), Pressed(112.0, A2))
    assert "nobody knows whether Nuke A2 is off" in refusal(back, Start(113.0)).sentence
    granted(back, Listened(116.0, 112.0, frozenset({99})), Start(117.0))


def test_a_car_woken_by_its_charger_is_no_stray():
    state = granted(set_up_b(), Charge(110.0, A1), ChargerIs(111.0, A1, Charger.ON), Heard(113.0, A1))
    granted(
        state, Start(114.0), StopCharging(300.0, A1), ChargerIs(301.0, A1, Charger.OFF), Charge(302.0, A1)
    )


def test_a_charger_that_nobody_confirmed_keeps_its_car_from_the_line_up():
    state = granted(all_off(), ChargerIs(107.0, B1, Charger.UNKNOWN), SetUp(108.0, "B"))
    assert "its meter has not shown its charger off" in refusal(state, LineUp(109.0, B1)).sentence


def test_both_sets_are_never_switched_off():
    state = granted(ended(), *each(Pressed, 103.0, B1, B2))
    assert "both sets off would leave no race" in refusal(state, SwitchOff(104.0, A1)).sentence


def test_a_lost_ear_makes_everything_it_showed_unknown():
    state = granted(set_up_b(), EarLost(110.0))
    assert state.phase is Phase.SETTING_UP
    assert {car.power for car in state.cars} == {Power.UNKNOWN}
    assert "the race with set B is not set up yet" in refusal(state, Charge(111.0, A1)).sentence
    after = granted(racing(), EarLost(50.0))
    assert (
        "nobody knows whether Skull A1 and Nuke A2 are connected"
        in refusal(replace(after, phase=Phase.RACING), Charge(51.0, B1)).sentence
    )


def test_after_a_restart_nothing_is_known_and_everything_waits_for_facts():
    state = granted(set_up_b(), Restarted(200.0))
    assert state.phase is Phase.LOST
    words = refusal(state, TakeStock(201.0)).sentence
    assert "nobody knows whether" in words
    assert "no meter has shown the charger of Skull A1, Nuke A2, Thermo B1 and Big Bang B2 off" in words


def found():
    """After a restart: A stands awake, B charges, nobody is connected."""
    facts = [LinkDown(0.0, car.identifier) for car in CARS]
    facts += [*each(Heard, 0.5, A1, A2, B1, B2)]
    facts += [ChargerIs(0.5, car, Charger.OFF) for car in (A1, A2)]
    facts += [ChargerIs(0.5, car, Charger.ON) for car in (B1, B2)]
    return granted(rotation_of(CARS), *facts)


def test_a_stand_is_taken_up_as_it_is_found_with_the_resting_set_charging_on():
    assert "the charger of Thermo B1 and Big Bang B2 is on" in refusal(found(), TakeStock(1.0)).sentence
    state = granted(found(), TakeUp(1.0, "A"))
    assert (state.phase, state.active, state.leaving) == (Phase.SETTING_UP, "A", None)
    state = granted(state, *each(LineUp, 1.0, A1, A2), *each(LinkUp, 2.0, A1, A2), Start(3.0))
    assert "it belongs to set B" in refusal(state, LineUp(4.0, B1)).sentence
    assert (
        "its charger is on: switch it off first"
        in refusal(granted(granted(found(), TakeUp(1.0, "B"))), LineUp(2.0, B1)).sentence
    )


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (ChargerIs(0.7, B1, Charger.UNKNOWN), "no meter has shown the charger of Thermo B1 off"),
        (LinkUp(0.7, B2), "Big Bang B2 is still connected: disconnect first"),
        (Quarantine(0.7, A1, "for the test"), None),
    ],
)
def test_what_nobody_knows_of_the_resting_set_keeps_the_other_from_being_taken_up(fact, words):
    state = granted(found(), fact)
    if words is None:
        granted(state, TakeUp(1.0, "A"))
        state = granted(state, Quarantine(1.0, A2, "for the test"))
        assert "set A has no car left" in refusal(state, TakeUp(1.0, "A")).sentence
        granted(state, Readmit(1.0, A2), TakeUp(1.0, "A"))
    else:
        assert words in refusal(state, TakeUp(1.0, "A")).sentence
    asleep = granted(found(), ChargerIs(0.7, B1, Charger.OFF), EarLost(0.8), *each(LinkDown, 0.8, A1, A2))
    assert "nobody knows whether Thermo B1 is on: listen first" in refusal(asleep, TakeUp(1.0, "A")).sentence


def test_what_makes_safe_is_never_refused():
    for phase in Phase:
        state = replace(set_up_b(), phase=phase)
        assert run(state, StopCharging(200.0, A1))[1] == (SwitchCharger(A1, on=False),)
        out, actions = run(state, Quarantine(200.0, B1, "its button is stuck"))
        assert actions == (Halt(B1),)
        assert out.car(B1).quarantined
        down, actions = run(state, StandDown(200.0))
        assert down.phase is Phase.LOST
        assert actions == (Halt(B1), Halt(B2))


def test_a_quarantined_car_is_out_and_the_others_go_on():
    state = granted(
        ended(), SwitchOff(103.0, A2), Pressed(104.0, A2), Quarantine(104.5, A1, "it never goes off")
    )
    state = granted(state, Listened(107.5, 104.0, frozenset({A1, B1})), SetUp(108.0, "B"))
    assert (
        "it was taken out: it never goes off"
        in refusal(granted(state, *each(LinkUp, 109.0, B1, B2)), Charge(110.0, A1)).sentence
    )


def test_a_set_without_a_car_left_is_not_set_up_and_the_old_one_may_go_on():
    state = granted(all_off(), *(Quarantine(108.0, car, "flat") for car in (B1, B2)))
    assert "set B has no car left that takes part" in refusal(state, SetUp(109.0, "B")).sentence
    again = granted(state, SetUp(109.0, "A"))
    assert (again.active, again.leaving) == ("A", None)


def test_an_ordinary_end_of_a_race_keeps_its_cars_lined_up():
    assert granted(racing(), Finish(50.0)).phase is Phase.SET_UP
    assert granted(racing(), LinkDown(49.0, A1), Finish(50.0)).phase is Phase.SETTING_UP


def test_a_request_at_the_wrong_time_says_what_is_going_on():
    assert refusal(racing(), SetUp(5.0, "B")).sentence == (
        "set B may not be set up: set A is racing; that belongs where the rotation is standing, ended"
    )


def test_every_fact_is_taken_in_every_phase_and_leads_only_where_the_table_says():
    facts = {
        Listened: (2.0, 1.0, frozenset({A1})),
        EarLost: (2.0,),
        Restarted: (2.0,),
        ChargerIs: (2.0, A1, Charger.ON),
    }
    for phase in Phase:
        for kind in FACTS:
            state, actions = step(replace(set_up_b(), phase=phase), kind(*facts.get(kind, (200.0, A1))))
            assert actions == ()
            assert state.phase in TRANSITIONS[phase, kind].targets


def test_a_rotation_needs_two_sets_and_each_car_once():
    with pytest.raises(ValueError, match="two sets"):
        rotation_of(CARS[:2])
    with pytest.raises(ValueError, match="once"):
        rotation_of([*CARS, CARS[0]])
    with pytest.raises(KeyError, match="neither set"):
        step(known(), Heard(1.0, 77))


def test_the_page_is_current():
    page = Path(__file__).parents[3] / "docs/rotation.md"
    assert page.read_text(encoding="utf-8") == rotation_page()


def test_a_link_that_is_up_is_not_believed_off_for_its_silence():
    state = granted(racing(), Listened(100.0, 50.0, frozenset({B1, B2})))
    assert state.car(A1).link is Link.UP
    assert state.car(A1).power is Power.ON
    assert run(state, LineUp(101.0, A1))[1] == (Connect(A1),)
