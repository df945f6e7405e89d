"""Makes losses happen: what any radio can do, what a simulated world can, and what the bench's fixtures can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from rig.bench.bays import Bays
from rig.bench.errors import NotConfirmed
from rig.radio.link import CarLink
from rig.soak.reconnect.plan import Loss, Timing

OUT_OF_SIGHT_S = 2.0
"""How long a car is lost again while it is sought."""
ADAPTER_AWAY_S = 2.0
_ADAPTER_NOTICED_S = 1.0
_SHUTS_DOWN_S = 1.0
"""A car whose button was pressed may be heard that much longer."""
_CROWDED = {"link_loss": 0.1, "advert_loss": 0.5, "ignore_connect": 0.5}
"""The faults of the simulated air that crowded air comes to, with their chances per packet."""
_AMBUSHES = {
    Loss.AGAIN_CONNECTING: "fail_establish_next",
    Loss.AGAIN_DISCOVERING: "drop_in_discovery",
    Loss.AGAIN_SUBSCRIBING: "drop_in_subscription",
    Loss.AGAIN_LISTENING: "drop_before_speech",
}
"""What strikes a car in a phase of the next way back, once."""

Undo = Callable[[], None]


class WorldWithFaults(Protocol):
    """A simulated world, as far as it can lose cars."""

    def inject(
        self, fault: str, car: int | None = None, value: float | None = None, lasts_s: float | None = None
    ) -> None:
        """Makes a named fault happen now."""
        ...

    def disturb(self, fault: str, car: int, chance: float) -> Undo:
        """Makes a lasting fault happen now, until what is returned is called."""
        ...


class OtherCentral(Protocol):
    """Another central that takes a car and lets go of it."""

    async def hold(self, identifier: int, hold_s: float) -> None:
        """Connects to the car as soon as it can be had, keeps it that long, and disconnects.

        Raises:
            CarFault: the car could not be had.
            HostFault: its radio does not work.
        """
        ...


class SeesAdverts(Protocol):
    """Hears whether a car is on the air."""

    async def is_on_air(self, car: int) -> bool:
        """Whether the car is heard by now."""
        ...

    async def becomes(self, car: int, *, on_air: bool) -> bool:
        """Waits until the car is heard, or silent; whether it came to that in time."""
        ...


class LinkBreaker:
    """Makes every kind of loss happen for which it has the means: any can be disconnected; the others need a `world`,
    `bays` (with `adverts` to confirm what a button did), or another central."""

    def __init__(
        self,
        *,
        world: WorldWithFaults | None = None,
        bays: Bays | None = None,
        adverts: SeesAdverts | None = None,
        app: OtherCentral | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._world = world
        self._bays = bays
        self._adverts = adverts
        self._app = app
        self._timing = timing or Timing()
        self._lasting: dict[int, list[Undo]] = {}
        self._adapter_went_s = float("-inf")
        self._off: dict[int, bool] = {}
        """Cars between the two presses of their buttons, with whether the second may have been made."""

    async def prepare(self, link: CarLink, loss: Loss) -> None:
        """Does to the car what comes before it can be had again; nothing for most losses.

        Raises:
            CarFault, HostFault, FixtureFault: it could not be done.
        """
        car = link.identifier
        if loss is Loss.AFTER_CHARGE:
            assert self._bays is not None
            await link.disconnect()
            await self._bays.charge(car, on=True)
            try:
                await asyncio.sleep(self._timing.charge_s)
            finally:
                await self._bays.charge(car, on=False)
        elif loss is Loss.AFTER_BUTTON:
            await self._off_and_on(link)
        elif loss is Loss.AFTER_APP:
            assert self._app is not None
            await link.disconnect()
            await self._app.hold(car, self._timing.app_s)

    async def break_link(self, link: CarLink, loss: Loss) -> None:
        """Breaks the link; the host may notice much later. What was prepared has broken it already.

        Raises:
            CarFault, HostFault: it could not be done.
        """
        car = link.identifier
        if loss is Loss.DISCONNECT:
            await link.disconnect()
        elif loss is Loss.ADAPTER:
            self._adapter_went_s = asyncio.get_running_loop().time()
            self._need_world().inject("adapter_reset", value=ADAPTER_AWAY_S)
        elif not loss.is_staged:
            world = self._need_world()
            if loss is Loss.CROWDED:
                made = [world.disturb(fault, car, chance) for fault, chance in _CROWDED.items()]
                self._lasting.setdefault(car, []).extend(made)
            world.inject("silent_end", car)

    def lose_again(self, car: int, loss: Loss) -> None:
        """Sees that the car is lost once more on its way back; the host has just begun to look for it."""
        if loss is Loss.AGAIN_SEEKING:
            self._need_world().inject("out_of_range", car, lasts_s=OUT_OF_SIGHT_S)
        else:
            self._need_world().inject(_AMBUSHES[loss], car)

    def took_adapter(self, at_s: float) -> bool:
        """Whether a link that ended at this instant of the loop's clock went with the adapter, by a loss made here."""
        return 0.0 <= at_s - self._adapter_went_s <= ADAPTER_AWAY_S + _ADAPTER_NOTICED_S

    def calm(self, car: int) -> None:
        """Ends what lasts of a loss; harmless when nothing does."""
        for undo in reversed(self._lasting.pop(car, [])):
            undo()

    def suspect_off(self, car: int) -> None:
        """Takes note that whoever worked on this car before may have left it switched off."""
        self._off[car] = True

    def is_left_off(self, car: int) -> bool:
        """Whether the car may be switched off by a loss that was not carried through."""
        return car in self._off

    async def switch_back_on(self, car: int) -> bool:
        """Presses the button of a car that a loss left switched off; whether the car is heard now. The button toggles, so
        it is pressed only when the car is silent.

        Raises:
            HostFault: the radio does not work, so nobody knows.
            FixtureFault: the button could not be pressed.
        """
        assert self._bays is not None
        assert self._adverts is not None
        if self._off[car]:
            is_on = await self._adverts.becomes(car, on_air=True)
        else:
            await asyncio.sleep(_SHUTS_DOWN_S)
            is_on = await self._adverts.is_on_air(car)
        if not is_on:
            self._off[car] = True
            await self._bays.press_power(car)
            is_on = await self._adverts.becomes(car, on_air=True)
        if is_on:
            del self._off[car]
        return is_on

    async def _off_and_on(self, link: CarLink) -> None:
        """The button toggles, so the second press must not come before the first has worked. A car that is held does not
        advertise: its silence tells something once it was let go of."""
        assert self._bays is not None
        assert self._adverts is not None
        car = link.identifier
        self._off[car] = False
        await self._bays.press_power(car)
        await link.disconnect()
        if not await self._adverts.becomes(car, on_air=False):
            del self._off[car]
            bay = self._bays.bay_of(car)
            raise NotConfirmed(f"bay {bay}", f"power button pressed, but car {car:08x} is still on the air")
        self._off[car] = True
        await self._bays.press_power(car)
        del self._off[car]

    def _need_world(self) -> WorldWithFaults:
        assert self._world is not None, "the plan was refused for a radio that is not simulated"
        return self._world
