"""bleak's backend over a `HostStack`: what the OS's Bluetooth service is for everybody else.

Behaves as bleak over BlueZ does where a program can tell: ADV_IND and SCAN_RSP are merged per address, the
local name ends at the first NUL, a connection that fails to be established (HCI 0x3E) is retried until the
timeout, and errors are bleak's own classes with BlueZ's words.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, Literal, TypeVar

import bleak
from bleak.args import SizedBuffer
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakDeviceNotFoundError,
    BleakError,
)

from rig.radio.advert_merge import MergedAdvert
from rig.radio.advert_pairs import AdvertPairs, Event
from rig.radio.backend_errors import as_bleak
from rig.radio.host_adapter import HostAdapter, required
from rig.radio.host_stack import AdvertReport, GattService, HostError, HostFailure, HostLink

T = TypeVar("T")

_SCANNER_SEAM, _CLIENT_SEAM = "get_platform_scanner_backend_type", "get_platform_client_backend_type"

_REMOVED = "Device with address {} was not found. It may have been removed from BlueZ when scanning stopped."
FAILED_TO_BE_ESTABLISHED = 0x3E
ATT_WRITE_HEADER = 3


class HostStackScanner(BaseBleakScanner):
    """A bleak scanner; pass it as `BleakScanner(..., backend=HostStackScanner, host=adapter)`."""

    host: HostAdapter | None = None

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"],
        *,
        host: HostAdapter | None = None,
        **_other_platforms: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode != "passive"
        self._pairs = AdvertPairs()
        self._host = required(host or self.host)

    async def start(self) -> None:
        """Starts scanning with nothing seen yet."""
        self.seen_devices.clear()
        self._pairs = AdvertPairs()
        try:
            await self._host.stack.start_scanning(self._on_report, self._active)
        except HostError as error:
            raise as_bleak(error) from error

    async def stop(self) -> None:
        """Stops scanning; harmless twice."""
        try:
            await self._host.stack.stop_scanning(self._on_report)
        except HostError as error:
            raise as_bleak(error) from error

    def _on_report(self, report: AdvertReport) -> None:
        for event in self._pairs.take(report) if self._active else [(report,)]:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        """One advertising event. Like the kernel it is let through for the services it names itself, not for those
        of an earlier one; like BlueZ, all that is known of the address is told."""
        itself = MergedAdvert()
        for part in event:
            itself.add(part.data)
        merged = [self._host.merge(part) for part in event][-1]
        report = event[-1]
        if not self.is_allowed_uuid(list(itself.service_uuids)):
            return
        data = AdvertisementData(
            merged.local_name,
            dict(merged.manufacturer_data),
            dict(merged.service_data),
            list(merged.service_uuids),
            merged.tx_power_dbm,
            report.rssi_dbm,
            event,
        )
        device = self.create_or_update_device(report.address, report.address, merged.local_name, None, data)
        self.call_detection_callbacks(device, data)


class HostStackClient(BaseBleakClient):
    """A bleak client; pass it as `BleakClient(device, backend=HostStackClient, host=adapter)`."""

    host: HostAdapter | None = None

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        services: set[str] | None = None,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        host: HostAdapter | None = None,
        **_other_platforms: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._host = required(host or self.host)
        self._wanted = services
        self._known_device = isinstance(address_or_ble_device, BLEDevice)
        self._device_name = (
            address_or_ble_device.name if isinstance(address_or_ble_device, BLEDevice) else None
        )
        self._link: HostLink | None = None

    @property
    def name(self) -> str:
        """The advertised name, else the address with dashes."""
        return self._device_name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """ATT MTU in bytes."""
        return self._open_link().att_mtu

    @property
    def is_connected(self) -> bool:
        """Whether the link is believed to be up."""
        return self._link is not None and self._link.is_open

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connects and discovers, retrying establishment failures until the timeout."""
        if self.is_connected:
            raise BleakError("Client is already connected")
        timeout_s: float = kwargs.get("timeout", self._timeout)
        if not self._known_device:
            await self._find_device(timeout_s)
        elif not self._host.remembers(self.address):
            raise BleakDeviceNotFoundError(self.address, _REMOVED.format(self.address))
        async with asyncio.timeout(timeout_s), self._host.connecting:
            while not await self._try_connect():
                pass

    async def _find_device(self, timeout_s: float) -> None:
        ours: dict[str, Any] = {"backend": HostStackScanner, "host": self._host}
        found = await bleak.BleakScanner.find_device_by_address(self.address, timeout=timeout_s, **ours)
        if found is None:
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.")
        self._known_device, self._device_name = True, found.name

    async def _try_connect(self) -> bool:
        """One attempt; False when the link layer gave up on it (0x3E) and another one is in order."""
        lost: list[int] = []

        def on_lost(reason: int) -> None:
            lost.append(reason)
            if self._link is not None:
                self._forget_link(tell=reason != FAILED_TO_BE_ESTABLISHED)

        try:
            link = await self._host.stack.connect(self.address, on_lost)
        except HostError as error:
            if error.failure is HostFailure.ESTABLISHMENT_FAILED:
                return False
            raise as_bleak(error) from error
        self._link = link
        self._host.touch(self.address)
        try:
            services = await link.discover()
        except HostError as error:
            if lost and lost[0] == FAILED_TO_BE_ESTABLISHED:
                return False
            if lost:
                raise BleakError("failed to discover services, device disconnected") from error
            await link.disconnect()
            raise as_bleak(error) from error
        except BaseException:
            await asyncio.shield(link.disconnect())
            raise
        self.services = self._collect(link, services)
        return True

    def _collect(self, link: HostLink, services: list[GattService]) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for found in services:
            if self._wanted and found.uuid not in self._wanted:
                continue
            service = BleakGATTService(found, found.handle, found.uuid)
            collection.add_service(service)
            for item in found.characteristics:
                properties = sorted(gatt_char_props_to_strs(item.properties))
                characteristic = BleakGATTCharacteristic(
                    item,
                    item.handle,
                    item.uuid,
                    properties,
                    lambda: link.att_mtu - ATT_WRITE_HEADER,
                    service,
                )
                collection.add_characteristic(characteristic)
                for descriptor in item.descriptors:
                    collection.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, descriptor.uuid, characteristic)
                    )
        return collection

    def _forget_link(self, *, tell: bool) -> None:
        self._link, self.services = None, None
        self._host.touch(self.address)
        if tell and self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        """Ends the link; harmless when there is none."""
        if self._link is not None:
            await self._link.disconnect()

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Not supported: cars do not pair."""
        raise NotImplementedError("cars do not pair")

    async def unpair(self) -> None:
        """Not supported: cars do not pair."""
        raise NotImplementedError("cars do not pair")

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Reads a characteristic over the air."""
        return bytearray(await _ask(self._open_link().read(characteristic.handle)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Reads a descriptor over the air."""
        return bytearray(await _ask(self._open_link().read(descriptor.handle)))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """Writes a characteristic; without response it only queues."""
        await _ask(self._open_link().write(characteristic.handle, bytes(data), response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Writes a descriptor."""
        await _ask(self._open_link().write(descriptor.handle, bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: Callable[[bytearray], None], **kwargs: Any
    ) -> None:
        """Subscribes; notifications arrive as bytearrays."""
        await _ask(self._open_link().subscribe(characteristic.handle, lambda data: callback(bytearray(data))))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribes."""
        await _ask(self._open_link().unsubscribe(characteristic.handle))

    def _open_link(self) -> HostLink:
        if self._link is None or not self._link.is_open:
            raise BleakError("Not connected")
        return self._link


@contextlib.contextmanager
def install(adapter: HostAdapter) -> Iterator[None]:
    """Makes unmodified bleak programs use `adapter` while the context lasts.

    bleak has no registry for backends; it looks these two names up in its own module at call time, which
    `tests/contract/test_bleak_seams.py` watches.
    """
    scanner = type("HostStackScanner", (HostStackScanner,), {"host": adapter})
    client = type("HostStackClient", (HostStackClient,), {"host": adapter})
    ours = {_SCANNER_SEAM: lambda: (scanner, "pitboard"), _CLIENT_SEAM: lambda: (client, "pitboard")}
    before = {seam: getattr(bleak, seam) for seam in ours}
    _set_all(ours)
    try:
        yield
    finally:
        _set_all(before)


def _set_all(seams: Mapping[str, object]) -> None:
    for name, value in seams.items():
        setattr(bleak, name, value)


async def _ask(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except HostError as error:
        raise as_bleak(error) from error
