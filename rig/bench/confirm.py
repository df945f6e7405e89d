"""An actuator is confirmed by another sensor: a charger's contact by the meter in its wire, or by the car on it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from rig.bench.drivers.relay_channels import on_off
from rig.bench.errors import NotConfirmed
from rig.bench.station import Bench
from rig.bench.wiring import Bay, Wire
from rig.errors import InputError, RigError

_POLL_S = 0.1


class SeesCharger(Protocol):
    """The car as a sensor: it feels its charger's voltage, and says so in its adverts and status messages."""

    async def on_charger(self, car: int, wanted: bool) -> bool | None:
        """Whether the car with this identifier feels a charger, waiting a moment for it to become `wanted`; None
        when it cannot be heard."""
        ...


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was seen of a switched charger. `proven` is False where nothing but the board itself could tell; `by` says
    what saw it: `meter`, `car` or nothing. `change_ma` is the step the meter saw, `after_s` when."""

    proven: bool
    change_ma: float = 0.0
    after_s: float = 0.0
    by: str = ""


async def switch_charger(
    bench: Bench, bay: Bay, *, on: bool, sees: SeesCharger | None = None
) -> Confirmation:
    """Switches a bay's charger and waits until its meter shows the step.

    A full cell takes nothing, so that the meter sees no step: then the car is asked, by `sees`. Other bays on the same
    meter must not be switched meanwhile: what is looked for is a step of their sum. A charger that cannot be confirmed
    on is switched off again before the error is raised. One that carried no current before nor after counts as off,
    unproven, unless the car says otherwise.

    Raises:
        NotConfirmed: no sensor saw it in time; names board, channel and bay.
        FixtureFault: the relay or the meter failed.
        InputError: the bay has no charger.
    """
    if bay.charger is None:
        raise InputError(f"bay {bay.name} has no charger in the wiring map; add one or leave it out")
    relay, channel = bench.switch_of(bay.charger), bay.charger.channel
    unchanged = await relay.is_on(channel) is on
    if unchanged or (bay.meter is None and (sees is None or bay.car is None)):
        await relay.switch(channel, on)
        return Confirmation(proven=False)
    try:
        if bay.meter is None:
            return await _switch_and_ask(bench, bay, bay.charger, sees, on=on)
        return await _switch_and_see(bench, bay, bay.charger, bay.meter, sees, on=on)
    except (RigError, asyncio.CancelledError):
        if on:
            await relay.switch(channel, on=False)
        raise


async def _switch_and_see(
    bench: Bench, bay: Bay, charger: Wire, wire: Wire, sees: SeesCharger | None, *, on: bool
) -> Confirmation:
    meter, wiring, loop = bench.meter_of(wire), bench.wiring, asyncio.get_running_loop()
    before_ma = (await meter.measure(wire.channel)).current_ma
    await bench.switch_of(charger).switch(charger.channel, on)
    start_s = loop.time()
    while True:
        change_ma = (await meter.measure(wire.channel)).current_ma - before_ma
        after_s = loop.time() - start_s
        if (change_ma if on else -change_ma) >= wiring.least_ma:
            return Confirmation(proven=True, change_ma=change_ma, after_s=after_s, by="meter")
        if after_s >= wiring.within_s:
            break
        await asyncio.sleep(_POLL_S)
    felt = await _felt(bay, sees, on=on)
    if felt is on:
        return Confirmation(proven=True, change_ma=change_ma, after_s=loop.time() - start_s, by="car")
    if felt is None and not on and before_ma < wiring.least_ma and before_ma + change_ma < wiring.least_ma:
        return Confirmation(proven=False, change_ma=change_ma, after_s=after_s)
    said = {None: "", True: ", and the car says that it is on", False: ", and the car feels none"}[felt]
    raise NotConfirmed(
        f"bay {bay.name}, relay {charger}",
        f"told {on_off(on)}, but meter {wire} saw {change_ma:+.0f} mA in {wiring.within_s:g} s,"
        f" not {'+' if on else '-'}{wiring.least_ma:g} mA{said}",
    )


async def _switch_and_ask(
    bench: Bench, bay: Bay, charger: Wire, sees: SeesCharger | None, *, on: bool
) -> Confirmation:
    """A bay without a meter: the car is the only sensor."""
    await bench.switch_of(charger).switch(charger.channel, on)
    felt = await _felt(bay, sees, on=on)
    if felt is not None and felt is not on:
        raise NotConfirmed(
            f"bay {bay.name}, relay {charger}", f"told {on_off(on)}, but the car says {on_off(felt)}"
        )
    return Confirmation(proven=felt is on, by="car" if felt is on else "")


async def _felt(bay: Bay, sees: SeesCharger | None, *, on: bool) -> bool | None:
    return None if sees is None or bay.car is None else await sees.on_charger(bay.car, on)
