"""Bugs of simulated cars: what they say of themselves is not so."""

from __future__ import annotations

from rig.sim.car.model import CarModel
from tests.planted.bug import PlantedBug
from tests.planted.fixture_bugs import charge_a_full_car, press_once


def advertises_while_off(patch):
    patch.setattr(CarModel, "is_advertising", lambda self, _now_s: not self.connected)


def feels_no_charger(patch):
    really = CarModel.status.fget

    def status(self):
        on_track, _, low, full = really(self)
        return on_track, False, low, full

    patch.setattr(CarModel, "status", property(status))


BUGS = (
    PlantedBug("advertises-while-off", "car", "a car that was switched off goes on advertising",
               "off is a car that is not heard, not one that was told", "still heard after its power button",
               advertises_while_off, press_once),
    PlantedBug("feels-no-charger", "car", "a car on a live charger says that it is on none",
               "a charger that the meter cannot see (a full cell) is confirmed by the car", "the car feels none",
               feels_no_charger, charge_a_full_car),
)  # fmt: skip
