"""A connect under way, for the radio that may be closed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rig.radio.errors import AdapterGone, HostFault
from rig.radio.link import CarLink
from rig.radio.milestones import LossReason


class Opening:
    """A connect under way, in the task that asked for it; `abandon` ends it as `asyncio.timeout` would.

    `limit_s` is how long it may take from its turn on, with all that may hang on the way; `address` is the car's.
    """

    def __init__(self, address: str = "", limit_s: float = 0.0) -> None:
        self.address = address
        self.limit_s = limit_s
        self.link: CarLink | None = None
        self.fault: HostFault | None = None
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._before = task.cancelling()
        self._abandoned = False
        self.ended = asyncio.Event()

    def fail(self, fault: HostFault) -> None:
        """The stack or the adapter under it has gone: it ends with this fault, at once. BlueZ says of an adapter
        that is pulled out that it is off first: the worse fault counts."""
        if self.link is not None and (self.fault is None or isinstance(fault, AdapterGone)):
            self.fault = fault
            self.link.ended(LossReason.STACK)

    def abandon(self) -> None:
        """Cancels it; `was_for_us` tells this cancellation from others."""
        if not self._abandoned:
            self._abandoned = True
            self._task.cancel()

    def was_for_us(self) -> bool:
        """Whether a cancellation that arrived was by `abandon` alone."""
        return self._abandoned and self._task.uncancel() <= self._before


async def all_ended(openings: Sequence[Opening]) -> None:
    """Waits for the end of each."""
    for opening in openings:
        await opening.ended.wait()
