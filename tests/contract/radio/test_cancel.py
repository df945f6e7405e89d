"""A connect, a find, a scan or a disconnect cancelled at any moment leaves nothing, and the car is free."""

import asyncio
import contextlib
import sys

import pytest

from tests.contract.radio.abilities import Ability, needs

pytestmark = needs(Ability.CAR_SIDE)
FREE_WITHIN_S = 5.0


async def cancelled_after(stand, work, delay_s):
    """Begins the work, cancels it after this time; True when it was too late."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(delay_s)
    task.cancel()
    try:
        link = await task
    except asyncio.CancelledError:
        return False
    if link is not None:
        await link.disconnect()
    return True


async def cancel_connects(stand, delays_s):
    """Cancels one connect after each of these times and looks that it left nothing; ends with one that succeeds."""
    reached = []
    for delay_s in delays_s:
        sighting = await stand.find()
        too_late = await cancelled_after(stand, stand.radio.connect(sighting), delay_s)
        assert not stand.radio.links
        await stand.until(lambda: not stand.car().connected, FREE_WITHIN_S)
        reached.append(too_late)
    link = await stand.connect()
    assert link.is_open
    await link.disconnect()
    return reached


@pytest.mark.parametrize("delay_s", [0.0, pytest.param(0.15, marks=pytest.mark.smoke), 0.4, 0.8, 1.2])
def test_a_connect_cancelled_at_some_moment_leaves_the_car_free(on_stand, delay_s):
    async def scenario(stand):
        return await cancel_connects(stand, [delay_s])

    on_stand(scenario)


def forget_what_bleak_knows_of_bluez():
    """As in a new process."""
    version = sys.modules.get("bleak.backends.bluezdbus.version")
    if version is not None:
        version.BlueZFeatures.checked_bluez_version = False
        version.BlueZFeatures._check_bluez_event = None


@pytest.mark.smoke
def test_the_first_connect_of_a_process_may_be_cancelled_at_once(on_stand):
    async def scenario(stand):
        for delay_s in (0.0, 0.003, 0.01, 0.02):
            sighting = await stand.find()
            forget_what_bleak_knows_of_bluez()
            assert not await cancelled_after(stand, stand.radio.connect(sighting), delay_s)
        link = await stand.connect()
        await link.disconnect()

    on_stand(scenario)


@pytest.mark.slow_in_real_time(600)
def test_a_connect_cancelled_at_any_moment_leaves_the_car_free(on_stand, bench):
    longest_s, step_s = (1.2, 0.01) if Ability.VIRTUAL_TIME in bench.abilities else (3.0, 0.05)
    delays_s = [number * step_s for number in range(round(longest_s / step_s))]

    async def scenario(stand):
        return await cancel_connects(stand, delays_s)

    reached = on_stand(scenario, limit_s=540)
    assert not reached[0]
    assert reached[-1], "the last ones are cancelled after they have succeeded"


def test_a_connect_waiting_for_its_turn_can_be_cancelled(on_stand):
    async def scenario(stand):
        one, other = await stand.find(0), await stand.find(1)
        first = asyncio.ensure_future(stand.radio.connect(one))
        await asyncio.sleep(0)
        assert not await cancelled_after(stand, stand.radio.connect(other), 0.05)
        link = await first
        assert stand.car(1).count("up") == 0
        again = await stand.connect(1)
        await asyncio.gather(link.disconnect(), again.disconnect())

    on_stand(scenario, cars=2)


def test_a_find_cancelled_at_any_moment_leaves_no_scan(on_stand, bench):
    async def scenario(stand):
        for number in range(12):
            with contextlib.suppress(asyncio.CancelledError):
                task = asyncio.ensure_future(stand.find())
                await asyncio.sleep(number * 0.01)
                task.cancel()
                await task
            assert not stand.radio._switch.is_running
        await stand.find()

    on_stand(scenario)


def test_a_cancelled_disconnect_still_disconnects(on_stand):
    async def scenario(stand):
        for delay_s in (0.0, 0.03, 0.5):
            link = await stand.connect()
            await cancelled_after(stand, _only_disconnect(link), delay_s)
            assert link.lost.is_set()
            await stand.until(lambda: not stand.car().connected, FREE_WITHIN_S)

    on_stand(scenario)


async def _only_disconnect(link):
    await link.disconnect()


def test_a_cancelled_write_leaves_a_link_that_works(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        for number in range(10):
            await cancelled_after(stand, link.write(bytes([1, 0x16]), response=True), number * 0.005)
        await link.write(bytes([1, 0x16]), response=True)
        assert link.is_open
        await link.disconnect()

    on_stand(scenario)
