"""A scan over several adapters of which some blink, begin late, freeze or break, in virtual time."""

import asyncio

import pytest
from bleak.backends.scanner import BaseBleakScanner

from rig.radio.backend import HostStackClient
from rig.radio.errors import AdapterGone, HostFault
from rig.radio.group_scan import FAILURE_STANDS_S
from rig.radio.radio import CLOSE_LIMIT_S, Radio
from rig.radio.radio_group import RadioGroup
from rig.radio.scan import SWITCH_LIMIT_S
from rig.virtual_time import run_virtual
from tests.rig.radio.test_radio_group import SET_A, SHOCK, SKULL, run

OUTAGE_S = 15.0
NOTICED_S = 3.0  # a radio tries again every 2 s


class FrozenScanner(BaseBleakScanner):
    """Never starts, never stops."""

    begun = 0

    def __init__(self, *_arguments, **_options):
        self.seen_devices = {}

    def register_detection_callback(self, callback):
        return lambda: None

    async def start(self):
        FrozenScanner.begun += 1
        await asyncio.Event().wait()

    async def stop(self):
        await asyncio.Event().wait()


def frozen(name="frozen"):
    return Radio(name=name, scanner_backend=FrozenScanner, client_backend=HostStackClient)


def now():
    return asyncio.get_running_loop().time()


async def power_on(adapter):
    adapter.controller.power_up()
    await adapter.host.power_up()


async def read_for(scan, seconds):
    """What the reader gets in that time: who heard each sighting last, and the errors."""
    ears, errors = set(), []
    ends_s = now() + seconds
    while True:
        try:
            async with asyncio.timeout_at(ends_s):
                sighting = await anext(scan)
        except TimeoutError:
            return ears, errors
        except HostFault as error:
            errors.append(error)
        else:
            newest_s = max(hearing.seen_s for hearing in sighting.hearings)
            ears |= {hearing.radio for hearing in sighting.hearings if hearing.seen_s == newest_s}


def test_one_adapter_that_blinks_is_heard_again_and_the_reader_never_knows():
    async def scenario(made):
        first = made.adapters[0]
        async with made.group.scan() as scan:
            before = await read_for(scan, 2.0)
            first.unplug()
            during = await read_for(scan, OUTAGE_S)
            lost = set(made.group._lost)
            await power_on(first)
            await read_for(scan, NOTICED_S)
            after = await read_for(scan, 2.0)
            return before, during, lost, after, set(made.group._lost)

    before, during, lost, after, found = run(scenario)
    assert before == after == ({"radio1", "radio2"}, [])
    assert during == ({"radio2"}, [])
    assert lost == {0}
    assert not found


def test_when_all_blink_the_reader_is_told_until_one_hears_again():
    async def scenario(made):
        async with made.group.scan() as scan:
            await read_for(scan, 2.0)
            for adapter in made.adapters:
                adapter.unplug()
            _, told = await read_for(scan, OUTAGE_S)
            await power_on(made.adapters[1])
            await read_for(scan, NOTICED_S)
            one = await read_for(scan, OUTAGE_S)
            await power_on(made.adapters[0])
            await read_for(scan, NOTICED_S)
            both = await read_for(scan, 2.0)
        links = [await made.group.connect(sighting) for sighting in await made.hear_all(*SET_A)]
        return told, one, both, {link.adapter for link in links}

    told, one, both, carriers = run(scenario)
    assert len(told) > 1
    assert {type(error) for error in told} == {AdapterGone}
    assert {error.adapter for error in told} == {"radio1", "radio2"}
    assert one == ({"radio2"}, [])
    assert both == ({"radio1", "radio2"}, [])
    assert carriers == {"radio1", "radio2"}


def test_an_adapter_that_is_silent_of_cars_but_works_again_keeps_the_others_failure_from_the_reader():
    async def scenario(made):
        first, second = made.adapters
        async with made.group.scan() as scan:
            await read_for(scan, 2.0)
            first.unplug()
            await read_for(scan, OUTAGE_S)
            first.controller.conditions.in_range = False
            await power_on(first)
            second.unplug()
            await read_for(scan, FAILURE_STANDS_S)
            return await read_for(scan, OUTAGE_S)

    assert run(scenario) == (set(), [])


def test_an_adapter_that_cannot_start_is_tried_until_it_can():
    async def scenario(made):
        first = made.adapters[0]
        first.unplug()
        async with made.group.scan() as scan:
            without = await read_for(scan, OUTAGE_S)
            lost = set(made.group._lost)
            await power_on(first)
            await read_for(scan, NOTICED_S)
            return without, lost, await read_for(scan, 2.0), set(made.group._lost)

    without, lost, both, found = run(scenario)
    assert without == ({"radio2"}, [])
    assert lost == {0}
    assert both == ({"radio1", "radio2"}, [])
    assert not found


