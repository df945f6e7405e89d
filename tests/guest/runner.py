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
from tests.guest.job import Step, plain_path, read_result, write_job
from tests.guest.kernel import kernel
from tests.guest.processes import guarded
from tests.guest.verdict import failure

BOOT_ALLOWANCE_S = {"uml": 60.0, "qemu": 240.0}
"""Beyond the steps' own limits: boot, daemons, logs and power off."""

NEARLY_FULL = 1 << 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run whose commands had their say."""

    engine: str
    reason: str
    folder: Path
    result: dict
    wall_s: float
    """From the start of the machine to its end; builds are not counted."""

    def summary(self) -> str:
        """Engine, boot time and the versions inside, for the closing line."""
        found = self.result
        return (
            f"{self.engine} ({self.reason}), kernel {found['kernel']}, BlueZ {found['bluez']}, "
            f"ready after {found['ready_s']:.1f} s, {self.wall_s:.1f} s in all, logs in {self.folder}"
        )


async def run_guest(steps: Sequence[Step], folder: Path, *, engine: str, snoop: bool, show: bool) -> Outcome:
    """Builds what is missing, boots, runs the steps, powers off.

    Args:
        steps: commands, in order; each with its own limit.
        folder: the exchange: empty or new; logs and results stay there.
        engine: auto, uml or qemu.
        snoop: record all HCI traffic to hci.btsnoop (btmon).
        show: copy what the commands say to standard output as it comes.

    Raises:
        GuestError: nothing could be run, or the guest did not survive it.
    """
    plain_path(folder)
    found = machine.probed(uml.MEMORY_MB << 20)
    name, reason = choose(engine, found)
    environment = dict(os.environ)
    if name == "uml":
        built = await kernel(found.xstate_bytes)
        command, exchange = uml.command(built, folder), uml.exchange(folder)
        memory = {"TMPDIR": str(found.memory_folder)}
    else:
        image = await qemu.image()
        command, exchange, memory = qemu.command(image, folder), qemu.EXCHANGE, {}
    write_job(folder, exchange, steps, environment, snoop=snoop)
    (folder / "output.log").touch()
    limit_s = sum(step.limit_s for step in steps) + BOOT_ALLOWANCE_S[name]
    began = process_time_s()
    late = None
    try:
        async with guarded(command, folder / "console.log", environment=memory) as process:
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
    return Outcome(name, reason, folder, result, process_time_s() - began)


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
