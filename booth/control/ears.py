"""Listening for adverts: which cars are on, what their flags say, and who was not heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from booth.show.inputs import Cured, Input, OnTrack, Sensed, Trouble
from rig.radio.any_radio import AnyRadio
from rig.radio.errors import HostFault
from rig.radio.sighting import Sighting
from rig.rotation.events import ChargerIs, EarLost, Heard, LinkUp, Listened
from rig.rotation.knowledge import Charger

RADIO = "radio"
_AGAIN_S = 1.0
_REPEAT_S = 1.0
"""An advert that says nothing new is told once a second at most."""


class Ears:
    """Listens to the show's cars. `tell` hears the facts; `linked` says to which cars a link is held now, and
    `talked_since(at_s)` which of them have sent data since; `fail` hears of what must not happen."""

    def __init__(
        self,
        radio: AnyRadio,
        cars: Iterable[int],
        *,
        tell: Callable[[Input], None],
        linked: Callable[[], frozenset[int]],
        talked_since: Callable[[float], frozenset[int]],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._radio = radio
        self._cars = frozenset(cars)
        self._tell = tell
        self._linked = linked
        self._talked_since = talked_since
        self._fail = fail
        self._task: asyncio.Task[None] | None = None
        self._told: dict[int, tuple[float, object]] = {}
        self.sightings: dict[int, Sighting] = {}

    def listen(self, seconds: float) -> None:
        """Begins to listen, unless it listens already."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen(seconds), name="ears")
            self._task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    async def close(self) -> None:
        """Listens no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self, seconds: float) -> None:
        failed_s: float | None = None
        doubted: frozenset[int] = frozenset()
        while True:
            since_s = _now_s()
            try:
                heard = await self._scan(seconds, since_s)
            except HostFault as fault:
                if failed_s is None:
                    failed_s, doubted = _now_s(), self._linked()
                    self._tell(Sensed(failed_s, EarLost(failed_s)))
                    self._tell(Trouble(failed_s, RADIO, fault.what_happened))
                await asyncio.sleep(_AGAIN_S)
                doubted = self._still_there(doubted, failed_s)
                continue
            if failed_s is not None:
                self._still_there(doubted, failed_s)
                self._tell(Cured(_now_s(), RADIO, "it came back"))
            talking = self._talked_since(since_s)
            self._task = None  # what this fact leads to may be another listening
            self._tell(Sensed(_now_s(), Listened(_now_s(), since_s, frozenset(heard) | talking)))
            return

    def _still_there(self, doubted: frozenset[int], failed_s: float) -> frozenset[int]:
        """A radio that cannot listen may well hold its links: who talks over one is connected. Those left in doubt."""
        talking = doubted & self._talked_since(failed_s)
        for car in sorted(talking):
            self._tell(Sensed(_now_s(), LinkUp(_now_s(), car)))
        return doubted - talking

    async def _scan(self, seconds: float, since_s: float) -> set[int]:
        """A scan of its own: within one a stack may tell of a car only once."""
        heard: set[int] = set()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._radio.scan() as scan:
                async for sighting in scan:
                    if sighting.identifier in self._cars and sighting.seen_s >= since_s:
                        heard.add(sighting.identifier)
                        self._noted(sighting)
        return heard

    def _noted(self, sighting: Sighting) -> None:
        car = sighting.identifier
        self.sightings[car] = sighting
        if car in self._linked():
            return
        now_s, state = _now_s(), sighting.state
        told = self._told.get(car)
        if told is not None and now_s - told[0] < _REPEAT_S and told[1] == state:
            return
        self._told[car] = (now_s, state)
        low = None
        if state is not None:
            low = state.low_battery
            charger = Charger.ON if state.on_charger else Charger.OFF
            self._tell(Sensed(now_s, ChargerIs(now_s, car, charger)))
            if state.on_track:  # that it is not set proves nothing, see booth.control.footing
                self._tell(OnTrack(now_s, car, is_on=True))
        self._tell(Sensed(now_s, Heard(sighting.seen_s, car, low)))


def _now_s() -> float:
    return asyncio.get_running_loop().time()