def test_a_frozen_adapter_delays_nobody():
    async def scenario(made):
        group = RadioGroup([frozen(), made.adapters[0].radio])
        times = []
        for identifier in SET_A:
            began_s = now()
            sighting = await group.find(identifier, timeout_s=10.0)
            found_s = now()
            link = await group.connect(sighting)
            times.append((found_s - began_s, now() - found_s))
            assert link.adapter == "radio1"
        began_s = now()
        await group.close()
        return times, now() - began_s, len(group._stragglers._tasks)

    times, closing_s, lagging = run(scenario)
    assert max(finding_s for finding_s, _ in times) < 4.0
    assert max(connecting_s for _, connecting_s in times) < 1.5, (
        "the frozen one, with no links, was asked first"
    )
    assert closing_s < CLOSE_LIMIT_S
    assert not lagging


def test_a_connect_beside_an_ongoing_scan_does_not_wait_for_the_frozen_adapter():
    async def scenario(made):
        group = RadioGroup([frozen(), made.adapters[0].radio])
        async with group.scan() as scan:
            skull = await anext(scan)
            while skull.identifier != SKULL:
                skull = await anext(scan)
            await group.connect(skull)
            shock = scan.sightings.get(SHOCK) or await group.find(SHOCK)
            began_s = now()  # the frozen one has fewer links, so it would be next
            link = await group.connect(shock)
            took_s = now() - began_s
        await group.close()
        return link.adapter, took_s

    adapter, took_s = run(scenario)
    assert adapter == "radio1"
    assert took_s < 8.0


def test_when_all_are_frozen_that_is_said_in_time():
    async def main():
        group = RadioGroup([frozen("one"), frozen("two")])
        began_s = now()
        with pytest.raises(HostFault, match="one"):
            await group.find(SKULL, timeout_s=5.0)
        took_s = now() - began_s
        await group.close()
        return took_s

    FrozenScanner.begun = 0
    assert run_virtual(main, limit_s=600) < SWITCH_LIMIT_S + 3
    assert FrozenScanner.begun == 2


def test_the_readers_own_limit_holds_while_a_frozen_adapter_begins():
    async def main():
        group = RadioGroup([frozen("one"), frozen("two")])
        began_s = now()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3.0), group.scan():
                pass
        took_s = now() - began_s
        await group.close()
        return took_s, len(group._stragglers._tasks)

    took_s, lagging = run_virtual(main, limit_s=600)
    assert took_s < 6.0
    assert not lagging


@pytest.mark.parametrize("others_work", [True, False])
def test_what_is_nobodys_fault_but_ours_reaches_the_reader(others_work):
    class Broken(Radio):
        def scan(self):
            raise LookupError("a bug")

    async def scenario(made):
        radios = [made.adapters[0].radio] if others_work else []
        group = RadioGroup([*radios, Broken(name="broken")])
        with pytest.raises(LookupError, match="a bug"):
            await group.find(0x12345678, timeout_s=5.0)

    run(scenario)


def test_a_bug_while_looking_again_reaches_the_reader_too():
    async def scenario(made):
        async with made.group.scan() as scan:
            await anext(scan)

            async def look_again():
                raise LookupError("a bug")

            made.adapters[0].radio._switch._scans[0]._again = look_again
            await scan.look_again()
            with pytest.raises(LookupError):
                await read_for(scan, 5.0)

    run(scenario)


@pytest.mark.parametrize("connects", [True, False])
@pytest.mark.parametrize("cancelled_after_s", [0.0, 0.01, 0.1])
def test_a_cancelled_close_is_carried_through(cancelled_after_s, connects):
    async def scenario(made):
        links = [await made.group.connect(sighting) for sighting in await made.hear_all(*SET_A[:3])]
        opening = asyncio.ensure_future(made.connect(SET_A[3]) if connects else asyncio.sleep(0))
        await asyncio.sleep(0.2)
        closing = asyncio.ensure_future(made.group.close())
        await asyncio.sleep(cancelled_after_s)
        was_done = closing.done()
        closing.cancel()
        await asyncio.sleep(0)
        closing.cancel()
        ends = await asyncio.gather(closing, opening, return_exceptions=True)
        assert isinstance(ends[0], asyncio.CancelledError) or was_done
        held = [car for car in SET_A if made.world.peripherals[car].is_connected]
        return [link.lost.is_set() for link in links], held, made.spread

    down, held, spread = run(scenario)
    assert all(down)
    assert not held
    assert spread == [[], []]
