"""The batteries on account: driving spends, charging gives back, a car's own flag overrides both."""

from __future__ import annotations

from dataclasses import replace

from booth.floor.forecast import DEFAULT_LIFE_S, Drain, why_not_start
from booth.show import records
from booth.show.state import Show
from booth.show.turn import Turn
from rig.rotation.knowledge import Car, Charger, Link

STANDING_SHARE = 0.15
"""A connected car that stands spends this share of what driving spends."""
CHARGE_S = 600.0
"""From empty to full on a charger; sources say 5 to 10 minutes."""
WRITE_EVERY_S = 60.0
READY_RACES = 2
"""A set is charged once it has so many races in it, or swaps would follow each other."""
STALE_S = 60.0
"""News of a charger are older than this when nobody has heard the car for so long."""
_FEWEST = 3
_TO_GRID_S = 20.0
_LONGER = 1.25


def race_s(show: Show) -> float:
    """Driving seconds that one more race needs at most, the way to the grid included: a quarter more than the longest
    of the last ones, or the mode's limit while there are few."""
    mode = show.pack.mode(show.modes.chosen)
    took = [seconds for name, seconds in show.game.took_s if name == mode.name]
    longest_s = mode.limit_s if len(took) < _FEWEST else min(mode.limit_s, _LONGER * max(took))
    return longest_s + _TO_GRID_S


def races_left(show: Show, set_name: str) -> int:
    """Whole races that a set finishes."""
    return show.floor.forecast.set_races_left(show.drains(set_name), race_s(show))


def is_charged(show: Show, set_name: str) -> bool:
    """Whether a set is worth changing over to."""
    return races_left(show, set_name) >= READY_RACES


def charged_in_s(show: Show, set_name: str) -> float:
    """Seconds until the set is charged enough, if all of it charges."""
    floor = show.floor
    need_s = READY_RACES * race_s(show)
    lacks_s = max(
        (
            need_s - floor.forecast.left_s(car, replace(drain, is_low=None))
            for car, drain in show.drains(set_name).items()
        ),
        default=0.0,
    )
    return max(0.0, lacks_s) * CHARGE_S / DEFAULT_LIFE_S


def car_races_left(show: Show, car: int) -> int:
    """Whole races that one car finishes, whether it takes part or not."""
    return show.floor.forecast.races_left(car, show.floor.drains.get(car, Drain()), race_s(show))


def is_charging(show: Show, car: Car) -> bool:
    """Whether a car says that it charges, and has said so lately: one whose charger has lost its own plug falls silent."""
    return car.charger is Charger.ON and show.now_s - car.heard_s < STALE_S


def are_all_empty(show: Show) -> bool:
    """Whether no car of either set has a race left, and none is charging."""
    cars = show.floor.rotation.cars
    return all(not is_charging(show, car) and car_races_left(show, car.identifier) < 1 for car in cars)


def why_no_race(show: Show, races: int = 1) -> str | None:
    """Why the set that is up does not finish so many more races; None: it does."""
    set_name = show.floor.rotation.active or show.floor.wanted
    return why_not_start(
        show.floor.forecast, show.drains(set_name), show.labels, set_name, races * race_s(show)
    )


def account(turn: Turn) -> None:
    """Puts the time since the last account on the batteries, once a second."""
    floor = turn.show.floor
    since_s = turn.now_s - floor.accounted_s
    if since_s < 1.0:
        return
    turn.floor(accounted_s=turn.now_s)
    if since_s > 60.0:
        return
    drains = dict(floor.drains)
    for car in floor.rotation.cars:
        drain = drains.get(car.identifier, Drain())
        drives = (wish := turn.show.driving.wishes.get(car.identifier)) is not None and wish.speed_mm_s > 0
        if is_charging(turn.show, car):
            driven_s = drain.driven_s - since_s * DEFAULT_LIFE_S / CHARGE_S
            drains[car.identifier] = replace(drain, driven_s=max(0.0, driven_s))
        elif car.link is Link.UP:
            share = 1.0 if drives else STANDING_SHARE
            drains[car.identifier] = replace(drain, driven_s=drain.driven_s + share * since_s)
    turn.floor(drains=drains)
    for identifier, drain in drains.items():
        if abs(drain.driven_s - floor.written.get(identifier, 0.0)) >= WRITE_EVERY_S:
            write(turn, identifier)


def write(turn: Turn, car: int) -> None:
    """Writes down what is known of a car's battery."""
    floor = turn.show.floor
    drain = floor.drains.get(car, Drain())
    turn.floor(written={**floor.written, car: drain.driven_s})
    turn.write(records.Battery(car, floor.battery_mv.get(car), drain.is_low, round(drain.driven_s, 1)))


def told_low(turn: Turn, car: int, *, is_low: bool) -> None:
    """A car told its own flag. One that is low has nothing left, whatever was on its account."""
    drain = turn.show.floor.drains.get(car, Drain())
    if drain.is_low == is_low:
        return
    driven_s = drain.driven_s
    if is_low:
        driven_s = max(driven_s, turn.show.floor.forecast.by_car[car].life_s)
    turn.floor(drains={**turn.show.floor.drains, car: Drain(driven_s, is_low)})
    if is_low or drain.is_low:
        write(turn, car)


def told_mv(turn: Turn, car: int, battery_mv: int) -> None:
    """A car told its voltage; shown, and judged by nobody: it says little before the end."""
    turn.floor(battery_mv={**turn.show.floor.battery_mv, car: battery_mv})


def off_by_itself(turn: Turn, car: int) -> None:
    """A car of the set that is up went off and nobody pressed its button: its battery is taken to be empty."""
    floor = turn.show.floor
    known = floor.rotation.car(car)
    drain = floor.drains.get(car, Drain())
    life_s = floor.forecast.by_car[car].life_s
    unasked = known.set_name == floor.rotation.active and known.pressed_s < known.heard_s
    if unasked and drain.driven_s > life_s / 2:
        told_empty(turn, car)


def told_empty(turn: Turn, car: int) -> None:
    """A car that is off and does not come on again has an empty battery, as far as anybody can tell."""
    floor = turn.show.floor
    drain = floor.drains.get(car, Drain())
    life_s = floor.forecast.by_car[car].life_s
    turn.floor(drains={**floor.drains, car: replace(drain, driven_s=max(drain.driven_s, life_s))})
    write(turn, car)
