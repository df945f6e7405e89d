"""Plays a show: feeds the machine what happens, does what it wants done, in order, and answers who asked.

The same in real time and in virtual time, on any radio.

    async with ShowRunner(pack, machine, station.radio, scribe=scribe, clock=clock, ...) as runner:
        runner.wake(records, away_s)
        refused = await runner.ask(Role.CREW, OpenShow(by="crew 1"))
        runner.snapshot()
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self
from zoneinfo import ZoneInfo

from booth.control.ears import Ears
from booth.control.garage import Garage
from booth.control.hands import Hands
from booth.control.machine import Machine
from booth.control.ruler import Ruler
from booth.control.scribe import Scribe
from booth.pack.model import ShowPack
from booth.show import actions as act
from booth.show.commands import Beat, Command, Role, Steer
from booth.show.inputs import Asked, Cured, Input, OnTrack, Sensed, Ticked, Trouble, Woke
from booth.show.records import Record
from booth.show.view import Snapshot
from rig.clock import Clock
from rig.radio.any_radio import AnyRadio
from rig.radio.recovery.remedies import NoRemedies, Remedies
from rig.rotation.events import ChargerIs, LinkDown, Pressed
from rig.rotation.knowledge import Charger

TICK_S = 0.1
LOG = "log"
_log = logging.getLogger("pitboard.booth")


class ShowRunner:
    """One show being played. What must not happen (the machine raises, a task of ours ends) cancels whoever entered it and
    is raised on leaving, with every car stopped: a show that stands still unnoticed is worse than one that is started
    again and goes on from its log. `hands` None: the crew's own do what the machine asks of hands. `on_restart` is called for
    what this process cannot restart itself."""

    def __init__(
        self,
        pack: ShowPack,
        machine: Machine,
        radio: AnyRadio,
        *,
        ruler: Ruler,
        scribe: Scribe,
        clock: Clock,
        remedies: Remedies | None = None,
        hands: Hands | None = None,
        on_restart: Callable[[str], None] | None = None,
    ) -> None:
        self._pack = pack
        self._machine = machine
        self._scribe = scribe
        self._clock = clock
        self._zone = ZoneInfo(pack.time_zone)
        self._hands = hands
        self._on_restart = on_restart or _nobody
        self._inbox: deque[Input] = deque()
        self._is_busy = False
        self._is_over = False
        self._asked: dict[int, Callable[[str | None], None]] = {}
        self._numbers = itertools.count(1)
        self._snapshots = itertools.count(1)
        self._chores: set[asyncio.Task[None]] = set()
        self._hands_busy: dict[int, asyncio.Task[None]] = {}
        self._ticker: asyncio.Task[None] | None = None
        self._log_failed = False
        self._owner: asyncio.Task[Any] | None = None
        self._failure: BaseException | None = None
        self.garage = Garage(
            pack, ruler, radio, remedies=remedies or NoRemedies(), tell=self.tell, fail=self.fail
        )
        self.ears = Ears(
            radio,
            (car.identifier for group in pack.sets for car in group.cars),
            tell=self.tell,
            linked=lambda: self.garage.linked,
            talked_since=self.garage.talked_since,
            fail=self.fail,
        )

    async def __aenter__(self) -> Self:
        """Starts the control loop; nothing is asked of a car before `wake`."""
        self._owner = asyncio.current_task()
        await self.garage.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leaves every car standing and no link behind; raises what made it fail, if anything did."""
        tasks = [*self._chores, *self._hands_busy.values()]
        if self._ticker is not None:
            tasks.append(self._ticker)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.ears.close()
        self._is_over = True  # what the cars still say changes nothing any more
        await self.garage.__aexit__()
        if self._failure is not None:
            assert self._owner is not None
            self._owner.uncancel()
            raise self._failure

    def wake(self, records: Sequence[tuple[float, Record]], away_s: float) -> None:
        """Begins: the show as today's records left it, `away_s` seconds ago, with nothing known of any car."""
        now_s = _now_s()
        self.tell(Woke(now_s, tuple(records), away_s, self._minute()))
        for group in self._pack.sets:
            for car in group.cars:
                self.tell(Sensed(now_s, LinkDown(now_s, car.identifier)))
        self._ticker = asyncio.get_running_loop().create_task(self._tick(), name="ticks of the show")
        self._ticker.add_done_callback(self._finished)

    @property
    def turn(self) -> object:
        """Another object whenever a new snapshot may say something else."""
        return self._machine.turn

    def snapshot(self) -> Snapshot:
        """What screens see now."""
        at = self._clock.utc_now().isoformat(timespec="milliseconds")
        return self._machine.snapshot(now_s=_now_s(), number=next(self._snapshots), at=at)

    def put(self, role: Role, command: Command, answered: Callable[[str | None], None] | None = None) -> None:
        """Asks for something; `answered` hears why it was refused, or None. `Steer` and `Beat` get no answer."""
        number = next(self._numbers)
        if answered is not None and not isinstance(command, Steer | Beat):
            self._asked[number] = answered
        self.tell(Asked(_now_s(), number, role, command))

    async def ask(self, role: Role, command: Command) -> str | None:
        """Asks for something and waits for the answer: why it was refused, or None."""
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self.put(role, command, answer.set_result)
        return await answer

    def fail(self, error: BaseException) -> None:
        """Ends the show for something that must not happen; the first is what is raised."""
        if self._failure is not None or self._is_over or self._owner is None:
            return
        _log.error("the show ends: %r", error, exc_info=error)
        self._failure = error
        self._is_over = True
        self._owner.cancel()

    def tell(self, event: Input) -> None:
        """Takes an input in; what comes meanwhile waits its turn, so that actions keep their order."""
        self._inbox.append(event)
        if self._is_busy or self._is_over:
            return
        self._is_busy = True
        try:
            while self._inbox:
                for action in self._machine.tell(self._inbox.popleft()):
                    self._do(action)
        except Exception as error:  # noqa: BLE001 - who tells (a link, a socket, a tick) could not do anything about it
            self.fail(error)
        finally:
            self._is_busy = False

    def _do(self, action: act.Action) -> None:
        match action:
            case act.Drive(car=car, wish=wish):
                self.garage.drive(car, wish)
            case act.Write(record=record):
                self._write(record)
            case act.Answer(number=number, refused=refused):
                self._asked.pop(number, _nobody)(refused)
            case act.Connect(car=car):
                self.garage.connect(car)
            case act.Halt(car=car):
                self.garage.halt(car)
            case act.CountLaps(car=car, mid_race=mid_race):
                self.garage.count_laps(car, mid_race=mid_race)
            case act.Listen(seconds=seconds):
                self.ears.listen(seconds)
            case act.Restart(what=what):
                self._on_restart(what)
            case act.Press() | act.SwitchCharger() | act.PlaceOnTrack():
                self._do_by_hand(action)

    def _do_by_hand(self, action: act.Press | act.SwitchCharger | act.PlaceOnTrack) -> None:
        """One after another for each car: a hand holds one car once."""
        hands = self._hands
        if hands is None:
            return
        before = self._hands_busy.get(action.car)

        async def chore() -> None:
            if before is not None:
                await asyncio.gather(before, return_exceptions=True)
            match action:
                case act.Press(car=car):
                    await hands.press(car)  # also one that failed may have pressed
                    self.tell(Sensed(_now_s(), Pressed(_now_s(), car)))
                case act.SwitchCharger(car=car, on=on):
                    if (
                        await hands.charge(car, on=on) and not on
                    ):  # a hand that holds a car knows it; on is the flag's
                        self.tell(Sensed(_now_s(), ChargerIs(_now_s(), car, Charger.OFF)))
                case act.PlaceOnTrack(car=car, on=on):
                    if await hands.place(car, on=on):
                        self.tell(OnTrack(_now_s(), car, is_on=on))

        self._hands_busy[action.car] = self._start(chore())

    def _start(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)

    def _write(self, record: Record) -> None:
        self._scribe.write(record)
        self._watch_log()

    def _watch_log(self) -> None:
        failure = self._scribe.failure
        if (failure is not None) is self._log_failed:
            return
        self._log_failed = failure is not None
        now_s = _now_s()
        self.tell(
            Trouble(now_s, LOG, failure) if failure is not None else Cured(now_s, LOG, "space was freed")
        )

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s = max(due_s + TICK_S, loop.time())
            await asyncio.sleep(due_s - loop.time())
            self.tell(Ticked(loop.time(), self._minute()))
            self.garage.ask_batteries()
            if self._scribe.waiting:
                self._scribe.catch_up()
                self._watch_log()

    def _minute(self) -> int:
        here = self._clock.utc_now().astimezone(self._zone)
        return here.hour * 60 + here.minute


def _nobody(_: str | None) -> None:
    """Nobody asked, nobody restarts."""


def _now_s() -> float:
    return asyncio.get_running_loop().time()
