"""Worlds that grow older: cells that fade night by night, and what is different from some night on."""

from __future__ import annotations

import pytest

from rig.errors import InputError
from rig.sim.ageing import LEAST_HEALTH
from rig.sim.spec import parse_world
from rig.sim.track_layout import STARTER_OVAL
from rig.sim.world import SimWorld
from rig.sim.worlds import world_by_name

TWO_CARS = """
[[car]]
identifier = 0x11
set = "A"
battery.health = 0.9
battery.fade_per_night = 0.015
[[car]]
identifier = 0x22
set = "B"
faults.lost_lane_change = 0.2
"""


def world(text: str):
    return parse_world(text, source="w.toml", load_track=lambda _name: STARTER_OVAL)


def cars_at(text: str, night: int):
    return {car.traits.identifier: car for car in world(text).at_night(night).cars}


def test_a_cell_fades_by_its_share_each_night_and_the_others_do_not():
    assert world(TWO_CARS).at_night(1).cars == world(TWO_CARS).cars
    for night in (1, 2, 19, 30):
        cars = cars_at(TWO_CARS, night)
        assert cars[0x11].traits.battery.health == pytest.approx(0.9 * 0.985 ** (night - 1))
        assert cars[0x22].traits.battery.health == 1.0


def test_a_cell_never_fades_below_what_a_cell_may_have():
    assert cars_at(TWO_CARS, 10_000)[0x11].traits.battery.health == LEAST_HEALTH


def test_a_change_begins_on_its_night_for_all_cars():
    text = TWO_CARS + "[[change]]\nfrom_night = 19\nfirmware = 0x2B6E\nreadvertise_after_loss_s = 1.1\n"
    before, after = cars_at(text, 18), cars_at(text, 19)
    for identifier in (0x11, 0x22):
        assert (before[identifier].traits.firmware, after[identifier].traits.firmware) == (0x2774, 0x2B6E)
        assert before[identifier].traits.readvertise_after_loss_s == 0.3
        assert after[identifier].traits.readvertise_after_loss_s == 1.1


def test_a_change_of_one_set_or_one_car_leaves_the_others_alone():
    text = (
        TWO_CARS
        + "[[change]]\nfrom_night = 2\nset = 'B'\nair.advert_loss = 0.4\nfaults.drops_new_links = 0.1\n"
        + "[[change]]\nfrom_night = 3\ncar = 0x11\nbattery.health = 1.0\n"
    )
    second, third = cars_at(text, 2), cars_at(text, 3)
    assert second[0x11].air.advert_loss is None
    assert second[0x22].air.advert_loss == 0.4
    assert second[0x22].traits.faults == {"lost_lane_change": 0.2, "drops_new_links": 0.1}
    assert second[0x11].traits.battery.health == pytest.approx(0.9 * 0.985)
    assert third[0x11].traits.battery.health == 1.0


def test_of_two_changes_the_later_in_the_file_decides():
    text = TWO_CARS + "[[change]]\nfrom_night = 2\ntrim = 1.1\n[[change]]\nfrom_night = 4\ntrim = 1.2\n"
    assert [cars_at(text, night)[0x22].traits.trim for night in (1, 2, 3, 4)] == [1.0, 1.1, 1.1, 1.2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("from_night = 0\ntrim = 1", "[change 1] 'from_night' must be a whole number from 1"),
        ("trim = 1", "[change 1] 'from_night' is missing"),
        ("from_night = 2", "[change 1] 'from_night' stands alone: nothing of the cars is changed"),
        ("from_night = 2\ntrim = 1\ncar = 0x33", "names 0x00000033, and no car of this world has"),
        ("from_night = 2\ntrim = 1\nset = 'C'", "'set' must be one of A, B, not 'C'"),
        ("from_night = 2\ntrim = 1\nset = 'A'\ncar = 0x11", "'set' and 'car' stand side by side"),
        ("from_night = 2\ntrin = 1", "unknown key 'trin'; did you mean 'trim'?"),
        ("from_night = 2\ntrim = 9", "'trim' must be a number from 0.5 to 1.5"),
        ("from_night = 2\nfirmware = 0x80", "'firmware' must be"),
        ("from_night = 2\nbattery.helth = 1", "[change 1.battery] unknown key 'helth'"),
    ],
)
def test_every_mistake_in_a_change_is_one_sentence(change, words):
    with pytest.raises(InputError) as caught:
        world(TWO_CARS + "[[change]]\n" + change)
    assert words in str(caught.value)


def test_the_world_by_name_is_that_of_the_night(tmp_path):
    path = tmp_path / "w.toml"
    path.write_text("name = 'w'\n" + TWO_CARS)

    def healths(built: SimWorld):
        return [car.traits.battery.health for car in built.cars.values()]

    assert healths(world_by_name(str(path), adapter=False)) == [0.9, 1.0]
    assert healths(world_by_name(str(path), adapter=False, night=3)) == [pytest.approx(0.9 * 0.985**2), 1.0]
