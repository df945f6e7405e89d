"""The wiggle test: every wire of a bench is moved, and another sensor has to see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from rig.bench.advert_sensor import AdvertSensor
from rig.bench.capabilities import RenewsPower, SwitchesPower, WhenHostDies
from rig.bench.confirm import switch_charger
from rig.bench.dead_man import dead_man
from rig.bench.errors import NotConfirmed
from rig.bench.station import Bench
from rig.bench.wiring import Bay, Wire
from rig.errors import RigError
from rig.radio.any_radio import AnyRadio
from rig.radio.errors import HostFault

PRESS_S = 0.2
STEP_LIMIT_S = 120.0
_LAPSE_GRACE_S = 1.0


class Result(Enum):
    """What became of a step."""

    PASS = "pass"  # noqa: S105 - a word of the report
    FAIL = "fail"
    UNPROVEN = "unproven"
    """Done, but nothing else could see it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the report: what was moved, what became of it, and what was seen or is to be done. `bay` is the name
    of the bay it is about."""

    subject: str
    action: str
    result: Result
    words: str
    bay: str | None = None


_Found = tuple[Result, str]


@dataclass(frozen=True, slots=True)
class WiggleReport:
    """The wiggle test of one bench, row by row."""

    bench: str
    steps: tuple[Step, ...]

    def count(self, result: Result) -> int:
        """How many rows ended so."""
        return sum(step.result is result for step in self.steps)

    @property
    def failed(self) -> bool:
        """Whether any wire did."""
        return self.count(Result.FAIL) > 0

    @property
    def faults(self) -> dict[str, str]:
        """The bays that should not be used, by name, each with its first fault: for `Bench.left_out`."""
        found: dict[str, str] = {}
        for step in self.steps:
            if step.bay is not None and step.result is Result.FAIL:
                found.setdefault(step.bay, step.words)
        return found


async def wiggle(
    bench: Bench, radio: AnyRadio | None = None, *, on_step: Callable[[Step], None] = lambda _step: None
) -> WiggleReport:
    """Every fixture is asked for its name, every charger switched on and off, every button pressed, every dead-man
    left to run off; one step after another, each told to `on_step`. However it ends, the bench is left safe, which is
    its last step.

    With a `radio` the cars' adverts are the other sensor: a full cell, which takes no current, says that it is on its
    charger, and a button is proven by its car leaving and entering the air. A button is pressed twice, so that the car
    is as before; without a radio it is pressed once, and a car in that bay is really switched.

    Raises:
        HostFault: the radio does not work.
    """
    steps: list[Step] = []

    def row(step: Step) -> None:
        steps.append(step)
        on_step(step)

    try:
        await _every_step(bench, None if radio is None else AdvertSensor(radio), row)
    finally:
        row(await leave_safe(bench))
    return WiggleReport(bench.wiring.name, tuple(steps))


async def _every_step(bench: Bench, adverts: AdvertSensor | None, row: Callable[[Step], None]) -> None:
    dumb: set[str] = set()
    for name in bench.fixtures:
        step = await _step(name, "identify", _identify(bench, name))
        if step.result is Result.FAIL:
            dumb.add(name)
        row(step)
    for bay in bench.wiring.bays:
        if bay.charger is not None:
            wires = [wire.fixture for wire in (bay.charger, bay.meter) if wire is not None]
            row(await _of_bay(bay, "charger", wires, dumb, _charger(bench, bay, adverts)))
        if bay.button is not None:
            run = _button(bench, bay, bay.button.wire, adverts)
            row(await _of_bay(bay, "button", [bay.button.wire.fixture], dumb, run))
    for name in bench.fixtures:
        first = next((b for b in bench.wiring.bays if b.charger and b.charger.fixture == name), None)
        if first is not None and name not in dumb:
            row(await _step(name, "dead-man", _dead_man(bench, name, first)))


async def _of_bay(
    bay: Bay, action: str, wires: Sequence[str], dumb: set[str], run: Callable[[], Awaitable[_Found]]
) -> Step:
    broken = next((name for name in wires if name in dumb), None)
    subject = f"bay {bay.name}"
    if broken is not None:
        return Step(subject, action, Result.FAIL, f"not tried: {broken} does not answer", bay.name)
    return replace(await _step(subject, action, run), bay=bay.name)


async def leave_safe(bench: Bench) -> Step:
    """Chargers off and servos at rest, as the last row. Boards that cannot be read make it UNPROVEN at best."""
    failed = await bench.safe()
    if failed:
        return Step("bench", "left safe", Result.FAIL, "; ".join(str(error) for error in failed))
    chargers = {bay.charger.fixture for bay in bench.wiring.bays if bay.charger is not None}
    mute = sorted(name for name in chargers if not bench.fixtures[name].traits.readable)
    if mute:
        return Step("bench", "left safe", Result.UNPROVEN, f"told off, but {', '.join(mute)} cannot be read")
    return Step("bench", "left safe", Result.PASS, "chargers off, servos at rest")


async def _step(subject: str, action: str, run: Callable[[], Awaitable[_Found]]) -> Step:
    try:
        async with asyncio.timeout(STEP_LIMIT_S):
            result, words = await run()
    except HostFault:
        raise  # a sensor that is broken says nothing about the wires
    except RigError as error:
        return Step(subject, action, Result.FAIL, str(error))
    except TimeoutError:
        return Step(subject, action, Result.FAIL, f"not done in {STEP_LIMIT_S:g} s")
    return Step(subject, action, result, words)


def _identify(bench: Bench, name: str) -> Callable[[], Awaitable[_Found]]:
    async def run() -> _Found:
        fixture = bench.fixtures[name]
        words = await fixture.identify()
        feeds = any(bay.meter is not None and bay.meter.fixture == name for bay in bench.wiring.bays)
        if feeds and isinstance(fixture, SwitchesPower) and await fixture.is_on(1) is False:
            return (
                Result.FAIL,
                f"{words}; its output is off, so no current can be seen: switch it on at its panel",
            )
        if fixture.traits.readable:
            return Result.PASS, words
        return Result.UNPROVEN, f"{words}; {fixture.traits.note}"

    return run


def _charger(bench: Bench, bay: Bay, adverts: AdvertSensor | None) -> Callable[[], Awaitable[_Found]]:
    async def run() -> _Found:
        assert bay.charger is not None
        relay = bench.switch_of(bay.charger)
        await relay.switch(bay.charger.channel, on=False)
        async with dead_man([relay]):
            rise = await switch_charger(bench, bay, on=True, sees=adverts)
            fall = await switch_charger(bench, bay, on=False, sees=adverts)
        if not (rise.proven and fall.proven):
            return Result.UNPROVEN, f"relay {bay.charger} did as told, as far as it says; {_blind(bay)}"
        if rise.by == fall.by == "meter":
            seen = f"{rise.change_ma:+.0f} mA, then {fall.change_ma:+.0f} mA"
        else:
            seen = "the car says that its charger came and went; its cell takes too little for the meter"
        return Result.PASS, f"relay {bay.charger}: {seen}"

    return run


def _blind(bay: Bay) -> str:
    return "no meter in this wire" if bay.meter is None else "the meter saw too little, and no car was heard"


def _button(
    bench: Bench, bay: Bay, wire: Wire, adverts: AdvertSensor | None
) -> Callable[[], Awaitable[_Found]]:
    async def press() -> None:
        await bench.presser_of(wire).press(wire.channel, PRESS_S)

    async def run() -> _Found:
        if adverts is None or bay.car is None:
            await press()
            return (
                Result.UNPROVEN,
                f"servo {wire} pressed and let go; only the car's advert proves the button",
            )
        was_on = await adverts.is_on_air(bay.car)
        for on_air in (not was_on, was_on):
            await press()
            if not await adverts.becomes(bay.car, on_air=on_air):
                raise NotConfirmed(
                    f"bay {bay.name}, servo {wire}",
                    f"pressed, but car {bay.car:08x} is {'not' if on_air else 'still'} on the air",
                )
        went, came = ("left", "entered") if was_on else ("entered", "left")
        return Result.PASS, f"servo {wire}: car {bay.car:08x} {went} the air, then {came} it again"

    return run


def _dead_man(bench: Bench, name: str, bay: Bay) -> Callable[[], Awaitable[_Found]]:
    async def run() -> _Found:
        fixture = bench.fixtures[name]
        if fixture.traits.when_host_dies is not WhenHostDies.FALLS_OFF or not isinstance(
            fixture, RenewsPower
        ):
            return Result.UNPROVEN, f"none: when this host dies, it {fixture.traits.when_host_dies.value}"
        assert bay.charger is not None
        channel, relay = bay.charger.channel, bench.switch_of(bay.charger)
        async with dead_man([fixture]):
            await relay.switch(channel, on=True)
            await asyncio.sleep(fixture.holds_s * 1.5)
            if not await relay.is_on(channel):
                raise NotConfirmed(f"relay {bay.charger}", "it fell off although it was renewed")
        await asyncio.sleep(fixture.holds_s + _LAPSE_GRACE_S)
        if await relay.is_on(channel):
            await relay.switch(channel, on=False)
            raise NotConfirmed(
                f"relay {bay.charger}", f"still on {fixture.holds_s:g} s after the last renewal"
            )
        await relay.switch(channel, on=False)  # from now on it is not to be renewed
        return (
            Result.PASS,
            f"relay {bay.charger} stays on while renewed, falls off {fixture.holds_s:g} s after",
        )

    return run
