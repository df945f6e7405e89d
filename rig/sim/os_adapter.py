"""The adapter of a simulated world as an adapter of this machine: /dev/vhci below, BlueZ and the kernel above.

The adapter is known by its number, which the kernel tells whoever made it, and by its address; no other
adapter of the machine is touched. BlueZ forgets the cars when it goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bumble import hci

from rig.errors import BenchError
from rig.radio.bluez import AdapterFacts, Bluez
from rig.radio.errors import AdapterMissing, AdapterOff, HostFault, HostTrouble, StackBusy, StackMissing
from rig.radio.teardown import see_through
from rig.sim.adapter import Outage
from rig.sim.air import Air
from rig.sim.controller import AirController
from rig.sim.vhci import VhciDevice

SHOWN_WITHIN_S = 10.0  # bluetoothd may only start now that there is an adapter; 0.2 s when it runs
GONE_WITHIN_S = 5.0
_NUMBER_WITHIN_S = 5.0
_LOOK_EVERY_S = 0.05
_CLEAN_UP_LIMIT_S = 12.0
_HARDWARE_ERROR = bytes((0x04, 0x10, 0x01, 0x01))
"""The event, as bumble does not know it (Core 5.4, Vol 4, Part E, 7.7.16); the kernel only shows the code."""
_PUBLIC = hci.Address.PUBLIC_DEVICE_ADDRESS
_COMMAND = 0x01

BLUEZ_STATE = Path("/var/lib/bluetooth")
"""Where BlueZ keeps a folder for each adapter it has ever seen."""

_log = logging.getLogger("pitboard.sim")


class OsAdapter:
    """A `WorldAdapter` that this machine's own Bluetooth stack takes for a dongle."""

    def __init__(self, air: Air, number: int = 0) -> None:
        """`number` counts the adapters of a world from 0; the kernel numbers them otherwise."""
        self.controller = AirController(f"os{number}" if number else "os", air)
        self.name = "vhci"
        self._lines = AsyncExitStack()
        self._bluez: Bluez | None = None
        self._device: VhciDevice | None = None
        self._outages: dict[Outage, None] = {}
        self._waiting_commands: list[bytes] = []
        self._errands: dict[asyncio.Task[None], None] = {}

    @property
    def address(self) -> str | None:
        """A locally administered public address: the same whenever the adapter gets the same number; None before
        it has one."""
        address = self.controller.public_address
        return address.to_string(with_type_qualifier=False) if address.address_type == _PUBLIC else None

    async def plug_in(self) -> None:
        """Makes the adapter and waits until BlueZ has it powered, with no memory of earlier cars.

        Raises:
            NoVhci, VhciForbidden: the kernel does not let us.
            StackMissing: no D-Bus, or no bluetoothd.
            HostTrouble: bluetoothd runs and does not take the adapter.
            AdapterOff: it does not switch it on.
        """
        try:
            self._bluez = await self._lines.enter_async_context(Bluez.connect())
            await self._make()
        except BaseException:
            await self.pull_out()
            raise

    async def pull_out(self) -> None:
        """Makes BlueZ forget the cars, ends the adapter and waits until BlueZ has let go of it; bounded, and
        carried through when the caller is cancelled."""
        for errand in self._errands:
            errand.cancel()
        try:
            await see_through(self._clean_up(), _CLEAN_UP_LIMIT_S, f"removing adapter {self.name}")
        except TimeoutError:
            _log.warning("BlueZ did not let go of %s in time", self.name)
        finally:
            self._unplug()
            await self._lines.aclose()

    async def _clean_up(self) -> None:
        if self._errands:
            await asyncio.wait(list(self._errands))
        bluez, address = self._bluez, self.address
        if bluez is None or address is None:
            return
        if self._device is not None:
            with contextlib.suppress(BenchError):
                await self._forget_devices(bluez)
            self._unplug()
        with contextlib.suppress(BenchError):
            if await _until(lambda: self._is_gone(bluez), GONE_WITHIN_S):
                shutil.rmtree(BLUEZ_STATE / address, ignore_errors=True)

    def _unplug(self) -> None:
        self._waiting_commands.clear()
        if self._device is not None:
            self._device.close()
            self._device = None
        self.controller.power_cut()

    # What goes wrong.

    def suffer(self, outage: Outage, begins: bool) -> None:
        """`off` is a wish to BlueZ; `reset` a hardware error, after which the controller is deaf for a while;
        `unplugged` takes the device away."""
        if begins == (outage in self._outages):
            return
        if begins:
            self._outages[outage] = None
        else:
            del self._outages[outage]
        if outage == "silent":
            self.controller.be_silent(begins)
        elif outage == "reset":
            self._reset(begins)
        elif outage == "unplugged":
            if begins:
                self._unplug()
            else:
                self._errand(self._plugged_again)
        else:
            self._errand(self._switched_off if begins else self._powered)

    def _reset(self, begins: bool) -> None:
        """The kernel is told at once and starts anew; what it asks meanwhile is answered when the time is over."""
        if begins:
            if self._device is not None:
                self._device.on_packet(_HARDWARE_ERROR)
            self.controller.power_cut()
            return
        waiting, self._waiting_commands = self._waiting_commands, []
        self.controller.power_up()
        for packet in waiting:
            if packet[0] == _COMMAND:  # data belonged to links that are no more
                self.controller.on_packet(packet)

    async def _plugged_again(self) -> None:
        await self._make()
        if "off" in self._outages:
            await self._switched_off()

    async def _switched_off(self) -> None:
        assert self._bluez is not None
        await self._bluez.set_powered(self.name, False)

    def _errand(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Something to be arranged with BlueZ, one after the other."""
        before = list(self._errands)

        async def run() -> None:
            if before:
                await asyncio.wait(before)
            try:
                await work()
            except BenchError as error:
                _log.warning("adapter %s: %s", self.name, error)

        errand = asyncio.get_running_loop().create_task(run())
        self._errands[errand] = None
        errand.add_done_callback(self._errands.pop)

    # Making it.

    async def _make(self) -> None:
        self.controller.power_up()
        device = self._device = VhciDevice.open(self._take_number, self._from_kernel)
        self.controller.host = device
        try:
            async with asyncio.timeout(_NUMBER_WITHIN_S):
                await device.numbered.wait()
        except TimeoutError as error:
            raise HostTrouble("vhci", "the kernel does not say which adapter it made") from error
        await self._shown()
        await self._powered()
        assert self._bluez is not None
        await self._forget_devices(self._bluez)

    def _take_number(self, number: int) -> None:
        self.name = f"hci{number}"
        self.controller.public_address = hci.Address(f"02:50:49:54:01:{number & 0xFF:02X}", _PUBLIC)

    def _from_kernel(self, packet: bytes) -> None:
        if "reset" in self._outages:
            self._waiting_commands.append(packet)
        else:
            self.controller.on_packet(packet)

    async def _shown(self) -> None:
        """Waits until BlueZ shows the adapter."""
        missing: StackMissing | None = None
        loop = asyncio.get_running_loop()
        until_s = loop.time() + SHOWN_WITHIN_S
        while loop.time() < until_s:
            try:
                if await self._facts() is not None:
                    return
                missing = None
            except StackMissing as error:
                missing = error
            await asyncio.sleep(_LOOK_EVERY_S)
        if missing is not None:
            raise StackMissing(self.name, missing.detail)
        raise HostTrouble(self.name, f"BlueZ does not show the adapter within {SHOWN_WITHIN_S:g} s")

    async def _powered(self) -> None:
        """Switches it on, unless BlueZ does so by itself (AutoEnable)."""
        assert self._bluez is not None
        loop = asyncio.get_running_loop()
        until_s = loop.time() + SHOWN_WITHIN_S
        refused: HostFault = AdapterOff(self.name, "BlueZ leaves it off")
        while loop.time() < until_s:
            facts = await self._facts()
            if facts is not None and facts.powered:
                return
            try:
                await self._bluez.set_powered(self.name, True)
            except (StackBusy, HostTrouble, AdapterMissing) as error:  # BlueZ is at it, or boots it still
                refused = error
            await asyncio.sleep(_LOOK_EVERY_S)
        raise AdapterOff(self.name, f"BlueZ does not switch it on: {refused.detail}") from refused

    async def _facts(self) -> AdapterFacts | None:
        assert self._bluez is not None
        found = [facts for facts in await self._bluez.adapters() if facts.name == self.name]
        return found[0] if found and found[0].address == self.address else None

    async def _is_gone(self, bluez: Bluez) -> bool:
        return all(facts.address != self.address for facts in await bluez.adapters())

    async def _forget_devices(self, bluez: Bluez) -> None:
        devices = await bluez.devices(self.name)
        await asyncio.gather(*(bluez.remove(device.path) for device in devices))


async def _until(true: Callable[[], Awaitable[bool]], limit_s: float) -> bool:
    """Asks again and again until it is true, or the time is over."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + limit_s
    while not await true():
        if loop.time() >= until_s:
            return False
        await asyncio.sleep(_LOOK_EVERY_S)
    return True
