"""Every named fault shows to a program that has nothing but a radio, and does not show when it is not there."""

import asyncio
from itertools import pairwise

import pytest

from protocol import (
    AutoRecoveryEntered,
    AutoRecoverySuccess,
    ChangeLane,
    CollisionDetected,
    Delocalized,
    OffsetUpdate,
    PingRequest,
    PingResponse,
    PositionUpdate,
    SdkMode,
    SetOffset,
    SetSpeed,
    StatusUpdate,
    TransitionUpdate,
    core_of,
)
from rig.compose import open_radio
from rig.radio.errors import AdapterGone, AdapterOff, CarFault, CarNotFound, SlotsExhausted, StackBusy
from rig.sim.car.faults import CAR_FAULTS
from rig.sim.faults import FAULTS
from rig.virtual_time import run_virtual

SKULL, SHOCK = 0x0880EADB, 0x0A41C37E
SHOWS = {}


def shows(name):
    """Registers how a fault is recognised: an async function of a bench that tells whether it was."""

    def register(recognise):
        SHOWS[name] = recognise
        return recognise

    return register


class Bench:
    """A radio on the air with one car in view, and the fault that is or is not made to happen."""

    def __init__(self, station, name, struck):
        self.radio, self.world = station.radio, station.world
        self.heard = []
        self.name, self._struck = name, struck

    def strike(self, value=None):
        if self._struck:
            of_car = self.name in CAR_FAULTS or FAULTS[self.name].scope == "car"
            self.world.inject(self.name, SKULL if of_car else None, value)

    async def connect(self, identifier=SKULL, timeout_s=10.0):
        sighting = await self.radio.find(identifier)
        return await self.radio.connect(sighting, timeout_s=timeout_s, on_frame=self.heard.append)

    async def drive(self, seconds):
        link = await self.connect()
        await link.write(SdkMode(1, 1))
        await link.write(SetSpeed(300, 1000, 0))
        await asyncio.sleep(seconds)
        return link

    def got(self, kind):
        return [core_of(item.message) for item in self.heard if isinstance(core_of(item.message), kind)]

    async def is_heard(self, within_s):
        try:
            await self.radio.find(SKULL, within_s)
        except CarNotFound:
            return False
        return True

    async def seconds_to_loss(self, link, limit_s=5.0):
        loop = asyncio.get_running_loop()
        before_s = loop.time()
        try:
            await asyncio.wait_for(link.lost.wait(), limit_s)
        except TimeoutError:
            return None
        finally:
            await link.disconnect()
        return loop.time() - before_s

    def hands(self, act):
        self.world.handle(SKULL, act)


@pytest.mark.parametrize("struck", [True, False])
@pytest.mark.parametrize("name", sorted(CAR_FAULTS | FAULTS))
def test_a_named_fault_shows_through_the_radio_and_only_when_it_is_there(name, struck):
    async def main():
        async with open_radio("sim:two-sets") as station:
            return await SHOWS[name](Bench(station, name, struck))

    assert run_virtual(main, limit_s=600) is struck


# Faults of a car.


@shows("never_localises")
async def _(bench):
    bench.strike()
    await bench.drive(20)
    assert len(bench.got(TransitionUpdate)) > 5
    return not bench.got(PositionUpdate)


@shows("double_finish")
async def _(bench):
    bench.strike()
    await bench.drive(35)
    where = [(m.piece_id, m.location_id) for m in bench.got(PositionUpdate)]
    twice = {a for a, b in pairwise(where) if a == b}
    assert {piece for piece, _ in twice} <= {33}
    return bool(twice)


@shows("lost_lane_change")
async def _(bench):
    bench.strike()
    link = await bench.drive(3)
    await link.write(SetOffset(0.0))
    for number in range(1, 6):  # in a curve one in ten is lost without any fault
        await link.write(ChangeLane(100, 1000, 20.0 * (number % 2), 0, number))
        await asyncio.sleep(5)
    assert bench.got(PositionUpdate)[-1].last_recv_lane_change_id == 5
    return not bench.got(OffsetUpdate)


@shows("drops_new_links")
async def _(bench):
    bench.strike()
    try:
        await bench.connect()
    except CarFault:
        return True
    return False


@shows("ignored_commands")
@shows("ignored_writes")
async def _(bench):
    bench.strike(1.0)
    link = await bench.connect()
    await link.write(PingRequest(), response=True)
    await asyncio.sleep(1)
    return not bench.got(PingResponse)


