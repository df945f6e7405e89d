"""One process that is kept alive: started, watched, started again when it dies, stopped in the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from booth.control.process import RESTART_ME

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
STEADY_S = 20.0
"""A process that lived so long is started again without a pause."""
STOP_LIMIT_S = 8.0
"""Stopping four cars takes a second or two; who has not ended by then is killed."""
HOPELESS = frozenset({2})
"""Exit codes that another start would not change: the input is wrong."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended: its name, its code (negative: the signal) and what it said last on standard error."""

    name: str
    code: int
    words: str


class Child:
    """Keeps one command running until `stop`. `on_line` hears what it prints, `on_ended` of every end, `on_started` of
    every start with its process id."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        on_line: Callable[[str, str], None],
        on_started: Callable[[str, int], None],
        on_ended: Callable[[Ended], None],
    ) -> None:
        self.name = name
        self._command = tuple(command)
        self._on_line = on_line
        self._on_started = on_started
        self._on_ended = on_ended
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self.starts = 0
        self.failed: Ended | None = None
        """Set when it is given up on."""

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return None if self._process is None else self._process.pid

    async def keep(self) -> None:
        """Runs it, again and again, until it is stopped or given up on."""
        loop = asyncio.get_running_loop()
        pause_s = FIRST_PAUSE_S
        while not self._is_stopping():
            began_s = loop.time()
            ended = await self._once()
            if self._is_stopping():
                return
            self._on_ended(ended)
            if ended.code in HOPELESS:
                self.failed = ended
                return
            if loop.time() - began_s >= STEADY_S or ended.code == RESTART_ME:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _is_stopping(self) -> bool:
        return self._stopping

    async def _once(self) -> Ended:
        process = self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # a terminal's Ctrl-C is the launcher's to pass on, in order
        )
        self.starts += 1
        self._on_started(self.name, process.pid)
        last = ""
        assert process.stdout is not None
        assert process.stderr is not None

        async def pass_on(stream: asyncio.StreamReader, *, is_log: bool) -> None:
            nonlocal last
            while line := await stream.readline():
                text = line.decode(errors="replace").rstrip()
                if is_log and text:
                    last = text
                if not is_log:
                    self._on_line(self.name, text)

        await asyncio.gather(pass_on(process.stdout, is_log=False), pass_on(process.stderr, is_log=True))
        code = await process.wait()
        self._process = None
        return Ended(self.name, code, last)

    def kick(self) -> None:
        """Ends it so that it is started again."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    async def stop(self) -> None:
        """Asks it to end, and kills it when it does not."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
