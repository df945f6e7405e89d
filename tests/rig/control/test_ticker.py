"""Ticks keep an absolute schedule, on a real timerfd, on loop timers and in virtual time."""

import asyncio
import math

import pytest

from rig.control import ticker as ticker_module
from rig.control.ticker import SHORTEST_PERIOD_S, Ticker
from rig.control.timerfd import timerfd_available
from rig.virtual_time import run_virtual


async def collect(period_s, count, busy=()):
    """The first `count` ticks; the loop is held up for the given times (s) inside the given ticks."""
    loop = asyncio.get_running_loop()
    ticks = []
    done = asyncio.Event()
    busy = dict(busy)

    def on_tick(tick):
        ticks.append(tick)
        until_s = loop.time() + busy.get(len(ticks), 0)
        while loop.time() < until_s:
            pass
        if len(ticks) == count:
            done.set()

    ticker = Ticker(period_s, on_tick)
    ticker.start()
    try:
        await done.wait()
    finally:
        ticker.stop()
    return ticker, ticks


@pytest.fixture(params=["timerfd", "loop"])
def source(request, monkeypatch):
    if request.param == "loop":
        monkeypatch.setattr(ticker_module, "timerfd_available", lambda: False)
    elif not timerfd_available():
        pytest.skip("cannot run here: this system has no timerfd")
    return request.param


def test_ticks_come_at_start_plus_n_periods_and_never_early(source):
    ticker, ticks = asyncio.run(collect(0.001, 5))
    assert ticker.source == source
    start_s = ticks[0].intended_s - ticks[0].number * 0.001
    for tick in ticks:
        assert math.isclose(tick.intended_s, start_s + tick.number * 0.001, rel_tol=0, abs_tol=1e-6)
        assert tick.late_s >= 0
    assert [tick.number for tick in ticks] == sorted({tick.number for tick in ticks})


def test_a_loop_held_up_gets_one_tick_that_counts_the_missed_ones_and_then_is_back_on_schedule(source):
    ticker, ticks = asyncio.run(collect(0.001, 4, busy={1: 0.0055}))
    held_up = ticks[1]
    assert held_up.missed >= 4
    assert held_up.number == ticks[0].number + held_up.missed + 1
    assert ticker.missed == sum(tick.missed for tick in ticks)
    assert ticker.ticks == 4
    assert ticks[2].intended_s - held_up.intended_s == pytest.approx(0.001 * (ticks[2].missed + 1), abs=1e-6)


def test_virtual_time_ticks_are_exact_and_do_not_drift():
    ticker, ticks = run_virtual(lambda: collect(1 / 30, 30 * 600))
    assert ticker.source == "loop"
    assert ticker.missed == 0
    assert max(tick.late_s for tick in ticks) == 0
    assert ticks[-1].intended_s == pytest.approx(600, abs=1e-9)
    assert ticks[-1].number == 30 * 600


def test_no_tick_after_stop_and_stopping_twice_is_harmless(source):
    async def main():
        seen = []
        ticker = Ticker(0.001, seen.append)
        ticker.start()
        assert ticker.is_running
        ticker.stop()
        ticker.stop()
        assert not ticker.is_running
        await collect(0.001, 3)
        return seen

    assert asyncio.run(main()) == []


def test_a_ticker_may_stop_itself_inside_a_tick(source):
    async def main():
        seen = []

        def on_tick(tick):
            seen.append(tick)
            ticker.stop()

        ticker = Ticker(0.001, on_tick)
        ticker.start()
        await collect(0.001, 3)
        return seen

    assert len(asyncio.run(main())) == 1


def test_a_ticker_can_be_started_again_but_not_twice():
    async def main():
        ticker = Ticker(1.0, print)
        ticker.start()
        with pytest.raises(RuntimeError, match="already"):
            ticker.start()
        ticker.stop()
        ticker.start()
        ticker.stop()

    run_virtual(main)


@pytest.mark.parametrize("period_s", [0, -1, math.nan, math.inf, SHORTEST_PERIOD_S / 2])
def test_a_period_that_is_none_is_refused(period_s):
    with pytest.raises(ValueError, match="period"):
        Ticker(period_s, print)
