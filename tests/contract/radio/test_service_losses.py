"""The host's Bluetooth service killed, frozen and started under everything: an error with its name, at once, no hang,
and the same radio works again when the service does. And an object of BlueZ's taken away under a link."""

import asyncio

import pytest

from protocol import PingRequest
from rig.radio.bluez import Bluez
from rig.radio.errors import (
    CarFault,
    ConnectTimedOut,
    HostFault,
    LinkLost,
    NoAnswer,
    StackBusy,
    StackMissing,
)
from rig.radio.link import DISCONNECT_LIMIT_S, QUEUE_LIMIT_S
from rig.radio.milestones import LossReason
from rig.radio.radio import UNWIND_LIMIT_S
from rig.radio.scan import SWITCH_LIMIT_S
from tests.contract.radio.abilities import Ability, needs
from tests.contract.radio.test_adapter_losses import BACK_WITHIN_S, comes_back
from tests.contract.radio.test_losses import NOTICED_WITHIN_S, SLOW
from tests.guest.service import order

pytestmark = [needs(Ability.SERVICE, Ability.KNOWS_WORLD, Ability.CAR_SIDE), SLOW]

HEARD_WITHIN_S = 2.0
CONNECT_S = 5.0


async def tell_service(what):
    """PID 1 answers when it is done, which takes a while."""
    return await asyncio.to_thread(order, what)


async def back_again(stand):
    await tell_service("start")
    return await comes_back(stand, within_s=40.0)


def test_the_service_killed_under_an_idle_link(on_stand):
    async def scenario(stand):
        link = await stand.connect()
        await tell_service("kill")
        async with asyncio.timeout(HEARD_WITHIN_S):
            loss = await link.lost.wait()
        assert not stand.radio.links
        with pytest.raises(StackMissing):
            await link.write(PingRequest())
        with pytest.raises(StackMissing):
            await stand.find()
        await link.disconnect()
        return loss, await back_again(stand)

    loss, _ = on_stand(scenario, limit_s=120.0)
    assert loss.reason is LossReason.STACK


def test_the_service_killed_under_a_stream(on_stand):
    async def scenario(stand):
        frames = []
        link = await stand.connect(on_frame=frames.append)
        stand.tell(0, lambda car, now_s: car.flood(2_000, 50, now_s))
        await stand.until(lambda: len(frames) > 20)
        await tell_service("kill")
        async with asyncio.timeout(HEARD_WITHIN_S):
            loss = await link.lost.wait()
        stand.tell(0, lambda car, now_s: car.flood(0, 50, now_s))
        return loss, await back_again(stand)

    loss, _ = on_stand(scenario, limit_s=120.0)
    assert loss.reason is LossReason.STACK


def test_the_service_killed_while_scanning(on_stand):
    async def scenario(stand):
        async with stand.radio.scan() as scan:
            await anext(scan)
            await tell_service("kill")
            async with asyncio.timeout(HEARD_WITHIN_S):
                with pytest.raises(StackMissing):
                    await read_on(scan)
            await tell_service("start")
            began_s = stand.now_s
            while True:
                async with asyncio.timeout(40.0):
                    try:
                        await anext(scan)
                    except HostFault:
                        continue
                break
            return stand.now_s - began_s, await comes_back(stand)

    took_s, met = on_stand(scenario, limit_s=120.0)
    assert took_s < BACK_WITHIN_S
    assert not met


async def read_on(scan):
    async for _ in scan:
        pass


@pytest.mark.parametrize("phase", ["link", "services"])
def test_the_service_killed_while_connecting(on_stand, phase):
    async def scenario(stand):
        car = await stand.find()
        if phase == "link":
            stand.tell(0, lambda it, now_s: it.fall_silent(now_s))
        else:
            stand.world.inject("link_loss", stand.cars[0], 0.7)
        connecting = asyncio.ensure_future(stand.radio.connect(car, timeout_s=8.0))
        await asyncio.sleep(0.5)
        await tell_service("kill")
        began_s = stand.now_s
        await asyncio.wait({connecting})
        took_s = stand.now_s - began_s
        stand.tell(0, lambda it, now_s: it.wake(now_s))
        stand.world.inject("link_loss", stand.cars[0], 0.0)
        return connecting.exception(), took_s, await back_again(stand)

    error, took_s, _ = on_stand(scenario, limit_s=120.0)
    assert type(error) is StackMissing
    assert took_s < HEARD_WITHIN_S


FROZEN = {
    "writing": (NoAnswer, QUEUE_LIMIT_S + 1.0),
    "connecting": (ConnectTimedOut, CONNECT_S + UNWIND_LIMIT_S + 1.0),
    "scanning": (StackBusy, SWITCH_LIMIT_S + 1.0),
    "closing": (type(None), DISCONNECT_LIMIT_S + 2.0),
}


@pytest.mark.parametrize("doing", FROZEN)
def test_a_frozen_service_hangs_nothing(on_stand, doing):
    async def scenario(stand):
        car = await stand.find()
        link = None
        if doing in {"writing", "closing"}:
            link = await stand.radio.connect(car)
        await tell_service("hang")
        began_s = stand.now_s
        error = None
        try:
            if doing == "writing":
                await link.write(PingRequest())
            elif doing == "connecting":
                await stand.radio.connect(car, timeout_s=CONNECT_S)
            elif doing == "scanning":
                await stand.find()
            else:
                await link.disconnect()
        except (CarFault, HostFault) as caught:
            error = caught
        took_s = stand.now_s - began_s
        await tell_service("resume")
        if link is not None:
            await link.disconnect()
        return error, took_s, await comes_back(stand, within_s=60.0)

    error, took_s, _ = on_stand(scenario, limit_s=180.0)
    assert type(error) is FROZEN[doing][0]
    assert took_s < FROZEN[doing][1]


@pytest.mark.parametrize("how", ["remove", "disconnect"])
def test_another_program_takes_the_device_away_under_a_link(on_stand, how):
    async def scenario(stand):
        link = await stand.connect()
        async with Bluez.connect() as bluez:
            for adapter in await bluez.adapters():
                for device in await bluez.devices(adapter.name):
                    if device.connected:
                        await getattr(bluez, how)(device.path)
        async with asyncio.timeout(NOTICED_WITHIN_S):
            loss = await link.lost.wait()
        with pytest.raises(LinkLost):
            await link.write(PingRequest())
        return loss, await comes_back(stand)

    loss, _ = on_stand(scenario, limit_s=60.0)
    assert loss.reason is LossReason.LOST
