"""The session over the simulated air: a car found, driven, stopped."""

import asyncio

import pytest

from protocol import DecodeError, Delocalized, PositionUpdate, StatusUpdate, Turn, decode
from rig.compose import open_radio
from rig.driving.driver import Driver
from rig.driving.find_car import find_car
from rig.driving.lap_events import event_of
from rig.driving.lap_run import LapRun
from rig.driving.session_events import Answered, Finished, Request, SpeedTaken
from rig.driving.telemetry import Telemetry, observe
from rig.driving.track_scan import Failure, ScanRules
from rig.radio.errors import AmbiguousCar, CarNotFound
from rig.virtual_time import run_virtual

SKULL = 0x0880EADB


def on_air(main, world="sim:two-sets"):
    async def run():
        async with open_radio(world) as station:
            return await main(station)

    return run_virtual(run, limit_s=900)


async def driving(station, body, wanted="0880eadb"):
    link = await station.radio.connect(await find_car(station.radio, wanted))
    actions, frames = [], []
    link.on_frame(frames.append)
    try:
        async with Driver(link, actions.append) as driver:
            await body(driver)
    finally:
        await link.disconnect()
    return driver, actions, frames


@pytest.mark.parametrize(
    ("wanted", "identifier"), [("nuke", 0x2C63E1A4), ("Thermo A3", 0x1B52D09F), ("0x0880eadb", SKULL)]
)
def test_a_car_is_found_by_what_users_call_it(wanted, identifier):
    async def main(station):
        return await find_car(station.radio, wanted)

    assert on_air(main).identifier == identifier


def test_a_name_that_fits_two_cars_lists_them():
    async def main(station):
        with pytest.raises(AmbiguousCar) as caught:
            await find_car(station.radio, "skull")
        return caught.value

    error = on_air(main)
    assert error.fits == ("Skull 0880eadb", "Skull 60a72ce8")
    assert error.exit_code == 2


def test_a_name_nobody_has_is_not_found():
    async def main(station):
        with pytest.raises(CarNotFound, match="heard instead: Skull 0880eadb"):
            await find_car(station.radio, "herbie", 3)

    on_air(main)


def test_a_car_drives_answers_and_stops():
    async def main(station):
        async def body(driver):
            driver.want_speed(400)
            driver.ask(Request.BATTERY)
            driver.ask(Request.PING)
            driver.change_lane(-22.5)
            driver.send(Turn())
            await asyncio.sleep(5)
            assert await driver.finish()

        return await driving(station, body)

    driver, actions, frames = on_air(main)
    assert driver.stopped
    kinds = {type(action) for action in actions}
    assert {SpeedTaken, Answered, Finished} <= kinds
    assert any(isinstance(item.message, PositionUpdate) for item in frames)
    assert isinstance(actions[-1], Finished)


def test_a_car_that_ignores_orders_now_and_then_is_stopped_all_the_same():
    async def main(station):
        station.world.inject("ignored_writes", SKULL, 0.5)

        async def body(driver):
            driver.want_speed(300)
            await asyncio.sleep(5)
            assert await driver.finish()

        return await driving(station, body)

    driver, actions, _ = on_air(main)
    assert driver.stopped
    assert max(action.tries for action in actions if isinstance(action, SpeedTaken)) > 1


def test_a_cancelled_finish_still_stops_the_car():
    async def main(station):
        async def body(driver):
            driver.want_speed(300)
            await asyncio.sleep(2)
            finishing = asyncio.create_task(driver.finish())
            await asyncio.sleep(0)
            finishing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await finishing

        return await driving(station, body)

    driver, _, _ = on_air(main)
    assert driver.stopped


def test_a_link_lost_while_driving_ends_the_conversation():
    async def main(station):
        async def body(driver):
            driver.want_speed(300)
            await asyncio.sleep(1)
            station.world.break_link(SKULL, "terminated")
            await driver.link.lost.wait()
            await asyncio.sleep(0)
            assert not await driver.finish()

        return await driving(station, body)

    driver, _, _ = on_air(main)
    assert not driver.stopped


def laps_of(seconds, *, fault=None, rules=None):
    tracks, failures, laps = [], [], []

    async def main(station):
        if fault is not None:
            station.world.inject(fault, SKULL)
        run = LapRun.with_rules(rules or ScanRules(), tracks.append, failures.append, laps.append)

        def heard(item):
            event = event_of(item.message, item.mono_s)
            if event is not None:
                run.feed(event)

        async def body(driver):
            driver.link.on_frame(heard)
            driver.want_speed(300)
            for _ in range(seconds):
                await asyncio.sleep(1)
                run.check(asyncio.get_running_loop().time())
                if run.track is not None and not run.state.rules.lap_cm:
                    run.begin_laps()
            await driver.finish()

        await driving(station, body)

    on_air(main, "sim:one-car")
    return tracks, failures, laps


def test_the_simulated_oval_is_scanned_and_its_laps_timed():
    tracks, failures, laps = laps_of(80)
    assert [str(track) for track in tracks] == ["33 → 20L → 23L → 36 → 17L → 18L → 34"]
    assert failures == []
    assert [lap.time_s for lap in laps[-3:]] == pytest.approx([9.58] * 3, rel=0.04)


def test_a_car_that_never_localises_fails_the_scan_in_time():
    tracks, failures, _ = laps_of(30, fault="never_localises")
    assert tracks == []
    assert failures == [Failure.NEVER_LOCALISED]


def test_the_double_finish_fault_gives_no_extra_lap():
    _, _, laps = laps_of(80, fault="double_finish")
    assert [lap.time_s for lap in laps[-3:]] == pytest.approx([9.58] * 3, rel=0.04)


def test_telemetry_adds_up_what_was_heard():
    seen = Telemetry()
    for message in (
        StatusUpdate(1, 0, 0, 1),
        PositionUpdate(21, 36, 654321.0, 290, 7, 255, 255, 0, 300),
        Delocalized(),
        None,
    ):
        seen = observe(seen, message)
    assert (seen.frames, seen.bad_frames, seen.positions, seen.delocalized) == (4, 1, 1, 1)
    assert (seen.speed_mm_s, seen.ordered_mm_s, seen.piece_id) == (290, 300, 36)
    assert seen.lane_mm == pytest.approx(-4.5)
    assert seen.believed_mm is None
    with pytest.raises(DecodeError):
        decode(b"\x05\x3f")
