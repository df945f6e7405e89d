"""The radio over the simulated stack, in virtual time: real GAP and GATT on both ends."""

import asyncio
from itertools import pairwise

import pytest

from protocol import (
    BatteryLevelRequest,
    BatteryLevelResponse,
    CycleOvertime,
    Dialect,
    PingRequest,
    PingResponse,
    Reboot,
    SdkMode,
    StatusUpdate,
)
from rig.compose import open_radio
from rig.radio.bring_up import LINK_POLL_S
from rig.radio.errors import (
    AdapterOff,
    AlreadyConnected,
    CarFault,
    CarNotFound,
    ConnectTimedOut,
    LinkClosed,
    LinkLost,
    NoFreshData,
    SlotsExhausted,
    TransmitRefused,
)
from rig.radio.link import DISCONNECT_LIMIT_S
from rig.radio.milestones import LossReason
from rig.radio.transmit import TransmitPolicy
from rig.virtual_time import run_virtual

SKULL, SHOCK, THERMO, NUKE = 0x0880EADB, 0x0A41C37E, 0x1B52D09F, 0x2C63E1A4


def on_air(main, world="sim:two-sets"):
    """Runs `main(station)` and checks that nothing is left behind."""

    async def run():
        async with open_radio(world) as station:
            result = await main(station)
            assert not station.radio.links, "links left open"
        await asyncio.sleep(0)
        left = [repr(task) for task in asyncio.all_tasks() if _is_ours(task)]
        assert not left, f"tasks left behind: {left}"
        return result

    return run_virtual(run, limit_s=600)


def _is_ours(task):
    """A task of the radio or of bleak; how a simulated car ends is its own business."""
    code = task.get_coro().cr_code
    return task is not asyncio.current_task() and (
        "rig/radio" in code.co_filename or "bleak" in code.co_filename
    )


def now():
    return asyncio.get_running_loop().time()


async def connected(station, identifier=SKULL, **options):
    return await station.radio.connect(await station.radio.find(identifier), **options)


async def hear(scan, seconds):
    try:
        async with asyncio.timeout(seconds):
            async for _ in scan:
                pass
    except TimeoutError:
        pass


def test_a_scan_hears_the_whole_fleet_with_names_and_firmware():
    async def main(station):
        async with station.radio.scan() as scan:
            await hear(scan, 3)
        return scan.sightings

    cars = on_air(main)
    assert len(cars) == 8
    assert cars[SKULL].firmware == 0x2774
    assert cars[SKULL].state.full_battery
    assert cars[THERMO].name == "Thermo A3"
    assert all(-80 < car.rssi_dbm < -30 for car in cars.values())


def test_two_scans_share_one_scanner():
    async def main(station):
        async with station.radio.scan() as one:
            async with station.radio.scan() as other:
                await asyncio.gather(hear(one, 2), hear(other, 2))
            await hear(one, 1)
        return one.sightings, other.sightings

    one, other = on_air(main)
    assert set(one) == set(other)
    assert one[SKULL].seen_s > other[SKULL].seen_s


def test_a_missing_car_is_not_found_and_the_others_are_named():
    async def main(station):
        with pytest.raises(CarNotFound) as caught:
            await station.radio.find(0xDEADBEEF, 3)
        return caught.value, now()

    error, at_s = on_air(main)
    assert "car deadbeef" in str(error)
    assert len(error.heard) == 8
    assert at_s == pytest.approx(3, abs=0.5)


def test_connected_means_fresh_data_and_every_step_has_its_time():
    async def main(station):
        frames = []
        link = await connected(station, on_frame=frames.append)
        steps, heard = link.milestones, list(frames)
        await link.disconnect()
        return steps, heard

    steps, heard = on_air(main)
    times = [
        steps.seen_s, steps.asked_s, steps.connected_s, steps.services_s, steps.subscribed_s, steps.first_data_s,
    ]  # fmt: skip
    assert times == sorted(times)
    assert steps.services_s - steps.connected_s > 10 * LINK_POLL_S, "the link is seen before discovery ends"
    assert isinstance(heard[0].message, StatusUpdate)
    assert heard[0].mono_s == steps.first_data_s
    assert steps.pending == "nothing"


def test_frames_before_the_first_listener_are_kept_for_it():
    async def main(station):
        link = await connected(station)
        await asyncio.sleep(1)
        seen = []
        link.on_frame(seen.append)
        await link.disconnect()
        return seen

    kinds = [type(item.message) for item in on_air(main)]
    assert kinds[:2] == [StatusUpdate, CycleOvertime]


