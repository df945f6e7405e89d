"""The loop through real bleak, on the simulated air, in real time: our radio, a GATT client and server, link layers
that take turns at 7.5 ms. Cars, air and host share this process."""

from __future__ import annotations

import asyncio
from time import process_time

import pytest

from benchmarks.control.asking_car import AskingCar, answer
from benchmarks.measure import percentile
from benchmarks.radio_over import radio_over
from rig.control import ControlLoop, Cruise, control_process
from rig.control.link_port import LinkPort
from rig.sim.air import AirParameters
from rig.sim.world import SimWorld

SHORTEST_INTERVAL_S = 0.0075
DEMAND_PER_S = 4 / SHORTEST_INTERVAL_S
SECONDS = 4
LAST_ANSWERS_S = 0.5


async def drive_over_the_air(cars, seconds):
    """Four asking cars on the simulated air in real time; host times in s, CPU s, missed ticks."""
    host_s: list[float] = []
    loop_time = asyncio.get_running_loop().time
    air = AirParameters(connection_interval_ms=SHORTEST_INTERVAL_S * 1e3, advert_loss=0.0)
    async with SimWorld(cars, air) as world:
        radio = radio_over(world)
        links = [await radio.connect(await radio.find(car.identifier, 10)) for car in cars]
        for link in links:
            link.write = timed(link, host_s, loop_time)
        with control_process(), ControlLoop(answer) as loop:
            for link in links:
                loop.add(LinkPort(link), Cruise(400))
            await asyncio.sleep(0.2)
            host_s.clear()
            before_s = process_time()
            for turn, car in enumerate(cars):
                phase_s = turn * car.period_s / len(cars)
                world.handle(
                    car.identifier,
                    lambda asked, now_s, phase_s=phase_s: asked.ask(
                        now_s + phase_s, now_s + phase_s + seconds
                    ),
                )
            await asyncio.sleep(seconds)
            cpu_s = process_time() - before_s
            await asyncio.sleep(LAST_ANSWERS_S)
            missed_ticks = loop.counts.missed_ticks
        for link in links:
            await link.disconnect()
    return sorted(host_s), cpu_s, missed_ticks


def timed(link, host_s, loop_time):
    """`link.write`, noting how long after a notification the first write it led to was done."""
    write = link.write
    noted_s = None

    async def timed_write(message, **options):
        nonlocal noted_s
        heard_s = link.last_frame_s
        await write(message, **options)
        if heard_s != noted_s:  # not the repetitions of a tick
            host_s.append(loop_time() - heard_s)
            noted_s = heard_s

    return timed_write


@pytest.mark.parametrize("rate_hz", [20, 50, 1 / SHORTEST_INTERVAL_S], ids=["20Hz", "50Hz", "every-event"])
def test_through_bleak_on_the_simulated_air(rate_hz, figures):
    cars = [AskingCar(number, 1 / rate_hz) for number in range(4)]
    host_s, cpu_s, missed_ticks = asyncio.run(drive_over_the_air(cars, SECONDS))
    reactions_s = sorted(reaction_s for car in cars for reaction_s in car.reactions_s)
    asked = sum(car.asked for car in cars)

    def spread(values, scale, digits):
        return " / ".join(f"{percentile(values, q) * scale:.{digits}f}" for q in (0.5, 0.99, 0.999))

    intervals = 1 / SHORTEST_INTERVAL_S
    figures.note("update due -> order at the car P50/P99/P99.9, ms", spread(reactions_s, 1e3, 1))
    figures.note("the same in connection intervals (the air alone: 1..2)", spread(reactions_s, intervals, 2))
    figures.note("our host's part: notification -> write done, us", spread(host_s, 1e6, 0))
    figures.note(
        "orders superseded while waiting for the air", f"{sum(car.superseded for car in cars)} of {asked}"
    )
    figures.note("CPU per update and order, both ends and the air", f"{cpu_s / asked * 1e6:.0f} us")
    figures.note("30 Hz ticks missed", missed_ticks)
    figures.at_least("answered", sum(len(car.reactions_s) for car in cars) / asked, 1, "")
    figures.at_most("P50 in connection intervals", percentile(reactions_s, 0.5) * intervals, 2.5)
    headroom = asked / cpu_s / DEMAND_PER_S
    if rate_hz * SHORTEST_INTERVAL_S < 1:  # idle connection events cost too: no measure of what could be done
        figures.note("headroom, the cars and their air counted against us", f"{headroom:.1f}x")
    else:
        figures.at_least("headroom, the cars and their air counted against us", headroom, 5)
