"""An adapter that is switched off, reset, pulled out or deaf, and a stack that dies under everything: classified, in
bounded time, and afterwards the same radio works again."""

import asyncio

import pytest

from protocol import PingRequest
from rig.radio.errors import (
    AdapterGone,
    AdapterMissing,
    AdapterOff,
    CarFault,
    ConnectTimedOut,
    HostFault,
    StackBusy,
)
from rig.radio.milestones import LossReason
from rig.radio.scan import QUIET_LIMIT_S, SWITCH_LIMIT_S
from tests.contract.radio.abilities import Ability, needs
from tests.contract.radio.test_losses import NOTICED_WITHIN_S, SLOW, works_again

pytestmark = [needs(Ability.KNOWS_WORLD, Ability.CAR_SIDE), SLOW]

OUTAGES = {
    "adapter_off": (AdapterOff,),
    "adapter_reset": (AdapterOff, StackBusy),
    "unplug": (AdapterMissing, AdapterGone),
}
AWAY_S = 4.0
CONNECT_S = 8.0
RESET_S = 1.0
"""BlueZ switches an adapter off for good whose reset takes longer than the kernel waits for an answer, 2 s."""
BACK_WITHIN_S = 20.0


def strike(stand, outage):
    if outage == "adapter_reset":
        stand.world.inject(outage, value=RESET_S)
    else:
        stand.world.inject(outage, lasts_s=AWAY_S)


def kinds(errors):
    """The classes of these errors in order, each run of one class once."""
    names = [type(error).__name__ for error in errors]
    return [name for n, name in enumerate(names) if n == 0 or names[n - 1] != name]


async def comes_back(stand, within_s=BACK_WITHIN_S):
    """Tries again and again, as a program would; gives the errors met on the way, in order."""
    met = []
    end_s = stand.now_s + within_s
    while True:
        try:
            await works_again(stand, timeout_s=5.0)
        except (HostFault, CarFault) as error:
            met.append(error)
            assert stand.now_s < end_s, met
            await asyncio.sleep(0.25)
        else:
            return met


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_idle_link_ends_with_its_adapter_and_the_radio_works_when_that_is_back(on_stand, outage):
    async def scenario(stand):
        link = await stand.connect()
        strike(stand, outage)
        async with asyncio.timeout(NOTICED_WITHIN_S):
            loss = await link.lost.wait()
        met = await comes_back(stand)
        return loss, met

    loss, met = on_stand(scenario)
    assert loss.reason is LossReason.LOST
    assert [error for error in met if isinstance(error, OUTAGES[outage])], met


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_scan_tells_its_reader_and_goes_on_when_the_adapter_is_back(on_stand, outage):
    async def scenario(stand):
        met = []
        async with stand.radio.scan() as scan:
            await anext(scan)
            strike(stand, outage)
            struck_s = stand.now_s
            while True:
                async with asyncio.timeout(QUIET_LIMIT_S + SWITCH_LIMIT_S):
                    try:
                        sighting = await anext(scan)
                    except HostFault as error:
                        met.append(error)
                        continue
                if sighting.seen_s > struck_s + AWAY_S:
                    break
        return met, sighting.seen_s - struck_s

    met, took_s = on_stand(scenario)
    assert took_s < AWAY_S + QUIET_LIMIT_S + SWITCH_LIMIT_S
    assert all(isinstance(error, HostFault) for error in met)


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_connect_under_way_fails_with_its_adapter(on_stand, outage):
    async def scenario(stand):
        car = await stand.find()
        stand.tell(0, lambda it, now_s: it.fall_silent(now_s))
        connecting = asyncio.ensure_future(stand.radio.connect(car, timeout_s=CONNECT_S))
        await asyncio.sleep(1.0)
        strike(stand, outage)
        began_s = stand.now_s
        await asyncio.wait({connecting})
        took_s = stand.now_s - began_s
        error = connecting.exception()
        stand.tell(0, lambda it, now_s: it.wake(now_s))
        met = await comes_back(stand)
        return error, took_s, met

    error, took_s, _ = on_stand(scenario)
    assert isinstance(error, OUTAGES[outage]), repr(error)
    assert took_s < NOTICED_WITHIN_S


@pytest.mark.parametrize("doing", ["idle", "connecting", "writing"])
def test_a_controller_that_is_deaf_for_a_while_hangs_nothing(on_stand, doing):
    async def scenario(stand):
        link = None
        outcome = None
        car = await stand.find()
        if doing != "connecting":
            link = await stand.radio.connect(car)
        stand.world.inject("hci_silence", value=AWAY_S)
        began_s = stand.now_s
        try:
            if doing == "connecting":
                link = await stand.radio.connect(car, timeout_s=CONNECT_S)
            elif doing == "writing":
                await link.write(PingRequest(), response=True)
        except (HostFault, CarFault) as error:
            outcome = error
        took_s = stand.now_s - began_s
        await asyncio.sleep(max(0.0, AWAY_S + 1.0 - took_s))
        if link is not None:
            await link.disconnect()
        return outcome, took_s, await comes_back(stand)

    outcome, took_s, _ = on_stand(scenario, limit_s=120.0)
    if doing == "connecting":
        assert isinstance(outcome, StackBusy | ConnectTimedOut), repr(outcome)
    else:
        assert outcome is None, "the radio goes on, and the answer comes late"
    assert took_s < CONNECT_S + 1.0
