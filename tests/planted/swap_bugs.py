"""Bugs of the interlock. The checks are the invariants, which know nothing of it, over a stand where people ask for
anything at any time, and the nemesis, who knows the right answer to each of its faults."""

from __future__ import annotations

import contextlib
import random

from rig.rotation import interlock, reasons
from rig.rotation.events import Charge, Drive, LineUp, Press, Pressed, SetUp, SwitchOff
from rig.rotation.invariants import What
from rig.rotation.knowledge import Phase, Power
from rig.soak.swap.nemesis import FaultKind
from tests.planted.bug import PlantedBug
from tests.rig.soak.swap.model_world import SETS, ModelWorld

MEDDLING = (Drive, LineUp, SwitchOff, Charge, SetUp)


class Meddlers(ModelWorld):
    """Swaps at which people ask for anything in between, over buttons that stick. `awake`: a race was set up although a
    car of the set that has just raced was really on, and on no charger."""

    def __init__(self, seed):
        super().__init__(seed, rates={FaultKind.STUCK_BUTTON: 0.3}, budget_s=1e9)
        self.dice, self.awake = random.Random(seed), None

    def carry_on(self, next_asks):
        def meddled():
            for _ in range(self.dice.randrange(4)):
                self.meddle()
            return next_asks()

        return super().carry_on(meddled)

    def meddle(self):
        kind = self.dice.choice(MEDDLING)
        if kind is SetUp:
            if self.state.phase is Phase.ENDED:
                self.ask(SetUp(self.now_s, self.state.other(self.state.leaving)))
        else:
            self.ask(kind(self.now_s, self.dice.choice(list(SETS))))

    def do(self, action):
        super().do(action)
        if isinstance(action, Press) and self.state.phase is Phase.ENDED:
            self.ask(SetUp(self.now_s, self.state.other(self.state.leaving)))

    def tell(self, event):
        before = self.state
        actions = super().tell(event)
        if before.phase is Phase.ENDED and self.state.phase is Phase.SETTING_UP:
            left = [car.identifier for car in before.of(before.leaving)]
            on = [car for car in left if self.bodies[car].on and not self.bodies[car].charging]
            if on and self.state.active != before.leaving:
                self.awake = (
                    self.awake or f"a race was set up while car {on[0]} of the set before was on the air"
                )
        return actions


class SwitchesAllOff(ModelWorld):
    """Between two races somebody goes round and switches every car off."""

    def carry_on(self, next_asks):
        def gone_round():
            if self.state.phase is Phase.ENDED:
                for car in sorted(SETS, reverse=True):
                    self.ask(SwitchOff(self.now_s, car))
            return next_asks()

        return super().carry_on(gone_round)


def all_switched_off() -> str | None:
    """Whether that leaves both sets off while a race is due."""
    world = SwitchesAllOff(11, rates={}, budget_s=1e9)
    world.fact(What.RACE_DUE)
    with contextlib.suppress(AssertionError):  # who gets away with it has nothing left to race with
        world.one(1)
    return f"{world.breaches[0].invariant}: {world.breaches[0].words}" if world.breaches else None


def meddled_swaps() -> str | None:
    """The first invariant broken in a hundred swaps."""
    world = Meddlers(11)
    for number in range(1, 101):
        try:
            world.one(number)
        except AssertionError:  # nothing goes on any more once a bug is planted
            if not world.breaches:
                raise
        if world.breaches:
            return f"{world.breaches[0].invariant}: {world.breaches[0].words}"
    return None


def stuck_buttons() -> str | None:
    """Swaps with buttons that stick: whether anybody believed that they had not."""
    world = Meddlers(3)
    for number in range(1, 41):
        world.one(number)
    return world.awake


def without_guard(request, *more):
    def plant(patch):
        really = reasons._GUARDS[request]

        def guard(state, event):
            return () if not more or state.phase in dict(more) else really(state, event)

        patch.setitem(reasons._GUARDS, request, guard)
        for phase, other in more:
            patch.setitem(interlock.TRANSITIONS, (phase, request), interlock.TRANSITIONS[other, request])

    return plant


def off_assumed(patch):
    """A press is taken for its success."""
    really = interlock._pressed

    def pressed(state, event):
        after, actions = really(state, event)
        was = state.car(event.car).power
        power = Power.OFF if was is Power.ON else Power.ON
        car = after.car(event.car)
        return after.with_car(type(car)(**{**fields_of(car), "power": power})), actions

    for phase in Phase:
        transition = interlock.TRANSITIONS[phase, Pressed]
        patch.setitem(interlock.TRANSITIONS, (phase, Pressed), type(transition)(pressed, transition.targets))


def fields_of(car):
    return {name: getattr(car, name) for name in car.__dataclass_fields__}


AFTERWARDS = "invariants over the history, by code that knows nothing of the interlock"
BUGS = (
    PlantedBug("charged-before-set-up", "swap", "a set may charge before a race is set up with the other", AFTERWARDS,
               "a set charges only after a race is set up with the other",
               without_guard(Charge, (Phase.ENDED, Phase.RACING)), meddled_swaps),
    PlantedBug("charged-in-its-race", "swap", "a car of the racing set may be put on charge", AFTERWARDS,
               "its charger came on", without_guard(Charge), meddled_swaps),
    PlantedBug("resting-car-driven", "swap", "any car may be driven at any time", AFTERWARDS,
               "a resting car is never driven", without_guard(Drive, (Phase.ENDED, Phase.RACING)), meddled_swaps),
    PlantedBug("both-sets-off", "swap", "the last car that is on may be switched off too", AFTERWARDS,
               "never both sets off while a race is due", without_guard(SwitchOff), all_switched_off),
    PlantedBug("off-assumed", "swap", "a car whose button was pressed is taken for off, unheard",
               "a race is set up only when the set before is really off", "of the set before was on the air", off_assumed, stuck_buttons),
)  # fmt: skip
