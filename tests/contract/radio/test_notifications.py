"""What a car sends arrives: all of it, in order, once."""

import asyncio

import pytest

from protocol import PingRequest, PingResponse
from tests.contract.radio.abilities import Ability, needs
from tests.contract.radio.benches import BROAD
from tests.contract.radio.contract_car import number_in

MANY = 10_000
PER_S = 700
"""Faster than any car (30 a second); BlueZ in a guest machine passes about 1000 a second on to its programs."""


async def flood(stand, links, count, per_s=PER_S):
    """What each link hears while each car sends this many numbered frames."""
    heard = [[] for _ in links]
    removers = [link.on_frame(frames.append) for link, frames in zip(links, heard, strict=True)]
    last = []
    for n in range(len(links)):
        last.append(stand.car(n).sequence + count - 1)
        stand.tell(n, lambda car, now_s: car.flood(count, per_s, now_s))

    def is_done():
        done = all(
            frames and number_in(frames[-1].frame) == end for frames, end in zip(heard, last, strict=True)
        )
        return done or any(link.lost.is_set() for link in links)

    await stand.until(is_done, limit_s=20 + 4 * len(links) * count / per_s)
    await asyncio.sleep(0.1)  # whatever comes twice
    for remove in removers:
        remove()
    return [[n for n in (number_in(item.frame) for item in frames) if n is not None] for frames in heard]


@needs(Ability.CAR_SIDE)
def test_a_stream_arrives_whole_and_in_order(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        heard = await flood(stand, [link], 500)
        assert link.bad_frames == 0
        await link.disconnect()
        return heard, stand.world.peripherals[stand.cars[0]].notifications_dropped

    heard, dropped = on_stand(scenario, air=BROAD)
    assert dropped == 0
    assert heard == [list(range(500))]


@pytest.mark.slow_in_real_time(150)
@needs(Ability.CAR_SIDE)
def test_ten_thousand_notifications_arrive_whole_and_in_order(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        (heard,) = await flood(stand, [link], MANY)
        await link.disconnect()
        return heard

    heard = on_stand(scenario, air=BROAD, limit_s=120)
    missing = sorted(set(range(MANY)) - set(heard))
    assert not missing, f"{len(missing)} missing, first {missing[:5]}, last {missing[-5:]}"
    assert heard == list(range(MANY)), f"{len(heard)} frames, {len(set(heard))} different ones"


@pytest.mark.slow_in_real_time(120)
@needs(Ability.CAR_SIDE, Ability.FOUR_CARS)
def test_four_streams_at_once_arrive_whole_and_in_order(on_stand):
    async def scenario(stand):
        links = [await stand.connect(n) for n in range(4)]
        heard = await flood(stand, links, 1500, PER_S / 4)
        await asyncio.gather(*(link.disconnect() for link in links))
        return heard

    assert on_stand(scenario, air=BROAD, limit_s=100) == [list(range(1500))] * 4


@pytest.mark.smoke
@needs(Ability.CAR_SIDE)
def test_nothing_arrives_twice_after_a_reconnect(on_stand):
    async def scenario(stand):
        runs = []
        for _ in range(2):
            link = await stand.connect()
            runs.append((await flood(stand, [link], 50))[0])
            await link.disconnect()
        return runs

    assert on_stand(scenario, air=BROAD) == [list(range(50)), list(range(50, 100))]


@needs(Ability.CAR_SIDE, Ability.KNOWS_WORLD)
def test_nothing_arrives_twice_after_a_lost_link(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        stand.world.break_link(stand.cars[0])
        async with asyncio.timeout(10):
            await link.lost.wait()
        again = await stand.connect()
        heard = await flood(stand, [again], 50)
        await again.disconnect()
        await link.disconnect()
        return heard

    assert on_stand(scenario, air=BROAD) == [list(range(50))]


@needs(Ability.CAR_SIDE)
def test_the_first_frame_after_the_subscription_is_not_missed(on_stand):
    async def scenario(stand):
        first = []
        for _ in range(5):
            frames = []
            link = await stand.connect(on_frame=frames.append)
            first.append(frames[0].frame[1])
            await link.disconnect()
        return first

    assert on_stand(scenario) == [0x3F] * 5


def test_a_ping_is_answered(on_stand):
    async def scenario(stand):
        frames = []
        link = await stand.connect(on_frame=frames.append)
        await link.write(PingRequest())
        await stand.until(lambda: any(isinstance(item.message, PingResponse) for item in frames))
        await link.disconnect()

    on_stand(scenario)


@needs(Ability.CAR_SIDE)
def test_after_a_disconnect_nothing_arrives_any_more(on_stand):
    async def scenario(stand):
        frames = []
        link = await stand.connect(on_frame=frames.append)
        stand.tell(0, lambda car, now_s: car.flood(100_000, 200, now_s))
        await stand.until(lambda: len(frames) > 20)
        await link.disconnect()
        count = len(frames)
        await asyncio.sleep(1.0)
        return count, len(frames)

    before, after = on_stand(scenario, air=BROAD)
    assert before == after
