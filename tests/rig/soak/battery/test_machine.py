"""The battery machine's table: every way a life can go, and what can never happen."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rig.soak.battery.duty import Duty
from rig.soak.battery.ends import ChargeEnd, End
from rig.soak.battery.events import (
    AskVoltage,
    Begin,
    ChargerOff,
    ChargerOn,
    Connect,
    Current,
    Delocalised,
    Failed,
    Keep,
    KeepCharge,
    LetGo,
    Linked,
    LinkLost,
    Order,
    Read,
    Seek,
    Seen,
    Status,
    Stop,
    SwitchCharger,
    Tick,
    Voltage,
)
from rig.soak.battery.machine import TRANSITIONS, UnexpectedEvent, step
from rig.soak.battery.state import AT_REST, LifeState, Phase, Start, Terms, Timing

TERMS = Terms(
    car=7,
    seed=1,
    timing=Timing(),
    duty=Duty(race_s=60.0, rest_s=20.0, change_every_s=30.0),
    start=Start(),
    limit_s=600.0,
    charge_limit_s=300.0,
    dying_mv=3500.0,
    can_charge=True,
)
UNWIRED = Terms(
    car=7,
    seed=1,
    timing=Timing(),
    duty=TERMS.duty,
    start=Start(),
    limit_s=600.0,
    charge_limit_s=300.0,
    dying_mv=3500.0,
    can_charge=False,
)


class Car:
    """Steps a machine along and remembers what it asked for."""

    def __init__(self, terms=TERMS):
        self.terms = terms
        self.state = LifeState()
        self.asked = []
        self.kept = []
        self.charges = []

    def tell(self, *events):
        asked = []
        for event in events:
            self.state, actions = step(self.state, event, self.terms)
            asked += actions
        self.asked += asked
        self.kept += [action.result for action in asked if isinstance(action, Keep)]
        self.charges += [action.result for action in asked if isinstance(action, KeepCharge)]
        return asked

    def tick_until(self, at_s, moves=True, others_s=None):
        while self.state.due_s is not None and self.state.due_s < at_s:
            due_s = self.state.due_s
            self.tell(Tick(due_s, moved_s=due_s - 0.2 if moves else None, others_s=others_s))
        return self


def driving(terms=TERMS, charged=True):
    car = Car(terms)
    car.tell(Begin(0.0, 1))
    if terms.can_charge:
        car.tell(ChargerOff(0.1))
    car.tell(Seen(0.5), Linked(1.0), Status(1.1, False, False, False, charged), Voltage(1.2, 4150))
    return car


def silent(car, lost_s, **last):
    """The car falls silent for good."""
    car.tell(LinkLost(lost_s + 2.0, lost_s, "silence"))
    while car.state.phase not in {Phase.PLUGGING, Phase.DONE}:
        due_s = car.state.due_s
        if car.state.phase is Phase.SEEKING:
            car.tell(Failed(due_s, "CarNotFound", **last))
        else:
            car.tell(Tick(due_s, **last))
    return car


def test_a_life_from_full_to_dead_and_back_to_full():
    car = driving()
    assert [type(action) for action in car.asked] == [SwitchCharger, Seek, Connect, AskVoltage, Read, Order]
    car.tick_until(100.0)
    car.tell(Status(100.0, True, False, True, False), Voltage(100.1, 3590))
    car.tick_until(110.0)
    car.tell(LinkLost(112.0, 110.0, "silence"))
    assert car.asked[-2:] == [LetGo(), Seek(10.0)]
    car.tell(Failed(157.5, "CarNotFound", others_s=150.0))
    life = car.kept[0]
    assert (life.end, life.start_mv, life.end_mv, life.start_full) == (End.BATTERY, 4150, 3590, True)
    assert life.drive_s + life.rest_s == pytest.approx(110.0 - 1.2)
    assert life.rest_s == pytest.approx(20.0)
    assert (life.gaps, life.ended_s) == (0, 110.0)
    assert life.low_s == pytest.approx(98.8)
    assert car.asked[-1] == SwitchCharger(on=True)
    car.tell(ChargerOn(158.0), Seen(160.0, low=True), Current(161.0, 300.0, 4000.0))
    car.tell(Tick(168.0), Current(168.0, 300.0, 4000.0), Tick(178.0), Seen(179.0, charged=True))
    assert car.asked[-1] == SwitchCharger(on=False)
    car.tell(ChargerOff(180.0))
    charge = car.charges[0]
    assert (charge.end, charge.began_s, charge.ended_s) == (ChargeEnd.FULL, 158.0, 179.0)
    assert charge.charge_mah == pytest.approx(300.0 * 7.0 / 3600.0)
    assert charge.energy_mwh == pytest.approx(300.0 * 7.0 / 3600.0 * 4.0)
    assert car.state.phase is Phase.DONE


def test_races_and_rests_follow_the_duty_cycle_and_voltages_are_asked_for():
    car = driving().tick_until(81.0)
    orders = [action.speed_mm_s for action in car.asked if isinstance(action, Order)]
    assert len(orders) == 3
    assert all(orders[:2])
    assert orders[2] == 0
    assert car.asked.count(AskVoltage()) == 1 + 7


def test_a_lost_link_that_comes_back_is_a_gap_and_the_life_goes_on():
    car = driving().tick_until(50.0)
    car.tell(
        LinkLost(52.0, 50.0, "silence"), Failed(62.0, "CarNotFound"), Tick(63.0), Seen(64.0), Linked(65.0)
    )
    assert car.state.phase is Phase.DRIVING
    assert isinstance(car.asked[-1], Order)
    car.tick_until(90.0)
    silent(car, 90.0, others_s=95.0)
    car.tell(ChargerOn(140.0), Seen(141.0, low=True))
    life = car.kept[0]
    assert (life.gaps, life.gap_s) == (1, pytest.approx(15.0))
    assert life.drive_s + life.rest_s == pytest.approx(90.0 - 1.2 - 15.0)


@pytest.mark.parametrize(
    ("low", "end"), [(True, End.BATTERY), (False, End.RADIO_LOSS)], ids=["flat", "still charged"]
)
def test_why_a_car_fell_silent_without_a_warning_its_charger_tells(low, end):
    car = silent(driving().tick_until(50.0), 50.0, others_s=60.0)
    assert car.kept == []
    car.tell(ChargerOn(100.0), Seen(102.0, low=low))
    assert [life.end for life in car.kept] == [end]


def test_a_car_that_stays_silent_on_its_charger_was_lost_to_the_radio():
    car = silent(driving().tick_until(50.0), 50.0, others_s=60.0)
    car.tell(ChargerOn(100.0))
    car.tick_until(141.0)
    assert [life.end for life in car.kept] == [End.RADIO_LOSS]
    car.tick_until(500.0)
    car.tell(ChargerOff(500.0))
    assert car.charges[0].end is ChargeEnd.LIMIT


def test_a_radio_that_hears_nobody_voids_the_life():
    car = driving(UNWIRED).tick_until(50.0, others_s=40.0)
    silent(car, 55.0)
    assert [life.end for life in car.kept] == [End.VOID]


def test_the_last_of_a_set_to_die_has_died_although_nobody_else_is_heard():
    car = driving(UNWIRED).tick_until(50.0, others_s=40.0)
    car.tell(Status(50.0, True, False, True, False))
    silent(car, 55.0)
    assert [life.end for life in car.kept] == [End.BATTERY]


def test_the_end_of_the_bluetooth_service_is_no_doing_of_the_car():
    car = driving(UNWIRED).tick_until(50.0)
    car.tell(LinkLost(52.0, 50.0, "the service ended", bench=True))
    car.tell(Failed(98.0, "no Bluetooth service", bench=True))
    assert car.kept[0].end is End.VOID
    assert car.kept[0].error == "no Bluetooth service"


def test_a_weak_cell_that_boots_again_and_falls_silent_at_once_died_the_first_time():
    car = driving().tick_until(100.0)
    car.tell(Status(100.0, True, False, True, False))
    car.tell(LinkLost(103.0, 101.0, "silence"), Seen(105.0, low=True), Linked(106.0))
    assert car.state.phase in {Phase.DRIVING, Phase.RESTING}
    car.tell(LinkLost(112.0, 110.0, "silence"))
    life = car.kept[0]
    assert (life.end, life.ended_s, life.gaps, life.gap_s) == (End.BATTERY, 101.0, 0, 0.0)
    assert life.drive_s + life.rest_s == pytest.approx(101.0 - 1.2)


def test_a_stalled_car_is_stopped_and_told_once_more_before_it_is_given_up():
    car = driving()
    car.tick_until(15.0, moves=False)
    assert car.state.phase is Phase.RIGHTING
    assert [a.speed_mm_s > 0 for a in car.asked if isinstance(a, Order)] == [True, False, True]
    car.tick_until(60.0, moves=False)
    life = car.kept[0]
    assert (life.end, life.stalls, life.drive_s) == (End.STALL, 1, pytest.approx(0.0))
    assert car.asked[-1] == SwitchCharger(on=True)


def test_a_stalled_car_that_goes_on_lives_on():
    car = driving()
    car.tick_until(15.0, moves=False)
    car.tick_until(20.0, moves=True)
    assert car.state.phase is Phase.DRIVING
    assert car.state.stalls == 1
    assert car.kept == []


def test_a_car_that_stands_with_a_dying_battery_has_died_of_it():
    car = driving()
    car.tell(Status(2.0, True, False, True, False))
    car.tick_until(60.0, moves=False)
    assert car.kept[0].end is End.BATTERY


@pytest.mark.parametrize("news", [Delocalised(20.0), Status(20.0, False, False, False, True)])
def test_a_car_that_lost_the_road_gets_its_time_and_then_is_off_track(news):
    car = driving().tick_until(19.0)
    car.tell(Status(19.0, True, False, False, True), news)
    assert car.state.phase is Phase.RIGHTING
    car.tick_until(60.0, moves=False)
    life = car.kept[0]
    assert (life.end, life.off_tracks, life.ended_s) == (End.OFF_TRACK, 1, 20.0)
    assert car.state.phase is Phase.DONE, "its charger cannot reach it"


def test_a_car_that_finds_the_road_again_lives_on():
    car = driving().tick_until(20.0)
    car.tell(Delocalised(20.0), Tick(21.0, moved_s=19.0))
    assert car.state.phase is Phase.RIGHTING
    car.tell(Tick(22.0, moved_s=21.5))
    assert car.state.phase is Phase.DRIVING
    assert car.state.off_tracks == 1


def test_a_car_lifted_while_it_rests_was_taken_off():
    car = driving()
    car.tell(Status(2.0, True, False, False, True))
    car.tick_until(70.0)
    assert car.state.phase is Phase.RESTING
    car.tell(Status(70.0, False, False, False, True))
    car.tick_until(100.0, moves=False)
    assert car.kept[0].end is End.TAKEN_OFF


def test_a_car_on_a_live_charger_is_driven_no_more():
    car = driving()
    car.tell(Status(20.0, False, True, False, True))
    assert car.kept[0].end is End.TAKEN_OFF
    assert car.asked[-2] == LetGo()


def test_the_limit_censors_a_life():
    car = driving().tick_until(700.0)
    life = car.kept[0]
    assert (life.end, life.drive_s + life.rest_s) == (End.LIMIT, pytest.approx(600.0))


def test_a_car_that_is_not_full_is_charged_first_and_its_life_is_whole():
    car = Car()
    car.tell(Begin(0.0, 1), ChargerOff(0.1), Seen(0.5), Linked(1.0))
    car.tell(Status(1.1, False, False, False, False), Voltage(1.2, 3800))
    assert car.asked[-2:] == [LetGo(), SwitchCharger(on=True)]
    car.tell(ChargerOn(2.0), Seen(5.0, charged=True), ChargerOff(6.0), Seen(7.0), Linked(8.0))
    car.tell(Status(8.1, False, False, False, True), Voltage(8.2, 4180))
    assert car.state.phase is Phase.DRIVING
    assert car.state.start_full
    assert car.charges == []


def test_without_a_charger_a_car_that_is_not_full_enters_late():
    car = driving(UNWIRED, charged=False).tick_until(700.0)
    assert not car.kept[0].start_full
    assert car.state.phase is Phase.DONE


def test_a_car_that_answers_nobody_is_charged_and_tried_again_and_then_not_started():
    car = Car()
    car.tell(Begin(0.0, 1), ChargerOff(0.1), Failed(61.0, "CarNotFound"))
    assert car.state.phase is Phase.PLUGGING
    car.tell(ChargerOn(62.0))
    car.tick_until(400.0)
    car.tell(ChargerOff(400.0), Failed(470.0, "CarNotFound"))
    assert [life.end for life in car.kept] == [End.NOT_STARTED]
    car.tell(ChargerOn(471.0), Seen(472.0, charged=True), ChargerOff(473.0))
    assert car.state.phase is Phase.DONE


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_charger_that_cannot_be_proven_voids_what_depends_on_it(when):
    car = Car()
    if when == "before":
        car.tell(Begin(0.0, 1), Failed(3.0, "bay A1: told off, still sees 300 mA", bench=True))
        assert [life.end for life in car.kept] == [End.VOID]
    else:
        car = silent(driving().tick_until(50.0), 50.0, others_s=60.0)
        car.tell(Failed(100.0, "bay A1: no current", bench=True))
        assert [life.end for life in car.kept] == [End.RADIO_LOSS]
        assert [charge.end for charge in car.charges] == [ChargeEnd.VOID]
    assert car.state.phase is Phase.DONE


def test_a_charge_is_over_when_its_current_fell_twice_and_a_silent_meter_is_no_zero():
    car = silent(driving().tick_until(50.0), 50.0, others_s=60.0)
    car.tell(ChargerOn(100.0), Current(101.0, 300.0), Current(111.0, None), Current(121.0, 300.0))
    assert car.state.charge.charge_mah == pytest.approx(300.0 * 20.0 / 3600.0)
    car.tell(Current(131.0, 2.0), Current(141.0, None), Current(151.0, 1.0))
    assert car.state.phase is Phase.UNPLUGGING


def test_stop_lets_go_and_switches_the_charger_off_from_everywhere():
    for phase in Phase:
        state, actions = step(LifeState(phase=phase), Stop(1.0), TERMS)
        assert state.phase is Phase.STOPPED
        assert actions == [LetGo(), SwitchCharger(on=False)]


def test_every_transition_leads_only_where_it_says():
    """The table is the documentation: a rule that goes elsewhere fails in the run below."""
    assert {phase for phase, _ in TRANSITIONS} == set(Phase)
    for (phase, kind), transition in TRANSITIONS.items():
        assert transition.targets, (phase, kind)
    with pytest.raises(UnexpectedEvent, match="got Linked while idle"):
        step(LifeState(), Linked(0.0), TERMS)


class Lives(RuleBasedStateMachine):
    """A car, a bench and a world that do whatever they like, in any order."""

    def __init__(self):
        super().__init__()
        self.now_s = 0.0
        self.life = 0
        self.car = Car()
        self.charger_on = None
        self.wanted_on = None
        self.driven = False

    def tell(self, event):
        phase = self.car.state.phase
        kept, charges = len(self.car.kept), len(self.car.charges)
        before = self.car.state
        asked = self.car.tell(event)
        targets = TRANSITIONS[phase, type(event)].targets
        assert self.car.state.phase in targets, (phase, event, self.car.state.phase)
        for action in asked:
            if isinstance(action, SwitchCharger):
                self.wanted_on = action.on
                if action.on:
                    assert LetGo() in asked or not before.under_way or phase is Phase.DONE, asked
                    self.driven = False
            if isinstance(action, Order) and action.speed_mm_s:
                assert self.charger_on is False, "driven on a charger that was not confirmed off"
                self.driven = True
            if isinstance(action, LetGo):
                self.driven = False
        assert len(self.car.kept) - kept <= 1
        assert len(self.car.charges) - charges <= 1

    def later(self, seconds):
        self.now_s += seconds
        due_s = self.car.state.due_s
        if due_s is not None:
            self.now_s = min(self.now_s, max(due_s, self.now_s - seconds))

    @precondition(lambda self: self.car.state.phase in {Phase.IDLE, Phase.DONE})
    @rule()
    def begin(self):
        self.life += 1
        self.tell(Begin(self.now_s, self.life))

    @precondition(lambda self: self.car.state.phase in {Phase.PREPARING, Phase.UNPLUGGING})
    @rule(works=st.booleans())
    def charger_off(self, works):
        self.later(0.5)
        if works:
            self.charger_on = False
            self.tell(ChargerOff(self.now_s))
        else:
            self.charger_on = None
            self.tell(Failed(self.now_s, "relay", bench=True))

    @precondition(lambda self: self.car.state.phase is Phase.PLUGGING)
    @rule(works=st.booleans())
    def charger_on_(self, works):
        assert not self.driven
        self.later(0.5)
        self.charger_on = True if works else None
        self.tell(ChargerOn(self.now_s) if works else Failed(self.now_s, "relay", bench=True))

    @precondition(lambda self: self.car.state.phase is Phase.SEEKING)
    @rule(found=st.booleans(), low=st.booleans(), bench=st.booleans())
    def search(self, found, low, bench):
        self.later(3.0)
        self.tell(Seen(self.now_s, low=low) if found else Failed(self.now_s, "x", bench, self.now_s))

    @precondition(lambda self: self.car.state.phase is Phase.CONNECTING)
    @rule(works=st.booleans())
    def connect(self, works):
        self.later(1.0)
        self.tell(Linked(self.now_s) if works else Failed(self.now_s, "ConnectTimedOut"))

    @rule(flags=st.tuples(*[st.booleans()] * 4))
    def status(self, flags):
        self.later(0.1)
        self.tell(Status(self.now_s, *flags))

    @rule(mv=st.integers(3000, 4200))
    def voltage(self, mv):
        self.tell(Voltage(self.now_s, mv))

    @rule()
    def delocalised(self):
        self.tell(Delocalised(self.now_s))

    @rule(silent_s=st.floats(0.0, 3.0), bench=st.booleans())
    def lose_link(self, silent_s, bench):
        self.tell(LinkLost(self.now_s, max(0.0, self.now_s - silent_s), "silence", bench))

    @precondition(lambda self: self.car.state.phase is Phase.CHARGING)
    @rule(ma=st.none() | st.floats(0.0, 400.0), charged=st.booleans(), low=st.booleans())
    def charge(self, ma, charged, low):
        self.later(2.0)
        self.tell(Current(self.now_s, ma))
        if self.car.state.phase is Phase.CHARGING:
            self.tell(Seen(self.now_s, low=low, charged=charged))

    @precondition(lambda self: self.car.state.due_s is not None)
    @rule(moves=st.booleans(), others=st.booleans())
    def tick(self, moves, others):
        self.now_s = max(self.now_s, self.car.state.due_s)
        moved_s = self.now_s - 0.1 if moves else None
        self.tell(Tick(self.now_s, moved_s, self.now_s if others else None))

    @invariant()
    def each_life_ends_exactly_once(self):
        lives = [life.life for life in self.car.kept]
        assert lives == sorted(set(lives))
        under_way = self.car.state.phase not in {Phase.IDLE, Phase.DONE}
        ended = set(lives)
        expected = set(range(1, self.life + (0 if under_way else 1)))
        assert ended - {self.life} == expected - {self.life}
        if not under_way and self.life:
            assert self.life in ended

    @invariant()
    def never_drives_while_charging(self):
        charging = self.car.state.phase in {Phase.PLUGGING, Phase.CHARGING, Phase.UNPLUGGING}
        assert not (charging and self.driven)

    @invariant()
    def ages_make_sense(self):
        for life in self.car.kept:
            assert life.drive_s >= 0.0
            assert life.rest_s >= 0.0
            assert life.gap_s >= 0.0
            assert life.gaps >= 0
        assert self.car.state.phase in AT_REST or self.wanted_on is not None


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_no_two_rules_share_a_phase_and_an_event_by_accident():
    pairs = [
        (phase, kind) for phase, kind in itertools.product(Phase, [Begin, ChargerOn, ChargerOff, Linked])
    ]
    known = {pair for pair in pairs if pair in TRANSITIONS}
    assert known == {
        (Phase.IDLE, Begin),
        (Phase.DONE, Begin),
        (Phase.PLUGGING, ChargerOn),
        (Phase.PREPARING, ChargerOff),
        (Phase.UNPLUGGING, ChargerOff),
        (Phase.CONNECTING, Linked),
    }
