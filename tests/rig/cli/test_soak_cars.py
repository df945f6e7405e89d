"""Which cars a soak is about on a real radio."""

from __future__ import annotations

import pytest

from rig.bench.wiring import load_wiring
from rig.cli.soak_cars import sets_of
from rig.errors import InputError
from rig.radio.moniker import parse_moniker

BLE = parse_moniker("ble")


def names(sets):
    return {group.name: [f"{car.identifier:08x}" for car in group.cars] for group in sets}


def test_on_a_real_radio_the_bench_says_which_cars_there_are_and_in_which_set():
    sets = names(sets_of(BLE, (), None, wiring=load_wiring("two-sets")))
    assert list(sets) == ["A", "B"]
    assert sets["A"][0] == "0880eadb"
    assert [len(cars) for cars in sets.values()] == [4, 4]


def test_sets_and_cars_of_a_bench_can_be_picked():
    wiring = load_wiring("two-sets")
    assert list(names(sets_of(BLE, ("B",), None, wiring=wiring))) == ["B"]
    assert names(sets_of(BLE, (), "0880eadb", wiring=wiring)) == {"A": ["0880eadb"]}
    with pytest.raises(InputError, match="has no set 'C'; it has A, B"):
        sets_of(BLE, ("C",), None, wiring=wiring)
    with pytest.raises(InputError, match="has no car 00000001"):
        sets_of(BLE, (), "1", wiring=wiring)


def test_without_a_bench_the_cars_are_those_that_are_named():
    assert names(sets_of(BLE, ("night",), "1,2")) == {"night": ["00000001", "00000002"]}
