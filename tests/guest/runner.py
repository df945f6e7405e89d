"""Boots the guest, shows what its commands say, and makes sure that it ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rig.clock import process_time_s
from tests.guest import machine, qemu, uml
from tests.guest.engine import choose
from tests.guest.errors import CannotRunHereError, GuestDiedError
from tests.guest.job import Exchange, Step, plain_path, read_result, write_job
from tests.guest.kernel import kernel
from tests.guest.processes import guarded
from tests.guest.verdict import failure

BOOT_ALLOWANCE_S = {"uml": 60.0, "qemu": 240.0}
"""Beyond the steps' own limits: boot, daemons, logs and power off."""

NEARLY_FULL = 1 << 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A machine that can be booted, any number of times and at once."""

    engine: str
    reason: str
    made: Path | qemu.Image
    memory_folder: str | None
    at_once: int
    """How many may run at the same time: User-mode Linux has one processor each; QEMU's guest takes all there are."""

    def command(self, folder: Path) -> tuple[list[str], Exchange, dict[str, str]]:
        """The command line, the exchange as the guest mounts it, and the environment."""
        if isinstance(self.made, qemu.Image):
            return qemu.command(self.made, folder), qemu.EXCHANGE, {}
        return uml.command(self.made, folder), uml.exchange(folder), {"TMPDIR": str(self.memory_folder)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run whose commands had their say."""

    machine: Prepared
    folder: Path
    result: dict
    wall_s: float
    """From the start of the machine to its end; builds are not counted."""

    def versions(self) -> str:
        """Engine, boot time and the versions inside."""
        found, used = self.result, self.machine
        return (
            f"{used.engine} ({used.reason}), kernel {found['kernel']}, BlueZ {found['bluez']}, "
            f"ready after {found['ready_s']:.1f} s"
        )


async def prepare(engine: str, *, at_once: int = 1) -> Prepared:
    """Probes this machine and builds what is missing.

    Args:
        engine: auto, uml or qemu.
        at_once: how many guests are wanted at the same time; less room in memory means fewer.

    Raises:
        CannotRunHereError: packages, permissions or memory are missing.
        BuildError: a build step failed.
    """
    found = machine.probed(at_once * uml.MEMORY_MB << 20)
    while found.memory_folder is None and at_once > 1:
        at_once -= 1
        found = machine.probed(at_once * uml.MEMORY_MB << 20)
    name, reason = choose(engine, found)
    if name == "qemu":
        return Prepared(name, reason, await qemu.image(), None, at_once=1)
    return Prepared(name, reason, await kernel(found.xstate_bytes), found.memory_folder, at_once)


async def run_guest(
    prepared: Prepared, steps: Sequence[Step], folder: Path, *, snoop: bool, show: bool
) -> Outcome:
    """Boots, runs the steps, powers off.

    Args:
        prepared: the machine.
        steps: commands, in order; each with its own limit.
        folder: the exchange: empty or new; logs and results stay there.
        snoop: record all HCI traffic to hci.btsnoop (btmon).
        show: copy what the commands say to standard output as it comes.

    Raises:
        CannotRunHereError: the folder's path cannot be told to a kernel.
        GuestDiedError: the guest did not survive it.
    """
    command, exchange, environment = prepared.command(plain_path(folder))
    write_job(folder, exchange, steps, dict(os.environ), snoop=snoop)
    (folder / "output.log").touch()
    limit_s = sum(step.limit_s for step in steps) + BOOT_ALLOWANCE_S[prepared.engine]
    began = process_time_s()
    late = None
    try:
        async with guarded(command, folder / "console.log", environment=environment) as process:
            try:
                async with asyncio.timeout(limit_s):
                    await _until_ended(process, folder / "output.log", show=show)
            except TimeoutError:
                late = limit_s
    finally:
        shutil.rmtree(folder / "uml", ignore_errors=True)
    result = read_result(folder)
    wrong = failure(
        _text(folder / "console.log"), result, _text(folder / "dmesg.log"), late_s=late, folder=str(folder)
    )
    if wrong or result is None:
        room = os.statvfs(folder)
        full = "; the disk of that folder is full" if room.f_bavail * room.f_frsize < NEARLY_FULL else ""
        raise GuestDiedError(f"{wrong}{full}")
    return Outcome(prepared, folder, result, process_time_s() - began)


async def _until_ended(process: asyncio.subprocess.Process, output: Path, *, show: bool) -> None:
    with output.open("rb") as words:
        ended = asyncio.ensure_future(process.wait())
        try:
            while True:
                await asyncio.wait([ended], timeout=0.1)
                if show and (new := words.read()):
                    sys.stdout.buffer.write(new)
                    sys.stdout.flush()
                if ended.done():
                    return
        finally:
            ended.cancel()


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def used_folder(folder: Path) -> Path:
    """The folder, made when absent.

    Raises:
        CannotRunHereError: it holds files already; results of two runs must not mix.
    """
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise CannotRunHereError(f"{folder} is not empty; name a new folder for the results")
    return folder
