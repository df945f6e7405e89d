"""Does what the interlock granted: connects, halts, drives, presses, switches chargers, listens; and says what came of it.

Every physical act is journaled before it is tried. What a car does by itself meanwhile (its link goes) is news.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from protocol.commands import sdk_mode, set_speed
from rig.bench.bays import Bays
from rig.bench.errors import FixtureFault
from rig.errors import BenchError
from rig.radio.any_radio import AnyRadio
from rig.radio.errors import CarFault, HostFault
from rig.radio.link import CarLink, Received
from rig.radio.milestones import LossReason
from rig.radio.sighting import Sighting
from rig.rotation.events import ChargerIs, EarLost, Event, Heard, LinkDown, LinkUp, Listened, Pressed
from rig.rotation.knowledge import Charger
from rig.soak.schedule import SoakCar
from rig.soak.swap.books import Books
from rig.soak.swap.interference import Interference
from rig.soak.swap.nemesis import FaultKind

_CONNECT_S = 10.0
_FIND_S = 5.0
_LEAST_MA = 50.0
"""A charger that feeds a car draws more, one that feeds none less; as in the builtin wiring maps."""


class Hands:
    """The hands of one leg. `tell` hears each fact as it is known; `on_frame` each frame of each link."""

    def __init__(
        self,
        cars: Mapping[int, SoakCar],
        *,
        radio: AnyRadio,
        bays: Bays,
        books: Books,
        nemesis: Interference,
        tell: Callable[[Event], object],
        on_frame: Callable[[SoakCar, Received], None] | None = None,
    ) -> None:
        self._cars = cars
        self._radio = radio
        self._bays = bays
        self._books = books
        self._nemesis = nemesis
        self._tell = tell
        self._on_frame = on_frame
        self._links: dict[int, CarLink] = {}
        self._sightings: dict[int, Sighting] = {}
        self._data_s: dict[int, float] = {}
        self._driven: set[int] = set()
        self.ups = 0
        """How often a car's link came up."""

    # links

    async def connect(self, car: int) -> None:
        """Connects a car and waits for its fresh data.

        Raises:
            HostFault: the radio failed.
        """
        act = self._books.about_car(car, "connect")
        try:
            sighting = self._sightings.get(car) or await self._radio.find(car, timeout_s=_FIND_S)
            link = await self._radio.connect(sighting, timeout_s=_CONNECT_S, on_frame=self._listener(car))
        except CarFault as error:
            self._books.done(act, type(error).__name__)
            self._sightings.pop(car, None)  # it may be stale
            self._tell(LinkDown(_now_s(), car))
        except (HostFault, asyncio.CancelledError) as error:
            self._books.done(act, type(error).__name__)
            self._tell(LinkDown(_now_s(), car))
            raise
        else:
            self.ups += 1
            self._driven.discard(car)
            self._links[car] = link
            self._books.done(act)
            self._tell(LinkUp(_now_s(), car))

    async def halt(self, car: int) -> None:
        """Stops a car and disconnects it."""
        link = self._links.pop(car, None)
        if link is not None and not link.lost.is_set():
            try:
                act = self._books.about_car(car, "disconnect")
            except BenchError:  # a full disk must not leave a car connected
                await link.disconnect()
                raise
            with suppress(CarFault, HostFault):  # it is disconnected next, which stops it too
                await link.write(set_speed(link.dialect, 0, firmware=link.firmware))
            await link.disconnect()
            self._books.done(act)
        self._tell(LinkDown(_now_s(), car))

    async def go(self, car: int, speed_mm_s: int) -> None:
        """Tells a car to drive; one whose link goes meanwhile is news."""
        link = self._links.get(car)
        if link is None or not link.is_open or not speed_mm_s:
            return
        act = self._books.drives(car)
        try:
            await link.write(sdk_mode(link.dialect))
            await link.write(set_speed(link.dialect, speed_mm_s, firmware=link.firmware))
        except (CarFault, HostFault) as error:
            self._books.done(act, type(error).__name__)
        else:
            self._books.done(act)
            self._driven.add(car)

    def news(self) -> None:
        """Tells of links that have gone by themselves."""
        for car, link in list(self._links.items()):
            if link.lost.is_set():
                del self._links[car]
                if link.lost.loss is not None and link.lost.loss.reason is LossReason.STACK:
                    self._tell(EarLost(_now_s()))
                self._tell(LinkDown(_now_s(), car))

    @property
    def driven(self) -> frozenset[int]:
        """The cars that were told to drive over the link they have now."""
        return frozenset(self._driven & set(self._links))

    @property
    def linked(self) -> frozenset[int]:
        """The cars that a link is held to."""
        return frozenset(self._links)

    # bays

    async def press(self, car: int) -> str | None:
        """Presses a car's power button; what its bay said when it failed."""
        failed: str | None = None
        if self._nemesis.spoils(FaultKind.STUCK_BUTTON, car):
            self._books.remark("car", f"{car:08x}", "press power", "nemesis: the button does nothing")
        else:
            try:
                await self._bays.press_power(car)
            except FixtureFault as fault:
                failed = str(fault)
        self._sightings.pop(car, None)
        self._tell(Pressed(_now_s(), car))
        return failed

    async def charge(self, car: int, on: bool) -> str | None:
        """Switches a car's charger and tells what another sensor shows; what its bay said when it failed."""
        if on:
            self._books.charger(car, None)
        spoiled = FaultKind.DEAD_CHARGER if on else FaultKind.LEFT_ON_CHARGER
        is_news = on or self._bays.is_charging(car)
        if is_news and self._nemesis.spoils(spoiled, car):
            self._books.remark(
                "car", f"{car:08x}", f"told {'on' if on else 'off'}", "nemesis: its relay does nothing"
            )
            self._tell(ChargerIs(_now_s(), car, Charger.UNKNOWN))
            return None
        try:
            confirmation = await self._bays.charge(car, on=on)
            shown = confirmation.proven or await self._metered(car, on)
        except FixtureFault as fault:
            self._tell(ChargerIs(_now_s(), car, Charger.UNKNOWN))
            return str(fault)
        wanted = Charger.ON if on else Charger.OFF
        self._tell(ChargerIs(_now_s(), car, wanted if shown else Charger.UNKNOWN))
        return None

    async def _metered(self, car: int, on: bool) -> bool:
        """Whether the meter shows what no step could show, because the relay stood so already."""
        current_ma = await self._bays.charging_ma(car)
        return current_ma is not None and (current_ma >= _LEAST_MA) is on

    # the air

    async def listen(self, for_s: float) -> None:
        """Listens to everybody for a while, in a scan of its own: within one a stack may tell of a car only once.

        Raises:
            HostFault: the radio failed.
        """
        since_s = _now_s()
        heard: dict[int, Sighting] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(for_s), self._radio.scan() as scan:
                async for sighting in scan:
                    if sighting.identifier in self._cars and sighting.seen_s >= since_s:
                        heard[sighting.identifier] = sighting.merged_with(heard.get(sighting.identifier))
        self.news()
        for car in self._cars:
            if car not in self._links:
                self._tell(LinkDown(_now_s(), car))
        for car, sighting in heard.items():
            self._sightings[car] = sighting
            if car not in self._links:
                low = None if sighting.state is None else sighting.state.low_battery
                self._tell(Heard(sighting.seen_s, car, low))
        talking = {car for car, at_s in self._data_s.items() if at_s >= since_s and car in self._links}
        self._tell(Listened(_now_s(), since_s, frozenset(heard) | talking))

    async def let_go(self) -> list[int]:
        """Disconnects every car, whatever becomes of the others; those of which it is not sure."""
        left: list[int] = []
        for car in list(self._links):
            try:
                await self.halt(car)
            except BenchError:
                left.append(car)
        return left

    def _listener(self, car: int) -> Callable[[Received], None]:
        def heard(received: Received) -> None:
            self._data_s[car] = received.mono_s
            if self._on_frame is not None:
                self._on_frame(self._cars[car], received)

        return heard


def _now_s() -> float:
    return asyncio.get_running_loop().time()
