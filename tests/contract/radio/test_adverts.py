"""Adverts and scan responses as every radio must hand them over: merged, split, stale, with odd bytes in the name."""

import asyncio
import contextlib

import pytest

from rig.radio.errors import CarNotFound
from rig.radio.finding import NAME_GRACE_S
from tests.contract.radio.abilities import Ability, needs
from tests.contract.radio.contract_car import ContractCar

FIRMWARE, LAYOUT = 0x2774, b"\x74\x27\x01    "
SOON_S = 3.0
"""Far above the time a find needs (0.1 to 0.2 s, one advertising interval) and far below the 10.9 s after which the
Linux kernel starts a running scan anew, and with it a controller's filter of duplicates."""


async def listen(scan, seconds):
    """What a scan hears in this time."""
    heard = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                heard.append(await anext(scan))
    return heard


@pytest.mark.smoke
@needs(Ability.CAR_SIDE)
def test_advert_and_scan_response_are_one_sighting(on_stand):
    async def scenario(stand):
        began_s = stand.now_s
        sighting = await stand.find()
        return sighting, stand.now_s - began_s

    sighting, took_s = on_stand(scenario)
    assert (sighting.firmware, sighting.state.raw, sighting.name) == (FIRMWARE, 0x10, "Drive")
    assert sighting.rssi_dbm == -55
    assert took_s < SOON_S


@pytest.mark.smoke
@needs(Ability.FOUR_CARS)
def test_one_scan_hears_every_car(on_stand):
    async def scenario(stand):
        async with stand.radio.scan() as scan:
            await stand.until(lambda: set(stand.cars) <= set(scan.sightings))

    on_stand(scenario)


@needs(Ability.CHOOSE_PDUS, Ability.TWO_CARS)
def test_without_a_scan_response_a_car_is_found_but_its_firmware_is_unknown(on_stand):
    """The kernel tells an unanswered advert when another device's comes; alone in the world a car stays unheard."""

    async def scenario(stand):
        stand.hear_only(scan_responses=False)
        began_s = stand.now_s
        without = await stand.find()
        took_s = stand.now_s - began_s
        stand.hear_only()
        return without, took_s, await stand.find()

    without, took_s, whole = on_stand(scenario)
    assert (without.firmware, without.state, without.name) == (None, None, None)
    assert NAME_GRACE_S <= took_s < NAME_GRACE_S + SOON_S
    assert (whole.firmware, whole.name) == (FIRMWARE, "Drive")


@needs(Ability.CHOOSE_PDUS, Ability.TWO_CARS)
def test_a_scan_response_that_comes_within_a_second_is_waited_for(on_stand):
    async def scenario(stand):
        stand.hear_only(scan_responses=False)
        finding = asyncio.ensure_future(stand.find())
        await asyncio.sleep(NAME_GRACE_S / 2)
        stand.hear_only()
        return await finding

    assert on_stand(scenario).firmware == FIRMWARE


@pytest.mark.parametrize("known", [False, True])
@needs(Ability.CHOOSE_PDUS)
def test_a_scan_response_alone_is_no_car(on_stand, known):
    async def scenario(stand):
        if known:
            await stand.find()
        stand.hear_only(adverts=False)
        with pytest.raises(CarNotFound) as caught:
            await stand.find(timeout_s=1.5)
        assert caught.value.heard == ()
        stand.hear_only()
        return await stand.find()

    assert on_stand(scenario).firmware == FIRMWARE


@needs(Ability.CAR_SIDE)
def test_a_new_scan_tells_the_state_of_now_not_of_the_scan_before(on_stand):
    async def scenario(stand):
        states = []
        for state in (0x10, 0x18, 0x08, 0x50, 0x40):
            stand.car().name_state = state
            states.append((state, (await stand.find()).state.raw))
        return states

    assert all(set_to == told for set_to, told in on_stand(scenario))


@needs(Ability.KNOWS_WORLD)
def test_a_new_scan_tells_the_level_of_now(on_stand):
    async def scenario(stand):
        levels = [(await stand.find()).rssi_dbm]
        stand.world.inject("rssi_drop", stand.cars[0], 3.0)  # less than BlueZ finds worth telling in one scan
        return [*levels, (await stand.find()).rssi_dbm]

    assert on_stand(scenario) == [-55, -58]


@needs(Ability.SILENCE)
def test_a_car_that_stopped_advertising_is_not_found_again(on_stand):
    async def scenario(stand):
        await stand.find()
        stand.tell(0, ContractCar.fall_silent)
        with pytest.raises(CarNotFound):
            await stand.find(timeout_s=1.5)
        stand.tell(0, ContractCar.wake)
        return await stand.find()

    assert on_stand(scenario).firmware == FIRMWARE


@needs(Ability.SILENCE, Ability.TWO_CARS)
def test_a_silent_car_gives_no_sighting_in_a_running_scan(on_stand):
    async def scenario(stand):
        async with stand.radio.scan() as scan:
            await stand.until(lambda: len(scan.sightings) == 2)
            stand.tell(0, ContractCar.fall_silent)
            await listen(scan, 0.2)
            return stand.cars, await listen(scan, 2.0)

    cars, heard = on_stand(scenario)
    assert cars[0] not in {sighting.identifier for sighting in heard}


@needs(Ability.KNOWS_WORLD, Ability.SILENCE)
def test_the_end_of_a_link_is_no_sighting(on_stand):
    """BlueZ tells that a device is no longer connected in the same breath as adverts, without a level."""

    async def scenario(stand):
        link = await stand.connect()
        async with stand.radio.scan() as scan:
            stand.tell(0, ContractCar.fall_silent)
            stand.world.inject("out_of_range", stand.cars[0])
            async with asyncio.timeout(10):
                await link.lost.wait()
            heard = await listen(scan, 2.0)
            known = dict(scan.sightings)
        await link.disconnect()
        return heard, known

    heard, known = on_stand(scenario)
    assert heard == []
    assert known == {}


