"""Several radios used as one: cars spread over them, each with its own turn and its own slots.

Scanning runs on every radio; a connect takes its turn on the one radio that `rig.radio.assignment` chooses and
pauses only that radio's scan, so two adapters connect side by side. A radio that cannot scan is left out until it can
again; its cars can be connected over the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self

from rig.errors import RigError
from rig.radio.any_radio import AnyRadio, RadioCapabilities
from rig.radio.assignment import Candidate, Failures, LearnedSlots, choose_radio
from rig.radio.errors import (
    AdapterGone,
    AdapterMissing,
    AdapterOff,
    AlreadyConnected,
    CarFault,
    CarNotFound,
    HostFault,
    NotPermitted,
    RadioClosed,
    SlotsExhausted,
    StackBusy,
    StackMissing,
)
from rig.radio.finding import find_by_scan
from rig.radio.group_scan import MEMBER_LIMIT_S, GroupScan
from rig.radio.hearings import Hearings
from rig.radio.link import CarLink, Received
from rig.radio.moniker_list import JOINT
from rig.radio.opening import Opening, all_ended
from rig.radio.radio import CLOSE_LIMIT_S, UNWIND_LIMIT_S
from rig.radio.scan import SWITCH_LIMIT_S, Scan
from rig.radio.sighting import Sighting
from rig.radio.stragglers import Stragglers
from rig.radio.teardown import LETTING_GO_S, see_through
from rig.radio.transmit import TransmitPolicy

LISTEN_S = (
    1.0  # how long a radio that would be chosen is given to hear the car; a car advertises ten times a second
)

LISTEN_LIMIT_S = LISTEN_S + 2 * MEMBER_LIMIT_S
"""With the start of its scan, twice; whoever needs longer hangs."""
CONNECTS_LIMIT_S = UNWIND_LIMIT_S + 2 * SWITCH_LIMIT_S  # as long as a member may need

_log = logging.getLogger("pitboard.radio")
_LOST = (AdapterGone, AdapterMissing, AdapterOff, NotPermitted, StackMissing)


class RadioGroup:
    """An `AnyRadio` over several. Belongs to one event loop; an async context manager that closes them all."""

    def __init__(self, radios: Sequence[AnyRadio]) -> None:
        self.radios = tuple(radios)
        self._hearings = Hearings([radio.name for radio in radios])
        self._lost: dict[int, HostFault] = {}
        self._stragglers = Stragglers()
        self._slots: dict[int, LearnedSlots] = {}
        self._failures: dict[tuple[int, int], Failures] = {}
        self._carried: dict[int, int] = {}
        self._opening: dict[int, Opening] = {}
        self._assigned: dict[int, int] = {}

    async def __aenter__(self) -> Self:
        """The group itself; nothing is touched before it is used."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes every link."""
        await self.close()

    @property
    def name(self) -> str:
        """The members' names, joined."""
        return JOINT.join(self.adapters)

    @property
    def adapters(self) -> tuple[str, ...]:
        """The members' names, in the order given."""
        return tuple(radio.name for radio in self.radios)

    @property
    def transmit(self) -> TransmitPolicy:
        """The strictest of the members'."""
        real = any(radio.transmit is TransmitPolicy.REAL_CARS for radio in self.radios)
        return TransmitPolicy.REAL_CARS if real else TransmitPolicy.SIMULATED_CARS

    @property
    def capabilities(self) -> RadioCapabilities:
        """The members' together; `max_links` is their sum, or None when one of them is not known."""
        limits = [radio.capabilities.max_links for radio in self.radios]
        known = [limit for limit in limits if limit is not None]
        return RadioCapabilities(
            is_simulated=all(radio.capabilities.is_simulated for radio in self.radios),
            max_links=sum(known) if len(known) == len(limits) else None,
        )

    @property
    def links(self) -> dict[int, CarLink]:
        """The open links of all members by car identifier; `link.adapter` says which carries it."""
        return {identifier: link for radio in self.radios for identifier, link in radio.links.items()}

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses of the cars that any of them holds, or that are being connected."""
        opening = {opening.address for opening in self._opening.values()}
        return frozenset(opening.union(*(radio.addresses for radio in self.radios)))

    def scan(self) -> AbstractAsyncContextManager[Scan]:
        """A scan on every radio; what several hear of a car becomes one sighting with their `hearings`.

        Begins as soon as one radio scans and goes on as long as one does: the others are tried again all the while,
        and an adapter that hangs holds nobody up.

        Raises:
            HostFault: none of them can; the first one's. While it goes on, the reader is told as long as all fail.
        """
        return GroupScan(self.radios, self._hearings, self._lost, self._stragglers).running()

    async def find(self, identifier: int, timeout_s: float = 10.0) -> Sighting:
        """Scans until one of the radios hears this car.

        Raises:
            CarNotFound: not heard in `timeout_s`; `heard` lists the cars that were.
            HostFault: as `scan`.
        """
        return await find_by_scan(self.scan(), identifier, timeout_s)

    async def connect(
        self,
        sighting: Sighting,
        *,
        timeout_s: float = 10.0,
        on_frame: Callable[[Received], None] | None = None,
    ) -> CarLink:
        """Connects over the radio that suits best; `timeout_s` counts from the car's turn there.

        A radio that is full or lost is passed over for the next; one that fails with this car is tried last
        when the car is connected again.

        Raises:
            AlreadyConnected: one of the radios holds the link, or it is being opened.
            SlotsExhausted: all are full; the words name each.
            CarFault, HostFault: as `Radio.connect`.
            RadioClosed: `close` was called meanwhile.
        """
        identifier = sighting.identifier
        if identifier in self._opening or identifier in self.links:
            raise AlreadyConnected(sighting.label)
        opening = self._opening[identifier] = Opening(sighting.address)
        try:
            return await self._connect_somewhere(sighting, timeout_s, on_frame)
        except asyncio.CancelledError as cancelled:
            if opening.was_for_us():
                raise RadioClosed(sighting.label) from cancelled
            raise
        finally:
            self._assigned.pop(identifier, None)
            del self._opening[identifier]
            opening.ended.set()

    async def close(self) -> None:
        """Ends what is being connected, then every link of every radio, all at once.

        Bounded as `Radio.close`, and finishes even when the caller is cancelled.
        """
        await see_through(
            self._teardown(), CONNECTS_LIMIT_S + CLOSE_LIMIT_S + 2 * LETTING_GO_S, f"closing {self.name}"
        )

    async def _teardown(self) -> None:
        openings = list(self._opening.values())
        for opening in openings:
            opening.abandon()
        try:
            if openings:
                await see_through(all_ended(openings), CONNECTS_LIMIT_S, "ending the connects")
        except TimeoutError:
            _log.warning("%s: a connect under way did not end", self.name)
        finally:
            closing = [radio.close() for radio in self.radios]
            lagging = self._stragglers.all_ended(CLOSE_LIMIT_S)
            for end in await asyncio.gather(*closing, lagging, return_exceptions=True):
                if isinstance(end, BaseException):
                    raise end

    async def _connect_somewhere(
        self, sighting: Sighting, timeout_s: float, on_frame: Callable[[Received], None] | None
    ) -> CarLink:
        identifier = sighting.identifier
        refused: dict[int, HostFault] = {}
        while True:
            candidates = [
                self._candidate(number, sighting)
                for number in range(len(self.radios))
                if number not in refused
            ]
            chosen = choose_radio(candidates)
            if chosen is None:
                raise self._nowhere(sighting, refused)
            number = chosen.number
            self._assigned[identifier] = number
            if chosen.rssi_dbm is None and not await self._listen(number, identifier):
                self._hearings.was_deaf(number, identifier)
                continue
            theirs = self._hearings.as_heard_by(number, sighting)
            try:
                link = await self.radios[number].connect(theirs, timeout_s=timeout_s, on_frame=on_frame)
            except (SlotsExhausted, *_LOST) as error:
                self._struck(number, error)
                refused[number] = error
            except (CarFault, HostFault) as error:
                error.adapter = error.adapter or self.adapters[number]
                now_s, before = _now_s(), self._failures.get((number, identifier), Failures())
                self._failures[number, identifier] = before.one_more(now_s)
                raise
            else:
                self._failures.pop((number, identifier), None)
                self._carried[identifier] = number
                return link

    def _candidate(self, number: int, sighting: Sighting) -> Candidate:
        identifier, now_s = sighting.identifier, _now_s()
        return Candidate(
            number,
            in_use=self._in_use(number, identifier),
            slots=self._slots_of(number),
            rssi_dbm=self._hearings.level_dbm(number, identifier, now_s),
            failures=self._failures.get((number, identifier), Failures()).standing(now_s),
            carried=self._carried.get(identifier) == number,
            lost=number in self._lost,
            deaf=self._hearings.is_deaf(number, identifier),
        )

    def _in_use(self, number: int, apart_from: int | None = None) -> int:
        opening = {identifier for identifier, at in self._assigned.items() if at == number}
        return len((set(self.radios[number].links) | opening) - {apart_from})

    def _slots_of(self, number: int) -> int | None:
        learned = self._slots.get(number)
        limits = (
            self.radios[number].capabilities.max_links,
            None if learned is None else learned.standing(_now_s()),
        )
        return min((limit for limit in limits if limit is not None), default=None)

    async def _listen(self, number: int, identifier: int) -> bool:
        """Whether the radio hears the car now; one that hangs is lost."""
        listening = asyncio.ensure_future(self._listen_there(number, identifier))
        await self._stragglers.give([listening], LISTEN_LIMIT_S)
        if listening.done():
            return listening.result()
        self._lost[number] = StackBusy(self.radios[number].name, "a scan does not begin")
        return False

    async def _listen_there(self, number: int, identifier: int) -> bool:
        try:
            async with self.radios[number].scan() as scan:
                if await self._hears(scan, number, identifier):
                    return True
                await scan.look_again()  # somebody else's scan may have told of the car before we came
                return await self._hears(scan, number, identifier)
        except HostFault as error:
            self._struck(number, error)
        return False

    async def _hears(self, scan: Scan, number: int, identifier: int) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LISTEN_S / 2):
                async for sighting in scan:
                    self._hearings.merge(number, sighting)
                    if sighting.identifier == identifier:
                        return True
        return False

    def _struck(self, number: int, error: HostFault) -> None:
        if isinstance(error, SlotsExhausted):
            held = len(self.radios[number].links)
            self._slots[number] = LearnedSlots(held, _now_s())
        elif isinstance(error, _LOST):
            self._lost[number] = error

    def _nowhere(self, sighting: Sighting, refused: dict[int, HostFault]) -> RigError:
        """Why no radio takes the car: all lost, some full, or it is not in their reach."""
        numbers = range(len(self.radios))
        if all(number in self._lost for number in numbers):
            return next(reversed(refused.values()), None) or self._lost[0]
        words, full = [], False
        for number, name in enumerate(self.adapters):
            slots, in_use = self._slots_of(number), self._in_use(number, sighting.identifier)
            if number in self._lost:
                words.append(f"{name}: {self._lost[number].happened}")
            elif slots is not None and in_use >= slots:
                full = True
                held = len(self.radios[number].links)
                coming = f", {in_use - held} being connected" if in_use > held else ""
                words.append(f"{name}: {held} in use{coming}")
            else:
                words.append(f"{name}: does not hear {sighting.label}")
        detail = ", ".join(words)
        return SlotsExhausted(self.name, detail) if full else CarNotFound(sighting.label, detail)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
