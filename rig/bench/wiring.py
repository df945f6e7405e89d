"""Reads a wiring map: which car stands in which bay, and which channels of which fixtures are wired to it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rig.bench.codecs.lcus import Dialect
from rig.bench.kinds import BUTTON, KINDS, METER, POWER, Kind
from rig.builtin_data import find_data_file
from rig.errors import InputError
from rig.toml_tables import Table, parse_toml

TWIN = "twin"
"""The port of a simulated fixture."""


@dataclass(frozen=True, slots=True)
class FixtureSpec:
    """One fixture as wired: its driver's kind, its port's identity (or TWIN), and its driver's own options."""

    name: str
    kind: Kind
    port: str
    channels: int
    baud: int
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wire:
    """One channel (from 1) of one fixture."""

    fixture: str
    channel: int

    def __str__(self) -> str:
        return f"{self.fixture} {self.channel}"


@dataclass(frozen=True, slots=True)
class ButtonWire:
    """A servo on a power button: where it rests and where it presses, as pulse lengths."""

    wire: Wire
    rest_us: float
    press_us: float


@dataclass(frozen=True, slots=True)
class Bay:
    """One place for one car, and the set that car races in. A bay may lack any wire; what is missing cannot be done
    or confirmed there."""

    name: str
    set_name: str
    car: int | None
    charger: Wire | None
    meter: Wire | None
    button: ButtonWire | None


@dataclass(frozen=True, slots=True)
class Wiring:
    """A whole bench. A charger counts as confirmed when its meter's current changes by `least_ma` within
    `within_s`."""

    name: str
    fixtures: Mapping[str, FixtureSpec]
    bays: tuple[Bay, ...]
    within_s: float
    least_ma: float

    @property
    def simulated(self) -> bool:
        """Whether every fixture is a twin, so that the bench can run in virtual time."""
        return all(fixture.port == TWIN for fixture in self.fixtures.values())

    def refuse_beside(self, radio: str, *, simulated_cars: bool) -> None:
        """Refuses simulated boards beside real cars, and real ones beside simulated cars.

        Raises:
            InputError: names the board, and what to do.
        """
        if simulated_cars and not self.simulated:
            raise InputError(
                f"bench '{self.name}' has boards on real ports, and the cars of '{radio}' are simulated;"
                " leave --bench out to get the world's own bench"
            )
        twin = next((spec.name for spec in self.fixtures.values() if spec.port == TWIN), None)
        if not simulated_cars and twin is not None:
            raise InputError(
                f"fixture '{twin}' of bench '{self.name}' is simulated, and the cars of '{radio}' are real;"
                " give it its port ('pitboard bench list')"
            )


def load_wiring(name_or_path: str) -> Wiring:
    """A shipped wiring map by name, or a file.

    Raises:
        InputError: it does not exist or is not sound.
    """
    path = find_data_file("benches", name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    return parse_wiring(text, source=path.name if path.parent.name == "benches" else str(path))


def parse_wiring(text: str, *, source: str | Path) -> Wiring:
    """A wiring map from its text; `source` begins every message.

    Raises:
        InputError: one sentence with file, table and key.
    """
    root = parse_toml(text, source=str(source))
    name = root.text("name")
    confirm = root.table("confirm")
    within_s = confirm.number("within_s", default=3.0, least=0.1, most=60.0)
    least_ma = confirm.number("least_ma", default=50.0, least=1.0, most=5000.0)
    confirm.finish()
    fixtures: dict[str, FixtureSpec] = {}
    for table in root.tables("fixture"):
        spec = _fixture(table)
        if spec.name in fixtures:
            table.refuse("name", f"'{spec.name}' is used twice")
        fixtures[spec.name] = spec
    bays: list[Bay] = []
    taken: dict[object, str] = {}
    for table in root.tables("bay"):
        bay = _bay(table, fixtures)
        _refuse_shared(table, bay, taken)
        bays.append(bay)
    root.finish()
    if not fixtures:
        raise InputError(f"{source}: there is no [[fixture]]; a bench needs at least one")
    return Wiring(name, fixtures, tuple(bays), within_s, least_ma)


def _fixture(table: Table) -> FixtureSpec:
    name = table.text("name", most_length=40)
    kind = KINDS[table.choice("kind", sorted(KINDS))]
    port = table.text("port")
    channels = table.integer("channels", default=kind.channels, least=1, most=kind.most)
    baud = table.integer("baud", default=kind.baud, least=300, most=3_000_000)
    options: dict[str, object] = {}
    if "dialect" in kind.options:
        options["dialect"] = Dialect(
            table.choice("dialect", [dialect.value for dialect in Dialect], default=Dialect.FEEDBACK.value)
        )
    if "unit" in kind.options:
        options["unit"] = table.integer("unit", default=1, least=1, most=247)
    if "holds_s" in kind.options:
        options["holds_s"] = table.number("holds_s", default=0.0, least=0.0, most=3276.0)
    for flag in ("crc", "line_feed"):
        if flag in kind.options:
            options[flag] = table.boolean(flag, default=False)
    table.finish()
    return FixtureSpec(name, kind, port, channels, baud, options)


def _bay(table: Table, fixtures: Mapping[str, FixtureSpec]) -> Bay:
    name = table.text("name", most_length=40)
    set_name = table.text("set", default="A", most_length=40)
    car = table.identifier("car") if table.has("car") else None
    charger = _wire(table, POWER, fixtures)
    meter = _wire(table, METER, fixtures)
    button: ButtonWire | None = None
    if table.has(BUTTON):
        inner = table.table(BUTTON)
        wire = _channel(inner, BUTTON, fixtures)
        button = ButtonWire(
            wire,
            rest_us=inner.number("rest_us", default=1200.0, least=400.0, most=2600.0),
            press_us=inner.number("press_us", default=1600.0, least=400.0, most=2600.0),
        )
        inner.finish()
    table.finish()
    return Bay(name, set_name, car, charger, meter, button)


def _wire(table: Table, ability: str, fixtures: Mapping[str, FixtureSpec]) -> Wire | None:
    if not table.has(ability):
        return None
    inner = table.table(ability)
    wire = _channel(inner, ability, fixtures)
    inner.finish()
    return wire


def _channel(table: Table, ability: str, fixtures: Mapping[str, FixtureSpec]) -> Wire:
    fixture = table.text("fixture")
    spec = fixtures.get(fixture)
    if spec is None:
        near = difflib.get_close_matches(fixture, list(fixtures), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(fixtures) or 'none'}"
        table.refuse("fixture", f"names no fixture of this bench: '{fixture}'{hint}")
    if ability not in spec.kind.abilities:
        table.refuse("fixture", f"'{fixture}' ({spec.kind.words}) cannot be a {ability}")
    return Wire(fixture, table.integer("channel", least=1, most=spec.channels))


def _refuse_shared(table: Table, bay: Bay, taken: dict[object, str]) -> None:
    """One contact, one servo and one car belong to one bay; a meter may look at several."""
    claims = {
        "name": ("bay", bay.name),
        "car": bay.car,
        POWER: bay.charger,
        BUTTON: bay.button and (BUTTON, bay.button.wire),
    }
    for key, claim in claims.items():
        if claim is not None and claim in taken:
            table.refuse(key, f"belongs to bay '{taken[claim]}' already")
        if claim is not None:
            taken[claim] = bay.name
