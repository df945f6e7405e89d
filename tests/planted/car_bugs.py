"""Bugs of simulated cars: what they say of themselves is not so."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from click.testing import CliRunner

from rig.builtin_data import find_data_file
from rig.cli.main import pitboard
from rig.sim.car.model import CarModel
from rig.sim.car.power import Power
from rig.sim.car.processor import Processor
from rig.soak.battery.plausible import GAUGE_STUCK, UNWARNED
from tests.planted.bug import PlantedBug
from tests.planted.fixture_bugs import charge_a_full_car, press_once

BATTERY = """
kind = "battery"
name = "one life"
limit_minutes = 40.0
recharge = "none"
[[limit]]
figure = "undisturbed"
at_least = 0.5
"""


def one_life() -> str | None:
    """What a car with a small cell says of itself in its one life, as far as it cannot be so."""
    with tempfile.TemporaryDirectory() as folder:
        plan, world = Path(folder) / "plan.toml", Path(folder) / "world.toml"
        plan.write_text(BATTERY)
        text = find_data_file("worlds", "two-sets").read_text(encoding="utf-8")
        world.write_text(
            text.replace("battery.health = 0.97", "battery.health = 0.97\nbattery.capacity_mah = 15")
        )
        words = ["--world", str(world), "--cars", "0a41c37e", "--home", folder, "--json"]
        done = CliRunner().invoke(pitboard, ["soak", str(plan), *words], standalone_mode=False)
        (car,) = json.loads(done.stdout)["cars"]
    return ", ".join(words for words in car["troubles"] if words in {GAUGE_STUCK, UNWARNED}) or None


def forgets_low_flag(patch):
    patch.setattr(Power, "low", property(lambda _: False))


def gauge_stuck(patch):
    patch.setattr(Processor, "battery_mv", lambda *_: 4100.0)


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
    PlantedBug("forgets-low-flag", "car", "a car never says that its battery is low",
               "a finished life that contradicts itself is among the car's troubles", UNWARNED, forgets_low_flag, one_life),
    PlantedBug("gauge-stuck", "car", "a car reads 4100 mV whatever its cell does",
               "a finished life that contradicts itself is among the car's troubles", GAUGE_STUCK, gauge_stuck, one_life),
)  # fmt: skip
