"""Made-up series of nights with known truths in them: no radio, no database."""

from __future__ import annotations

import math
import random

from rig.history.nights import Night
from rig.report.metric import Metric

CARS = ("Skull A1", "Shock A2", "Thermo A3", "Nuke A4", "Guardian B1")
FADES = "Thermo A3"


def make_nights(
    count=30, *, seed=1, fade=0.0, slower=0.0, from_night=19, noise=0.03, fleet_fade=0.0, failing=0.0
):
    """`fade` of one car's battery a night; reconnects `slower` by this share from a night on, with new firmware;
    `failing` is the share of first attempts that go wrong from that night on."""
    rng = random.Random(seed)
    return tuple(
        _night(
            rng,
            number,
            fade=fade,
            slower=slower if number >= from_night else 0.0,
            noise=noise,
            fleet_fade=fleet_fade,
            failing=failing,
            from_night=from_night,
        )
        for number in range(1, count + 1)
    )


def _night(rng, number, *, fade, slower, noise, fleet_fade, failing, from_night):
    metrics = []
    firmware = "0x2b6e" if slower else "0x2774"
    for place, car in enumerate(CARS):
        share = (1.0 - (fade if car == FADES else fleet_fade)) ** (number - 1)

        def figure(name, value, unit, better, *, car=car, spread=noise):
            value *= math.exp(rng.gauss(0.0, spread))
            metrics.append(Metric(name, "car", car, value, unit, 20, better))

        figure("battery.life_s", (180.0 + place) * share, "s", "high", spread=noise / 3)
        figure("battery.charge_mah", (12.0 + place / 10) * share, "mAh", "high", spread=noise / 3)
        figure("reconnect.p50_s", (2.6 + place / 20) * (1.0 + slower), "s", "low")
        figure("reconnect.p95_s", (4.0 + place / 20) * (1.0 + slower), "s", "low", spread=2 * noise)
        bad = failing if number >= from_night else 0.02
        good = sum(rng.random() > bad for _ in range(20))
        metrics.append(Metric("reconnect.first_attempt", "car", car, good / 20, "share", 20, "high"))
        metrics.append(Metric("reconnect.success", "car", car, 1.0, "share", 20, "high"))
    metrics.append(Metric("reconnect.p50_s", "set", "A", 2.7, "s", 80, "low"))
    metrics.append(Metric("swap.total_s", "run", "run", 40.0 * math.exp(rng.gauss(0, noise)), "s", 9, "low"))
    bench = {"bleak": "3.1.0", **{f"firmware of {car}": firmware for car in CARS}}
    return Night(
        number, f"run-{number}", f"2026-11-{number % 28 + 1:02d}T22:00:00+00:00", bench, tuple(metrics)
    )
