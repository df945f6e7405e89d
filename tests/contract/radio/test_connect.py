"""Connecting, on every radio: one car, several at once, during a scan, one that is not there."""

import asyncio
from itertools import pairwise

import pytest

from rig.radio.errors import AlreadyConnected, CarNotFound, ConnectTimedOut
from tests.contract.radio.abilities import Ability, needs
from tests.contract.radio.contract_car import ContractCar

FORGOTTEN_AFTER_S = 45.0
"""BlueZ forgets a device it is not connected to after 30 s (`TemporaryTimeout`)."""


def test_a_car_is_found_and_connected_and_speaks(on_stand):
    async def scenario(stand):
        frames = []
        link = await stand.connect(on_frame=frames.append)
        steps = link.milestones
        await link.disconnect()
        return steps, frames

    steps, frames = on_stand(scenario)
    times = [
        steps.seen_s, steps.asked_s, steps.connected_s, steps.services_s, steps.subscribed_s, steps.first_data_s,
    ]  # fmt: skip
    assert times == sorted(times)
    assert frames


@needs(Ability.CAR_SIDE)
def test_connecting_subscribes_once_and_disconnecting_frees_the_car(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        assert stand.car().connected
        await link.disconnect()
        await stand.until(lambda: not stand.car().connected)
        return [entry[0] for entry in stand.car().log], stand.car().log[-1]

    events, last = on_stand(scenario)
    assert [event for event in events if event != "unsubscribed"] == ["up", "subscribed", "down"]
    assert last[2], "the link ended with a word, not by falling silent"


def test_a_second_connect_to_a_connected_car_is_refused_and_the_first_link_lives(on_stand):
    async def scenario(stand):
        sighting = await stand.find()
        link = await stand.radio.connect(sighting)
        with pytest.raises(AlreadyConnected):
            await stand.radio.connect(sighting)
        assert link.is_open
        assert stand.radio.links[sighting.identifier] is link
        await link.disconnect()

    on_stand(scenario)


@needs(Ability.CAR_SIDE)
def test_of_two_connects_to_one_car_at_once_the_second_is_refused(on_stand):
    async def scenario(stand):
        sighting = await stand.find()
        first = asyncio.ensure_future(stand.radio.connect(sighting))
        await asyncio.sleep(0)
        with pytest.raises(AlreadyConnected):
            await stand.radio.connect(sighting)
        await (await first).disconnect()
        return stand.car().count("up")

    assert on_stand(scenario) == 1


@needs(Ability.SILENCE)
def test_a_connected_car_is_not_found_by_a_scan(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        with pytest.raises(CarNotFound):
            await stand.find(timeout_s=1.5)
        assert link.is_open
        await link.disconnect()
        await stand.find()

    on_stand(scenario)


@needs(Ability.TWO_CARS)
def test_a_scan_pauses_for_a_connect_and_goes_on(on_stand):
    async def scenario(stand):
        async with stand.radio.scan() as scan:
            await stand.until(lambda: set(stand.cars) <= set(scan.sightings))
            link = await stand.radio.connect(scan.sightings[stand.cars[0]])
            connected_s = stand.now_s
            await stand.until(lambda: scan.sightings[stand.cars[1]].seen_s > connected_s)
        await link.disconnect()

    on_stand(scenario)


@pytest.mark.smoke
@needs(Ability.FOUR_CARS)
def test_four_connects_at_once_happen_one_after_the_other(on_stand):
    async def scenario(stand):
        sightings = [await stand.find(n) for n in range(4)]
        links = await asyncio.gather(*(stand.radio.connect(sighting) for sighting in sightings))
        spans = sorted((link.milestones.asked_s, link.milestones.first_data_s) for link in links)
        assert set(stand.radio.links) == set(stand.cars)
        began_s = stand.now_s
        await asyncio.gather(*(link.disconnect() for link in links))
        return spans, stand.now_s - began_s

    spans, ended_s = on_stand(scenario)
    assert all(ended <= begins for (_, ended), (begins, _) in pairwise(spans)), spans
    assert ended_s < 4.0, "BlueZ needs two seconds for a disconnect; four go side by side"


@needs(Ability.SILENCE)
def test_a_car_that_is_gone_times_out_and_can_be_connected_when_it_is_back(on_stand):
    async def scenario(stand):
        sighting = await stand.find()
        stand.tell(0, ContractCar.fall_silent)
        began_s = stand.now_s
        with pytest.raises(ConnectTimedOut) as caught:
            await stand.radio.connect(sighting, timeout_s=1.5)
        took_s = stand.now_s - began_s
        stand.tell(0, ContractCar.wake)
        link = await stand.connect()
        await link.disconnect()
        return caught.value, took_s

    error, took_s = on_stand(scenario)
    assert error.phase == "link"
    assert error.milestones.connected_s is None
    assert 1.4 < took_s < 5.0


@pytest.mark.slow_in_real_time(120)
@pytest.mark.parametrize("was_connected", [False, True])
@needs(Ability.SILENCE)
def test_a_sighting_of_long_ago_is_no_longer_good_for_a_connect(on_stand, was_connected):
    """BlueZ has dropped the device object; nothing goes on the air, and looking again helps."""

    async def scenario(stand):
        sighting = await stand.find()
        if was_connected:
            link = await stand.radio.connect(sighting)
            await link.disconnect()
        await asyncio.sleep(FORGOTTEN_AFTER_S)
        with pytest.raises(CarNotFound):
            await stand.radio.connect(sighting)
        link = await stand.connect()
        await link.disconnect()

    on_stand(scenario, limit_s=100)


@needs(Ability.SILENCE, Ability.TWO_CARS)
def test_a_connect_that_waits_for_its_turn_does_not_pay_for_the_wait(on_stand):
    async def scenario(stand):
        absent, present = await stand.find(0), await stand.find(1)
        stand.tell(0, ContractCar.fall_silent)
        first = asyncio.ensure_future(stand.radio.connect(absent, timeout_s=3.0))
        await asyncio.sleep(0)
        link = await stand.radio.connect(present, timeout_s=2.9)
        with pytest.raises(ConnectTimedOut):
            await first
        await link.disconnect()

    on_stand(scenario)


@needs(Ability.CAR_SIDE)
def test_reconnecting_at_once_gives_one_subscription_each_time(on_stand):
    async def scenario(stand):
        for _ in range(3):
            link = await stand.connect()
            await link.disconnect()
        await stand.until(lambda: not stand.car().connected)
        return stand.car().count("up"), stand.car().count("subscribed")

    assert on_stand(scenario) == (3, 3)
