"""A world file: which cars, on which track, in which air, and what goes wrong when.

Pure: text in, a `WorldSpec` out. `rig.sim.world_files` reads the files. Keys of the file are the fields of the
classes below and of `CarTraits`, `BatteryTraits` and `StartPlace`; `rig/sim/FIDELITY.md` explains each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from protocol.models import MODELS
from rig.errors import InputError
from rig.sim.ageing import Change, faded, read_change
from rig.sim.bench_fault_names import BenchFaultSpec, read_bench_fault
from rig.sim.car.battery import BatteryTraits
from rig.sim.car.faults import CAR_FAULTS
from rig.sim.car.model import CarModel
from rig.sim.car.traits import LANES_MM, CarTraits, StartPlace
from rig.sim.track_layout import TrackLayout
from rig.sim.world_keys import (
    AIR_BOUNDS,
    BATTERY_BOUNDS,
    CAR_AIR_BOUNDS,
    START_BOUNDS,
    TRAIT_BOUNDS,
    firmware_in,
    lasting_faults_in,
    numbers_in,
)
from rig.toml_tables import Table, parse_toml

MOST_NAME_BYTES = 12
MOST_FADE = 0.5
_MOST_SEED = 2**63 - 1
_PLACES = ("track", "charger", "bay", "shelf")
_GRID_STEP = 0.3
_GRID_FROM = 0.1


@dataclass(frozen=True, slots=True)
class AirSpec:
    """The air between all cars and the adapter; probabilities are per packet."""

    rssi_dbm: float = -55.0
    rssi_noise_db: float = 2.0
    advert_loss: float = 0.05
    link_loss: float = 0.0
    advertising_interval_ms: float = 100.0
    pdus_per_event: int = 4
    connection_interval_ms: float = 30.0
    supervision_timeout_ms: float = 2000.0
    max_links: int = 8
    tx_buffers: int = 16


@dataclass(frozen=True, slots=True)
class CarAirSpec:
    """What is special about the air around one car; None takes the world's figure."""

    connect_failure: float = 0.0
    """Probability that an attempt to connect fails where the program sees it; bleak retries others itself."""
    rssi_dbm: float | None = None
    advert_loss: float | None = None
    link_loss: float | None = None


@dataclass(frozen=True, slots=True)
class CarSpec:
    """One car of the world."""

    traits: CarTraits
    set: str
    """The four that race together."""
    start: StartPlace
    air: CarAirSpec = field(default_factory=CarAirSpec)
    fade_per_night: float = 0.0
    """Share of its battery's health that it loses from one night to the next, 0 to 0.5."""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """A fault that the world makes happen by itself."""

    at_s: float
    kind: str
    car: int | None
    """Identifier; None for faults of the air or the adapter."""
    value: float | None = None
    """None: what is usual for its kind."""
    lasts_s: float | None = None
    """None: for good, or of no length."""


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """Everything a simulated world starts from."""

    name: str
    seed: int
    track: TrackLayout
    air: AirSpec
    cars: tuple[CarSpec, ...]
    faults: tuple[FaultSpec, ...]
    changes: tuple[Change, ...] = ()
    bench_faults: tuple[BenchFaultSpec, ...] = ()
    bench: str | None = None
    """The wiring map of the fixtures around its bays, by name or path; they are simulated with it."""

    def at_night(self, night: int) -> WorldSpec:
        """The same world as it is on a later night: cells faded, the changes of its file made. Night 1 is the
        world as written, but for changes that the file dates to the first night."""
        cars = []
        for car in self.cars:
            traits, air = faded(car.traits, car.fade_per_night, night), car.air
            for change in self.changes:
                if change.holds(night, car.traits.identifier):
                    traits, air = change.applied(traits), replace(air, **change.air)
            cars.append(replace(car, traits=traits, air=air))
        return replace(self, cars=tuple(cars))

    def at_begin(self) -> WorldSpec:
        """The same world without what goes wrong only after its first instant."""
        return replace(
            self,
            faults=tuple(fault for fault in self.faults if not fault.at_s),
            bench_faults=tuple(fault for fault in self.bench_faults if not fault.at_s),
        )

    def build_cars(self, *, seed: int | None = None, now_s: float = 0.0) -> list[CarModel]:
        """Fresh cars, in the order of the file; `seed` overrides the world's own."""
        return [
            CarModel(
                car.traits,
                layout=self.track,
                start=car.start,
                seed=self.seed if seed is None else seed,
                now_s=now_s,
            )
            for car in self.cars
        ]

    def sets(self) -> dict[str, tuple[CarSpec, ...]]:
        """The cars by set, in the order of the file."""
        names = dict.fromkeys(car.set for car in self.cars)
        return {name: tuple(car for car in self.cars if car.set == name) for name in names}