def test_writes_with_and_without_response_reach_the_car():
    async def main(station):
        link = await connected(station)
        answers = asyncio.Queue()
        link.on_frame(answers.put_nowait)
        sent = []
        remove = link.on_sent(sent.append)
        await link.write(PingRequest())
        await link.write(BatteryLevelRequest(), response=True)
        await asyncio.sleep(1)
        remove()
        await link.disconnect()
        kinds = set()
        while not answers.empty():
            kinds.add(type(answers.get_nowait().message))
        return kinds, [item.frame for item in sent]

    kinds, sent = on_air(main)
    assert {PingResponse, BatteryLevelResponse} <= kinds
    assert sent == [bytes.fromhex("0116"), bytes.fromhex("011a")]


def test_frames_end_with_the_link():
    async def main(station):
        link = await connected(station)
        asyncio.get_running_loop().call_later(1, station.world.break_link, SKULL, "terminated")
        seen = [item async for item in link.frames()]
        loss = await link.lost.wait()
        await link.disconnect()
        return seen, loss

    seen, loss = on_air(main)
    assert [type(item.message) for item in seen] == [StatusUpdate, CycleOvertime]
    assert loss.reason is LossReason.LOST


def test_out_of_range_is_noticed_by_silence():
    async def main(station):
        link = await connected(station)
        began_s = now()
        station.world.break_link(SKULL, "out_of_range", lasts_s=30)
        loss = await link.lost.wait()
        with pytest.raises(LinkLost):
            await link.write(PingRequest())
        again = await link.disconnect()
        return loss, again, loss.at_s - began_s

    loss, again, after_s = on_air(main)
    assert loss == again
    assert loss.reason is LossReason.LOST
    assert 1.5 < after_s < 8
    assert loss.silent_s >= after_s - 0.1


def test_a_lost_car_is_found_and_connected_again():
    async def main(station):
        link = await connected(station)
        station.world.break_link(SKULL, "terminated")
        await link.lost.wait()
        await link.disconnect()
        again = await connected(station)
        first = again.milestones.first_data_s
        await again.disconnect()
        return first, link.milestones.first_data_s

    second_s, first_s = on_air(main)
    assert second_s > first_s


def test_after_disconnect_the_link_is_closed_for_good():
    async def main(station):
        link = await connected(station)
        loss = await link.disconnect()
        assert not link.is_open
        with pytest.raises(LinkClosed, match="connect again"):
            await link.write(PingRequest())
        assert await link.disconnect() == loss
        return loss

    assert on_air(main).reason is LossReason.ASKED


def test_connects_wait_for_each_other():
    async def main(station):
        async with station.radio.scan() as scan:
            await hear(scan, 3)
        links = await asyncio.gather(
            *(station.radio.connect(scan.sightings[car]) for car in (SKULL, SHOCK, THERMO, NUKE))
        )
        spans = sorted((link.milestones.asked_s, link.milestones.first_data_s) for link in links)
        await asyncio.gather(*(link.disconnect() for link in links))
        return spans

    spans = on_air(main)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


def test_an_ongoing_scan_pauses_for_a_connect_and_goes_on_after():
    async def main(station):
        heard = []
        async with station.radio.scan() as scan:

            async def listen():
                async for car in scan:
                    heard.append(car.seen_s)  # noqa: PERF401 - it never ends

            listening = asyncio.create_task(listen())
            await asyncio.sleep(2)
            link = await station.radio.connect(scan.sightings[SKULL])
            await asyncio.sleep(2)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        steps = link.milestones
        await link.disconnect()
        return heard, steps

    heard, steps = on_air(main)
    assert any(at_s <= steps.asked_s for at_s in heard)
    assert not [at_s for at_s in heard if steps.asked_s < at_s < steps.first_data_s]
    assert any(at_s > steps.first_data_s for at_s in heard)


def test_the_same_car_twice_is_refused():
    async def main(station):
        sighting = await station.radio.find(SKULL)
        first = asyncio.create_task(station.radio.connect(sighting))
        await asyncio.sleep(0.01)
        with pytest.raises(AlreadyConnected, match="Skull 0880eadb"):
            await station.radio.connect(sighting)
        link = await first
        with pytest.raises(AlreadyConnected):
            await station.radio.connect(sighting)
        await link.disconnect()

    on_air(main)


def test_a_car_out_of_range_times_out_waiting_for_the_link():
    async def main(station):
        sighting = await station.radio.find(SKULL)
        station.world.inject("out_of_range", SKULL)
        began_s = now()
        with pytest.raises(ConnectTimedOut) as caught:
            await station.radio.connect(sighting, timeout_s=4)
        return caught.value, now() - began_s

    error, took_s = on_air(main)
    assert (error.phase, error.waited_s) == ("link", 4)
    assert error.milestones.connected_s is None
    assert 3.99 < took_s < 4 + DISCONNECT_LIMIT_S


