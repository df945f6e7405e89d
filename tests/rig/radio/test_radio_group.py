"""Several adapters of one simulated world as one radio, in virtual time."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise

import pytest

from rig.radio.any_radio import RadioCapabilities
from rig.radio.backend import HostStackClient, HostStackScanner
from rig.radio.errors import (
    AdapterGone,
    AlreadyConnected,
    CarNotFound,
    ConnectTimedOut,
    RadioClosed,
    SlotsExhausted,
)
from rig.radio.hearings import FRESH_S
from rig.radio.host_adapter import HostAdapter
from rig.radio.host_stack import HostFailure
from rig.radio.radio import Radio
from rig.radio.radio_group import RadioGroup
from rig.radio.transmit import TransmitPolicy
from rig.sim.controller import AirController
from rig.sim.host import BumbleHost
from rig.sim.worlds import world_by_name
from rig.virtual_time import run_virtual

SKULL, SHOCK, THERMO, NUKE = SET_A = 0x0880EADB, 0x0A41C37E, 0x1B52D09F, 0x2C63E1A4
GUARDIAN = 0x3D74F2B5


class Adapter:
    """One more adapter in a world: its controller, host and radio."""

    def __init__(self, world, number, slots):
        self.controller = AirController(f"extra{number}", world.air)
        if slots is not None:
            self.controller.max_links = slots
        self.host = BumbleHost(
            f"extra{number}", f"C0:FF:EE:00:01:{number:02X}", self.controller, self.controller
        )
        self.radio = Radio(
            name=f"radio{number}",
            transmit=TransmitPolicy.SIMULATED_CARS,
            scanner_backend=HostStackScanner,
            client_backend=HostStackClient,
            backend_options={"host": HostAdapter(self.host)},
            capabilities=RadioCapabilities(is_simulated=True),
        )

    def unplug(self):
        self.host.power_lost(HostFailure.ADAPTER_GONE)
        self.controller.power_cut()


class Bench:
    def __init__(self, world, adapters):
        self.world, self.adapters = world, adapters
        self.group = RadioGroup([adapter.radio for adapter in adapters])

    @property
    def spread(self):
        return [sorted(adapter.radio.links) for adapter in self.adapters]

    async def connect(self, identifier, **options):
        return await self.group.connect(await self.group.find(identifier), **options)

    async def hear_all(self, *identifiers):
        """Scans until every radio has heard these cars."""
        found = {}
        async with asyncio.timeout(30), self.group.scan() as scan:
            async for sighting in scan:
                if sighting.identifier in identifiers and len(sighting.hearings) == len(self.adapters):
                    found[sighting.identifier] = sighting
                if len(found) == len(identifiers):
                    break
        return [found[identifier] for identifier in identifiers]


@asynccontextmanager
async def bench(slots=(None, None), world="two-sets"):
    async with AsyncExitStack() as stack:
        inside = await stack.enter_async_context(world_by_name(world, 1))
        adapters = [Adapter(inside, number, each) for number, each in enumerate(slots, start=1)]
        for adapter in adapters:
            await adapter.host.power_up()
        made = Bench(inside, adapters)
        await stack.enter_async_context(made.group)
        yield made


def run(scenario, **options):
    """Runs `scenario(bench)`; nothing of it may be left on the loop."""

    async def main():
        async with bench(**options) as made:
            result = await scenario(made)
        await asyncio.sleep(0)
        left = [task for task in asyncio.all_tasks() if "radio_group" in repr(task.get_coro())]
        assert not left
        return result

    return run_virtual(main, limit_s=600)


def took(link):
    return link.milestones.asked_s, link.milestones.first_data_s


def test_a_car_heard_by_both_is_one_sighting_that_knows_both_levels():
    async def scenario(made):
        (skull,) = await made.hear_all(SKULL)
        async with made.group.scan() as scan:
            await asyncio.sleep(1)
            return skull, scan.sightings

    skull, sightings = run(scenario)
    assert [hearing.radio for hearing in skull.hearings] == ["radio1", "radio2"]
    assert all(-70 < hearing.rssi_dbm < -40 for hearing in skull.hearings)
    assert len(sightings) == 8
    assert sightings[SKULL].firmware == 0x2774


def test_four_cars_spread_two_and_two_side_by_side_one_at_a_time_on_each():
    async def scenario(made):
        heard = await made.hear_all(*SET_A)
        links = await asyncio.gather(*(made.group.connect(sighting) for sighting in heard))
        assert made.group.links.keys() == set(SET_A)
        return made.spread, [(link.adapter, *took(link)) for link in links]

    spread, links = run(scenario)
    assert [len(cars) for cars in spread] == [2, 2]
    by_adapter = {
        name: sorted(times for adapter, *times in links if adapter == name) for name in ("radio1", "radio2")
    }
    for times in by_adapter.values():
        assert all(before[1] <= after[0] for before, after in pairwise(times)), "two connects at once on one"
    first, second = by_adapter["radio1"][0], by_adapter["radio2"][0]
    assert first[0] < second[1], "the two adapters did not connect side by side"
    assert second[0] < first[1]


def test_a_scan_goes_on_at_the_other_radio_while_one_connects():
    async def scenario(made):
        (skull,) = await made.hear_all(SKULL)
        async with made.group.scan() as scan:
            connecting = asyncio.ensure_future(made.group.connect(skull))
            await asyncio.sleep(0.05)
            began_s = asyncio.get_running_loop().time()
            await connecting
            heard = set()
            while not scan._queue.empty():
                sighting = await anext(scan)
                heard |= {
                    h.radio for h in sighting.hearings if began_s < h.seen_s < took(connecting.result())[1]
                }
            return connecting.result().adapter, heard

    carrier, heard = run(scenario)
    assert heard == {"radio1", "radio2"} - {carrier}


def test_slots_are_learned_from_refusals_and_exhausted_only_when_all_are_full():
    async def scenario(made):
        for sighting in await made.hear_all(*SET_A):
            await made.group.connect(sighting)
        before = made.spread
        (guardian,) = await made.hear_all(GUARDIAN)
        with pytest.raises(SlotsExhausted) as exhausted:
            await made.group.connect(guardian)
        began_s = asyncio.get_running_loop().time()
        with pytest.raises(SlotsExhausted):
            await made.group.connect(guardian)
        again_s = asyncio.get_running_loop().time() - began_s
        await made.group.links[SKULL].disconnect()
        await made.group.connect(guardian)
        return before, str(exhausted.value), again_s, made.spread

    before, words, again_s, after = run(scenario, slots=(3, 1))
    assert sorted(map(len, before)) == [1, 3]
    assert "radio1: 3 in use" in words
    assert "radio2: 1 in use" in words
    assert again_s == 0.0, "what was learned need not be asked again"
    assert sum(map(len, after)) == 4


def test_a_car_is_connected_once_in_the_whole_group():
    async def scenario(made):
        (skull,) = await made.hear_all(SKULL)
        opening = asyncio.ensure_future(made.group.connect(skull))
        await asyncio.sleep(0)
        with pytest.raises(AlreadyConnected):
            await made.group.connect(skull)
        await opening
        with pytest.raises(AlreadyConnected):
            await made.group.connect(skull)

    run(scenario)


def test_a_lost_adapter_is_named_and_its_cars_move_to_the_other():
    async def scenario(made):
        links = [await made.group.connect(sighting) for sighting in await made.hear_all(*SET_A)]
        made.adapters[0].unplug()
        fallen = [link for link in links if link.lost.is_set()]
        assert sorted(link.adapter for link in fallen) == ["radio1", "radio1"]
        with pytest.raises(AdapterGone, match="radio1"):
            async with made.adapters[0].radio.scan():
                pass
        began_s = asyncio.get_running_loop().time()
        await asyncio.gather(*(made.connect(link.identifier) for link in fallen))
        return made.spread, asyncio.get_running_loop().time() - began_s

    spread, seconds = run(scenario)
    assert spread == [[], sorted(SET_A)]
    assert seconds < 10


def test_an_adapter_lost_unnoticed_is_found_out_by_the_connect_that_goes_on_to_the_other():
    async def scenario(made):
        (skull,) = await made.hear_all(SKULL)
        chosen = (await made.group.connect(skull)).adapter
        await made.group.close()
        lost = next(adapter for adapter in made.adapters if adapter.radio.name == chosen)
        lost.unplug()
        link = await made.group.connect(skull)
        return chosen, link.adapter

    first, second = run(scenario)
    assert {first, second} == {"radio1", "radio2"}


def test_when_every_adapter_is_lost_that_is_said():
    async def scenario(made):
        (skull,) = await made.hear_all(SKULL)
        for adapter in made.adapters:
            adapter.unplug()
        with pytest.raises(AdapterGone):
            await made.group.connect(skull)
        with pytest.raises(AdapterGone):
            await made.group.find(SKULL)

    run(scenario)


def test_an_adapter_that_comes_back_is_used_again():
    async def scenario(made):
        await made.hear_all(*SET_A)
        made.adapters[0].unplug()
        await made.connect(SKULL)
        made.adapters[0].controller.power_up()
        await made.adapters[0].host.power_up()
        await made.hear_all(SHOCK)
        await made.connect(SHOCK)
        return made.spread

    assert run(scenario) == [[SHOCK], [SKULL]]


def test_a_car_that_fails_on_one_radio_is_tried_on_the_other():
    async def scenario(made):
        (skull,) = await made.hear_all(SKULL)
        made.world.inject("ignore_connect", SKULL, 1.0, lasts_s=5.0)
        with pytest.raises(ConnectTimedOut):
            await made.group.connect(skull, timeout_s=3.0)
        failed_on = made.group._carried.get(SKULL), {number for number, _ in made.group._failures}
        await asyncio.sleep(3)
        await made.hear_all(SKULL)
        link = await made.connect(SKULL)
        return failed_on, link.adapter

    (carried, failed), adapter = run(scenario)
    assert carried is None
    assert adapter == f"radio{2 - failed.pop()}"


def test_a_car_comes_back_to_the_radio_that_carried_it():
    async def scenario(made):
        heard = await made.hear_all(*SET_A)
        first = {}
        for sighting in heard:
            first[sighting.identifier] = (await made.group.connect(sighting)).adapter
        await asyncio.gather(*(link.disconnect() for link in made.group.links.values()))
        second = {}
        for sighting in await made.hear_all(*SET_A):
            second[sighting.identifier] = (await made.group.connect(sighting)).adapter
        return first, second

    first, second = run(scenario)
    assert sorted(second.values()) == ["radio1", "radio1", "radio2", "radio2"]
    assert second[SKULL] == first[SKULL]


def test_a_radio_that_has_not_heard_the_car_yet_is_given_a_moment():
    async def scenario(made):
        _, shock = await made.hear_all(SKULL, SHOCK)
        first = (await made.group.connect(shock)).adapter
        for adapter in made.adapters:
            adapter.controller.conditions.in_range = adapter.radio.name == first
        await asyncio.sleep(FRESH_S)
        skull = await made.group.find(SKULL)
        assert [hearing.radio for hearing in skull.hearings] == [first]
        for adapter in made.adapters:
            adapter.controller.conditions.in_range = True
        return first, (await made.group.connect(skull)).adapter

    first, second = run(scenario)
    assert {first, second} == {"radio1", "radio2"}


def test_a_radio_out_of_reach_is_passed_over_and_not_asked_twice():
    async def scenario(made):
        _, shock = await made.hear_all(SKULL, SHOCK)
        await made.group.connect(shock)
        other = made.adapters[1 - made.group._carried[SHOCK]]
        await asyncio.sleep(FRESH_S)
        other.controller.conditions.in_range = False
        times = []
        for _ in range(2):
            began_s = asyncio.get_running_loop().time()
            link = await made.connect(SKULL)
            times.append(asyncio.get_running_loop().time() - began_s)
            assert link.adapter != other.radio.name
            await link.disconnect()
        return times

    first, second = run(scenario)
    assert first - second > 0.3


def test_closing_ends_a_connect_under_way_on_any_radio():
    async def scenario(made):
        heard = await made.hear_all(*SET_A)
        opening = [asyncio.ensure_future(made.group.connect(sighting)) for sighting in heard]
        await asyncio.sleep(0.1)
        await made.group.close()
        ends = await asyncio.gather(*opening, return_exceptions=True)
        assert all(isinstance(end, RadioClosed) for end in ends), ends
        return made.spread, made.group.links

    assert run(scenario) == ([[], []], {})


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.2, 0.6, 0.9])
def test_cancelled_at_any_time_it_leaves_nothing(after_s):
    async def scenario(made):
        heard = await made.hear_all(SKULL, SHOCK)
        opening = [asyncio.ensure_future(made.group.connect(sighting)) for sighting in heard]
        await asyncio.sleep(after_s)
        for each in opening:
            each.cancel()
        ends = await asyncio.gather(*opening, return_exceptions=True)
        for end in ends:
            if not isinstance(end, BaseException):
                await end.disconnect()
        assert made.spread == [[], []]
        assert not made.group._opening
        assert not made.group._assigned
        for sighting in await made.hear_all(SKULL, SHOCK):
            await made.group.connect(sighting)

    run(scenario)


def test_a_car_nobody_hears_is_not_found_and_the_others_are_named():
    async def scenario(made):
        with pytest.raises(CarNotFound, match=r"heard instead: .*Skull 0880eadb"):
            await made.group.find(0x12345678, timeout_s=2.0)

    run(scenario)


def test_the_strictest_policy_and_the_sum_of_the_slots_hold():
    strict = Radio(name="ble:hci0", capabilities=RadioCapabilities(max_links=3))
    lenient = Radio(
        name="sim",
        transmit=TransmitPolicy.SIMULATED_CARS,
        capabilities=RadioCapabilities(is_simulated=True, max_links=8),
    )
    mixed = RadioGroup([lenient, strict])
    assert mixed.name == "sim + ble:hci0"
    assert mixed.transmit is TransmitPolicy.REAL_CARS
    assert RadioGroup([lenient, lenient]).transmit is TransmitPolicy.SIMULATED_CARS
    assert mixed.capabilities == RadioCapabilities(is_simulated=False, max_links=11)
    assert RadioGroup([strict, Radio(name="ble:hci1")]).capabilities.max_links is None
