"""What can be done about an adapter and its links through BlueZ, whoever opened them. Linux only."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from protocol.gatt import SERVICE_UUID
from rig.radio.bluez import AdapterFacts, Bluez, DeviceFacts
from rig.radio.errors import (
    AdapterMissing,
    AdapterOff,
    HostFault,
    HostTrouble,
    NotPermitted,
    StackBusy,
    StackMissing,
)
from rig.radio.recovery.machine import Situation
from rig.radio.recovery.remedies import InUse
from rig.radio.recovery.rungs import Rung

ON_TRIES = 3
ON_PAUSE_S = 1.0
READY_WITHIN_S = 10.0
RESTART_LIMIT_S = 12.0
_LOOK_EVERY_S = 0.1
_SYSTEMD = Path("/run/systemd/system")
"""Exists exactly where systemd is running (sd_booted(3))."""
_NO_LEAVE = ("access denied", "authentication", "not permitted", "permission")

Restart = Callable[[], Awaitable[None]]


class BluezRemedies:
    """Remedies for an adapter of this machine.

    `adapter` names it (`hci0`) when asked; None or empty: the first. A car's connection is stale when no program
    listens to it: BlueZ ends a program's subscription with the program, but not the link. `restart` restarts
    bluetoothd; by default through systemd, where it runs.
    """

    def __init__(
        self,
        adapter: Callable[[], str],
        radio: InUse,
        *,
        restart: Restart | None = None,
        connect: Callable[[], AbstractAsyncContextManager[Bluez]] = Bluez.connect,
    ) -> None:
        self._adapter = adapter
        self._radio = radio
        self._restart = restart if restart is not None else systemd_restart()
        self._connect = connect

    @property
    def can(self) -> frozenset[Rung]:
        """Everything, but a restart only where somebody can do that."""
        rungs = {Rung.DROP_STALE, Rung.POWER_CYCLE}
        return frozenset(rungs if self._restart is None else rungs | {Rung.RESTART_STACK})

    async def situation(self, address: str | None) -> Situation:
        """Others are all devices connected on the adapter, of whatever program; nobody is when bluetoothd is not.

        Raises:
            HostFault: BlueZ does not say.
        """
        try:
            async with self._connect() as bluez:
                adapter = await self._facts(bluez)
                devices = await bluez.devices(adapter.name)
        except (StackMissing, AdapterMissing):
            return Situation(others=0, droppable=0)
        unused = self._unused(devices, address)
        connected = [device for device in devices if device.connected]
        return Situation(
            others=sum(device.address != address and device not in unused for device in connected),
            stale=sum(device in unused for device in connected),
            droppable=len(unused),
        )

    async def apply(self, rung: Rung, address: str | None) -> None:
        """Makes BlueZ forget what nobody uses, switches the adapter off and on, or restarts bluetoothd.

        Raises:
            HostFault: BlueZ or the system refuses, or the adapter does not come back.
        """
        if rung is Rung.RESTART_STACK:
            if self._restart is None:
                raise HostTrouble("BlueZ", "nobody here can restart bluetoothd")
            await self._restart()
        async with self._connect() as bluez:
            if rung is Rung.DROP_STALE:
                adapter = await self._facts(bluez)
                unused = self._unused(await bluez.devices(adapter.name), address)
                await asyncio.gather(*(_drop(bluez, device) for device in unused))
            elif rung is Rung.POWER_CYCLE:
                await self._power_cycle(bluez)
            else:
                await self._switch_on(bluez, await self._shown(bluez))

    def _unused(self, devices: tuple[DeviceFacts, ...], address: str | None) -> list[DeviceFacts]:
        """Cars that are connected with nobody listening, and what BlueZ remembers of the car in question."""
        ours = self._radio.addresses - {address}
        return [
            device
            for device in devices
            if device.address not in ours
            and not device.notifying
            and (device.address == address or (device.connected and SERVICE_UUID in device.uuids))
        ]

    async def _facts(self, bluez: Bluez) -> AdapterFacts:
        name = self._adapter()
        for facts in await bluez.adapters():
            if not name or facts.name == name:
                return facts
        raise AdapterMissing(name)

    async def _power_cycle(self, bluez: Bluez) -> None:
        adapter = await self._facts(bluez)
        if adapter.powered:
            with contextlib.suppress(AdapterOff, StackBusy):
                await bluez.set_powered(adapter.name, False)
        await self._switch_on(bluez, adapter.name)

    async def _switch_on(self, bluez: Bluez, name: str) -> None:
        refused: HostFault = HostTrouble(name, "it stays off")
        for _ in range(ON_TRIES):
            try:
                await bluez.set_powered(name, True)
            except NotPermitted:
                raise
            except HostFault as error:  # it is still being switched off, or booted
                refused = error
            else:
                if (await self._facts(bluez)).powered:
                    return
            await asyncio.sleep(ON_PAUSE_S)
        raise refused

    async def _shown(self, bluez: Bluez) -> str:
        """The adapter's name once BlueZ shows it again."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + READY_WITHIN_S
        while True:
            try:
                return (await self._facts(bluez)).name
            except (AdapterMissing, StackMissing):
                if loop.time() >= until_s:
                    raise
            await asyncio.sleep(_LOOK_EVERY_S)


async def _drop(bluez: Bluez, device: DeviceFacts) -> None:
    if device.connected:
        with contextlib.suppress(HostFault):  # forgetting it ends the link as well
            await bluez.disconnect(device.path)
    await bluez.remove(device.path)


def systemd_restart() -> Restart | None:
    """How to restart bluetoothd through systemd; None where systemd does not run."""
    systemctl = shutil.which("systemctl")
    if systemctl is None or not _SYSTEMD.is_dir():
        return None

    async def restart() -> None:
        await run_restart(systemctl, "--no-ask-password", "restart", "bluetooth")

    return restart


async def run_restart(*command: str) -> None:
    """Runs a command that restarts bluetoothd.

    Raises:
        NotPermitted: the system does not let this user.
        HostTrouble: it failed otherwise, or did not end in time.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(RESTART_LIMIT_S):
            _, words = await process.communicate()
    except TimeoutError as error:
        raise HostTrouble("BlueZ", f"restarting did not end in {RESTART_LIMIT_S:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        said = words.decode(errors="replace").strip().splitlines()
        detail = said[0] if said else f"{command[0]} failed with {process.returncode}"
        refused = any(part in detail.lower() for part in _NO_LEAVE)
        raise (NotPermitted if refused else HostTrouble)("BlueZ", detail)
