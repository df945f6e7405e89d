"""`org.bluez.Adapter1` of the fake: power, discovery sessions per client, and the devices heard."""

from __future__ import annotations

import asyncio
from typing import Any

from dbus_fast import Message, Variant

from rig.radio.advert_merge import MergedAdvert
from rig.radio.host_stack import AdvertReport, HostError, HostStack
from tests.bluez.device import DEVICE, FakeDevice
from tests.bluez.objects import Interface, ObjectTree, Refused

ADAPTER = "org.bluez.Adapter1"
_ERROR = "org.bluez.Error"
FILTERS = {"Transport", "DuplicateData", "UUIDs", "RSSI", "Pathloss", "Discoverable", "Pattern"}
FORGET_AFTER_S = 30.0
"""A device nobody connected to is removed so long after discovery ended (`TemporaryTimeout` of main.conf)."""


class FakeAdapter:
    """hci0."""

    def __init__(self, tree: ObjectTree, path: str, stack: HostStack) -> None:
        self.path = path
        self.stack = stack
        self.connecting = asyncio.Lock()
        self._tree = tree
        self._devices: dict[str, FakeDevice] = {}
        self._held: AdvertReport | None = None
        self._filters: dict[str, set[str]] = {}
        self._sessions: set[str] = set()
        self._powered = True
        self._housework: set[asyncio.Task[Any]] = set()
        tree.add(
            path,
            Interface(
                ADAPTER,
                {
                    "Address": Variant("s", "00:00:5E:00:53:01"),
                    "Name": Variant("s", "fake"),
                    "Alias": Variant("s", "fake"),
                    "Powered": Variant("b", True),
                    "Discovering": Variant("b", False),
                    "Roles": Variant("as", ["central", "peripheral"]),
                    "UUIDs": Variant("as", []),
                    "Modalias": Variant("s", "usb:v1D6Bp0246d0542"),
                },
                {
                    "SetDiscoveryFilter": self._set_filter,
                    "StartDiscovery": self._start,
                    "StopDiscovery": self._stop,
                    "RemoveDevice": self._remove,
                },
                {"Powered": self._set_powered},
            ),
        )

    @property
    def is_powered(self) -> bool:
        """Whether the adapter is on, for BlueZ and for the host below."""
        return self._powered and self.stack.is_powered

    def device_of(self, path: str) -> FakeDevice | None:
        """The device to which this object belongs."""
        for device in self._devices.values():
            if path == device.path or path.startswith(f"{device.path}/"):
                return device
        return None

    def client_gone(self, sender: str) -> None:
        """A D-Bus client went away: its discovery session and its notifications end."""
        if sender in self._sessions:
            self._later(self._end_session(sender))
        for device in self._devices.values():
            self._later(device.client_gone(sender))

    async def end_discovery(self) -> None:
        """Nobody scans any more, whatever bluetoothd told them."""
        for sender in list(self._sessions):
            await self._end_session(sender)

    async def switch(self, *, on: bool) -> None:
        """Somebody switches the adapter (`bluetoothctl power off`)."""
        self._powered = on
        self._tell("Powered", on)
        if not on:
            self._sessions.clear()
            await self._settle()
            for device in list(self._devices.values()):
                await device.drop("le-connection-abort-by-local")
                self.forget(device)

    def forget(self, device: FakeDevice) -> None:
        """The device's object goes."""
        self._devices.pop(device.address, None)
        self._tree.remove(device.path)

    async def vanish(self) -> None:
        """Unplugged."""
        await self.close()
        self._tree.remove(self.path)

    async def close(self) -> None:
        """Ends links and discovery."""
        self._sessions.clear()
        for task in self._housework:
            task.cancel()
        await asyncio.gather(*self._housework, return_exceptions=True)
        for device in list(self._devices.values()):
            await device.close()
        if self.stack.is_powered:
            await self.stack.stop_scanning(self._on_report)

    async def _set_powered(self, on: bool) -> None:
        await self.switch(on=on)

    async def _set_filter(self, message: Message) -> None:
        """bleak asks for LE without duplicates; the fake hears nothing else."""
        self._need_power()
        if not set(message.body[0]) <= FILTERS:
            raise Refused(f"{_ERROR}.InvalidArguments", "Invalid arguments in method call")
        uuids = message.body[0].get("UUIDs")
        self._filters[message.sender or ""] = set(uuids.value) if uuids is not None else set()

    async def _start(self, message: Message) -> None:
        self._need_power()
        sender = message.sender or ""
        if sender in self._sessions:
            raise Refused(f"{_ERROR}.InProgress", "Operation already in progress")
        self._sessions.add(sender)
        try:
            await self._settle()
        except HostError as error:
            self._sessions.discard(sender)
            raise Refused(f"{_ERROR}.InProgress", "Operation already in progress") from error

    async def _stop(self, message: Message) -> None:
        self._need_power()
        if (message.sender or "") not in self._sessions:
            raise Refused(f"{_ERROR}.Failed", "No discovery started")
        await self._end_session(message.sender or "")

    async def _remove(self, message: Message) -> None:
        device = self.device_of(message.body[0])
        if device is None:
            raise Refused(f"{_ERROR}.DoesNotExist", "Does Not Exist")
        self._need_power()
        await device.drop()
        self.forget(device)

    def _need_power(self) -> None:
        if not self.is_powered:
            raise Refused(f"{_ERROR}.NotReady", "Resource Not Ready")

    async def _end_session(self, sender: str) -> None:
        self._sessions.discard(sender)
        await self._settle()
        if not self._sessions:
            for device in self._devices.values():
                self._tree.change(device.path, DEVICE, {}, without=["RSSI"])
                self._later(self._forget_unused(device))

    async def _settle(self) -> None:
        """Scans while somebody has a session."""
        if self._sessions:
            await self.stack.start_scanning(self._on_report, active=True)
        elif self.stack.is_powered:
            await self.stack.stop_scanning(self._on_report)
            self._held = None
        self._tell("Discovering", bool(self._sessions))

    def _tell(self, name: str, on: bool) -> None:
        if self.path in self._tree.objects:
            known = self._tree.objects[self.path][ADAPTER].properties[name]
            if known.value != on:
                self._tree.change(self.path, ADAPTER, {name: Variant("b", on)})

    async def _forget_unused(self, device: FakeDevice) -> None:
        await asyncio.sleep(FORGET_AFTER_S)
        if not device.is_connected and not self._sessions and self._devices.get(device.address) is device:
            self.forget(device)

    def _on_report(self, report: AdvertReport) -> None:
        """One PDU. The kernel holds an advert back for its scan response, until another advert comes
        (net/bluetooth/hci_event.c, process_adv_report)."""
        held, self._held = self._held, None
        if held is not None and report.is_scan_response and report.address == held.address:
            self._found(held, report)
            return
        if held is not None:
            self._found(held)
        if report.connectable and not report.is_scan_response:
            self._held = report
        else:
            self._found(report)

    def _found(self, *reports: AdvertReport) -> None:
        if not self._sessions:
            return
        merged = MergedAdvert()
        for report in reports:
            merged.add(report.data)
        if not any(not wanted or wanted & set(merged.service_uuids) for wanted in self._wanted()):
            return  # src/adapter.c, is_filter_match
        told = _advertised(merged, reports[-1])
        address = reports[0].address
        device = self._devices.get(address)
        if device is None:
            self._devices[address] = FakeDevice(self, self._tree, address, told)
        else:
            known = self._tree.objects[device.path][DEVICE].properties
            news = {name: value for name, value in told.items() if name == "RSSI" or known.get(name) != value}
            self._tree.change(device.path, DEVICE, news)

    def _wanted(self) -> list[set[str]]:
        return [self._filters.get(sender, set()) for sender in self._sessions]

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._housework.add(task)
        task.add_done_callback(self._housework.discard)


def _advertised(merged: MergedAdvert, report: AdvertReport) -> dict[str, Variant]:
    """The properties that come from advertising, as `device_set_*` of BlueZ's device.c fills them."""
    told = {"RSSI": Variant("n", report.rssi_dbm), "UUIDs": Variant("as", list(merged.service_uuids))}
    if merged.manufacturer_data:
        told["ManufacturerData"] = Variant(
            "a{qv}",
            {company: Variant("ay", bytes(data)) for company, data in merged.manufacturer_data.items()},
        )
    if merged.local_name is not None or _names_itself(report.data):
        told["Name"] = told["Alias"] = Variant("s", merged.local_name or "")
    if merged.tx_power_dbm is not None:
        told["TxPower"] = Variant("n", merged.tx_power_dbm)
    return told


def _names_itself(data: bytes) -> bool:
    """Whether a name stands in it, be it one that BlueZ reads as empty."""
    position = 0
    while position + 1 < len(data) and data[position]:
        if data[position + 1] in (0x08, 0x09):
            return True
        position += 1 + data[position]
    return False
