"""A radio by its moniker, on the loop that suits it."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from rig.compose import open_radio, open_radios, run_with_radio
from rig.errors import InputError
from rig.radio.errors import TransmitRefused
from rig.radio.recovery.bluez_remedies import BluezRemedies
from rig.radio.recovery.remedies import HostRemedies, NoRemedies
from rig.radio.transmit import TransmitPolicy
from rig.sim.adapter import VirtualAdapter
from rig.virtual_time import in_virtual_time, run_virtual
from tests.rig.radios.served import SKULL, two_controllers

ONE_NIGHT = """
import asyncio, json
from rig.compose import run_with_radio

async def night(station):
    loop = asyncio.get_running_loop()
    log = []
    async with station.radio.scan() as scan:
        async for sighting in scan:
            log.append((sighting.identifier, sighting.rssi_dbm, sighting.seen_s))
            if len(log) == 100:
                break
    for identifier in list(station.world.cars)[:3]:
        station.world.inject("fail_establish", identifier, 0.3)
        station.world.inject("link_loss", identifier, 0.1)
        sighting = await station.radio.find(identifier)
        link = await station.radio.connect(sighting, on_frame=lambda r: log.append((r.mono_s, r.frame.hex())))
        await link.write(bytes.fromhex("0390" "0101"))
        await link.write(bytes.fromhex("06242c01e80300"))
        await asyncio.sleep(60)
        await link.disconnect()
    log.append(loop.time())
    return log

