"""Scanning: one bleak scanner per radio, shared by every open scan, paused while a connect is under way.

bleak has no word for a scanner that has died: the adapter was unplugged, bluetoothd restarted, the kernel's
scan stands still. So a scan that hears nothing for `QUIET_LIMIT_S` is begun anew; where that works it goes on
unnoticed, and where it does not every reader is told why, again and again until it works or nobody reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from protocol.advertising import advert_from_host, parse_local_name
from rig.errors import RigError
from rig.radio.errors import AdapterGone, AdapterMissing
from rig.radio.sighting import Sighting, sighting_of
from rig.radio.stack_calls import in_our_words
from rig.radio.teardown import LETTING_GO_S, see_through
from rig.radio.translate import Doing

SCANNER_LIMIT_S = 10.0  # starting or stopping a scanner; BlueZ needs well under one
SWITCH_LIMIT_S = 3 * (SCANNER_LIMIT_S + LETTING_GO_S)
"""Switching the scanner: a stop and a start, or with one of somebody else's ahead."""
RETRY_S = 2.0  # from one vain start to the next
QUIET_LIMIT_S = 10.0  # without one car's advert
_QUEUE_LIMIT = 4096  # sightings waiting for a slow reader; older ones are worthless
NO_LEVEL_DBM = -127
"""bleak's level where BlueZ has none: news of a device it remembers (the end of a link, say), and no advert."""

_log = logging.getLogger("pitboard.radio")
Detection = Callable[[BLEDevice, AdvertisementData], None]


class Scanner(Protocol):
    """The part of `bleak.BleakScanner` used here."""

    async def start(self) -> None:
        """Starts scanning."""
        ...

    async def stop(self) -> None:
        """Stops scanning."""
        ...


class Scan:
    """An ongoing scan: `async for sighting in scan`, or `scan.sightings` for the latest of each car.

    One sighting per advert the system tells of, which may be one in 10 seconds while nothing changes: no news is
    no sign that a car has gone. Its later sightings carry its name and firmware from earlier ones.
    """

    def __init__(self, again: Callable[[], Awaitable[None]] | None = None) -> None:
        self.sightings: dict[int, Sighting] = {}
        self._again = again
        self._queue: asyncio.Queue[Sighting | Exception] = asyncio.Queue(_QUEUE_LIMIT)

    def __aiter__(self) -> AsyncIterator[Sighting]:
        """The sightings as they come; never ends by itself."""
        return self

    async def __anext__(self) -> Sighting:
        """The next sighting; as long as no car is heard, until the caller's own limit.

        Raises:
            HostFault: the adapter failed, at most `QUIET_LIMIT_S + SWITCH_LIMIT_S` ago. Asked again, it waits
                for the adapter to come back.
        """
        item = await self._queue.get()
        if isinstance(item, Exception):
            raise item
        return item

    async def look_again(self) -> None:
        """Starts the scan anew: it hears every car in reach once more, and so do others that are open.

        Within one scan a controller may tell of each car only once, and the Linux kernel begins a new one only
        every 10 seconds (`net/bluetooth/hci_sync.c`). Where it does not start, every reader is told.
        """
        if self._again is not None:
            await self._again()

    def heard(self, sighting: Sighting) -> None:
        """For the radio: one advert."""
        self.sightings[sighting.identifier] = sighting
        self._put(sighting)

    def failed(self, error: Exception) -> None:
        """For the radio: the scanner could not be started again; tried on."""
        self._put(error)

    def _put(self, item: Sighting | Exception) -> None:
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(item)


