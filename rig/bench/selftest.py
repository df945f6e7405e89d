"""The wiggle test: every wire of a bench is moved, and another sensor has to see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from rig.bench.capabilities import RenewsPower, SwitchesPower, WhenHostDies
from rig.bench.confirm import switch_charger
from rig.bench.dead_man import dead_man
from rig.bench.errors import NotConfirmed
from rig.bench.station import Bench
from rig.bench.wiring import Bay
from rig.errors import RigError

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
    """One row of the report: what was moved, what became of it, and what was seen or is to be done."""

    subject: str
    action: str
    result: Result
    words: str


_Found = tuple[Result, str]


async def wiggle(bench: Bench) -> AsyncIterator[Step]:
    """Every fixture is asked for its name, every charger switched on and off, every button pressed, every dead-man
    left to run off; one step after another. The caller ends with `leave_safe`, however this ended.

    A power button is really pressed: a car in that bay is switched on or off.
    """
    dumb: set[str] = set()
    for name in bench.fixtures:
        step = await _step(name, "identify", _identify(bench, name))
        if step.result is Result.FAIL:
            dumb.add(name)
        yield step
    for bay in bench.wiring.bays:
        wires = [wire.fixture for wire in (bay.charger, bay.meter) if wire is not None]
        broken = [name for name in wires if name in dumb]
        if bay.charger is not None and broken:
            yield Step(f"bay {bay.name}", "charger", Result.FAIL, f"not tried: {broken[0]} does not answer")
        elif bay.charger is not None:
            yield await _step(f"bay {bay.name}", "charger", _charger(bench, bay))
        if bay.button is not None and bay.button.wire.fixture not in dumb:
            yield await _step(f"bay {bay.name}", "button", _button(bench, bay))
        elif bay.button is not None:
            yield Step(
                f"bay {bay.name}",
                "button",
                Result.FAIL,
                f"not tried: {bay.button.wire.fixture} does not answer",
            )
    for name in bench.fixtures:
        first = next((b for b in bench.wiring.bays if b.charger and b.charger.fixture == name), None)
        if first is not None and name not in dumb:
            yield await _step(name, "dead-man", _dead_man(bench, name, first))


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


def _charger(bench: Bench, bay: Bay) -> Callable[[], Awaitable[_Found]]:
    async def run() -> _Found:
        assert bay.charger is not None
        relay = bench.switch_of(bay.charger)
        await relay.switch(bay.charger.channel, on=False)
        async with dead_man([relay]):
            rise = await switch_charger(bench, bay, on=True)
            fall = await switch_charger(bench, bay, on=False)
        if rise.proven and fall.proven:
            return (
                Result.PASS,
                f"relay {bay.charger}: {rise.change_ma:+.0f} mA, then {fall.change_ma:+.0f} mA",
            )
        return Result.UNPROVEN, f"relay {bay.charger} did as told, as far as it says; no meter in this wire"

    return run


def _button(bench: Bench, bay: Bay) -> Callable[[], Awaitable[_Found]]:
    async def run() -> _Found:
        assert bay.button is not None
        wire = bay.button.wire
        await bench.presser_of(wire).press(wire.channel, PRESS_S)
        return Result.UNPROVEN, f"servo {wire} pressed and let go; only the car's advert proves the button"

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
