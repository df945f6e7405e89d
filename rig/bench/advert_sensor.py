"""Adverts as a sensor: whether a car is on the air, and whether it says that it is on a charger."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from rig.radio.any_radio import AnyRadio
from rig.radio.errors import CarNotFound
from rig.radio.sighting import Sighting

LOOK_S = 3.0
"""One look at the air, each a scan of its own: within one scan a host may tell of a car only once. A car that is on
advertises ten times a second and is heard much sooner."""
APPEARS_WITHIN_S = 12.0
"""Booting, and a look."""
VANISHES_WITHIN_S = 6.0


class AdvertSensor:
    """Listens to cars that no link is held to; who holds one knows more, from the car's status messages."""

    def __init__(self, radio: AnyRadio) -> None:
        self._radio = radio

    async def on_charger(self, car: int, wanted: bool) -> bool | None:
        """What the car's adverts say, waiting for what is wanted: a charger wakes a car that was off. None when no
        advert told it.

        Raises:
            HostFault: the radio does not work.
        """
        last: bool | None = None

        async def as_wanted() -> bool:
            nonlocal last
            sighting = await self._look(car)
            if sighting is not None and sighting.state is not None:
                last = sighting.state.on_charger
            return last is wanted

        await _until(as_wanted, APPEARS_WITHIN_S if wanted else VANISHES_WITHIN_S)
        return last

    async def is_on_air(self, car: int) -> bool:
        """Whether the car is heard within one look.

        Raises:
            HostFault: the radio does not work.
        """
        return await self._look(car) is not None

    async def becomes(self, car: int, *, on_air: bool) -> bool:
        """Waits until the car is on the air, or silent for a whole look; whether it came to that in time.

        Raises:
            HostFault: the radio does not work.
        """

        async def as_wanted() -> bool:
            return await self.is_on_air(car) is on_air

        return await _until(as_wanted, APPEARS_WITHIN_S if on_air else VANISHES_WITHIN_S)

    async def _look(self, car: int) -> Sighting | None:
        try:
            return await self._radio.find(car, timeout_s=LOOK_S)
        except CarNotFound:
            return None


async def _until(reached: Callable[[], Awaitable[bool]], within_s: float) -> bool:
    loop = asyncio.get_running_loop()
    until_s = loop.time() + within_s
    while not await reached():
        if loop.time() >= until_s:
            return False
        await asyncio.sleep(0.1)
    return True
