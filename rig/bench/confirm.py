"""An actuator is confirmed by another sensor: a charger's contact by the meter in its wire."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from rig.bench.drivers.relay_channels import on_off
from rig.bench.errors import NotConfirmed
from rig.bench.station import Bench
from rig.bench.wiring import Bay
from rig.errors import InputError, RigError

_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was seen of a switched charger. `proven` is False where the bay has no meter, or the contact already
    was as wanted so that nothing could change; `change_ma` is the step the meter saw, `after_s` when."""

    proven: bool
    change_ma: float = 0.0
    after_s: float = 0.0


async def switch_charger(bench: Bench, bay: Bay, *, on: bool) -> Confirmation:
    """Switches a bay's charger and waits until its meter shows the step.

    Other bays on the same meter must not be switched meanwhile: what is looked for is a step of their sum.
    A charger that cannot be confirmed on is switched off again before the error is raised.

    Raises:
        NotConfirmed: the meter saw no step in time; names board, channel and bay.
        FixtureFault: the relay or the meter failed.
        InputError: the bay has no charger.
    """
    if bay.charger is None:
        raise InputError(f"bay {bay.name} has no charger in the wiring map; add one or leave it out")
    relay, channel = bench.switch_of(bay.charger), bay.charger.channel
    unchanged = await relay.is_on(channel) is on
    if bay.meter is None or unchanged:
        await relay.switch(channel, on)
        return Confirmation(proven=False)
    try:
        return await _switch_and_see(bench, bay, on=on)
    except (RigError, asyncio.CancelledError):
        if on:
            await relay.switch(channel, on=False)
        raise


async def _switch_and_see(bench: Bench, bay: Bay, *, on: bool) -> Confirmation:
    assert bay.charger is not None
    assert bay.meter is not None
    meter, wiring, loop = bench.meter_of(bay.meter), bench.wiring, asyncio.get_running_loop()
    before_ma = (await meter.measure(bay.meter.channel)).current_ma
    await bench.switch_of(bay.charger).switch(bay.charger.channel, on)
    start_s = loop.time()
    while True:
        change_ma = (await meter.measure(bay.meter.channel)).current_ma - before_ma
        after_s = loop.time() - start_s
        if (change_ma if on else -change_ma) >= wiring.least_ma:
            return Confirmation(proven=True, change_ma=change_ma, after_s=after_s)
        if after_s >= wiring.within_s:
            raise NotConfirmed(
                f"bay {bay.name}, relay {bay.charger}",
                f"told {on_off(on)}, but meter {bay.meter} saw {change_ma:+.0f} mA in {wiring.within_s:g} s,"
                f" not {'+' if on else '-'}{wiring.least_ma:g} mA",
            )
        await asyncio.sleep(_POLL_S)
