"""The cars on their links: connected, set up, driven, heard, halted; every fact told as it becomes known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from booth.control.footing import Footing
from booth.control.ruler import Ruler
from booth.pack.model import ShowPack
from booth.race.driving import Intent, drive, wished
from booth.race.wish import STAND, Wish
from booth.show.inputs import BatteryRead, Cured, Input, Lapped, Moved, OnTrack, Sensed, Trouble
from protocol import (
    BatteryLevelRequest,
    BatteryLevelResponse,
    Message,
    PositionUpdate,
    SetOffset,
    StatusUpdate,
    core_of,
)
from protocol.commands import sdk_mode, set_speed
from rig.control import CarState, ControlLoop
from rig.control.link_port import LinkPort
from rig.driving import laps
from rig.driving.lap_events import Gap, Started, event_of
from rig.driving.laps import LapRules, LapState
from rig.driving.reach_car import connect_with_recovery
from rig.radio.any_radio import AnyRadio
from rig.radio.errors import CarFault, HostFault
from rig.radio.link import CarLink
from rig.radio.milestones import LossReason
from rig.radio.recovery.executor import Patient
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.records import Recovery, RecoveryRecord
from rig.radio.recovery.remedies import Remedies
from rig.radio.recovery.scribe import Listeners
from rig.rotation.events import ChargerIs, EarLost, LinkDown, LinkUp
from rig.rotation.knowledge import Charger

LINK = "link"
CONNECT_S = 6.0
BATTERY_EVERY_S = 30.0
FRESH_S = 3.0
"""Data no older shows that a link lives: a car that stands is asked every second or two."""
_STOP_TOLD_S = 0.4
"""Two writes without response, a connection interval apart, before the link is ended, which stops a car too."""
_COLOURS = {1: (0, 7, 14), 2: (14, 6, 0), 3: (0, 14, 6), 4: (14, 4, 10)}
"""Engine lights by start number: the colours of the screens, as far as three lamps can show them."""
_log = logging.getLogger("pitboard.booth")


@dataclass(slots=True)
class _Stand:
    """What is held of one car."""

    task: asyncio.Task[None] | None = None
    link: CarLink | None = None
    port: LinkPort | None = None
    patient: Patient = field(default_factory=Patient)
    detector: LapState = field(default_factory=LapState)
    piece: int | None = None
    asked_s: float = 0.0


class Garage:
    """All cars of a show. Use as an asynchronous context manager; leaving it stops and lets go of every car. `tell` hears
    every fact, `fail` of what must not happen."""

    def __init__(
        self,
        pack: ShowPack,
        ruler: Ruler,
        radio: AnyRadio,
        *,
        remedies: Remedies,
        tell: Callable[[Input], None],
        fail: Callable[[BaseException], None],
        policy: RecoveryPolicy | None = None,
    ) -> None:
        self._pack = pack
        self._ruler = ruler
        self._radio = radio
        self._remedies = remedies
        self._tell = tell
        self._fail = fail
        self._policy = policy or RecoveryPolicy(limit_s=45.0)
        self._footing = Footing()
        self._rules = LapRules(lap_cm=ruler.lap_mm / 10, lap_pieces=ruler.count)
        self._stands = {
            car.identifier: _Stand(detector=LapState(self._rules))
            for group in pack.sets
            for car in group.cars
        }
        self.loop: ControlLoop[Intent] = ControlLoop(drive, on_heard=self._heard, on_ended=self._ended)

    async def __aenter__(self) -> Self:
        """Starts the control loop."""
        self.loop.__enter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stops every car and closes its link, whatever fails on the way."""
        await asyncio.gather(*(self._let_go(car) for car in self._stands), return_exceptions=True)
        self.loop.__exit__()

    @property
    def linked(self) -> frozenset[int]:
        """Cars to which a link is held."""
        return frozenset(car for car, stand in self._stands.items() if stand.link is not None)

    def talked_since(self, at_s: float) -> frozenset[int]:
        """Linked cars that have sent data since an instant."""
        return frozenset(
            car
            for car, stand in self._stands.items()
            if stand.link is not None and stand.link.last_frame_s >= at_s and not stand.link.lost.is_set()
        )

    def connect(self, car: int) -> None:
        """Begins to connect a car, unless it is being connected. Of one that is, it is told again: whoever asks does not
        know, because the radio failed to listen, say, while its links went on."""
        stand = self._stands[car]
        if stand.port is not None and stand.link is not None and car in self.talked_since(_now_s() - FRESH_S):
            self._tell(Sensed(_now_s(), LinkUp(_now_s(), car)))
        elif stand.link is None and (stand.task is None or stand.task.done()):
            stand.task = self._start(self._connect(car), f"connect {car:08x}")

    def halt(self, car: int) -> None:
        """Begins to stop and disconnect a car; ends the attempt to connect it."""
        stand = self._stands[car]
        if stand.task is not None:
            stand.task.cancel()
        stand.task = self._start(self._halt(car), f"halt {car:08x}")

    def drive(self, car: int, wish: Wish) -> None:
        """From now on this is wanted of the car; nothing while it is not connected."""
        if self._stands[car].port is not None:
            self.loop.steer(car, wished(self.loop.intent(car), wish))

    def count_laps(self, car: int, *, mid_race: bool) -> None:
        """Counts the car's laps anew."""
        self._stands[car].detector = LapState(self._rules) if mid_race else laps.lined_up(self._rules)

    def ask_batteries(self) -> None:
        """Asks every linked car for its voltage that was not asked lately."""
        now_s = _now_s()
        for stand in self._stands.values():
            if stand.port is not None and now_s - stand.asked_s >= BATTERY_EVERY_S:
                stand.asked_s = now_s
                stand.port.send(BatteryLevelRequest())

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    async def _connect(self, car: int) -> None:
        stand = self._stands[car]
        stray = self._radio.links.get(car)
        if stray is not None:  # it came up in the moment it was given up
            await stray.disconnect()
        troubled: list[RecoveryRecord] = []

        def climbing(record: RecoveryRecord) -> None:
            if not troubled:
                self._tell(Trouble(_now_s(), LINK, record.what, car))
            troubled.append(record)

        def ended(recovery: Recovery) -> None:
            if recovery.recovered and troubled:
                self._tell(Cured(_now_s(), LINK, troubled[-1].rung.value, car))

        try:
            link = await connect_with_recovery(
                self._radio,
                f"{car:08x}",
                self._policy,
                remedies=self._remedies,
                listeners=Listeners(on_step=climbing, on_end=ended),
                connect_s=CONNECT_S,
                patient=stand.patient,
            )
        except (CarFault, HostFault) as fault:
            if not troubled:
                self._tell(Trouble(_now_s(), LINK, fault.what_happened, car))
            self._tell(Sensed(_now_s(), LinkDown(_now_s(), car)))
            return
        stand.patient.worked = True
        stand.link = link
        try:
            await link.write(sdk_mode(link.dialect))
            await link.write(SetOffset(0.0))
        except (CarFault, HostFault):
            await self._closed(car)
            return
        self._take_control(car, link)

    def _take_control(self, car: int, link: CarLink) -> None:
        stand = self._stands[car]
        if link.lost.is_set():
            stand.link = None
            self._tell(Sensed(_now_s(), LinkDown(_now_s(), car)))
            return
        now_s = _now_s()
        stand.port = LinkPort(link)
        stand.asked_s = 0.0
        stand.piece = None
        self._footing.forget(car)
        stand.detector, _ = laps.step(stand.detector, Gap(now_s))
        number = self._pack.car(car).number
        intent = Intent(STAND, self._pack.play.speed_cap_mm_s, _COLOURS[number])
        self.loop.add(stand.port, intent)
        self._tell(Sensed(now_s, LinkUp(now_s, car)))

    async def _halt(self, car: int) -> None:
        stand = self._stands[car]
        link = stand.link
        if link is not None and not link.lost.is_set():
            self._release(car)
            with suppress(CarFault, HostFault):  # it is disconnected next, which stops it too
                await link.write(set_speed(link.dialect, 0, firmware=link.firmware))
                await asyncio.sleep(_STOP_TOLD_S)
                await link.write(set_speed(link.dialect, 0, firmware=link.firmware))
        await self._closed(car)

    async def _closed(self, car: int) -> None:
        self._release(car)
        stand = self._stands[car]
        link, stand.link = stand.link, None
        if link is not None:
            await link.disconnect()
        self._tell(Sensed(_now_s(), LinkDown(_now_s(), car)))

    def _release(self, car: int) -> None:
        stand = self._stands[car]
        if stand.port is not None:
            stand.port = None
            with suppress(KeyError):  # its port ended by itself
                self.loop.remove(car)

    async def _let_go(self, car: int) -> None:
        stand = self._stands[car]
        task, stand.task = stand.task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if stand.link is not None:
            await self._halt(car)

    def _ended(self, car: int, reason: str) -> None:
        """The link went down by itself; the loop has let go of the car."""
        stand = self._stands[car]
        stand.port = None
        stand.link = None
        now_s = _now_s()
        if reason == LossReason.STACK.value:
            self._tell(Sensed(now_s, EarLost(now_s)))
        self._tell(Sensed(now_s, LinkDown(now_s, car)))

    def _heard(self, state: CarState, message: Message, now_s: float) -> None:
        car = state.identifier
        stand = self._stands[car]
        core = core_of(message)
        if isinstance(core, PositionUpdate):
            self._moved(car, stand, core, now_s)
        elif isinstance(core, StatusUpdate):
            self._status(car, core, now_s)
        elif isinstance(core, BatteryLevelResponse):
            self._tell(BatteryRead(now_s, car, battery_mv=core.battery_mv))
        event = event_of(message, now_s)
        if event is None:
            return
        stand.detector, found = laps.step(stand.detector, event)
        for finding in found:
            is_first = isinstance(finding, Started)
            time_s = None if isinstance(finding, Started) else finding.time_s
            self._tell(Lapped(now_s, car, finding.at_s, time_s, is_first=is_first))

    def _moved(self, car: int, stand: _Stand, read: PositionUpdate, now_s: float) -> None:
        place = self._ruler.place(
            read.piece_id, read.location_id, is_reverse=read.is_reverse_parsed, last=stand.piece
        )
        if place is not None:
            stand.piece = place.index
            lap_mm = self._ruler.lap_mm
            self._tell(Moved(now_s, car, place.along_mm, lap_mm, read.speed_mm_s, place.lane_mm))

    def _status(self, car: int, status: StatusUpdate, now_s: float) -> None:
        charger = Charger.ON if status.on_charger else Charger.OFF
        self._tell(Sensed(now_s, ChargerIs(now_s, car, charger)))
        stands = self._footing.flagged(car, on_track=bool(status.on_track))
        if stands is not None:
            self._tell(OnTrack(now_s, car, stands))
        self._tell(BatteryRead(now_s, car, is_low=bool(status.low_battery)))


def _now_s() -> float:
    return asyncio.get_running_loop().time()
