"""The remedies of a host of our own, in a simulated world."""

from __future__ import annotations

import asyncio

import pytest

from rig.compose import open_radio
from rig.driving.reach_car import connect_with_recovery
from rig.radio.errors import AdapterOff, CarNotFound, HostTrouble
from rig.radio.recovery.executor import Patient
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.rungs import Rung
from rig.radio.recovery.scribe import Listeners
from rig.virtual_time import run_virtual

SKULL, SHOCK = 0x0880EADB, 0x0A41C37E


def in_world(main, limit_s=300):
    async def run():
        async with open_radio("sim:two-sets") as station:
            return await main(station)

    return run_virtual(run, limit_s=limit_s)


async def connect(station, identifier=SKULL):
    return await station.radio.connect(await station.radio.find(identifier))


def test_a_power_cycle_ends_every_link_and_leaves_the_adapter_ready():
    async def main(station):
        link = await connect(station)
        await station.remedies.apply(Rung.POWER_CYCLE, link.sighting.address)
        assert link.lost.is_set()
        await asyncio.sleep(3.0)  # the car believes in the link until its supervision timeout
        return await connect(station)

    assert in_world(main) is not None


def test_an_adapter_that_was_switched_off_is_switched_on_again():
    async def main(station):
        station.world.inject("adapter_off")
        with pytest.raises(AdapterOff):
            await station.radio.find(SKULL, 1.0)
        await station.remedies.apply(Rung.POWER_CYCLE, None)
        await connect(station)

    in_world(main)


def test_an_adapter_that_is_resetting_cannot_be_hurried():
    async def main(station):
        station.world.inject("adapter_reset", value=4.0)
        with pytest.raises(AdapterOff, match="does not answer"):
            await station.remedies.apply(Rung.POWER_CYCLE, None)
        await asyncio.sleep(5.0)
        await connect(station)

    in_world(main)


def test_others_are_counted_and_what_the_radio_does_not_know_is_stale():
    async def main(station):
        link = await connect(station)
        address = link.sighting.address
        situation = await station.remedies.situation(address)
        assert (situation.others, situation.stale) == (0, 0)
        situation = await station.remedies.situation(None)
        assert situation.others == 1

        shock = await station.radio.find(SHOCK)
        phantom = await station.world.stack.connect(shock.address, lambda _reason: None)
        situation = await station.remedies.situation(address)
        assert (situation.others, situation.stale) == (0, 1)
        await station.remedies.apply(Rung.DROP_STALE, shock.address)
        assert not phantom.is_open
        assert not link.lost.is_set()
        assert (await station.remedies.situation(address)).stale == 0

    in_world(main)


def test_there_is_no_stack_to_restart():
    async def main(station):
        assert Rung.RESTART_STACK not in station.remedies.can
        with pytest.raises(HostTrouble):
            await station.remedies.apply(Rung.RESTART_STACK, None)

    in_world(main)


def test_a_phantom_connection_is_dropped_and_the_car_comes_back():
    """A link that an earlier program left behind keeps the car from advertising."""
    ends = []

    async def main(station):
        skull = await station.radio.find(SKULL)
        await station.world.stack.connect(skull.address, lambda _reason: None)
        return await connect_with_recovery(
            station.radio,
            "0880eadb",
            RecoveryPolicy(),
            remedies=station.remedies,
            listeners=Listeners(on_end=ends.append),
            connect_s=5.0,
        )

    assert in_world(main).identifier == SKULL
    assert ends[0].recovered
    assert [record.rung for record in ends[0].taken] == [Rung.DROP_STALE]


def test_a_car_nobody_ever_heard_is_told_at_once():
    ends = []

    async def main(station):
        station.world.inject("wedged", SKULL)
        began_s = asyncio.get_running_loop().time()
        with pytest.raises(CarNotFound):
            await connect_with_recovery(
                station.radio,
                "0880eadb",
                RecoveryPolicy(),
                remedies=station.remedies,
                listeners=Listeners(on_end=ends.append),
                connect_s=5.0,
            )
        return asyncio.get_running_loop().time() - began_s

    assert in_world(main) < 6.0
    assert not ends[0].taken


def test_a_switched_off_adapter_is_switched_on_only_where_it_worked_before():
    async def main(station, worked):
        station.world.inject("adapter_off")
        ends = []
        link = await connect_with_recovery(
            station.radio,
            "0880eadb",
            RecoveryPolicy(),
            remedies=station.remedies,
            listeners=Listeners(on_end=ends.append),
            patient=Patient(worked=worked),
        )
        return link, ends[0]

    with pytest.raises(AdapterOff):
        in_world(lambda station: main(station, worked=False))
    _, end = in_world(lambda station: main(station, worked=True))
    assert end.taken[-1].rung is Rung.POWER_CYCLE
    assert end.taken[-1].helped
