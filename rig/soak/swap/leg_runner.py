"""Runs one leg: both sets in one world or on one bench, swap after swap, a safe bench at the end of everything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rig.bench.bays import Bays
from rig.errors import BenchError
from rig.radio.any_radio import AnyRadio
from rig.radio.errors import HostFault
from rig.radio.link import Received
from rig.rotation.events import (
    Action,
    CallDying,
    Connect,
    Drive,
    EarLost,
    Event,
    Go,
    Halt,
    LineUp,
    Press,
    Refused,
    Request,
    Restarted,
    StandDown,
    SwitchCharger,
)
from rig.rotation.interlock import step
from rig.rotation.invariants import Findings, What
from rig.rotation.knowledge import Car, Link, Phase, Power, rotation_of
from rig.soak.schedule import CarSet, SoakCar
from rig.soak.swap.books import Acts, Books
from rig.soak.swap.hands import Hands
from rig.soak.swap.interference import Interference, WorldToSpoil
from rig.soak.swap.machine import Next, advance, approach, progressed, tend
from rig.soak.swap.nemesis import FaultKind, Injection, Strike, draw, judged
from rig.soak.swap.plan import SwapPlan
from rig.soak.swap.steps import (
    Ask,
    Done,
    Listen,
    Response,
    ResponseKind,
    Step,
    SwapOutcome,
    SwapResult,
    TakenOut,
)
from rig.soak.swap.work import bay_failed, begin, ear_lost, refused, result_of

_GLANCE_S = 5.0
"""How often a race is looked after."""
_MOST_TURNS = 1000
"""A swap that wants more is a fault in pitboard."""


class Mends(Protocol):
    """What brings a failed radio back."""

    async def mend(self, car: SoakCar, unit: int | None, fault: HostFault, *, ups: int) -> None:
        """Climbs the ladder; never raises the fault."""
        ...


@dataclass(frozen=True, slots=True)
class Finished:
    """A swap that is over, and what the nemesis did to it."""

    result: SwapResult
    strikes: tuple[Strike, ...]


class _PowerCut(Exception):  # noqa: N818 - named for what happened
    """The nemesis: whoever watched is gone."""


class _Broken(Exception):  # noqa: N818 - as above
    """An invariant was broken."""


class SwapRunner:
    """The swaps of one leg. `on_finished` hears of each, in order; `on_left_alone` of cars that are given up, with
    whether their bay is to blame, and why."""

    def __init__(
        self,
        plan: SwapPlan,
        sets: Sequence[CarSet],
        seed: int,
        *,
        radio: AnyRadio,
        bays: Bays,
        books: Books,
        mender: Mends,
        world: WorldToSpoil | None = None,
        on_finished: Callable[[Finished], None],
        on_left_alone: Callable[[SoakCar, bool, str], None],
        on_frame: Callable[[SoakCar, Received], None] | None = None,
    ) -> None:
        self._plan = plan
        self._seed = seed
        self._sets = {group.name: group.cars for group in sets}
        self._cars = {car.identifier: car for group in sets for car in group.cars}
        self._bays = bays
        self._mender = mender
        self._on_finished = on_finished
        self._on_left_alone = on_left_alone
        self._nemesis = Interference(world)
        self.books = books
        self._hands = Hands(
            self._cars,
            radio=radio,
            bays=bays,
            books=self.books,
            nemesis=self._nemesis,
            tell=self._tell,
            on_frame=on_frame,
        )
        cars = [Car(car.identifier, car.label, group.name) for group in sets for car in group.cars]
        self._state = rotation_of(cars)
        self._work = begin(plan.steps, *self._set_names, 0.0)
        self._in_vain = dict.fromkeys(self._cars, 0)
        self._left_alone: set[int] = set()
        self._swaps = False
        """Whether a swap is under way, and not the race before it."""
        self._drained: set[int] = set()
        """Cars that the nemesis flattened and that have not raced since."""

    @property
    def _set_names(self) -> tuple[str, str]:
        first, second = self._sets
        return first, second

    @property
    def findings(self) -> Findings:
        """What the live checks of the invariants came to so far."""
        return self.books.findings

    async def run(self, numbers: Sequence[int]) -> None:
        """Runs the swaps of these numbers, in order; ends early when no set can race any more.

        Raises:
            BenchError: the store failed, or the bench could not be made safe.
        """
        try:
            for number in numbers:
                if not await self._one(number):
                    break
        finally:
            self.books.unit = None
            self.books.close()
            await self._hands.let_go()

    @property
    def linked(self) -> list[SoakCar]:
        """The cars that a link is still held to."""
        return [self._cars[car] for car in self._hands.linked]

    # one swap

    async def _one(self, number: int) -> bool:
        """Runs one swap with the race before it; whether it makes sense to go on."""
        self.books.unit = number
        self.books.seen(What.RACE_DUE)
        self._nemesis.prepare(())
        leaving, coming = self._turn(number)
        self._work = begin(self._plan.steps, coming, leaving, _now_s(), number=number)
        injections: tuple[Injection, ...] = ()
        outcome, reason, goes_on = None, "", True
        try:
            reason = await self._into_a_race()
            if reason:
                outcome, goes_on = SwapOutcome.VOID, False
            else:
                await self._race()
                leaving, coming = self._turn(number)
                injections = self._drawn(number, leaving, coming)
                self._nemesis.prepare(injections)
                self._work = begin(self._plan.steps, leaving, coming, _now_s(), number=number)
                self._swaps = True
                self.books.seen(What.SWAP)
                await self._ask(CallDying(_now_s()))
                reason = await self._carry_on(lambda: advance(self._work, self._state, _now_s()))
        except _PowerCut:
            outcome, reason = SwapOutcome.CUT, "the nemesis cut the power"
        except _Broken as broken:
            outcome, reason = SwapOutcome.FAIL, str(broken)
        self._swaps = False
        result = result_of(self._work, _now_s(), reason, outcome)
        if outcome is SwapOutcome.CUT:
            result = replace(result, responses=(*result.responses, await self._begin_anew()))
        self.books.seen(What.SWAP, on=False)
        if outcome is SwapOutcome.FAIL or self._state.phase not in {Phase.RACING, Phase.LOST}:
            await self._stand_down()
        self._finish(result, injections)
        return goes_on and any(self._fit(name) for name in self._set_names)

    def _turn(self, number: int) -> tuple[str, str]:
        """(the set that races and is to leave, the one that takes over) of a swap."""
        first, second = self._set_names
        leaving = first if number % 2 else second
        if self._state.phase is Phase.RACING and self._state.active is not None:
            leaving = self._state.active
        elif not self._fit(leaving):
            leaving = self._state.other(leaving)
        return leaving, self._state.other(leaving)

    def _fit(self, set_name: str) -> list[SoakCar]:
        return [car for car in self._sets[set_name] if car.identifier not in self._left_alone]

    def _drawn(self, number: int, leaving: str, coming: str) -> tuple[Injection, ...]:
        """The faults of a swap; a car that an earlier one flattened may not be full enough yet."""
        self._drained -= {car for car in self._drained if self._state.car(car).link is Link.UP}
        lasting = [
            Injection(FaultKind.FLAT, Step.READY, car.identifier, amount=0.0)
            for car in self._sets[coming]
            if car.identifier in self._drained
        ]
        drawn = draw(
            self._plan.rates,
            self._plan.steps,
            seed=self._seed,
            number=number,
            leaving=[car.identifier for car in self._sets[leaving]],
            coming=[car.identifier for car in self._sets[coming] if car.identifier not in self._drained],
        )
        return (*lasting, *drawn)

    def _finish(self, result: SwapResult, injections: Sequence[Injection]) -> None:
        strikes = tuple(
            judged(
                injection,
                self._nemesis.struck.get(injection),
                self._plan.steps,
                result.responses,
                result.outcome,
            )
            for injection in injections
        )
        self._latch(result, strikes)
        self._on_finished(Finished(result, strikes))

    def _latch(self, result: SwapResult, strikes: Sequence[Strike]) -> None:
        """A car that has to be taken out again and again, by no doing of the nemesis, is left alone."""
        spoiled = any(strike.at_s is not None for strike in strikes)
        if not spoiled:
            self._count_in_vain(result.taken_out)
        for identifier, car in self._cars.items():
            fault = self._bays.fault_of(identifier)
            if fault is not None:
                self._leave_alone(car, bay=True, why=fault)
            elif result.is_complete and self._state.car(identifier).quarantined is None:
                self._in_vain[identifier] = 0

    def _count_in_vain(self, taken_out: Sequence[TakenOut]) -> None:
        for taken in taken_out:
            self._in_vain[taken.car] += 1
            if self._in_vain[taken.car] >= self._plan.give_up_after:
                self._leave_alone(
                    self._cars[taken.car], bay=False, why=f"taken out again and again: {taken.why}"
                )

    def _leave_alone(self, car: SoakCar, *, bay: bool, why: str) -> None:
        if car.identifier not in self._left_alone:
            self._left_alone.add(car.identifier)
            self._on_left_alone(car, bay, why)

    # the parts of it

    async def _into_a_race(self) -> str:
        if self._state.phase is Phase.RACING:
            return ""
        return await self._carry_on(lambda: approach(self._work, self._state, _now_s()))

    async def _race(self) -> None:
        began_s = _now_s()
        await self._drive_on()
        resting = self._state.other(self._state.active)
        out = frozenset(
            car.identifier
            for car in self._state.cars
            if car.quarantined is not None
            and car.set_name == resting
            and car.identifier not in self._left_alone
        )
        assert self._state.active is not None
        self._work = begin(self._plan.steps, resting, self._state.active, began_s, step=Step.CHARGE)
        await self._carry_on(lambda: tend(self._work, self._state, _now_s(), out))
        self._count_in_vain(self._work.taken_out)
        while (left_s := began_s + self._plan.race_s - _now_s()) > 0:
            await asyncio.sleep(min(_GLANCE_S, left_s))
            self._hands.news()
            await self._drive_on()

    async def _drive_on(self) -> None:
        """Every car of the race on its way; one that lost its link is brought back."""
        for car in list(self._state.of(self._state.active)):
            if car.link is not Link.UP and self._state.car(car.identifier).power is not Power.ON:
                await self._listen(self._plan.steps.listen_s)
            if self._state.car(car.identifier).link is not Link.UP:
                await self._ask(LineUp(_now_s(), car.identifier))
                await self._ask(Drive(_now_s(), car.identifier))
            elif car.identifier not in self._hands.driven:
                await self._ask(Drive(_now_s(), car.identifier))

    async def _begin_anew(self) -> Response:
        """As after a power cut: links are gone, the dead-man has let every charger go, nothing is known."""
        await self._hands.let_go()
        await self._bays.all_off()
        self._tell(Restarted(_now_s()))
        return Response(
            _now_s(), ResponseKind.ANEW, "began anew: everything unknown, made safe, established again"
        )

    async def _stand_down(self) -> None:
        await self._ask(StandDown(_now_s()))
        self.books.breaches.clear()

    # carrying out

    async def _carry_on(self, next_asks: Callable[[], Next]) -> str:
        """Does what is asked until it is done; why it went no further, if it did not."""
        for _ in range(_MOST_TURNS):
            self._hands.news()
            self._check()
            await self._strike()
            self._work, asks = next_asks()
            done = await self._do_all(asks)
            if done is not None:
                self._check()
                return done.reason
        raise BenchError(f"swap {self._work.number} does not end ({self._work.step}); please report this")

    async def _do_all(self, asks: Sequence[Ask]) -> Done | None:
        chargers: list[SwitchCharger] = []
        for ask in asks:
            if isinstance(ask, Done):
                return ask
            if isinstance(ask, Listen):
                await self._switch(chargers)
                await self._listen(ask.for_s)
            else:
                actions = self._granted(replace(ask, at_s=_now_s()))
                chargers += [action for action in actions if isinstance(action, SwitchCharger)]
                await self._carry_out([action for action in actions if not isinstance(action, SwitchCharger)])
        await self._switch(chargers)
        return None

    async def _ask(self, request: Request) -> None:
        actions = self._granted(request)
        await self._carry_out([action for action in actions if not isinstance(action, SwitchCharger)])
        await self._switch([action for action in actions if isinstance(action, SwitchCharger)])

    def _granted(self, request: Request) -> tuple[Action, ...]:
        """What a request gives, when it is not refused."""
        actions = self._tell(request)
        for action in actions:
            if isinstance(action, Refused):
                self._work = refused(self._work, action)
                self.books.remark("stand", "", "refused", action.sentence)
                return ()
        if self._swaps:
            self._work = progressed(self._work, self._state, _now_s())
        return actions

    def _tell(self, event: Event) -> tuple[Action, ...]:
        before = self._state
        self._state, actions = step(before, event)
        if not any(isinstance(action, Refused) for action in actions):
            self.books.moved(before, self._state, event)
        return actions

    async def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            try:
                match action:
                    case Connect(car=car):
                        await self._hands.connect(car)
                    case Halt(car=car):
                        await self._hands.halt(car)
                    case Go(car=car):
                        await self._hands.go(car, self._plan.speed_mm_s)
                    case Press(car=car):
                        self._note_bay(car, await self._hands.press(car))
            except HostFault as fault:
                await self._ear_is_lost(fault)

    async def _switch(self, chargers: list[SwitchCharger]) -> None:
        """Chargers of different bays at once; each waits for its own meter."""
        if not chargers:
            return
        wanted, chargers[:] = list(chargers), []
        said = await asyncio.gather(*(self._hands.charge(action.car, action.on) for action in wanted))
        for action, words in zip(wanted, said, strict=True):
            self._note_bay(action.car, words)

    def _note_bay(self, car: int, words: str | None) -> None:
        if words is not None:
            self._work = bay_failed(self._work, car, words)

    async def _listen(self, for_s: float) -> None:
        try:
            await self._hands.listen(for_s)
        except HostFault as fault:
            await self._ear_is_lost(fault)

    async def _ear_is_lost(self, fault: HostFault) -> None:
        self._tell(EarLost(_now_s()))
        self._hands.news()
        car = next(iter(self._cars.values()))
        await self._mender.mend(car, self.books.unit, fault, ups=self._hands.ups)
        words = f"{fault.what_happened}: everything it showed was unknown until shown again"
        self._work = ear_lost(self._work, _now_s(), words)

    def _check(self) -> None:
        if self.books.breaches:
            breach = self.books.breaches[0]
            names = ", ".join(self._cars[car].label for car in breach.cars)
            raise _Broken(f"{breach.invariant}: {names}{': ' if names else ''}{breach.words}")

    # the nemesis

    async def _strike(self) -> None:
        here = {Phase.DYING: Step.READY, Phase.ENDED: Step.OFF}.get(self._state.phase)
        if self._state.phase in {Phase.SETTING_UP, Phase.SET_UP}:
            here = Step.SET_UP
        elif self._state.phase is Phase.RACING and self._swaps:
            here = Step.CHARGE
        for injection in [] if here is None else self._nemesis.due(here):
            car = injection.car
            if car is None or self._state.car(car).quarantined is None:
                words = f"for {injection.amount:g}" if injection.amount != 1.0 else ""
                subject = ("stand", "") if car is None else ("car", f"{car:08x}")
                self.books.remark(*subject, f"nemesis: {injection.kind}", words)
                await self._strike_with(injection)

    async def _strike_with(self, injection: Injection) -> None:
        car = injection.car
        match injection.kind:
            case FaultKind.POWER_CUT:
                self._nemesis.has_struck(injection)
                raise _PowerCut
            case FaultKind.WRONG_LINE_UP:
                assert car is not None
                self._nemesis.has_struck(injection)
                await self._ask(LineUp(_now_s(), car))
            case FaultKind.WRONG_SET_ON:
                assert car is not None
                if self._state.car(car).power is Power.OFF:
                    self._nemesis.has_struck(injection)
                    # a hand at the button: past the interlock, which then hears of it as of any car
                    self._note_bay(car, await self._hands.press(car))
                    await self._listen(self._plan.steps.listen_s)
            case FaultKind.ADAPTER_LOST:
                self._nemesis.strike(injection)
                await self._listen(self._plan.steps.listen_s)
            case FaultKind.FLAT if not injection.amount:
                self._nemesis.has_struck(injection)
            case FaultKind.FLAT:
                assert car is not None
                self._drained.add(car)
                self._nemesis.strike(injection)
            case _:
                self._nemesis.strike(injection)


def books_for(plan: SwapPlan, sets: Sequence[CarSet], acts: Acts) -> Books:
    """The books of a leg; its bays journal through them as well."""
    return Books(acts, {car.identifier: group.name for group in sets for car in group.cars}, plan.budget_s)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