def parse_world(
    text: str,
    *,
    source: str,
    load_track: Callable[[str], TrackLayout],
    host_faults: Mapping[str, str] | None = None,
) -> WorldSpec:
    """The world in a file.

    Args:
        text: the TOML document.
        source: its name, for messages.
        load_track: finds a track by name or path; may raise InputError.
        host_faults: further kinds of fault, which the air knows how to make.

    Raises:
        InputError: one sentence naming the file, the table and the key.
    """
    root = parse_toml(text, source=source)
    name = root.text("name", source)
    root.text("description", "")
    seed = root.integer("seed", 1, least=0, most=_MOST_SEED)
    bench = root.text("bench") if root.has("bench") else None
    track = _track(root, load_track)
    air_table = root.table("air")
    air = AirSpec(**numbers_in(air_table, AirSpec, AIR_BOUNDS))
    air_table.finish()
    cars: list[CarSpec] = []
    for table in root.tables("car"):
        cars.append(_car(table, track, cars))
    if not cars:
        raise InputError(f"{source}: a world needs at least one [[car]]")
    kinds = CAR_FAULTS | dict(host_faults or {})
    faults = tuple(_fault(table, cars, kinds) for table in root.tables("fault"))
    members = {car.traits.identifier: car.set for car in cars}
    bench_faults = tuple(read_bench_fault(table) for table in root.tables("bench_fault"))
    changes = tuple(read_change(table, members) for table in root.tables("change"))
    root.finish()
    return WorldSpec(name, seed, track, air, tuple(cars), faults, changes, bench_faults, bench)


def _track(root: Table, load_track: Callable[[str], TrackLayout]) -> TrackLayout:
    name = root.text("track", "starter-oval")
    try:
        return load_track(name)
    except InputError as error:
        root.refuse("track", f"cannot be used: {error}")


def _car(table: Table, track: TrackLayout, before: list[CarSpec]) -> CarSpec:
    identifier = table.identifier("identifier")
    if any(car.traits.identifier == identifier for car in before):
        table.refuse("identifier", f"0x{identifier:08x} is already another car's")
    battery = table.table("battery")
    fade_per_night = battery.number("fade_per_night", 0.0, least=0.0, most=MOST_FADE)
    traits = CarTraits(
        identifier=identifier,
        model_id=_model(table),
        firmware=firmware_in(table),
        name=_name(table),
        battery=BatteryTraits(**numbers_in(battery, BatteryTraits, BATTERY_BOUNDS)),
        faults=lasting_faults_in(table.table("faults")),
        **numbers_in(table, CarTraits, TRAIT_BOUNDS),
    )
    battery.finish()
    set_name = table.text("set", "A")
    start = _start(table.table("start"), track, sum(car.set == set_name for car in before))
    air = table.table("air")
    car_air = CarAirSpec(**numbers_in(air, CarAirSpec, CAR_AIR_BOUNDS))
    air.finish()
    table.finish()
    return CarSpec(traits, set_name, start, car_air, fade_per_night)


def _model(table: Table) -> int:
    by_name = {model.name: model.model_id for model in MODELS.values()}
    return by_name[table.choice("model", tuple(by_name), "Skull")]


def _name(table: Table) -> str:
    name = table.text("name", "Drive")
    if len(name.encode()) > MOST_NAME_BYTES or not name.isprintable():
        table.refuse("name", f"must be printable and at most {MOST_NAME_BYTES} bytes long")
    return name


def _start(table: Table, track: TrackLayout, place_in_set: int) -> StartPlace:
    """Where a car begins; without a word the cars of a set line up on the first piece, one a lane."""
    lane = LANES_MM[place_in_set % len(LANES_MM)]
    numbers = {
        "fraction": _GRID_FROM + _GRID_STEP * (place_in_set // len(LANES_MM) % 3),
        "lane_mm": lane,
        **numbers_in(table, StartPlace, START_BOUNDS),
    }
    start = StartPlace(
        on=table.choice("on", _PLACES, "track"),
        powered=table.boolean("powered", True),
        piece_index=table.integer("piece_index", 0, least=0, most=len(track.pieces) - 1),
        backwards=table.boolean("backwards", False),
        **numbers,
    )
    table.finish()
    return start


def _fault(table: Table, cars: list[CarSpec], kinds: Mapping[str, str]) -> FaultSpec:
    at_s = table.number("at_s", least=0.0)
    kind = table.choice("kind", tuple(kinds))
    value = table.number("value", least=0.0, most=1e6) if table.has("value") else None
    lasts_s = table.number("lasts_s", least=0.0) if table.has("lasts_s") else None
    identifier = None
    if table.has("car") or kind in CAR_FAULTS:
        identifier = table.identifier("car")
        if all(car.traits.identifier != identifier for car in cars):
            table.refuse("car", f"names 0x{identifier:08x}, and no car of this world has that identifier")
    table.finish()
    return FaultSpec(at_s, kind, identifier, value, lasts_s)
