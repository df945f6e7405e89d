"""The loop jumps, keeps order, refuses what it cannot control, and says when it would hang."""

import asyncio
import os
import signal
import socket
import threading

import pytest

from rig.virtual_time import (
    VirtualTimeDeadlock,
    VirtualTimeError,
    VirtualTimeLimit,
    VirtualTimeLoop,
    in_virtual_time,
    run_virtual,
)


def test_eight_hours_of_sleep_end_exactly_eight_hours_later():
    async def main():
        loop = asyncio.get_running_loop()
        await asyncio.sleep(8 * 3600)
        return loop.time()

    assert run_virtual(main) == 8 * 3600


def test_time_starts_where_asked_and_stands_still_while_code_runs():
    async def main():
        loop = asyncio.get_running_loop()
        first = loop.time()
        for _ in range(100):
            await asyncio.sleep(0)
        return first, loop.time()

    assert run_virtual(main(), start_s=42.5) == (42.5, 42.5)


def test_timers_fire_in_order_of_time_then_of_creation():
    async def main():
        order = []
        loop = asyncio.get_running_loop()
        for name, delay_s in (("c", 3), ("a", 1), ("b1", 2), ("b2", 2)):
            loop.call_later(delay_s, lambda n=name: order.append((n, loop.time())))
        await asyncio.sleep(5)
        return order

    assert run_virtual(main) == [("a", 1), ("b1", 2), ("b2", 2), ("c", 3)]


def test_a_timer_more_than_a_day_away_fires_on_time():
    async def main():
        await asyncio.sleep(3 * 86400)
        return asyncio.get_running_loop().time()

    assert run_virtual(main) == 3 * 86400


def test_timeouts_work():
    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await asyncio.get_running_loop().create_future()
        return asyncio.get_running_loop().time()

    assert run_virtual(main) == 10


def test_waiting_for_ever_is_named_as_a_deadlock_with_the_waiting_task():
    async def main():
        await asyncio.get_running_loop().create_future()

    with pytest.raises(VirtualTimeDeadlock, match=r"test_virtual_time\.py:\d+"):
        run_virtual(main)


def test_waiting_past_the_limit_ends_the_run():
    async def ticks():
        while True:
            await asyncio.sleep(1)

    with pytest.raises(VirtualTimeLimit, match="100 virtual seconds"):
        run_virtual(ticks, limit_s=100)


def test_result_and_exception_come_through():
    async def bad():
        raise KeyError("x")

    with pytest.raises(KeyError):
        run_virtual(bad)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda loop: loop.run_in_executor(None, print),
        lambda _: asyncio.to_thread(print),
        lambda _: asyncio.open_connection("127.0.0.1", 1),
        lambda _: asyncio.start_server(print, "127.0.0.1", 0),
        lambda _: asyncio.create_subprocess_exec("true"),
        lambda loop: loop.getaddrinfo("localhost", 1),
    ],
)
def test_what_lives_in_real_time_is_refused(attempt):
    async def main():
        with pytest.raises(VirtualTimeError):
            await attempt(asyncio.get_running_loop())

    run_virtual(main)


def test_watching_a_socket_is_refused():
    async def main():
        with socket.socket() as sock:
            for watch in (asyncio.get_running_loop().add_reader, asyncio.get_running_loop().add_writer):
                with pytest.raises(VirtualTimeError):
                    watch(sock, print)

    run_virtual(main)


def test_another_thread_cannot_call_in():
    async def main():
        caught = []
        loop = asyncio.get_running_loop()

        def intrude():
            try:
                loop.call_soon_threadsafe(print)
            except VirtualTimeError as error:
                caught.append(error)

        thread = threading.Thread(target=intrude)
        thread.start()
        thread.join()
        return caught

    assert len(run_virtual(main)) == 1


def test_ctrl_c_cancels_the_main_task():
    cleaned = []

    async def main():
        asyncio.get_running_loop().call_later(5, os.kill, os.getpid(), signal.SIGINT)
        try:
            while True:
                await asyncio.sleep(1)
        finally:
            cleaned.append(asyncio.get_running_loop().time())

    with pytest.raises(KeyboardInterrupt):
        run_virtual(main, limit_s=10_000)
    assert cleaned
    assert cleaned[0] < 10


def test_a_signal_handler_of_the_loop_is_served():
    async def main():
        loop = asyncio.get_running_loop()
        heard = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, heard.set)
        os.kill(os.getpid(), signal.SIGUSR1)
        while not heard.is_set():
            await asyncio.sleep(1)
        loop.remove_signal_handler(signal.SIGUSR1)
        return loop.time()

    assert run_virtual(main, limit_s=1000) <= 128


def test_the_running_loop_can_be_asked():
    async def main():
        return in_virtual_time()

    assert run_virtual(main)
    assert not asyncio.run(main())
    assert not in_virtual_time()


def test_two_runs_of_one_program_take_the_same_steps():
    async def main():
        log = []
        loop = asyncio.get_running_loop()

        async def worker(name, period_s):
            for _ in range(20):
                await asyncio.sleep(period_s)
                log.append((name, loop.time()))

        await asyncio.gather(*(worker(i, 0.1 + i / 7) for i in range(5)))
        return log

    assert run_virtual(main) == run_virtual(main)


def test_the_loop_closes_without_leaving_anything_open():
    loop = VirtualTimeLoop()
    loop.close()
    assert loop.is_closed()
