"""A hundred reconnects, and two sets of four swapped twenty times."""

import asyncio
import logging
from statistics import median

import pytest

from tests.contract.radio.abilities import Ability, needs

LOG = logging.getLogger("pitboard.contract")
"""`--log-level info -rP` shows what it says."""

pytestmark = pytest.mark.slow_in_real_time(900)


@needs(Ability.CAR_SIDE)
def test_a_hundred_reconnects(on_stand):
    async def scenario(stand):
        took_s = []
        for _ in range(100):
            began_s = stand.now_s
            link = await stand.connect()
            took_s.append(stand.now_s - began_s)
            await link.disconnect()
        await stand.until(lambda: not stand.car().connected)
        log = [entry[0] for entry in stand.car().log if entry[0] != "unsubscribed"]
        return took_s, log

    took_s, log = on_stand(scenario, limit_s=800)
    LOG.info("find and connect: median %.2f s, longest %.2f s", median(took_s), max(took_s))
    assert log == ["up", "subscribed", "down"] * 100

    assert max(took_s) < 5.0


@needs(Ability.EIGHT_CARS)
def test_two_sets_of_four_swapped_twenty_times(on_stand):
    async def scenario(stand):
        took_s = []
        for swap in range(20):
            numbers = range(4) if swap % 2 == 0 else range(4, 8)
            began_s = stand.now_s
            links = await asyncio.gather(*(stand.connect(n) for n in numbers))
            took_s.append(stand.now_s - began_s)
            assert set(stand.radio.links) == {stand.cars[n] for n in numbers}
            await asyncio.gather(*(link.disconnect() for link in links))
            assert not stand.radio.links
        return took_s

    took_s = on_stand(scenario, limit_s=800)
    LOG.info("four found and connected: median %.2f s, longest %.2f s", median(took_s), max(took_s))

    assert len(took_s) == 20
