"""Eight cars and their bays as plainly as can be: no radio, no bytes, time that only adds up.

It does what the machines ask for and reports what sensors could show; the nemesis interferes where a hand, a wire or
a cell would. What physically happens goes to a witness who knows nothing of the interlock.
"""

from __future__ import annotations

import random
from dataclasses import replace

from rig.rotation.events import (
    CallDying,
    ChargerIs,
    Connect,
    Drive,
    EarLost,
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
    StandDown,
    SwitchCharger,
)
from rig.rotation.interlock import step
from rig.rotation.invariants import TimedFact, What, observe, witness_of
from rig.rotation.knowledge import Car, Charger, Link, Phase, rotation_of
from rig.soak.swap.machine import advance, approach, tend
from rig.soak.swap.nemesis import FaultKind, draw, judged
from rig.soak.swap.steps import Done, Listen, Response, ResponseKind, Step, StepLimits, SwapOutcome
from rig.soak.swap.work import begin, ear_lost, refused, result_of

SETS = {number: name for name in "AB" for number in range(1 if name == "A" else 11, 5 if name == "A" else 15)}
UP = {Phase.SET_UP, Phase.RACING, Phase.DYING}


class PowerCut(Exception):  # noqa: N818 - named for what happened
    """The watcher dies."""


class Body:
    """How one car really is."""

    def __init__(self):
        self.on, self.linked, self.charging, self.flat = True, False, False, False
        self.dead_presses = self.dead_chargings = self.dead_stops = 0
        self.silent_until_s = 0.0


