"""A radio: one adapter, seen through bleak's public API.

Scanning and connecting share the adapter: connects happen one at a time, and an ongoing scan pauses while
one is under way (Anki's programming guide asks for both; BlueZ answers `InProgress` otherwise). Only one
bleak scanner exists per radio however many `scan()` contexts are open. How long each wait may take stands in
`docs/radio-bounds.md`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner

from protocol.gatt import SERVICE_UUID
from rig.errors import RigError
from rig.radio.any_radio import RadioCapabilities
from rig.radio.bluez import BluezChange
from rig.radio.bring_up import CANCEL_LIMIT_S, bring_up
from rig.radio.errors import (
    AdapterGone,
    AdapterOff,
    AlreadyConnected,
    CarFault,
    ConnectTimedOut,
    LinkLost,
    NoFreshData,
    RadioClosed,
    SlotsExhausted,
    StackBusy,
    StackMissing,
)
from rig.radio.finding import find_by_scan
from rig.radio.link import DISCONNECT_LIMIT_S, CarLink, Received
from rig.radio.milestones import LossReason
from rig.radio.opening import Opening, all_ended
from rig.radio.scan import SWITCH_LIMIT_S, Detection, Scan, ScanSwitch
from rig.radio.sighting import Sighting
from rig.radio.stack_calls import cancellations, in_our_words, let_a_stop_arrive, was_asked_for
from rig.radio.stack_watch import StackWatch, usual_watch
from rig.radio.teardown import LETTING_GO_S, see_through
from rig.radio.translate import Doing
from rig.radio.transmit import TransmitPolicy

UNWIND_LIMIT_S = CANCEL_LIMIT_S + DISCONNECT_LIMIT_S + 2 * LETTING_GO_S
"""From a connect's failure to the error; a working stack needs none of it."""
CLOSE_LIMIT_S = UNWIND_LIMIT_S + 2 * SWITCH_LIMIT_S + 2 * DISCONNECT_LIMIT_S + 4 * LETTING_GO_S
"""Everything that closing does, one after the other at its own limit."""

_log = logging.getLogger("pitboard.radio")