@shows("silent_after_loss")
async def _(bench):
    bench.strike()
    link = await bench.connect()
    bench.world.break_link(SKULL, "out_of_range", lasts_s=3.0)
    assert await bench.seconds_to_loss(link) > 1.9
    silent = not await bench.is_heard(20.0)
    if silent:
        bench.hands(lambda car, now_s: car.put_on_charger(now_s))
        assert await bench.is_heard(10.0)
    return silent


@shows("asleep")
async def _(bench):
    bench.strike()
    silent = not await bench.is_heard(20.0)
    if silent:
        bench.hands(lambda car, now_s: car.press_power_button(now_s))
        assert await bench.is_heard(10.0)
    return silent


@shows("wedged")
async def _(bench):
    link = await bench.connect()
    bench.strike()
    lost = await bench.seconds_to_loss(link) is not None
    silent = not await bench.is_heard(20.0)
    if silent:
        bench.hands(lambda car, now_s: car.put_on_charger(now_s))
        assert await bench.is_heard(10.0)
    return lost and silent


@shows("delocalised")
async def _(bench):
    await bench.drive(5)
    bench.strike()
    await asyncio.sleep(5)
    return all(bench.got(kind) for kind in (Delocalized, AutoRecoveryEntered, AutoRecoverySuccess))


@shows("flies_off")
async def _(bench):
    await bench.drive(5)
    bench.strike()
    await asyncio.sleep(1)
    read_before = len(bench.got(PositionUpdate))
    await asyncio.sleep(5)
    off = bool(bench.got(Delocalized)) and not bench.got(StatusUpdate)[-1].on_track
    return off and len(bench.got(PositionUpdate)) == read_before


@shows("browns_out")
async def _(bench):
    link = await bench.connect()
    bench.strike()
    lost = await bench.seconds_to_loss(link) is not None
    assert await bench.is_heard(10.0)
    return lost


@shows("flat")
async def _(bench):
    link = await bench.connect()
    bench.strike()
    lost = await bench.seconds_to_loss(link) is not None
    silent = not await bench.is_heard(20.0)
    if silent:
        bench.hands(lambda car, now_s: car.press_power_button(now_s))
        assert not await bench.is_heard(5.0), "a button does not charge it"
    return lost and silent


@shows("skids")
async def _(bench):
    await bench.connect()
    bench.strike()
    await asyncio.sleep(1)
    return len(bench.got(CollisionDetected)) == 1


# Faults of the air and the links.


@shows("out_of_range")
async def _(bench):
    bench.strike()
    return not await bench.is_heard(20.0)


@shows("link_loss")
async def _(bench):
    link = await bench.connect()
    bench.strike(0.5)
    loop, delays_s = asyncio.get_running_loop(), []
    for number in range(1, 41):
        sent_s = loop.time()
        await link.write(PingRequest())
        while len(bench.got(PingResponse)) < number:  # lost packets come late, never not at all
            await asyncio.sleep(0.001)
        delays_s.append(loop.time() - sent_s)
    return sum(delays_s) / len(delays_s) > 0.075


@shows("advert_loss")
async def _(bench):
    bench.strike(0.9)
    heard = 0
    async with bench.radio.scan() as scan:
        try:
            async with asyncio.timeout(10):
                async for sighting in scan:
                    heard += sighting.identifier == SKULL
        except TimeoutError:
            pass
    assert heard > 0
    return heard < 30


@shows("rssi_drop")
async def _(bench):
    usual = (await bench.radio.find(SKULL)).rssi_dbm
    bench.strike(30)
    assert await bench.connect()
    for link in bench.radio.links.values():
        await link.disconnect()
    return (await bench.radio.find(SKULL)).rssi_dbm < usual - 20


@shows("fail_establish")
async def _(bench):
    bench.strike(1.0)
    try:
        await bench.connect(timeout_s=5.0)
    except CarFault:
        return bench.world.air.statistics.failed_establishments > 5
    return False


@shows("fail_establish_next")
async def _(bench):
    bench.strike(2)
    link = await bench.connect()
    assert link.is_open
    return bench.world.air.statistics.failed_establishments == 2