class ScanSwitch:
    """Keeps the one scanner running exactly while somebody scans and nobody connects."""

    def __init__(self, make_scanner: Callable[[Detection], Scanner], adapter: str) -> None:
        self._make_scanner = make_scanner
        self._adapter = adapter
        self._scans: list[Scan] = []
        self._pauses = 0
        self._scanner: Scanner | None = None
        self._turn = asyncio.Lock()
        self._known: dict[str, Sighting] = {}
        self._heard_s = 0.0
        self._looking: asyncio.TimerHandle | None = None
        self._reviving: asyncio.Task[None] | None = None
        self._has_worked = False

    @property
    def is_running(self) -> bool:
        """Whether the adapter scans now, as far as anybody knows."""
        return self._scanner is not None

    def gone_if_it_worked(self, error: RigError) -> RigError:
        """The same error; but an adapter that is missing after it scanned went away."""
        if isinstance(error, AdapterMissing) and self._has_worked:
            return AdapterGone(self._adapter, error.detail)
        return error

    @contextlib.asynccontextmanager
    async def scanning(self) -> AsyncIterator[Scan]:
        """A scan for the length of the context, which hears every car in reach although others scan already.

        Raises HostFault when it cannot start.
        """
        scan = Scan(self._look_again)
        self._scans.append(scan)
        try:
            await self._settle(afresh=True)
            yield scan
        finally:
            self._scans.remove(scan)
            await see_through(self._settle_quietly(), 2 * SWITCH_LIMIT_S, "ending a scan")

    async def _look_again(self) -> None:
        await see_through(self._settle_quietly(afresh=True), 2 * SWITCH_LIMIT_S, "starting a scan anew")

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """No scanning for the length of the context; ongoing scans go on afterwards."""
        self._pauses += 1
        try:
            await self._settle()
            yield
        finally:
            self._pauses -= 1
            await see_through(self._settle_quietly(), 2 * SWITCH_LIMIT_S, "resuming a scan")

    async def _settle_quietly(self, *, afresh: bool = False) -> None:
        """Nobody here can help it: the readers are told."""
        try:
            await self._settle(afresh=afresh)
        except RigError as error:
            for scan in self._scans:
                scan.failed(error)

    async def _settle(self, *, afresh: bool = False) -> None:
        """Starts or stops the scanner as wanted. Its lock is held for one stop and one start, at most."""
        async with self._turn:
            self._look_out()
            if afresh and self._wanted:
                await self._stop()
            if self._wanted and self._scanner is None:
                await self._start()
            elif not self._wanted and self._scanner is not None:
                await self._stop()
        if not self._wanted and self._reviving is not None:
            await asyncio.wait({self._reviving})  # it only waited for the lock

    @property
    def _wanted(self) -> bool:
        return bool(self._scans) and not self._pauses

    async def _start(self) -> None:
        try:
            scanner = self._make_scanner(self._detected)
            self._scanner = scanner
            self._heard_s = asyncio.get_running_loop().time()
            await see_through(scanner.start(), SCANNER_LIMIT_S, "starting a scan")
            self._has_worked = True
        except asyncio.CancelledError:
            await self._stop()
            raise
        except Exception as error:
            self._scanner = None
            ours = in_our_words(error, Doing.SCANNING, adapter=self._adapter)
            raise self.gone_if_it_worked(ours) from error

    async def _stop(self) -> None:
        scanner, self._scanner = self._scanner, None
        if scanner is None:
            return
        try:
            await see_through(scanner.stop(), SCANNER_LIMIT_S, "stopping a scan")
        except Exception as error:  # noqa: BLE001 - it is given up either way; what failed is worth a line
            _log.debug("stopping a scan: %r", error)

    # A scan that hears nothing.

    def _look_out(self) -> None:
        """Keeps a timer while a scanner is wanted."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        if self._wanted:
            loop = asyncio.get_running_loop()
            due_s = self._heard_s + QUIET_LIMIT_S if self._scanner is not None else loop.time() + RETRY_S
            if due_s <= loop.time():  # it was tried; again a while later
                due_s = loop.time() + QUIET_LIMIT_S
            self._looking = loop.call_at(due_s, self._look)

    def look_now(self) -> None:
        """The stack has gone or come back: a scan is begun anew at once, if one is wanted."""
        if self._looking is not None:
            self._looking.cancel()
            self._heard_s = -QUIET_LIMIT_S
            self._look()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._looking = None
        is_quiet = self._scanner is None or loop.time() >= self._heard_s + QUIET_LIMIT_S
        if not is_quiet or self._reviving is not None:
            self._look_out()
            return
        self._reviving = loop.create_task(self._revive())
        self._reviving.add_done_callback(self._revived)

    def _revived(self, task: asyncio.Task[None]) -> None:
        self._reviving = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("%s: %s", self._adapter, error)

    async def _revive(self) -> None:
        async with self._turn:
            if not self._wanted:
                return
            await self._stop()
            try:
                await self._start()
            except RigError as error:
                for scan in self._scans:
                    scan.failed(error)
            self._look_out()

    def _detected(self, device: BLEDevice, data: AdvertisementData) -> None:
        sighting = self._sighting(device, data)
        if sighting is None:
            return
        self._known[device.address] = sighting
        for scan in tuple(self._scans):
            scan.heard(sighting)

    def _sighting(self, device: BLEDevice, data: AdvertisementData) -> Sighting | None:
        if data.rssi == NO_LEVEL_DBM:
            return None
        now_s = self._heard_s = asyncio.get_running_loop().time()
        earlier = self._known.get(device.address)
        advert = advert_from_host(data.local_name, data.manufacturer_data, data.service_uuids)
        if advert is not None:
            return sighting_of(advert, device.address, data.rssi, now_s, device).merged_with(earlier)
        if earlier is None:
            return None
        return earlier.heard_again(parse_local_name(data.local_name), data.rssi, now_s)
