"""One scan over several radios: each begins, fails and recovers by itself, and none waits for another."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence

from bleak.exc import BleakError

from rig.radio.any_radio import AnyRadio
from rig.radio.errors import HostFault, HostTrouble, StackBusy
from rig.radio.hearings import Hearings
from rig.radio.scan import QUIET_LIMIT_S, RETRY_S, SWITCH_LIMIT_S, Scan
from rig.radio.stragglers import Stragglers

MEMBER_LIMIT_S = 2.0
"""How long a radio is given to look again or to end its scan before the others go on without it; one that works
needs a fraction of a second."""
FAILURE_STANDS_S = QUIET_LIMIT_S + SWITCH_LIMIT_S
"""A scan that does not work fails again sooner; one that has not works, though it may hear no car."""

_log = logging.getLogger("pitboard.radio")


class GroupScan:
    """The scan, for one reader. Radios are numbered in their order.

    What they hear goes to `hearings`. Whose scan fails is put into `lost`, and is taken out when it begins again or
    hears a car. `stragglers` keeps what a frozen adapter holds up.
    """

    def __init__(
        self,
        radios: Sequence[AnyRadio],
        hearings: Hearings,
        lost: dict[int, HostFault],
        stragglers: Stragglers,
    ) -> None:
        self._radios = radios
        self._hearings = hearings
        self._lost = lost
        self._stragglers = stragglers
        self._scan = Scan(self._look_again)
        self._sources: dict[int, Scan] = {}
        self._failed: dict[int, tuple[float, HostFault]] = {}
        self._bug: Exception | None = None
        self._is_decided = asyncio.Event()
        self._is_over = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Scan]:
        """From the first radio that scans to the end of the context.

        Raises:
            HostFault: every one has failed to begin; the first one's.
        """
        tasks = [asyncio.ensure_future(self._keep_scanning(number)) for number in range(len(self._radios))]
        try:
            await self._is_decided.wait()
            if self._bug is not None:
                raise self._bug
            if not self._sources:
                raise self._failed[0][1]
            yield self._scan
        finally:
            await self._leave(tasks)

    async def _leave(self, tasks: list[asyncio.Task[None]]) -> None:
        self._is_over = True
        for task in tasks:
            task.cancel()
        try:
            await self._stragglers.give(tasks, MEMBER_LIMIT_S)
        finally:
            for number, task in enumerate(tasks):
                if not task.done() and number not in self._sources:
                    words = "a scan neither begins nor can be given up"
                    self._lost.setdefault(number, StackBusy(self._radios[number].name, words))

    async def _keep_scanning(self, number: int) -> None:
        try:
            while not self._is_over:
                try:
                    async with self._radios[number].scan() as source:
                        self._sources[number] = source
                        self._works(number)
                        self._is_decided.set()
                        await self._forward(number, source)
                except HostFault as error:  # it could not begin
                    self._fails(number, error)
                await asyncio.sleep(RETRY_S)
        except Exception as error:  # noqa: BLE001 - the reader's, who runs in another task
            _log.debug("%s: its scan ended", self._radios[number].name, exc_info=error)
            self._bug = error
            self._scan.failed(error)
            self._is_decided.set()

    async def _forward(self, number: int, source: Scan) -> None:
        """The radio begins a scan that fails anew until it works, and tells of every vain attempt."""
        while True:
            try:
                sighting = await anext(source)
            except HostFault as error:
                self._fails(number, error)
            else:
                self._works(number)
                self._scan.heard(self._hearings.merge(number, sighting))

    def _works(self, number: int) -> None:
        self._failed.pop(number, None)
        self._lost.pop(number, None)

    def _fails(self, number: int, error: HostFault) -> None:
        """The reader is told when no other radio is left."""
        now_s = asyncio.get_running_loop().time()
        self._lost[number] = error
        self._failed[number] = now_s, error
        if sum(now_s - at_s < FAILURE_STANDS_S for at_s, _ in self._failed.values()) < len(self._radios):
            return
        if self._is_decided.is_set():
            self._scan.failed(error)
        self._is_decided.set()

    async def _look_again(self) -> None:
        """On every radio that scans; those that cannot are tried again without being asked."""
        looking = [
            asyncio.ensure_future(self._look_again_on(number, source))
            for number, source in self._sources.items()
        ]
        await self._stragglers.give(looking, MEMBER_LIMIT_S)

    async def _look_again_on(self, number: int, source: Scan) -> None:
        try:
            await source.look_again()  # a HostFault goes to the source's reader
        except (TimeoutError, BleakError) as error:
            self._fails(number, HostTrouble(self._radios[number].name, str(error)))
        except Exception as error:  # noqa: BLE001 - the reader's, as above
            self._scan.failed(error)
