"""The controller under test, in a process of its own: our loop, or a bare echo to compare it with.

    python controller.py '{"kind": "loop", "fds": [5, 6], "tick_hz": 30, "realtime": true}'

`loop`     rig.control: decode -> state -> policy -> encode -> send, timerfd ticks
           `"telemetry": FILE` also stores a row per message there, through its writer thread
`asyncio`  add_reader, recv, send of a ready frame; ticks by `loop.call_at`, the usual way
`epoll`    the same echo on a bare `select.epoll`; timerfd ticks

Prints `ready`, runs until every socket is closed, then prints one JSON object.
"""

import asyncio
import contextlib
import gc
import json
import select
import socket
import sys
from pathlib import Path
from time import monotonic_ns, process_time

from protocol import Dialect, SetSpeed
from rig.control import ControlLoop, Cruise, control_process, cruise
from rig.control.socket_port import SocketPort
from rig.control.timerfd import ExpiryTimer
from rig.store.telemetry import TelemetryRow, TelemetryWriter

ORDER = SetSpeed(400, 1000).encode()


def ready():
    print("ready", flush=True)
    return process_time(), monotonic_ns()


def closing(found, began):
    """CPU seconds from ready to the end."""
    found["cpu_s"] = process_time() - began[0]
    found["wall_s"] = (monotonic_ns() - began[1]) / 1e9
    found["collections"] = sum(generation["collections"] for generation in gc.get_stats())
    return found


async def our_loop(sockets, plan):
    done = asyncio.Event()
    lateness_us = []

    def ended(*_):
        if not loop.cars:
            done.set()

    writer = TelemetryWriter(Path(plan["telemetry"]), 1, threaded=True) if plan.get("telemetry") else None

    def store(car, message, now_s):
        number = loop.counts.messages
        writer.add(TelemetryRow(car.identifier, round(now_s * 1e6), number, message.MSG_ID, 36, 0.0, 900))

    with ControlLoop(
        cruise,
        tick_s=1 / plan["tick_hz"],
        on_heard=store if writer else None,
        on_tick=lambda tick: lateness_us.append(tick.late_s * 1e6),
        on_ended=ended,
    ) as loop:
        for identifier, sock in enumerate(sockets):
            loop.add(SocketPort(identifier, sock, Dialect.OVERDRIVE_266E), Cruise(400))
        began = ready()
        await done.wait()
        if writer:
            writer.close()
        counts = loop.counts
        found = {
            "messages": counts.messages, "ticks": counts.ticks, "missed": counts.missed_ticks,
            "tick_source": loop.tick_source,
        }  # fmt: skip
        return closing(found | {"lateness_us": lateness_us}, began)


async def asyncio_echo(sockets, plan):
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    open_sockets = set(sockets)
    messages = 0
    lateness_us = []
    period_s = 1 / plan["tick_hz"]

    def readable(sock):
        nonlocal messages
        try:
            frame = sock.recv(512)
        except OSError:
            frame = b""
        if frame:
            messages += 1
            with contextlib.suppress(OSError):
                sock.send(ORDER)
            return
        loop.remove_reader(sock)
        open_sockets.discard(sock)
        if not open_sockets:
            done.set()

    def tick(due_s):
        lateness_us.append(max(0.0, loop.time() - due_s) * 1e6)
        loop.call_at(due_s + period_s, tick, due_s + period_s)

    for sock in sockets:
        sock.setblocking(False)
        loop.add_reader(sock, readable, sock)
    first_s = loop.time() + period_s
    loop.call_at(first_s, tick, first_s)
    began = ready()
    await done.wait()
    missed = sum(late_us > period_s * 1e6 for late_us in lateness_us)
    found = {"messages": messages, "ticks": len(lateness_us), "missed": missed, "tick_source": "call_at"}
    return closing(found | {"lateness_us": lateness_us}, began)


def epoll_echo(sockets, plan):
    epoll = select.epoll()
    by_fd = {sock.fileno(): sock for sock in sockets}
    for sock in sockets:
        sock.setblocking(False)
        epoll.register(sock.fileno(), select.EPOLLIN)
    period_ns = round(1e9 / plan["tick_hz"])
    start_ns = monotonic_ns()
    timer = ExpiryTimer((start_ns + period_ns) / 1e9, period_ns / 1e9)
    epoll.register(timer.fd, select.EPOLLIN)
    messages = number = missed = 0
    lateness_us = []
    began = ready()
    while by_fd:
        for fd, _ in epoll.poll():
            if fd == timer.fd:
                passed = timer.expirations()
                number += passed
                missed += passed - 1
                lateness_us.append((monotonic_ns() - start_ns - number * period_ns) / 1e3)
                continue
            try:
                frame = by_fd[fd].recv(512)
            except OSError:
                frame = b""
            if frame:
                messages += 1
                with contextlib.suppress(OSError):
                    by_fd[fd].send(ORDER)
            else:
                epoll.unregister(fd)
                del by_fd[fd]
    found = {"messages": messages, "ticks": len(lateness_us), "missed": missed, "tick_source": "timerfd"}
    return closing(found | {"lateness_us": lateness_us}, began)


def main():
    plan = json.loads(sys.argv[1])
    sockets = [socket.socket(fileno=fd) for fd in plan["fds"]]
    with contextlib.ExitStack() as stack:
        priority = stack.enter_context(control_process()) if plan["realtime"] else "not asked"
        if plan["kind"] == "loop":
            found = asyncio.run(our_loop(sockets, plan))
        elif plan["kind"] == "asyncio":
            found = asyncio.run(asyncio_echo(sockets, plan))
        else:
            found = epoll_echo(sockets, plan)
    found["lateness_us"].sort()
    print(json.dumps(found | {"priority": str(priority)}))


if __name__ == "__main__":
    main()