@shows("abort_connect")
async def _(bench):
    bench.strike(1.0)
    loop = asyncio.get_running_loop()
    sighting = await bench.radio.find(SKULL)
    before_s = loop.time()
    try:
        await bench.radio.connect(sighting)
    except CarFault:
        return loop.time() - before_s < 1.0
    return False


@shows("ignore_connect")
@shows("ignore_connect_next")
async def _(bench):
    bench.strike(0.95 if bench.name == "ignore_connect" else 10)
    milestones = (await bench.connect()).milestones
    return milestones.connected_s - milestones.asked_s > 0.5


@shows("ghost")
async def _(bench):
    link = await bench.connect()
    bench.strike(6.0)
    loss_s = await bench.seconds_to_loss(link, 1.0)
    silent = not await bench.is_heard(4.0)
    assert await bench.is_heard(5.0)
    return loss_s is not None and loss_s < 0.1 and silent


@shows("terminated")
async def _(bench):
    link = await bench.connect()
    bench.strike()
    loss_s = await bench.seconds_to_loss(link)
    assert await bench.is_heard(2.0)
    return loss_s is not None and loss_s < 0.1


@shows("silent_end")
async def _(bench):
    link = await bench.connect()
    bench.strike()
    loss_s = await bench.seconds_to_loss(link)
    return loss_s is not None and loss_s == pytest.approx(2.0, abs=0.1)


async def fails_waiting_for(bench, step):
    """Whether connecting fails, with this step the first not reached."""
    try:
        link = await bench.connect()
    except CarFault as error:
        return error.milestones.pending == step
    await link.disconnect()
    return False


@shows("drop_in_discovery")
async def _(bench):
    bench.strike(2.0)
    return await fails_waiting_for(bench, "link")  # it is not there any more


@shows("drop_in_subscription")
async def _(bench):
    bench.strike()
    return await fails_waiting_for(bench, "subscription")


@shows("drop_before_speech")
async def _(bench):
    bench.strike()
    return await fails_waiting_for(bench, "first data")


@shows("drop_in_write")
async def _(bench):
    link = await bench.connect()
    bench.strike(2.0)
    for _ in range(2):
        await link.write(PingRequest())
        await asyncio.sleep(0.3)
    loss_s = await bench.seconds_to_loss(link)
    return loss_s is not None and len(bench.got(PingResponse)) == 1


@shows("slow_readvertise")
async def _(bench):
    bench.strike(8.0)
    link = await bench.connect()
    bench.world.break_link(SKULL, "silent_end")
    await bench.seconds_to_loss(link)
    silent = not await bench.is_heard(5.0)
    assert await bench.is_heard(3.0)
    return silent


# Faults of the adapter.


async def is_off(bench):
    try:
        await bench.radio.find(SKULL)
    except AdapterOff:
        return True
    return False


@shows("adapter_reset")
async def _(bench):
    link = await bench.connect()
    bench.strike(3.0)
    lost_at_once = await bench.seconds_to_loss(link, 0.5) is not None
    off = await is_off(bench)
    await asyncio.sleep(4)
    assert not await is_off(bench)
    return lost_at_once and off


@shows("adapter_off")
async def _(bench):
    link = await bench.connect()
    bench.strike()
    lost_at_once = await bench.seconds_to_loss(link, 0.5) is not None
    await asyncio.sleep(60)
    return lost_at_once and await is_off(bench)


@shows("unplug")
async def _(bench):
    link = await bench.connect()
    if bench._struck:
        bench.world.inject("unplug", lasts_s=3.0)
    lost_at_once = await bench.seconds_to_loss(link, 0.5) is not None
    try:
        await bench.radio.find(SKULL)
        gone = False
    except AdapterGone:
        gone = True
    await asyncio.sleep(4)
    assert await bench.is_heard(10.0)
    return lost_at_once and gone


@shows("hci_silence")
async def _(bench):
    await bench.connect()
    bench.strike(4.0)
    try:
        await bench.radio.find(SHOCK)
        busy = False
    except StackBusy:
        busy = True
    await asyncio.sleep(5)
    link = await bench.connect(SHOCK)
    assert all(link.is_open for link in bench.radio.links.values())
    await link.write(PingRequest())
    await asyncio.sleep(1)
    assert bench.got(PingResponse)
    return busy


@shows("slot_limit")
async def _(bench):
    bench.strike(1)
    await bench.connect()
    try:
        await bench.connect(SHOCK)
    except SlotsExhausted:
        return True
    return False
