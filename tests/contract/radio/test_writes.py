"""What is written reaches the car: in order, whole, and with an answer when one was asked for."""

import asyncio

import pytest

from protocol.gatt import TO_CAR_UUID
from rig.radio.errors import CarFault, LinkClosed
from tests.contract.radio.abilities import Ability, needs

pytestmark = needs(Ability.CAR_SIDE, Ability.ANY_FRAME)
LONGEST = 20
UNKNOWN_ID = 0x7E


def numbered(number, length=5):
    """A frame that no car answers, with a number in it."""
    return bytes([length - 1, UNKNOWN_ID]) + number.to_bytes(3, "little") + bytes(length - 5)


def numbers(stand):
    return [int.from_bytes(f[2:5], "little") for f in stand.car().written_frames if f[1] == UNKNOWN_ID]


def test_a_write_with_response_is_there_when_it_returns(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        seen = []
        for number in range(20):
            await link.write(numbered(number), response=True)
            await asyncio.sleep(0)  # the car acts a turn after the radio has acknowledged
            seen.append(numbers(stand))
        await link.disconnect()
        return seen

    assert on_stand(scenario) == [list(range(number + 1)) for number in range(20)]


@pytest.mark.smoke
def test_writes_without_response_arrive_whole_and_in_order(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        for number in range(100):
            await link.write(numbered(number))
        await stand.until(lambda: len(numbers(stand)) >= 100, limit_s=20)
        await link.disconnect()
        return numbers(stand)

    assert on_stand(scenario) == list(range(100))


def test_mixed_writes_keep_their_order(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        for number in range(60):
            await link.write(numbered(number), response=number % 3 == 2)
        await stand.until(lambda: len(numbers(stand)) >= 60, limit_s=20)
        await link.disconnect()
        return numbers(stand)

    assert on_stand(scenario) == list(range(60))


def test_writes_to_four_cars_at_once_keep_their_order_for_each(on_stand):
    async def scenario(stand):
        links = [await stand.connect(n) for n in range(4)]

        async def talk(link):
            for number in range(40):
                await link.write(numbered(number), response=number % 4 == 3)

        await asyncio.gather(*(talk(link) for link in links))
        cars = [stand.car(n) for n in range(4)]
        got = lambda car: [f[2] for f in car.written_frames if f[1] == UNKNOWN_ID]  # noqa: E731
        await stand.until(lambda: all(len(got(car)) >= 40 for car in cars), limit_s=20)
        await asyncio.gather(*(link.disconnect() for link in links))
        return [got(car) for car in cars]

    assert on_stand(scenario, cars=4) == [list(range(40))] * 4


@pytest.mark.parametrize("response", [False, True])
def test_twenty_bytes_are_written_whole(on_stand, response):
    async def scenario(stand):
        link = await stand.connect()
        await link.write(numbered(7, LONGEST), response=response)
        await stand.until(lambda: numbers(stand))
        await link.disconnect()
        return stand.car().written_frames

    assert on_stand(scenario) == [numbered(7, LONGEST)]


@pytest.mark.parametrize("response", [False, True])
def test_twenty_one_bytes_never_reach_the_car_and_the_link_lives(on_stand, response):
    async def scenario(stand):
        link = await stand.connect()
        try:
            await link.write(numbered(7, LONGEST + 1), response=response)
        except CarFault as error:
            refused = type(error).__name__
        else:
            refused = None
        await link.write(numbered(8), response=True)
        await stand.until(lambda: 8 in numbers(stand))
        await link.disconnect()
        return refused, stand.car().written_frames

    refused, frames = on_stand(scenario)
    assert frames == [numbered(8)]
    assert refused == ("AttError" if response else refused)


def test_the_att_mtu_is_23(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        size = link._client.services.get_characteristic(TO_CAR_UUID).max_write_without_response_size
        await link.disconnect()
        return size

    assert on_stand(scenario) == LONGEST


def test_nothing_can_be_written_after_a_disconnect(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        await link.disconnect()
        with pytest.raises(LinkClosed):
            await link.write(numbered(1))
        return numbers(stand)

    assert on_stand(scenario) == []
