"""Offers the simulated fleet to other programs: HCI controllers on bumble transports, cars in the air.

A host that hangs up on a `tcp-server:` transport pulls its dongle out: the cars it held are free again when their
supervision timeouts have passed. A pty does not tell that its host is gone, as a serial dongle does not notice.

Any BLE host stack can attach to a transport and meets the cars as if it had a dongle: bumble itself, BlueZ
through `btattach` on a pty, Zephyr's native_sim, or another pitboard with `--radio hci:…`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from rig.errors import InputError
from rig.sim.controller import AirController
from rig.sim.served_port import served_port
from rig.sim.transport import open_hci, opening
from rig.sim.world import SimWorld

_PTY, _TCP = "pty:", "tcp-server:"


@asynccontextmanager
async def serving(world: SimWorld, transports: Sequence[str]) -> AsyncIterator[SimWorld]:
    """The world with one controller on each transport, until the context ends.

    Raises:
        InputError: no such transport, or a pty path that is an ordinary file.
        BenchError: a transport cannot be opened, such as a port in use.
    """
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(world)
        for number, name in enumerate(transports, start=1):
            controller = AirController(f"served{number}", world.air, public_address=_public_address(number))
            if name.startswith(_TCP):
                with opening(name):
                    await stack.enter_async_context(served_port(name.removeprefix(_TCP), controller))
                stack.callback(controller.power_cut)
                continue
            if name.startswith(_PTY):
                _remove_stale_link(Path(name.removeprefix(_PTY)))
            transport = await stack.enter_async_context(open_hci(name))
            controller.host = transport.sink
            transport.source.set_packet_sink(controller)
            stack.callback(controller.power_cut)
        yield world


def _public_address(number: int) -> str:
    """A locally administered public address, for hosts that want one."""
    return f"02:50:49:54:00:{number & 0xFF:02X}/P"


def _remove_stale_link(path: Path) -> None:
    """A killed server leaves its symbolic link behind; anything else at the path stays."""
    if path.is_symlink():
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    elif path.exists():
        raise InputError(f"cannot put a pty at {path}: a file is there; name a path that is free")
