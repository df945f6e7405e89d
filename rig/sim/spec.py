"""A world file: which cars, on which track, in which air, and what goes wrong when.

Pure: text in, a `WorldSpec` out. `rig.sim.world_files` reads the files. Keys of the file are the fields of the
classes below and of `CarTraits`, `BatteryTraits` and `StartPlace`; `rig/sim/FIDELITY.md` explains each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from protocol.models import MODELS
from rig.errors import InputError
from rig.sim.car.battery import BatteryTraits
from rig.sim.car.faults import CAR_FAULTS, LASTING_FAULTS
from rig.sim.car.model import CarModel
from rig.sim.car.traits import LANES_MM, CarTraits, StartPlace
from rig.sim.track_layout import TrackLayout
from rig.toml_tables import Table, parse_toml

MOST_NAME_BYTES = 12
_MOST_SEED = 2**63 - 1
_PLACES = ("track", "charger", "shelf")
_GRID_STEP = 0.3
_GRID_FROM = 0.1

Bounds = Mapping[str, tuple[float, float]]

AIR_BOUNDS: Bounds = {
    "rssi_dbm": (-127.0, 20.0),
    "rssi_noise_db": (0.0, 40.0),
    "advert_loss": (0.0, 1.0),
    "link_loss": (0.0, 1.0),
    "advertising_interval_ms": (20.0, 10_240.0),
    "pdus_per_event": (1.0, 100.0),
    "connection_interval_ms": (7.5, 4000.0),
    "supervision_timeout_ms": (100.0, 32_000.0),
    "max_links": (1.0, 100.0),
    "tx_buffers": (1.0, 1000.0),
}
CAR_AIR_BOUNDS: Bounds = {
    "connect_failure": (0.0, 1.0),
    "rssi_dbm": (-127.0, 20.0),
    "advert_loss": (0.0, 1.0),
    "link_loss": (0.0, 1.0),
}
TRAIT_BOUNDS: Bounds = {
    "trim": (0.5, 1.5),
    "grip": (0.05, 5.0),
    "speed_noise": (0.0, 10.0),
    "read_quality": (0.0, 1.05),
    "lane_drift": (0.0, 20.0),
    "top_speed_mm_s": (100.0, 3000.0),
    "boot_s": (0.0, 60.0),
    "readvertise_s": (0.0, 3600.0),
    "readvertise_after_loss_s": (0.0, 3600.0),
    "auto_sleep_s": (0.0, 1e6),
}
BATTERY_BOUNDS: Bounds = {
    "capacity_mah": (0.1, 5000.0),
    "health": (0.05, 1.0),
    "charge": (0.0, 1.0),
    "resistance_ohm": (0.0, 5.0),
    "low_mv": (3000.0, 4200.0),
    "cutoff_mv": (2500.0, 4000.0),
    "restart_mv": (2500.0, 4200.0),
    "brownout_mv": (2000.0, 4000.0),
    "not_full_below": (0.0, 1.0),
    "charge_minutes": (0.1, 1000.0),
    "idle_ma": (0.0, 1000.0),
    "connected_ma": (0.0, 1000.0),
    "driving_base_ma": (0.0, 5000.0),
    "driving_ma_per_mm_s": (0.0, 10.0),
    "surge_ma_per_mm_s2": (0.0, 10.0),
}
START_BOUNDS: Bounds = {"fraction": (0.0, 1.0), "lane_mm": (-80.0, 80.0)}


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
    track = _track(root, load_track)
    air_table = root.table("air")
    air = AirSpec(**_numbers(air_table, AirSpec, AIR_BOUNDS))
    air_table.finish()
    cars: list[CarSpec] = []
    for table in root.tables("car"):
        cars.append(_car(table, track, cars))
    if not cars:
        raise InputError(f"{source}: a world needs at least one [[car]]")
    kinds = CAR_FAULTS | dict(host_faults or {})
    faults = tuple(_fault(table, cars, kinds) for table in root.tables("fault"))
    root.finish()
    return WorldSpec(name, seed, track, air, tuple(cars), faults)


def _track(root: Table, load_track: Callable[[str], TrackLayout]) -> TrackLayout:
    name = root.text("track", "starter-oval")
    try:
        return load_track(name)
    except InputError as error:
        root.refuse("track", f"cannot be used: {error}")


def _numbers(table: Table, kind: Any, bounds: Bounds) -> dict[str, Any]:
    """The numbers of a dataclass that stand in a table, whole where its default is."""
    values: dict[str, Any] = {}
    defaults = {entry.name: entry.default for entry in fields(kind)}
    for key, (least, most) in bounds.items():
        if not table.has(key):
            continue
        whole = isinstance(defaults[key], int) and not isinstance(defaults[key], bool)
        if whole:
            values[key] = table.integer(key, least=int(least), most=int(most))
        else:
            values[key] = table.number(key, least=least, most=most)
    return values


def _car(table: Table, track: TrackLayout, before: list[CarSpec]) -> CarSpec:
    identifier = table.identifier("identifier")
    if any(car.traits.identifier == identifier for car in before):
        table.refuse("identifier", f"0x{identifier:08x} is already another car's")
    battery = table.table("battery")
    traits = CarTraits(
        identifier=identifier,
        model_id=_model(table),
        firmware=_firmware(table),
        name=_name(table),
        battery=BatteryTraits(**_numbers(battery, BatteryTraits, BATTERY_BOUNDS)),
        faults=_lasting_faults(table.table("faults")),
        **_numbers(table, CarTraits, TRAIT_BOUNDS),
    )
    battery.finish()
    set_name = table.text("set", "A")
    start = _start(table.table("start"), track, sum(car.set == set_name for car in before))
    air = table.table("air")
    car_air = CarAirSpec(
        **{key: air.number(key, least=b[0], most=b[1]) for key, b in CAR_AIR_BOUNDS.items() if air.has(key)}
    )
    air.finish()
    table.finish()
    return CarSpec(traits, set_name, start, car_air)


def _model(table: Table) -> int:
    by_name = {model.name: model.model_id for model in MODELS.values()}
    return by_name[table.choice("model", tuple(by_name), "Skull")]


def _firmware(table: Table) -> int:
    firmware = table.integer("firmware", 0x2774, least=0x0101, most=0x7F7F)
    low, high = firmware & 0xFF, firmware >> 8
    if not (0 < low < 0x80 and 0 < high < 0x80):
        table.refuse(
            "firmware", f"must be two bytes of 0x01 to 0x7f each, as cars advertise it, not 0x{firmware:04x}"
        )
    return firmware


def _name(table: Table) -> str:
    name = table.text("name", "Drive")
    if len(name.encode()) > MOST_NAME_BYTES or not name.isprintable():
        table.refuse("name", f"must be printable and at most {MOST_NAME_BYTES} bytes long")
    return name


def _lasting_faults(table: Table) -> dict[str, float]:
    values = {fault: table.number(fault, least=0.0, most=1.0) for fault in LASTING_FAULTS if table.has(fault)}
    table.finish()
    return values


def _start(table: Table, track: TrackLayout, place_in_set: int) -> StartPlace:
    """Where a car begins; without a word the cars of a set line up on the first piece, one a lane."""
    lane = LANES_MM[place_in_set % len(LANES_MM)]
    numbers = {
        "fraction": _GRID_FROM + _GRID_STEP * (place_in_set // len(LANES_MM) % 3),
        "lane_mm": lane,
        **_numbers(table, StartPlace, START_BOUNDS),
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
