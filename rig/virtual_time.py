"""An event loop whose time jumps: when nothing is ready, the clock moves to the next timer at once.

Everything that reads `loop.time()` or sleeps through asyncio runs unchanged, hours pass in seconds, and the
order of events depends on nothing but the program. That only holds while nothing outside the loop can wake
it, so threads, sockets, pipes and processes are refused.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

_POLL_EVERY = 64
"""Idle turns between looks at the self-pipe; it carries only wake-ups for signals, which Python delivers
without it, so a late look costs nothing and saves a system call per timer."""


class VirtualTimeError(RuntimeError):
    """Something that cannot work in virtual time was asked for."""


class VirtualTimeDeadlock(VirtualTimeError):  # noqa: N818 - it names the situation
    """Nothing is scheduled and nothing is ready, yet the main task is not done: it would wait for ever."""


class VirtualTimeLimit(VirtualTimeError):  # noqa: N818 - it names the situation
    """The run passed the virtual time it was given."""


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: an idle turn moves the loop's clock instead."""

    loop: VirtualTimeLoop | None = None
    _turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready: list[tuple[selectors.SelectorKey, int]] = []
        if self.loop is not None and (timeout is None or timeout > 0):
            self._turns += 1
            if timeout is None or self._turns % _POLL_EVERY == 0:
                ready = super().select(0)
            if not ready:
                self.loop.jump()
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """The loop itself. `start_s` is the first value of `time()`; passing `limit_s` ends the run with
    `VirtualTimeLimit`, so that a test that waits for what never comes does not spin for ever."""

    def __init__(self, start_s: float = 0.0, limit_s: float | None = None) -> None:
        self._now_s = start_s
        self._limit_s = limit_s
        selector = _JumpingSelector()
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        """Virtual seconds; the clock stands still while callbacks run."""
        return self._now_s

    def jump(self) -> None:
        """Moves the clock to the next timer.

        Raises:
            VirtualTimeDeadlock: there is none.
            VirtualTimeLimit: it lies past the limit.
        """
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        if not timers:
            raise VirtualTimeDeadlock(self._who_waits())
        when_s = timers[0].when()
        if self._limit_s is not None and when_s > self._limit_s:
            raise VirtualTimeLimit(
                f"still running after {self._limit_s:g} virtual seconds; {self._who_waits()}"
            )
        self._now_s = max(self._now_s, when_s)

    def _who_waits(self) -> str:
        names = []
        for task in asyncio.all_tasks(self):
            frames = task.get_stack(limit=1)
            where = f"{frames[0].f_code.co_filename}:{frames[0].f_lineno}" if frames else "not started"
            names.append(f"{task.get_name()} at {where}")
        return f"nothing is scheduled at {self._now_s:g} s, still waiting: {', '.join(sorted(names)) or 'no task'}"

    # What could wake the loop from outside is refused.

    def _add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> Any:
        if getattr(callback, "__name__", "") != "_read_from_self":
            raise VirtualTimeError(f"cannot watch file descriptor {fd} in virtual time")
        return super()._add_reader(fd, callback, *args)  # type: ignore[misc]

    def _add_writer(self, fd: Any, callback: Callable[..., object], *args: Any) -> NoReturn:
        raise VirtualTimeError(f"cannot watch file descriptor {fd} in virtual time")

    def call_soon_threadsafe(  # type: ignore[override]  # generic in the supertype
        self, *args: Any, **kwargs: Any
    ) -> asyncio.Handle:
        """As usual from the loop's own thread (signal handlers); refused from any other."""
        owner = self._thread_id  # type: ignore[attr-defined]
        if owner is not None and owner != threading.get_ident():
            raise VirtualTimeError("another thread cannot call into a loop in virtual time")
        return super().call_soon_threadsafe(*args, **kwargs)

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise VirtualTimeError("threads, sockets, pipes and processes live in real time; this loop does not")

    run_in_executor = _refuse  # type: ignore[assignment]  # generic in the supertype

    create_connection = _refuse
    create_datagram_endpoint = _refuse
    create_server = _refuse
    create_unix_connection = _refuse
    create_unix_server = _refuse
    connect_accepted_socket = _refuse
    connect_read_pipe = _refuse
    connect_write_pipe = _refuse
    subprocess_exec = _refuse
    subprocess_shell = _refuse
    getaddrinfo = _refuse
    getnameinfo = _refuse
    sock_accept = _refuse
    sock_connect = _refuse
    sock_recv = _refuse
    sock_recv_into = _refuse
    sock_recvfrom = _refuse
    sock_recvfrom_into = _refuse
    sock_sendall = _refuse
    sock_sendfile = _refuse
    sock_sendto = _refuse


def run_virtual(
    main: Coroutine[Any, Any, T] | Callable[[], Coroutine[Any, Any, T]],
    *,
    start_s: float = 0.0,
    limit_s: float | None = None,
) -> T:
    """Runs a coroutine (or an async function without arguments) to its end in virtual time.

    Like `asyncio.run`, Ctrl-C cancels the main task and raises KeyboardInterrupt.

    Raises:
        VirtualTimeDeadlock: everything waits and nothing is scheduled.
        VirtualTimeLimit: `limit_s` passed.
        VirtualTimeError: the program wanted a thread, socket, pipe or process.
    """
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(start_s, limit_s)) as runner:
        return runner.run(main() if callable(main) else main)


def in_virtual_time() -> bool:
    """Whether the running loop's time is virtual; False when no loop runs."""
    try:
        return isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
    except RuntimeError:
        return False
