"""Keeps timed channels on for as long as this program lives; when it dies, the boards let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from rig.bench.capabilities import RenewsPower
from rig.errors import RigError

RENEWALS_PER_HOLD = 3
"""Two may be lost before a channel falls off."""


class DeadMan:
    """The renewing of some boards. `failing` counts each board's renewals that failed in a row, with the last error:
    from RENEWALS_PER_HOLD on its channels have fallen off."""

    def __init__(self, boards: Iterable[object]) -> None:
        self._boards = [board for board in boards if isinstance(board, RenewsPower) and board.holds_s > 0]
        self.failing: dict[object, tuple[int, RigError]] = {}

    @property
    def every_s(self) -> float:
        """Seconds between renewals; 0 when no board needs any."""
        return min((board.holds_s for board in self._boards), default=0.0) / RENEWALS_PER_HOLD

    async def run(self) -> None:
        """Renews for ever; returns at once when no board needs it."""
        while self.every_s:
            await asyncio.sleep(self.every_s)
            await self.renew()

    async def renew(self) -> None:
        """Renews every board once, each whatever becomes of the others."""
        for board in self._boards:
            try:
                await board.renew()
            except RigError as error:
                times, _ = self.failing.get(board, (0, error))
                self.failing[board] = times + 1, error
            else:
                self.failing.pop(board, None)

    @property
    def fallen(self) -> dict[object, RigError]:
        """The boards that were not renewed in time, and why."""
        return {board: error for board, (times, error) in self.failing.items() if times >= RENEWALS_PER_HOLD}


@asynccontextmanager
async def dead_man(boards: Iterable[object]) -> AsyncIterator[DeadMan]:
    """Renews the timed boards among these for the block."""
    keeper = DeadMan(boards)
    task = asyncio.create_task(keeper.run(), name="bench dead-man")
    try:
        yield keeper
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
