"""World files: what they give, and the one sentence for every mistake."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from rig.builtin_data import builtin_names
from rig.errors import InputError
from rig.sim.car.battery import BatteryTraits
from rig.sim.car.traits import CarTraits, StartPlace
from rig.sim.spec import AirSpec, CarAirSpec, FaultSpec, parse_world
from rig.sim.track_layout import STARTER_OVAL
from rig.sim.world_files import load_track, load_world
from rig.sim.world_keys import AIR_BOUNDS, BATTERY_BOUNDS, CAR_AIR_BOUNDS, START_BOUNDS, TRAIT_BOUNDS

ROOT = Path(__file__).parents[3]
ONE_CAR = "[[car]]\nidentifier = 0x11\n"


def world(text: str, **kwargs):
    return parse_world(text, source="w.toml", load_track=load_track, **kwargs)


def test_the_default_world_is_two_sets_of_four_different_cars():
    spec = load_world("two-sets")
    assert {name: len(cars) for name, cars in spec.sets().items()} == {"A": 4, "B": 4}
    traits = [car.traits for car in spec.cars]
    assert len({car.identifier for car in traits}) == 8
    assert len({car.firmware for car in traits}) >= 4
    assert len({car.trim for car in traits}) == 8
    assert all(car.faults == {} for car in traits)
    assert {car.start.lane_mm for car in spec.sets()["A"]} == {-67.5, -22.5, 22.5, 67.5}


@pytest.mark.parametrize("name", builtin_names("worlds"))
def test_every_shipped_world_builds_cars_that_advertise(name):
    spec = load_world(name)
    for car in spec.build_cars():
        assert car.is_advertising(0.0)
        assert len(car.advertising_data()) == 31
        assert len(car.scan_response(0.0)) <= 31


@pytest.mark.parametrize("name", builtin_names("tracks"))
def test_every_shipped_track_is_a_closed_loop(name):
    assert load_track(name).name == name


def test_the_broken_car_is_broken_and_the_others_are_not():
    spec = load_world(str(ROOT / "fixtures/worlds/broken-car.toml"))
    (broken,) = [car.traits for car in spec.cars if car.traits.faults]
    assert len(spec.cars) == 4
    assert broken.faults == {"drops_new_links": 0.3}
    assert broken.readvertise_after_loss_s == 6.0


def test_one_identifier_is_enough_for_a_car():
    (car,) = world(ONE_CAR).cars
    assert car.traits == CarTraits(0x11)
    assert (car.set, car.air) == ("A", CarAirSpec())


def test_every_number_of_the_classes_can_be_written_in_the_file():
    def numbers(kind, *but):
        return {entry.name for entry in fields(kind)} - set(but)

    assert set(AIR_BOUNDS) == numbers(AirSpec)
    assert set(CAR_AIR_BOUNDS) == numbers(CarAirSpec)
    assert set(TRAIT_BOUNDS) == numbers(
        CarTraits, "identifier", "model_id", "firmware", "name", "battery", "faults"
    )
    assert set(BATTERY_BOUNDS) == numbers(BatteryTraits)
    assert set(START_BOUNDS) == numbers(StartPlace, "on", "powered", "piece_index", "backwards")


def test_all_keys_arrive():
    spec = world(
        """
        name = "n"
        seed = 7
        track = "starter-hook"
        air.link_loss = 0.02
        air.max_links = 3
        [[car]]
        identifier = 0x11
        set = "B"
        model = "Nuke"
        firmware = 0x2E5A
        name = "Fast one"
        trim = 1.02
        battery.charge = 0.4
        faults.lost_lane_change = 0.5
        air.connect_failure = 0.25
        start = { on = "charger", powered = false, piece_index = 3, fraction = 0.5, lane_mm = 9.0, backwards = true }
        [[fault]]
        at_s = 3
        kind = "asleep"
        car = 0x11
        [[fault]]
        at_s = 9
        kind = "adapter_reset"
        value = 2.0
        lasts_s = 5.0
        """,
        host_faults={"adapter_reset": "the adapter resets"},
    )
    assert (spec.name, spec.seed, spec.track.name) == ("n", 7, "starter-hook")
    assert (spec.air.link_loss, spec.air.max_links) == (0.02, 3)
    (car,) = spec.cars
    assert (car.traits.model_id, car.traits.firmware, car.traits.name) == (11, 0x2E5A, "Fast one")
    assert (car.traits.trim, car.traits.battery.charge) == (1.02, 0.4)
    assert car.traits.faults == {"lost_lane_change": 0.5}
    assert car.start == StartPlace("charger", False, 3, 0.5, 9.0, True)
    assert spec.faults == (FaultSpec(3.0, "asleep", 0x11), FaultSpec(9.0, "adapter_reset", None, 2.0, 5.0))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "w.toml: a world needs at least one [[car]]"),
        ("sed = 1\n" + ONE_CAR, "w.toml: unknown key 'sed'; did you mean 'seed'?"),
        ("seed = -1\n" + ONE_CAR, "w.toml: 'seed' must be a whole number from 0 to "),
        ("track = 'ovel'\n" + ONE_CAR, "w.toml: 'track' cannot be used: no track named 'ovel'"),
        ("air.los = 1\n" + ONE_CAR, "w.toml: [air] unknown key 'los'"),
        ("[[car]]\nmodel = 'Skull'", "w.toml: [car 1] 'identifier' is missing"),
        (ONE_CAR + ONE_CAR, "w.toml: [car 2] 'identifier' 0x00000011 is already another car's"),
        (ONE_CAR + "model = 'Skul'", "did you mean 'Skull'?"),
        (ONE_CAR + "firmware = 0x2780", "w.toml: [car 1] 'firmware' must be two bytes of 0x01 to 0x7f each"),
        (
            ONE_CAR + "name = 'much too long a name'",
            "w.toml: [car 1] 'name' must be printable and at most 12 bytes",
        ),
        (ONE_CAR + "trim = 9", "w.toml: [car 1] 'trim' must be a number from 0.5 to 1.5, not 9"),
        (ONE_CAR + "trimm = 1", "w.toml: [car 1] unknown key 'trimm'; did you mean 'trim'?"),
        (
            ONE_CAR + "battery.helth = 1",
            "w.toml: [car 1.battery] unknown key 'helth'; did you mean 'health'?",
        ),
        (
            ONE_CAR + "faults.never_localizes = 1",
            "[car 1.faults] unknown key 'never_localizes'; did you mean",
        ),
        (
            ONE_CAR + "start.on = 'moon'",
            "[car 1.start] 'on' must be one of track, charger, bay, shelf, not 'moon'",
        ),
        (ONE_CAR + "[[fault]]\nat_s = 1\nkind = 'sleepy'", "[fault 1] 'kind' must be one of"),
        (ONE_CAR + "[[fault]]\nat_s = 1\nkind = 'asleep'", "[fault 1] 'car' is missing"),
        (
            ONE_CAR + "[[fault]]\nat_s = 1\nkind = 'asleep'\ncar = 3",
            "[fault 1] 'car' names 0x00000003, and no car",
        ),
    ],
)
def test_a_mistake_is_one_sentence(text, sentence):
    with pytest.raises(InputError) as caught:
        world(text)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_track_may_lie_beside_its_world(tmp_path):
    (tmp_path / "mine.toml").write_text('name = "mine"\npieces = ["34", "33", "17", "18", "36", "20", "23"]')
    (tmp_path / "w.toml").write_text("track = 'mine.toml'\n" + ONE_CAR)
    assert load_world(str(tmp_path / "w.toml")).track.name == "mine"


def test_an_unreadable_file_is_one_sentence(tmp_path):
    (tmp_path / "w.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="cannot read"):
        load_world(str(tmp_path / "w.toml"))


def test_the_builtin_oval_is_the_recorded_one():
    assert load_track("starter-oval") == STARTER_OVAL


@pytest.mark.parametrize("written", ["0x0880eadb", '"0880eadb"', '"0x0880EADB"'])
def test_a_car_is_named_by_its_number_or_as_tools_print_it(written):
    fault = f'[[fault]]\nat_s = 1\nkind = "skids"\ncar = {written}\n'
    spec = world(f"[[car]]\nidentifier = {written}\n{fault}")
    assert (spec.cars[0].traits.identifier, spec.faults[0].car) == (0x0880EADB, 0x0880EADB)


@pytest.mark.parametrize(
    "written", ["0", "-1", "0x100000000", '"skull"', '"0"', '"123456789"', "true", "1.0"]
)
def test_what_cannot_be_an_identifier_is_one_sentence(written):
    with pytest.raises(
        InputError, match=r"w.toml: \[car 1\] 'identifier' must be a car's identifier, such as"
    ):
        world(f"[[car]]\nidentifier = {written}\n")
