"""One thread that makes one port's blocking calls, in order."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """The thread. It is a daemon: a driver in the kernel that never returns cannot keep pitboard from ending."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"pitboard {name}", daemon=True)
        self._thread.start()

    async def call(self, job: Callable[[], T], *, within_s: float) -> T:
        """Runs `job` on the thread; its result or its exception.

        Raises:
            TimeoutError: not done in time. The job goes on; its result is dropped.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(set_value: Callable[[Any], None], value: Any) -> None:
            if not done.done():
                set_value(value)

        def run() -> None:
            try:
                result = job()
            except BaseException as error:  # noqa: BLE001 - it belongs to who asked
                answer: tuple[Callable[[Any], None], Any] = (done.set_exception, error)
            else:
                answer = (done.set_result, result)
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, *answer)

        self._jobs.put(run)
        async with asyncio.timeout(within_s):
            return await done

    def stop(self) -> None:
        """Ends the thread after the jobs it already has; does not wait for it."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