class ModelWorld:
    def __init__(self, seed, *, rates, limits=None, budget_s=240.0, race_s=60.0):
        self.limits = limits or StepLimits()
        self.rates, self.seed, self.race_s = rates, seed, race_s
        self.random = random.Random(seed)
        self.now_s = 0.0
        self.bodies = {number: Body() for number in SETS}
        self.deaf_until_s = 0.0
        self.state = rotation_of([Car(number, f"{name}{number % 10}", name) for number, name in SETS.items()])
        self.witness = witness_of(SETS, budget_s)
        self.breaches, self.results, self.strikes = [], [], []
        self.work, self.pending, self.struck = None, [], {}

    # the night

    def run(self, swaps):
        self.fact(What.RACE_DUE)
        for number in range(1, swaps + 1):
            self.one(number)
        return self

    def one(self, number):
        self.pending, self.struck = [], {}
        if self.state.phase is not Phase.RACING:
            self.into_a_race(number)
        leaving, coming = self.state.active, self.state.other(self.state.active)
        self.race()
        self.pending = list(
            draw(
                self.rates,
                self.limits,
                seed=self.seed,
                number=number,
                leaving=[car for car, name in SETS.items() if name == leaving],
                coming=[car for car, name in SETS.items() if name == coming],
            )
        )
        injections = tuple(self.pending)
        self.fact(What.SWAP)
        self.work = begin(self.limits, leaving, coming, self.now_s, number=number)
        try:
            self.ask(CallDying(self.now_s))
            reason = self.carry_on(lambda: advance(self.work, self.state, self.now_s))
            result = result_of(self.work, self.now_s, reason)
        except PowerCut:
            result = result_of(self.work, self.now_s, "power cut", SwapOutcome.CUT)
            anew = Response(self.now_s, ResponseKind.ANEW, "began anew")
            result = replace(result, responses=(*result.responses, anew))
        self.fact(What.SWAP, on=False)
        self.results.append(result)
        self.strikes += [
            judged(inj, self.struck.get(inj), self.limits, result.responses, result.outcome)
            for inj in injections
        ]
        self.pending = []
        if self.state.phase is Phase.DYING:  # the other set cannot take over: its race goes on, then all stop
            self.ask(StandDown(self.now_s))

    def into_a_race(self, number):
        self.work = begin(self.limits, "B", "A", self.now_s)
        if not any(True for _ in self.state.of("A")):
            self.work = begin(self.limits, "A", "B", self.now_s)
        reason = self.carry_on(lambda: approach(self.work, self.state, self.now_s))
        assert not reason, reason

    def race(self):
        began_s = self.now_s
        for car in self.state.of(self.state.active):
            self.ask(Drive(self.now_s, car.identifier))
        resting = self.state.other(self.state.active)
        out = frozenset(
            car.identifier for car in self.state.cars if car.quarantined and car.set_name == resting
        )
        self.work = begin(self.limits, resting, self.state.active, self.now_s, step=Step.CHARGE)
        for car in out:
            self.bodies[car].flat = False  # somebody has looked after it
        self.carry_on(lambda: tend(self.work, self.state, self.now_s, out))
        self.now_s = max(self.now_s, began_s + self.race_s)
        for car, body in self.bodies.items():
            if body.charging:
                body.flat = False
                if not body.on:
                    self.toggle(car)

    def carry_on(self, next_asks):
        for _ in range(2000):
            self.strike_if_due()
            self.work, asks = next_asks()
            for ask in asks:
                if isinstance(ask, Done):
                    return ask.reason
                if isinstance(ask, Listen):
                    self.listen(ask.for_s)
                else:
                    self.ask(replace(ask, at_s=self.now_s))
        raise AssertionError(f"no end of it in swap {self.work.number}, step {self.work.step}")

    # what the machines ask for

    def ask(self, request):
        for action in self.tell(request):
            if isinstance(action, Refused):
                self.work = refused(self.work, action)
            else:
                self.do(action)

    def tell(self, event):
        before = self.state
        self.state, actions = step(self.state, event)
        if before.phase is not self.state.phase:
            self.write_down(before)
        if isinstance(event, Quarantine | Readmit) and not isinstance(next(iter(actions), None), Refused):
            self.fact(What.OUT, event.car, on=isinstance(event, Quarantine))
        return actions

    def write_down(self, before):
        if before.races and not self.state.races:
            self.fact(What.RACING, before.active, on=False)
        if before.phase in UP and self.state.phase not in UP:
            self.fact(What.SET_UP, before.active, on=False)
        if self.state.phase in UP and before.phase not in UP:
            self.fact(What.SET_UP, self.state.active)
        if self.state.races and not before.races:
            self.fact(What.RACING, self.state.active)

    def do(self, action):
        match action:
            case Connect(car=car):
                body = self.bodies[car]
                self.now_s += 0.5
                reached = body.on and not self.deaf and self.now_s >= body.silent_until_s
                body.linked = reached and self.random.random() < 0.97
                self.tell(LinkUp(self.now_s, car) if body.linked else LinkDown(self.now_s, car))
            case Halt(car=car):
                self.now_s += 0.1
                self.bodies[car].linked = False
                self.tell(LinkDown(self.now_s, car))
            case Go(car=car):
                self.fact(What.DRIVEN, car)
            case Press(car=car):
                self.now_s += 0.6
                self.press(car)
                self.tell(Pressed(self.now_s, car))
            case SwitchCharger(car=car, on=on):
                self.now_s += 0.3
                self.tell(ChargerIs(self.now_s, car, self.switch(car, on)))

    def press(self, car):
        body = self.bodies[car]
        if body.dead_presses > 0:
            body.dead_presses -= 1
        else:
            self.toggle(car)

    def toggle(self, car):
        body = self.bodies[car]
        on = not body.on and not (body.flat and not body.charging)
        if on is not body.on:
            body.on = on
            body.linked = body.linked and on
            self.fact(What.POWER, car, on=on)

    def switch(self, car, on):
        body = self.bodies[car]
        if on and body.dead_chargings > 0:
            body.dead_chargings -= 1
            return Charger.UNKNOWN
        if not on and body.charging and body.dead_stops > 0:
            body.dead_stops -= 1
            return Charger.UNKNOWN
        if body.charging is not on:
            body.charging = on
            self.fact(What.CHARGER, car, on=on)
            if on and not body.on:
                self.toggle(car)
        return Charger.ON if on else Charger.OFF

    @property
    def deaf(self):
        return self.now_s < self.deaf_until_s

    def listen(self, for_s):
        if self.deaf:
            self.tell(EarLost(self.now_s))
            self.now_s = self.deaf_until_s + 2.0
            self.work = ear_lost(self.work, self.now_s, "the adapter is back")
            for body in self.bodies.values():
                body.linked = False
        since_s = self.now_s
        self.now_s += for_s
        heard = set()
        for car, body in self.bodies.items():
            if not body.linked and self.state.car(car).link is not Link.DOWN:
                self.tell(LinkDown(self.now_s, car))
            if body.linked:
                heard.add(car)  # by its data
            elif body.on and self.now_s >= body.silent_until_s:
                heard.add(car)
                self.tell(Heard(self.now_s, car, low=body.flat))
        self.tell(Listened(self.now_s, since_s, frozenset(heard)))

    # the nemesis

    def strike_if_due(self):
        here = {
            Phase.DYING: Step.READY,
            Phase.ENDED: Step.OFF,
            Phase.SETTING_UP: Step.SET_UP,
            Phase.RACING: Step.CHARGE,
        }
        for injection in [i for i in self.pending if i.step is here.get(self.state.phase)]:
            self.pending.remove(injection)
            if injection.car is None or self.state.car(injection.car).quarantined is None:
                self.strike(injection)

    def strike(self, injection):
        car, kind = injection.car, injection.kind
        effect = {
            FaultKind.WRONG_SET_ON: self.wake,
            FaultKind.WRONG_LINE_UP: lambda car, _: self.ask(LineUp(self.now_s, car)),
            FaultKind.FLAT: self.flatten,
            FaultKind.ADAPTER_LOST: self.deafen,
            FaultKind.POWER_CUT: self.die,
        }.get(kind, lambda car, amount: self.hamper(kind, car, amount))
        at_s = self.now_s
        if kind is FaultKind.POWER_CUT:
            self.struck[injection] = at_s
        if effect(car, injection.amount) is not False:
            self.struck[injection] = at_s

    def hamper(self, kind, car, amount):
        body = self.bodies[car]
        match kind:
            case FaultKind.STUCK_BUTTON:
                body.dead_presses = amount
            case FaultKind.LEFT_ON_CHARGER:
                body.dead_stops = amount
                return body.charging
            case FaultKind.DEAD_CHARGER:
                body.dead_chargings = amount
            case FaultKind.NOT_READY:
                body.silent_until_s = self.now_s + amount
        return True

    def wake(self, car, _):
        body = self.bodies[car]
        if body.on:
            return False
        self.toggle(car)
        self.listen(self.limits.listen_s)
        return body.on

    def flatten(self, car, _):
        body = self.bodies[car]
        body.flat = True
        if body.on and not body.charging:
            self.toggle(car)

    def deafen(self, _, amount):
        self.deaf_until_s = self.now_s + amount
        for body in self.bodies.values():
            body.linked = False
        self.listen(self.limits.listen_s)

    def die(self, _, __):
        """The process is gone: links time out, the dead-man lets every charger go."""
        was = self.state
        for car, body in self.bodies.items():
            body.linked = False
            body.dead_stops = 0
            self.switch(car, on=False)
        self.tell(Restarted(self.now_s))
        self.fact(What.SWAP, on=False)
        assert was.phase is not Phase.LOST
        self.now_s += 30.0
        raise PowerCut

    def fact(self, what, subject="", on=True):
        self.witness, breaches = observe(self.witness, TimedFact(self.now_s, what, subject, on))
        self.breaches += breaches