print(json.dumps(run_with_radio("sim:two-sets", night, seed=SEED)))
"""


def night(seed, hash_seed):
    done = subprocess.run(
        [sys.executable, "-c", ONE_NIGHT.replace("SEED", str(seed))],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return done.stdout


def test_a_night_repeats_byte_for_byte_in_another_process_and_differs_by_seed():
    first = night(1, 1)
    assert len(json.loads(first)) > 300
    assert first == night(1, 2)
    assert first != night(2, 1)


def test_a_simulated_radio_runs_in_virtual_time_unless_told_otherwise():
    async def main(station):
        return in_virtual_time(), len(station.world.cars), station.radio.transmit

    assert run_with_radio("sim:one-car", main) == (True, 1, TransmitPolicy.SIMULATED_CARS)
    assert run_with_radio("sim:one-car", main, virtual=False)[0] is False


@pytest.mark.parametrize("moniker", ["ble", "hci:usb:0", "vhci:one-car"])
def test_a_real_radio_never_runs_in_virtual_time(moniker):
    async def main(station):
        raise AssertionError

    with pytest.raises(InputError, match="virtual time"):
        run_with_radio(moniker, main, virtual=True)


def test_the_systems_radio_gets_the_allow_list_and_the_adapter_that_was_named():
    async def main():
        async with open_radio("ble:hci1") as named, open_radio("ble") as default:
            return named.radio, default.radio, named.world

    named, default, world = asyncio.run(main())
    assert world is None
    assert named.transmit is default.transmit is TransmitPolicy.REAL_CARS
    assert named.name == "ble:hci1"


class PretendedOsAdapter:
    """Stands where `OsAdapter` does, with nothing of this machine below it."""

    def __init__(self, air, number=0):
        self._below = VirtualAdapter(air, number)
        self.name = f"hci{number + 7}"

    def __getattr__(self, name):
        return getattr(self._below, name)


async def transmit_of(*monikers):
    async with open_radios(monikers) as station:
        each = getattr(station.radio, "radios", [station.radio])
        return station.radio.transmit, {radio.transmit for radio in each}


REAL = (TransmitPolicy.REAL_CARS, {TransmitPolicy.REAL_CARS})
ANYTHING = (TransmitPolicy.SIMULATED_CARS, {TransmitPolicy.SIMULATED_CARS})


@pytest.mark.parametrize("monikers", [("ble",), ("ble:hci1",), ("ble:hci0", "ble:hci1")])
def test_the_allow_list_holds_on_the_systems_bluetooth(monikers):
    assert asyncio.run(transmit_of(*monikers)) == REAL


@pytest.mark.parametrize("moniker", ["vhci:one-car", "vhci:one-car@2"])
def test_the_allow_list_holds_on_the_systems_bluetooth_with_simulated_cars(moniker, monkeypatch):
    monkeypatch.setattr("rig.sim.os_adapter.OsAdapter", PretendedOsAdapter)
    assert asyncio.run(transmit_of(moniker)) == REAL


@pytest.mark.parametrize("moniker", ["sim:one-car", "sim:one-car@2"])
def test_only_a_simulated_radio_carries_anything(moniker):
    assert run_virtual(lambda: transmit_of(moniker)) == ANYTHING


@pytest.mark.skipif(sys.platform == "win32", reason="cannot run here: no ptys")
def test_a_controller_driven_directly_has_the_allow_list_and_refuses_what_is_not_on_it(tmp_path):
    async def forbidden(moniker):
        async with open_radios([moniker]) as station:
            link = await station.radio.connect(await station.radio.find(SKULL))
            with pytest.raises(TransmitRefused):
                await link.write(b"\x01\x3a")
            await link.disconnect()

    with two_controllers("tcp", tmp_path) as (_, monikers):
        assert asyncio.run(transmit_of(monikers[0])) == REAL
        assert asyncio.run(transmit_of(*monikers)) == REAL
        asyncio.run(forbidden(monikers[0]))


def test_the_seed_given_overrides_the_worlds_own():
    async def main():
        async with open_radio("sim:one-car", seed=77) as given, open_radio("sim:one-car") as own:
            return given.world.seed, own.world.seed

    given, own = run_virtual(main)
    assert given == 77
    assert own != 77


def test_an_unknown_world_is_bad_input():
    async def main(station):
        raise AssertionError

    with pytest.raises(InputError, match="atlantis"):
        run_with_radio("sim:atlantis", main)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ('kind = "ghost"', "must say which car"),
        ('kind = "link_loss"\ncar = 1\nvalue = 30', "chance per packet, 0..1, at most 1"),
    ],
)
def test_a_fault_of_a_world_file_that_makes_no_sense_is_bad_input(tmp_path, fault, sentence):
    world = tmp_path / "broken.toml"
    world.write_text(
        f'name = "broken"\n[[car]]\nidentifier = 1\n[[fault]]\nat_s = 5\n{fault}\n', encoding="utf-8"
    )

    async def main(station):
        raise AssertionError

    with pytest.raises(InputError, match=sentence):
        run_with_radio(f"sim:{world}", main)


def test_a_world_files_faults_happen_at_their_time(tmp_path):
    world = tmp_path / "faulty.toml"
    world.write_text(
        'name = "faulty"\n[[car]]\nidentifier = 1\nair.connect_failure = 0.25\nair.link_loss = 0.1\n'
        '[[fault]]\nat_s = 5\nkind = "out_of_range"\ncar = 1\nlasts_s = 10\n'
        '[[fault]]\nat_s = 6\nkind = "double_finish"\ncar = 1\nlasts_s = 10\n'
        '[[fault]]\nat_s = 7\nkind = "slot_limit"\nvalue = 1\n',
        encoding="utf-8",
    )

    async def main(station):
        conditions = station.world.peripherals[1].controller.conditions
        car = station.world.cars[1]
        ranges, doubles = [conditions.in_range], []
        for _ in range(4):
            await asyncio.sleep(4.9)
            ranges.append(conditions.in_range)
            doubles.append(car.driving.faults.get("double_finish", 0.0))
        return ranges, doubles, conditions.abort_connect_probability, conditions.link_loss

    ranges, doubles, failing, loss = run_with_radio(f"sim:{world}", main)
    assert ranges == [True, True, False, False, True]
    assert doubles == [0.0, 1.0, 1.0, 0.0]
    assert (failing, loss) == (0.25, 0.1)


def test_a_station_knows_what_its_radio_can_do_about_itself():
    async def remedies_of(moniker):
        async with open_radio(moniker) as station:
            return station.remedies

    assert isinstance(run_virtual(lambda: remedies_of("sim:one-car")), HostRemedies)
    expected = BluezRemedies if sys.platform == "linux" else NoRemedies
    assert isinstance(asyncio.run(remedies_of("ble")), expected)


def test_a_world_with_two_adapters_is_one_radio_over_both_and_repeats_by_its_seed():
    async def main(station):
        cars = list(station.world.cars)[:4]
        heard = {}
        async with station.radio.scan() as scan:
            async for car in scan:
                if len(car.hearings) == 2:
                    heard[car.identifier] = car
                if heard.keys() >= set(cars):
                    break
        links = await asyncio.gather(*(station.radio.connect(heard[car]) for car in cars))
        return station.radio.name, [(link.identifier, link.adapter, link.milestones) for link in links]

    name, links = run_with_radio("sim:two-sets@2", main)
    assert name == "sim0 + sim1"
    assert sorted(adapter for _, adapter, _ in links) == ["sim0", "sim0", "sim1", "sim1"]
    assert run_with_radio("sim:two-sets@2", main) == (name, links)


def test_a_fault_of_the_adapter_strikes_the_first_of_two():
    async def main(station):
        station.world.inject("unplug")
        car = await station.radio.find(next(iter(station.world.cars)))
        return [hearing.radio for hearing in car.hearings], (await station.radio.connect(car)).adapter

    assert run_with_radio("sim:two-sets@2", main) == (["sim1"], "sim1")
