"""The interlock driven at random over a small world whose buttons stick, whose relays fail and whose ear goes deaf:
whatever is asked in whatever order, what physically happens breaks no invariant."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rig.rotation import events
from rig.rotation.events import (
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
from rig.rotation.invariants import IN_TIME, TimedFact, What, observe, witness_of
from rig.rotation.knowledge import Car, Charger, Link, Phase, Power, rotation_of

CARS = {1: "A", 2: "A", 11: "B", 12: "B"}
ANY_CAR = st.sampled_from(sorted(CARS))
TIMELESS = [TakeStock, Start, Finish, CallDying, EndRace]
OF_A_CAR = [LineUp, Drive, SwitchOff, SwitchOn, Charge, StopCharging]


class InterlockOverAWorld(RuleBasedStateMachine):
    """`on`, `charging` and `linked` are how it really is; the interlock is only told what sensors can show."""

    @initialize()
    def begin(self):
        self.now_s = 0.0
        self.state = rotation_of([Car(number, f"Car {number}", name) for number, name in CARS.items()])
        self.on = dict.fromkeys(CARS, True)
        self.charging = dict.fromkeys(CARS, False)
        self.linked = dict.fromkeys(CARS, False)
        self.witness = witness_of(CARS, 1e9)
        self.deaf = False
        self.breaches = []
        self.see_everything()

    def tell(self, event):
        before = self.state
        self.state, actions = step(self.state, event)
        assert (
            self.state.phase is before.phase
            or self.state.phase in TRANSITIONS[before.phase, type(event)].targets
        )
        if not any(isinstance(action, Refused) for action in actions):
            self.write_down(before)
        else:
            assert self.state == before
            assert all(action.sentence for action in actions)
        return actions

    def write_down(self, before):
        """What the stand did, for the witness who knows nothing of the interlock."""
        if before.races and not self.state.races:
            self.fact(What.RACING, before.active, on=False)
        if self.state.races and not before.races:
            self.fact(What.RACING, self.state.active)
        up = {Phase.SET_UP, Phase.RACING, Phase.DYING}
        if self.state.phase in up and before.phase not in up:
            self.fact(What.SET_UP, self.state.active)
        if before.phase in up and self.state.phase not in up:
            self.fact(What.SET_UP, before.active, on=False)

    def fact(self, what, subject="", on=True):
        self.witness, breaches = observe(self.witness, TimedFact(self.now_s, what, subject, on))
        self.breaches += breaches

    def ask(self, request, works):
        for action in self.tell(request):
            self.carry_out(action, works)

    def carry_out(self, action, works):
        match action:
            case Connect(car=car) if works and self.on[car] and not self.deaf:
                self.linked[car] = True
                self.tell(LinkUp(self.now_s, car))
            case Connect(car=car):
                self.linked[car] = False
                self.tell(LinkDown(self.now_s, car))
            case Halt(car=car):
                self.linked[car] = False
                self.tell(LinkDown(self.now_s, car))
            case Go(car=car):
                self.fact(What.DRIVEN, car)
            case Press(car=car):
                if works:
                    self.toggle(car)
                self.tell(Pressed(self.now_s, car))
            case SwitchCharger(car=car, on=on):
                if works:
                    self.feed(car, on)
                shown = (Charger.ON if on else Charger.OFF) if works else Charger.UNKNOWN
                self.tell(ChargerIs(self.now_s, car, shown))

    def toggle(self, car):
        self.on[car] = not self.on[car]
        if not self.on[car]:
            self.linked[car] = False
        self.fact(What.POWER, car, on=self.on[car])

    def feed(self, car, on):
        if self.charging[car] is not on:
            self.charging[car] = on
            self.fact(What.CHARGER, car, on=on)
            if on and not self.on[car]:
                self.toggle(car)

    @rule(kind=st.sampled_from(TIMELESS), works=st.booleans())
    def ask_of_the_stand(self, kind, works):
        self.now_s += 1.0
        self.ask(kind(self.now_s), works)

    @rule(kind=st.sampled_from(OF_A_CAR), car=ANY_CAR, works=st.booleans())
    def ask_of_a_car(self, kind, car, works):
        self.now_s += 1.0
        self.ask(kind(self.now_s, car), works)

    @rule(kind=st.sampled_from(["A", "B"]))
    def ask_to_set_up(self, kind):
        self.ask(SetUp(self.now_s, kind), works=True)

    @rule(name=st.sampled_from(["A", "B"]), restarts=st.booleans())
    def ask_to_take_up(self, name, restarts):
        """As a booth goes on after a restart: nothing is switched, the stand is taken as it is found."""
        if restarts:
            self.linked = dict.fromkeys(CARS, False)
            self.tell(Restarted(self.now_s))
            self.see_everything()
        self.ask(TakeUp(self.now_s, name), works=True)
        for car in [car for car, of in CARS.items() if of == name]:
            self.ask(LineUp(self.now_s, car), works=True)
        self.ask(Start(self.now_s), works=True)

    @rule(name=st.sampled_from(["A", "B"]))
    def ask_for_a_race_from_the_start(self, name):
        self.ask(StandDown(self.now_s), works=True)
        self.deaf = False
        self.see_everything()
        self.ask(TakeStock(self.now_s), works=True)
        self.ask_for_a_whole_line_up(name)

    @rule()
    def ask_for_a_swap(self):
        leaving = self.state.active
        self.see_everything()
        self.ask(CallDying(self.now_s), works=True)
        self.ask(EndRace(self.now_s), works=True)
        self.see_everything()
        if leaving is not None:
            self.ask_for_a_whole_set_off(leaving)
            self.ask_for_a_whole_line_up(self.state.other(leaving))

    @rule(name=st.sampled_from(["A", "B"]))
    def ask_for_a_whole_set_charged(self, name):
        for car in [car for car, of in CARS.items() if of == name]:
            self.ask(Charge(self.now_s, car), works=True)

    @rule(name=st.sampled_from(["A", "B"]))
    def ask_for_a_whole_line_up(self, name):
        self.now_s += 1.0
        self.ask(SetUp(self.now_s, name), works=True)
        for car in [car for car, of in CARS.items() if of == name]:
            self.ask(LineUp(self.now_s, car), works=True)
        self.ask(Start(self.now_s), works=True)

    @rule(name=st.sampled_from(["A", "B"]))
    def ask_for_a_whole_set_off(self, name):
        for car in [car for car, of in CARS.items() if of == name]:
            self.ask(SwitchOff(self.now_s, car), works=True)
        self.see_everything()

    @rule()
    def see_everything(self):
        """A long look around; one car of neither set always shows that the ear works."""
        self.now_s += 10.0
        if self.deaf:
            self.tell(Listened(self.now_s, self.now_s - 10.0, frozenset()))
            return
        heard = [car for car in CARS if self.on[car] and not self.linked[car]]
        for car in CARS:
            if not self.linked[car] and self.state.car(car).link is not Link.UP:
                self.tell(LinkDown(self.now_s, car))
            shown = Charger.ON if self.charging[car] else Charger.OFF
            self.tell(ChargerIs(self.now_s, car, shown))
        for car in heard:
            self.tell(Heard(self.now_s, car, low=False))
        self.tell(Listened(self.now_s, self.now_s - 10.0, frozenset({*heard, 99})))

    @rule(car=ANY_CAR)
    def a_hand_switches_a_car_and_the_ear_hears_it(self, car):
        if not self.deaf and not self.on[car]:
            self.toggle(car)
            self.tell(Heard(self.now_s, car))

    @rule(car=ANY_CAR)
    def a_link_breaks(self, car):
        if self.linked[car]:
            self.linked[car] = False
            self.tell(LinkDown(self.now_s, car))

    @rule(lost=st.booleans())
    def the_ear_goes_or_comes(self, lost):
        self.deaf = lost
        if lost:
            for car in CARS:
                self.linked[car] = False
            self.tell(EarLost(self.now_s))

    @rule()
    def the_watcher_restarts(self):
        self.tell(Restarted(self.now_s))
        self.ask(StandDown(self.now_s), works=True)

    @rule(car=ANY_CAR)
    def a_car_is_taken_out(self, car):
        if len(list(self.state.of(CARS[car]))) > 1:
            self.ask(Quarantine(self.now_s, car, "for the test"), works=True)
            self.fact(What.OUT, car)

    @invariant()
    def nothing_that_must_not_happen_has_happened(self):
        assert [breach for breach in self.breaches if breach.invariant != IN_TIME] == []

    @invariant()
    def what_is_believed_is_so(self):
        for car in self.state.cars:
            if car.power is Power.OFF:
                assert not self.on[car.identifier]
            if car.charger is not Charger.UNKNOWN:
                assert self.charging[car.identifier] is (car.charger is Charger.ON)
            if car.link is Link.UP:
                assert self.linked[car.identifier]

    @invariant()
    def a_race_that_is_set_up_is_connected(self):
        if self.state.phase is Phase.SET_UP:
            assert all(self.linked[car.identifier] for car in self.state.of(self.state.active))


TestInterlockOverAWorld = InterlockOverAWorld.TestCase
TestInterlockOverAWorld.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


def test_every_request_has_words_for_its_refusal():
    assert all(kind.asks for kind in events.REQUESTS)