class Radio:
    """Scans for cars and connects to them. Belongs to one event loop; an async context manager that closes it.

    `scanner_backend` and `client_backend` are bleak backend classes (None: the operating system's), and
    `backend_options` keyword arguments for both; `watch` tells of the end of the stack where bleak does not.
    """

    def __init__(
        self,
        *,
        name: str,
        transmit: TransmitPolicy = TransmitPolicy.REAL_CARS,
        scanner_backend: type[BaseBleakScanner] | None = None,
        client_backend: type[BaseBleakClient] | None = None,
        backend_options: Mapping[str, Any] | None = None,
        capabilities: RadioCapabilities | None = None,
        watch: StackWatch | None = None,
    ) -> None:
        self.name = name
        self.transmit = transmit
        self.capabilities = capabilities or RadioCapabilities()
        self._scanner_backend = scanner_backend
        self._client_backend = client_backend
        self._options = dict(backend_options or {})
        self._watch = watch or usual_watch(own_backend=client_backend is not None)
        self._switch = ScanSwitch(self._make_scanner, name)
        self._turn = asyncio.Lock()
        self._links: dict[int, CarLink] = {}
        self._leaving: dict[asyncio.Task[None], int] = {}
        self._opening: dict[int, Opening] = {}

    async def __aenter__(self) -> Self:
        """The radio itself; nothing is touched before it is used."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes every link."""
        await self.close()

    @property
    def adapters(self) -> tuple[str, ...]:
        """Its name: a radio has one adapter."""
        return (self.name,)

    @property
    def links(self) -> dict[int, CarLink]:
        """The open links by car identifier."""
        return dict(self._links)

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses of the cars it holds a link to, or is connecting."""
        held = {link.sighting.address for link in self._links.values()}
        return frozenset(held | {opening.address for opening in self._opening.values()})

    def scan(self) -> AbstractAsyncContextManager[Scan]:
        """`async with radio.scan() as scan: async for sighting in scan: ...`, actively.

        Several scans may be open; all pause while a connect is under way.

        Raises:
            HostFault: the adapter, its stack or its permissions do not allow it.
        """
        return self._scanning()

    @contextlib.asynccontextmanager
    async def _scanning(self) -> AsyncIterator[Scan]:
        await self._watch.begin(self._stack_changed)
        async with self._switch.scanning() as scan:
            yield scan

    async def find(self, identifier: int, timeout_s: float = 10.0) -> Sighting:
        """Scans until this car is heard, with its name and firmware when they come within a second.

        `timeout_s` holds whatever else scans; a scan that runs already is started anew.

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
        """Connects and returns once the car has sent fresh data; `timeout_s` counts from this car's turn.

        Waits for its turn when others connect, at most as long as they may take in all; an ongoing scan pauses.
        Cancelled or failed, it leaves no link behind and is over `UNWIND_LIMIT_S` later at the latest. `link.milestones` tells when each step was reached.

        Raises:
            AlreadyConnected: this radio holds or is opening a link to the car.
            CarFault: which step failed is the class; `milestones` on it tells how far it got.
            HostFault: the adapter or its stack failed.
            StackBusy: its turn did not come.
            RadioClosed: `close` was called meanwhile.
        """
        identifier = sighting.identifier
        if identifier in self._links or identifier in self._opening:
            raise AlreadyConnected(sighting.label)
        limit = self.capabilities.max_links
        if limit is not None and len(self._links) + len(self._opening) >= limit:
            raise SlotsExhausted(self.name, f"{limit} in use")
        patience_s = sum(other.limit_s for other in self._opening.values())
        limit_s = timeout_s + UNWIND_LIMIT_S + 2 * SWITCH_LIMIT_S
        opening = self._opening[identifier] = Opening(sighting.address, limit_s)
        try:
            async with self._my_turn(sighting.label, patience_s), self._switch.paused():
                await self._left(identifier)
                await self._watch.begin(self._stack_changed)
                return await self._open(opening, sighting, timeout_s, on_frame)
        except asyncio.CancelledError as cancelled:
            if opening.was_for_us():
                raise RadioClosed(sighting.label) from cancelled
            raise
        finally:
            del self._opening[identifier]
            opening.ended.set()

    async def close(self) -> None:
        """Ends what is being connected, then every link, all at once (BlueZ needs about 2 s for each).

        Never hangs, whatever the stack does, and finishes even when the caller is cancelled.
        """
        await see_through(self._teardown(), CLOSE_LIMIT_S, f"closing {self.name}")

    async def _teardown(self) -> None:
        openings = list(self._opening.values())
        for opening in openings:
            opening.abandon()
        try:
            if openings:
                await see_through(
                    all_ended(openings), UNWIND_LIMIT_S + 2 * SWITCH_LIMIT_S, "ending the connects"
                )
        except TimeoutError:
            _log.warning("%s: a connect under way did not end", self.name)
        finally:
            await asyncio.gather(*(link.disconnect() for link in self._links.values()))
            await self._left()
            await self._watch.end()

    async def _left(self, identifier: int | None = None) -> None:
        """Waits until links that went down by themselves are closed here too: all, or those to one car."""
        leaving = [task for task, car in self._leaving.items() if identifier in {car, None}]
        if leaving:
            await asyncio.wait(leaving)  # each is bounded

    def _stack_changed(self, what: BluezChange, adapter: str) -> None:
        """The host's service has ended, and every link with it; or an adapter, whose links bleak reports."""
        words = f"{what.value} while a car was connecting"
        if what in {BluezChange.SERVICE_GONE, BluezChange.BUS_LOST}:
            for link in list(self._links.values()):
                link.ended(LossReason.STACK)
            for opening in self._opening.values():
                opening.fail(StackMissing(self.name, words))
        elif what in {BluezChange.ADAPTER_OFF, BluezChange.ADAPTER_GONE}:
            fault = (AdapterOff if what is BluezChange.ADAPTER_OFF else AdapterGone)(self.name, words)
            for opening in self._opening.values():
                if opening.link is not None and _is_under(opening.link, adapter):
                    opening.fail(fault)
        self._switch.look_now()

    @contextlib.asynccontextmanager
    async def _my_turn(self, car: str, patience_s: float) -> AsyncIterator[None]:
        """One connect at a time; those ahead are all bounded, and so is the wait for them."""
        try:
            async with asyncio.timeout(max(patience_s, 1.0)):
                await self._turn.acquire()
        except TimeoutError as error:
            raise StackBusy(self.name, f"{car} waited {patience_s:g} s for its turn") from error
        try:
            yield
        finally:
            self._turn.release()

    async def _open(
        self,
        opening: Opening,
        sighting: Sighting,
        timeout_s: float,
        on_frame: Callable[[Received], None] | None,
    ) -> CarLink:
        await let_a_stop_arrive()
        link = opening.link = CarLink(sighting, self.transmit, self._forget, self.name)
        if on_frame is not None:
            link.on_frame(on_frame)
        before = cancellations()
        try:
            client = self._make_client(link, timeout_s)
            link.attach(client)
            async with link.while_up(timeout_s):
                await bring_up(link, client, stock=self._client_backend is None)
            self._links[sighting.identifier] = link
        except BaseException as error:
            await link.disconnect()
            if not isinstance(error, Exception) and (
                was_asked_for(before) or not isinstance(error, asyncio.CancelledError)
            ):
                raise
            ours = opening.fault or self._explain(error, link, timeout_s)
            if isinstance(ours, CarFault):
                ours.milestones = link.milestones
            if ours is error:
                raise
            raise ours from error
        return link

    def _explain(self, error: BaseException, link: CarLink, timeout_s: float) -> RigError:
        if link.lost.loss is not None and link.lost.loss.reason is LossReason.LOST:
            return LinkLost(link.label, reason=str(link.lost.loss))
        if isinstance(error, TimeoutError):
            pending = link.milestones.pending
            if pending == "first data":
                return NoFreshData(link.label, waited_s=timeout_s)
            return ConnectTimedOut(link.label, waited_s=timeout_s, phase=pending)
        ours = in_our_words(error, Doing.CONNECTING, car=link.label, adapter=self.name, waited_s=timeout_s)
        return self._switch.gone_if_it_worked(ours)

    def _forget(self, link: CarLink) -> None:
        if self._links.get(link.identifier) is not link:
            return
        del self._links[link.identifier]
        leaving = link.let_go()
        if leaving is not None:
            self._leaving[leaving] = link.identifier
            leaving.add_done_callback(self._leaving.pop)

    def _make_client(self, link: CarLink, timeout_s: float) -> BleakClient:
        device = link.sighting.handle
        assert isinstance(device, BLEDevice)
        return BleakClient(
            device,
            lambda _client: _dropped(link),
            timeout=timeout_s,
            backend=self._client_backend,
            **self._options,
        )

    def _make_scanner(self, detected: Detection) -> BleakScanner:
        return BleakScanner(
            detected,
            service_uuids=[SERVICE_UUID],
            scanning_mode="active",
            backend=self._scanner_backend,
            **self._options,
        )


def _dropped(link: CarLink) -> None:
    """What bleak says when the device is gone. While it connects, bleak also says so of attempts that it makes
    again by itself (le-connection-abort-by-local); there its `connect` tells how it went."""
    if link.milestones.services_s is not None:
        link.lost.said += 1
        link.ended(LossReason.LOST)


def _is_under(link: CarLink, adapter: str) -> bool:
    """Whether the car was heard by this adapter of BlueZ's."""
    details = getattr(link.sighting.handle, "details", None)
    path = details.get("path", "") if isinstance(details, dict) else ""
    return f"/{adapter}/" in path