@pytest.mark.smoke
@needs(Ability.TWO_CARS)
def test_a_find_during_a_scan_hears_what_the_scan_has_heard_before(on_stand):
    async def scenario(stand):
        async with stand.radio.scan() as scan:
            await stand.until(lambda: set(stand.cars) <= set(scan.sightings))
            began_s = stand.now_s
            for n in range(2):
                await stand.find(n)
            return stand.now_s - began_s

    assert on_stand(scenario) < 2 * SOON_S


@needs(Ability.CAR_SIDE)
def test_a_car_heard_again_after_a_link_ended_under_a_running_scan(on_stand):
    async def scenario(stand):
        async with stand.radio.scan():
            for _ in range(2):
                link = await stand.connect()
                await link.disconnect()
            began_s = stand.now_s
            await stand.find()
            return stand.now_s - began_s

    assert on_stand(scenario) < SOON_S


@pytest.mark.slow_in_real_time(120)
@needs(Ability.SILENCE)
@pytest.mark.parametrize("away_s", [5, 20, 45])
def test_a_car_back_after_some_time_is_found_with_its_state_of_now(on_stand, away_s):
    async def scenario(stand):
        await stand.find()
        stand.tell(0, ContractCar.fall_silent)
        await asyncio.sleep(away_s)
        stand.car().name_state = 0x08
        stand.tell(0, ContractCar.wake)
        return await stand.find()

    sighting = on_stand(scenario, limit_s=100)
    assert (sighting.firmware, sighting.state.raw, sighting.name) == (FIRMWARE, 0x08, "Drive")


NAMES = {
    "as cars send it": (b"\x10" + LAYOUT + b"Drive\0", FIRMWARE, 0x10, "Drive"),
    "no NUL at the end": (b"\x18" + LAYOUT + b"Drive", FIRMWARE, 0x18, "Drive"),
    "several NULs at the end": (b"\x18" + LAYOUT + b"Drive\0\0\0", FIRMWARE, 0x18, "Drive"),
    "low battery, a space": (b"\x20" + LAYOUT + b"Drive\0", FIRMWARE, 0x20, "Drive"),
    "on the charger": (b"\x50" + LAYOUT + b"Drive\0", FIRMWARE, 0x50, "Drive"),
    "all state bits": (b"\x78" + LAYOUT + b"Drive\0", FIRMWARE, 0x78, "Drive"),
    "a firmware with a space": (b"\x10\x20\x21\x01    Drive\0", 0x2120, 0x10, "Drive"),
    "a firmware with control bytes": (b"\x10\x0a\x27\x01    Drive\0", 0x270A, 0x10, "Drive"),
    "upgrades of control bytes": (b"\x10\x74\x27\x01\x01\x02\x03\x04Drive\0", FIRMWARE, 0x10, "Drive"),
    "UTF-8 in the name": (b"\x10" + LAYOUT + "Müllauto\0".encode(), FIRMWARE, 0x10, "Müllauto"),
    "state with bit 7": (b"\x90" + LAYOUT + b"Drive\0", FIRMWARE, None, "Drive"),
    "state with bit 7, no NUL": (b"\x90" + LAYOUT + b"Drive", FIRMWARE, None, "Drive"),
    "state that begins like UTF-8": (b"\xc3" + LAYOUT + b"Drive\0", FIRMWARE, None, "Drive"),
    "bit 7, UTF-8 in the name": (b"\x90" + LAYOUT + "Müll\0".encode(), FIRMWARE, None, "M  ll"),
    "Latin-1 in the name": (b"\x10" + LAYOUT + b"M\xfcll\0", FIRMWARE, 0x10, "M ll"),
    "a NUL inside the name": (b"\x10" + LAYOUT + b"Dr\0ve", FIRMWARE, 0x10, "Dr"),
}
"""What is on the air, and what a sighting must say of it: firmware, state, name. A state that no stack hands over is
unknown; it must never be a wrong one."""


NO_NAMES = [b"\x00" + LAYOUT + b"Drive\0", b"", bytes(14), b"\x10\x74"]
"""What no state can be read from, first of all a car with no state bit set: a NUL in front."""


@needs(Ability.ODD_NAMES)
def test_odd_names_never_give_a_wrong_state_or_firmware(on_stand):
    async def scenario(stand):
        told = {}
        for case, (name, *_) in NAMES.items():
            stand.car().name_bytes = name
            told[case] = await stand.find()
        return told

    told = on_stand(scenario)
    got = {case: (s.firmware, s.state.raw if s.state else None, s.name) for case, s in told.items()}
    assert got == {case: tuple(expected) for case, (_, *expected) in NAMES.items()}


@needs(Ability.ODD_NAMES, Ability.TWO_CARS)
def test_a_name_that_says_nothing_leaves_the_state_unknown_even_where_it_was_known(on_stand):
    async def scenario(stand):
        stand.car(1).name_bytes = NO_NAMES[0]
        never_named, told = await stand.find(1), []
        for name in NO_NAMES:
            stand.car().name_bytes = None
            whole = await stand.find()
            assert whole.state.raw == 0x10
            stand.car().name_bytes = name
            told.append(await stand.find())
        return never_named, told

    never_named, told = on_stand(scenario)
    assert (never_named.firmware, never_named.state, never_named.name) == (None, None, None)
    assert [(sighting.firmware, sighting.state) for sighting in told] == [(FIRMWARE, None)] * len(NO_NAMES)
