"""Scanning: one bleak scanner per radio, shared by every open scan, paused while a connect is under way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from protocol.advertising import advert_from_host, parse_local_name
from rig.errors import RigError
from rig.radio.sighting import Sighting, sighting_of
from rig.radio.teardown import see_through
from rig.radio.translate import Doing, translate

SCANNER_LIMIT_S = 10.0  # starting or stopping a scanner; BlueZ needs well under one
_QUEUE_LIMIT = 4096  # sightings waiting for a slow reader; older ones are worthless

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

    One sighting per advert heard; a car's later sightings carry what its earlier ones told.
    """

    def __init__(self) -> None:
        self.sightings: dict[int, Sighting] = {}
        self._queue: asyncio.Queue[Sighting | RigError] = asyncio.Queue(_QUEUE_LIMIT)

    def __aiter__(self) -> AsyncIterator[Sighting]:
        """The sightings as they come; never ends by itself."""
        return self

    async def __anext__(self) -> Sighting:
        """The next sighting. Raises HostFault when the adapter failed."""
        item = await self._queue.get()
        if isinstance(item, RigError):
            raise item
        return item

    def heard(self, sighting: Sighting) -> None:
        """For the radio: one advert."""
        self.sightings[sighting.identifier] = sighting
        self._put(sighting)

    def failed(self, error: RigError) -> None:
        """For the radio: the scanner could not be started again."""
        self._put(error)

    def _put(self, item: Sighting | RigError) -> None:
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

    @property
    def is_running(self) -> bool:
        """Whether the adapter scans now."""
        return self._scanner is not None

    @contextlib.asynccontextmanager
    async def scanning(self) -> AsyncIterator[Scan]:
        """A scan for the length of the context. Raises HostFault when it cannot start."""
        scan = Scan()
        self._scans.append(scan)
        try:
            await self._settle()
            yield scan
        finally:
            self._scans.remove(scan)
            await self._settle()

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """No scanning for the length of the context; ongoing scans go on afterwards."""
        self._pauses += 1
        try:
            await self._settle()
            yield
        finally:
            self._pauses -= 1
            await self._resume()

    async def _resume(self) -> None:
        try:
            await self._settle()
        except RigError as error:
            for scan in self._scans:
                scan.failed(error)

    async def _settle(self) -> None:
        async with self._turn:
            wanted = bool(self._scans) and not self._pauses
            if wanted and self._scanner is None:
                await self._start()
            elif not wanted and self._scanner is not None:
                await self._stop()

    async def _start(self) -> None:
        try:
            scanner = self._make_scanner(self._detected)
            self._scanner = scanner
            await see_through(scanner.start(), SCANNER_LIMIT_S, "starting a scan")
        except asyncio.CancelledError:
            await self._stop()
            raise
        except Exception as error:
            self._scanner = None
            raise translate(error, Doing.SCANNING, adapter=self._adapter) or error from error

    async def _stop(self) -> None:
        scanner, self._scanner = self._scanner, None
        if scanner is None:
            return
        try:
            await see_through(scanner.stop(), SCANNER_LIMIT_S, "stopping a scan")
        except (BleakError, OSError, EOFError) as error:
            _log.debug("stopping a scan: %r", error)

    def _detected(self, device: BLEDevice, data: AdvertisementData) -> None:
        sighting = self._sighting(device, data)
        if sighting is None:
            return
        self._known[device.address] = sighting
        for scan in tuple(self._scans):
            scan.heard(sighting)

    def _sighting(self, device: BLEDevice, data: AdvertisementData) -> Sighting | None:
        now_s = asyncio.get_running_loop().time()
        earlier = self._known.get(device.address)
        advert = advert_from_host(data.local_name, data.manufacturer_data, data.service_uuids)
        if advert is not None:
            return sighting_of(advert, device.address, data.rssi, now_s, device).merged_with(earlier)
        if earlier is None:
            return None
        return earlier.heard_again(parse_local_name(data.local_name), data.rssi, now_s)
