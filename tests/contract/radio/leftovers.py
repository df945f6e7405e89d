"""What a test of the radio must not leave behind: tasks, file descriptors, watches on the host's stack."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_SETTLE_TURNS = 200
_SETTLE_STEP_S = 0.01


@asynccontextmanager
async def check_nothing_left() -> AsyncIterator[None]:
    """Fails when the work inside left something of the radio or of bleak; gives it two seconds to end."""
    descriptors = _open_files()
    yield
    for _ in range(_SETTLE_TURNS):
        if not (left := _left(descriptors)):
            break
        await asyncio.sleep(_SETTLE_STEP_S)
    _close_bleaks_own_line()
    assert not left, f"left behind: {left}"


def _left(descriptors: int) -> list[str]:
    tasks = [repr(task) for task in asyncio.all_tasks() if _is_ours(task)]
    more = _open_files() - descriptors - _lines_of_bleak()
    files = [f"{more} file descriptors"] if more > 0 else []
    return tasks + files + _watches()


def _is_ours(task: asyncio.Task[object]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    if task is asyncio.current_task() or code is None:
        return False
    if "rig/radio" in code.co_filename:
        return True
    return "bleak" in code.co_filename and code.co_name != "_monitor_bus_disconnect"


def _open_files() -> int:
    """How many this process has open, as far as the system tells."""
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        return 0


def _bleaks_manager() -> object | None:
    """bleak's one line to BlueZ on this loop, which it keeps for the life of the loop."""
    module = sys.modules.get("bleak.backends.bluezdbus.manager")
    return None if module is None else module._global_instances.get(asyncio.get_running_loop())


def _lines_of_bleak() -> int:
    manager = _bleaks_manager()
    return int(manager is not None and getattr(manager, "_bus", None) is not None)


def _watches() -> list[str]:
    manager = _bleaks_manager()
    if manager is None:
        return []
    kept = (
        "_advertisement_callbacks",
        "_device_removed_callbacks",
        "_device_watchers",
        "_condition_callbacks",
    )
    return [f"bleak's {name}: {getattr(manager, name)}" for name in kept if any(_values(manager, name))]


def _values(manager: object, name: str) -> list[object]:
    held = getattr(manager, name)
    return list(held.values()) if hasattr(held, "values") else list(held)


def _close_bleaks_own_line() -> None:
    module = sys.modules.get("bleak.backends.bluezdbus.manager")
    manager = _bleaks_manager()
    if module is not None and manager is not None:
        bus = getattr(manager, "_bus", None)
        if bus is not None:
            bus.disconnect()
        module._global_instances.pop(asyncio.get_running_loop(), None)