def test_a_failed_establishment_is_retried_below_and_costs_time_only():
    async def main(station):
        sighting = await station.radio.find(SKULL)
        station.world.inject("fail_establish_next", SKULL, 2)
        link = await station.radio.connect(sighting, timeout_s=20)
        await link.disconnect()
        return link.milestones

    assert on_air(main).pending == "nothing"


def test_a_silent_car_is_pinged_then_given_up_without_fresh_data():
    async def main(station):
        sighting = await station.radio.find(SKULL)
        station.world.inject("wedged", SKULL)
        try:
            link = await station.radio.connect(sighting, timeout_s=5)
        except CarFault as error:
            return error
        await link.disconnect()
        return None

    error = on_air(main)
    assert isinstance(error, NoFreshData | ConnectTimedOut)
    assert error.milestones is not None


@pytest.mark.parametrize("after_s", [0.0, 0.005, 0.02, 0.1, 0.3, 0.5, 0.62, 0.66, 0.7])
def test_a_connect_cancelled_at_any_moment_leaves_nothing_behind(after_s):
    async def main(station):
        sighting = await station.radio.find(SKULL)
        connecting = asyncio.create_task(station.radio.connect(sighting))
        await asyncio.sleep(after_s)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        link = await connected(station)
        await link.disconnect()

    on_air(main)


@pytest.mark.parametrize("after_s", [0.0, 0.001, 0.1])
def test_a_scan_cancelled_at_any_moment_stops_the_scanner(after_s):
    async def main(station):
        finding = asyncio.create_task(station.radio.find(0xDEADBEEF, 30))
        await asyncio.sleep(after_s)
        finding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await finding
        assert not station.radio._switch.is_running

    on_air(main)


def test_a_cancelled_disconnect_still_disconnects():
    async def main(station):
        link = await connected(station)
        closing = asyncio.create_task(link.disconnect())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert link.lost.is_set()
        link = await connected(station)
        await link.disconnect()

    on_air(main)


def test_a_scan_without_power_is_the_hosts_fault():
    async def main(station):
        station.world.inject("adapter_off")
        with pytest.raises(AdapterOff) as caught:
            await station.radio.find(SKULL)
        return caught.value

    error = on_air(main)
    assert error.exit_code == 3
    assert "sim:two-sets" in str(error)


def test_an_adapter_that_goes_off_ends_every_link():
    async def main(station):
        link = await connected(station)
        station.world.inject("adapter_off")
        loss = await asyncio.wait_for(link.lost.wait(), 10)
        await link.disconnect()
        return loss

    assert on_air(main).reason is LossReason.LOST


def test_a_full_adapter_is_told_from_a_bad_car():
    async def main(station):
        station.world.inject("slot_limit", value=1)
        first = await connected(station, SKULL)
        with pytest.raises(SlotsExhausted):
            await connected(station, SHOCK)
        await first.disconnect()

    on_air(main)


def test_a_radio_for_real_cars_lets_only_allowed_messages_out():
    async def main(station):
        station.radio.transmit = TransmitPolicy.REAL_CARS
        link = await connected(station)
        with pytest.raises(TransmitRefused):
            await link.write(Reboot())
        with pytest.raises(TransmitRefused):
            await link.write(bytes.fromhex("013a"))
        await link.write(SdkMode(), response=True)
        await link.disconnect()

    on_air(main)


def test_the_dialect_follows_the_firmware():
    async def main(station):
        link = await connected(station, NUKE)
        before = link.dialect
        link.learn_firmware(0x2774)
        after = link.dialect
        await link.disconnect()
        return before, after

    assert on_air(main) == (Dialect.OVERDRIVE_2E5A, Dialect.OVERDRIVE_266E)


def test_closing_the_radio_closes_every_link():
    async def main(station):
        links = [await connected(station, car) for car in (SKULL, SHOCK)]
        await station.radio.close()
        return [link.lost.loss.reason for link in links]

    assert on_air(main) == [LossReason.ASKED] * 2


def test_a_close_that_is_cancelled_is_carried_through():
    async def main(station):
        links = [await connected(station, car) for car in (SKULL, SHOCK, THERMO)]
        closing = asyncio.ensure_future(station.radio.close())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        return [link.lost.is_set() for link in links], [
            station.world.peripherals[c].is_connected for c in (SKULL, SHOCK, THERMO)
        ]

    down, held = on_air(main)
    assert all(down)
    assert not any(held)
