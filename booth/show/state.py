"""The show as a value, in parts: floor, game, people, modes, troubles, book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from booth.floor.forecast import Drain, Forecast, Life, forecast_of
from booth.floor.steps import Advice, Limits, Swap
from booth.pack.model import ModeState, ShowPack
from booth.race.state import Race
from booth.race.steering import Wheel
from booth.race.wish import Wish
from booth.seats.state import Seats
from booth.show.view import Stage
from rig.rotation.knowledge import Car, Rotation, rotation_of

_NONE: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Floor:
    """The cars. `wanted` is the set to begin with. `asked` is when
    the interlock was last asked for what, by its kind and car; `connecting` since when a car is being connected."""

    rotation: Rotation
    forecast: Forecast
    wanted: str
    limits: Limits = field(default_factory=Limits)
    drains: Mapping[int, Drain] = field(default_factory=dict)
    battery_mv: Mapping[int, int] = field(default_factory=dict)
    on_track: Mapping[int, bool] = field(default_factory=dict)
    data_s: Mapping[int, float] = field(default_factory=dict)
    placed: frozenset[str] = frozenset()
    kept_out: frozenset[int] = frozenset()
    """Cars that a person took out: only a person lets them in again."""
    restarting: Mapping[int, float] = field(default_factory=dict)
    swap: Swap | None = None
    is_forced: bool = False
    """The crew called the swap: it does not wait until the forecast finds the other set charged."""
    pit_s: float | None = None
    """Since when visitors see the swap."""
    swaps_s: tuple[float, ...] = ()
    since_s: float = 0.0
    """Since when a race is being set up."""
    asked: Mapping[tuple[str, int], float] = field(default_factory=dict)
    connecting: Mapping[int, float] = field(default_factory=dict)
    listening_until_s: float = float("-inf")
    listened_s: float = float("-inf")
    accounted_s: float = 0.0
    """Up to when driving and charging are on the batteries' account."""
    written: Mapping[int, float] = field(default_factory=dict)
    """The driving of each car that was last written down."""
    advice: Advice = field(default_factory=Advice)


@dataclass(frozen=True, slots=True)
class Game:
    """Races. `race` is lined up or on, `last` the one before; `races` all of today's with a result."""

    race: Race | None = None
    last: Race | None = None
    races: Mapping[int, Race] = field(default_factory=dict)
    count: int = 0
    """The number of the last race; numbers never come twice."""
    rerun_of: int | None = None
    took_s: tuple[tuple[str, float], ...] = ()
    """Mode and duration of the last races."""


@dataclass(frozen=True, slots=True)
class People:
    """Players: queue and seats."""

    seats: Seats


@dataclass(frozen=True, slots=True)
class Driving:
    """What players' phones last said, which cars may be driven, as the interlock granted, and what was last wanted of
    each. Small, because it changes with every word of a phone."""

    wheels: Mapping[str, Wheel] = field(default_factory=dict)
    going: frozenset[int] = frozenset()
    wishes: Mapping[int, Wish] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a mode's state; `before` are the states it replaced, by mode, for undoing it."""

    number: int
    mode: str
    after: str
    evidence: str
    before: Mapping[str, str]
    state: str = "waiting"
    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Modes:
    """The modes' states, and which is played from the next race on."""

    states: Mapping[str, ModeState]
    chosen: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong, and how it ended."""

    number: int
    kind: str
    car: int | None
    words: str
    severity: str
    began_s: float
    cured_by: str | None = None
    ended_s: float | None = None


@dataclass(frozen=True, slots=True)
class Troubles:
    """What goes wrong: `incidents` the latest last; `ear_lost_s` since when the radio shows nothing."""

    incidents: tuple[Incident, ...] = ()
    count: int = 0
    ear_lost_s: float | None = None
    why_stuck: str = ""
    stuck_s: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One player's best figure of one race: a lap in seconds, or a battle's score."""

    at_s: float
    race: int
    player: str
    value: float
    kind: str


@dataclass(frozen=True, slots=True)
class Book:
    """What is counted and shown beside the race. Seconds are of the day; `playable` is what was last written."""

    ticked: frozenset[str] = frozenset()
    scores: tuple[Score, ...] = ()
    refusal: str | None = None
    draw: Mapping[str, str] | None = None
    open_s: float = 0.0
    playable_s: float = 0.0
    planned_s: float = 0.0
    playable: tuple[bool, bool] = (False, True)
    """Whether a visitor could start a race within one cycle, and whether what stands against it was planned."""
    counted_s: float = 0.0
    races: int = 0
    swaps: int = 0
    restarts: int = 0
    waits_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Show:
    """The whole show. `pauses` is since when everything stands for which reason: hold, radio or restart."""

    pack: ShowPack
    seed: int
    floor: Floor
    people: People
    modes: Modes
    has_hands: bool = False
    now_s: float = 0.0
    minute: int = 0
    stage: Stage = Stage.CLOSED
    stage_s: float = 0.0
    is_closing: bool = False
    pauses: Mapping[str, float] = field(default_factory=dict)
    driving: Driving = field(default_factory=Driving)
    game: Game = Game()
    troubles: Troubles = Troubles()
    book: Book = Book()
    next_pack: ShowPack | None = None

    @property
    def is_open(self) -> bool:
        """Whether visitors are let in."""
        return self.stage is not Stage.CLOSED

    @property
    def labels(self) -> dict[int, str]:
        """What the crew calls each car."""
        return {car.identifier: car.label for car in self.floor.rotation.cars}

    def drains(self, set_name: str | None) -> dict[int, Drain]:
        """What the batteries of a set's cars that take part have behind them."""
        cars = self.floor.rotation.of(set_name)
        return {car.identifier: self.floor.drains.get(car.identifier, Drain()) for car in cars}

    def with_pack(self, pack: ShowPack) -> Show:
        """The show with another pack of the same cars; modes that stay keep their states."""
        states = {mode.name: self.modes.states.get(mode.name, mode.state) for mode in pack.modes}
        chosen = self.modes.chosen if self.modes.chosen in states else pack.default_mode.name
        seats = replace(self.people.seats, play=pack.play)
        return replace(
            self,
            pack=pack,
            next_pack=None,
            people=replace(self.people, seats=seats),
            modes=replace(self.modes, states=MappingProxyType(states), chosen=chosen),
        )


def show_of(
    pack: ShowPack,
    seed: int,
    *,
    lives: Mapping[int, Sequence[Life]] = _NONE,
    has_hands: bool = False,
    limits: Limits | None = None,
) -> Show:
    """A show of which nothing is known yet. `lives` are the battery lives that a soak has watched, by car;
    `has_hands`: fixtures or simulated hands press, plug and carry, so that the crew need not."""
    cars = [Car(car.identifier, car.label, group.name) for group in pack.sets for car in group.cars]
    floor = Floor(
        rotation_of(cars),
        forecast_of([car.identifier for car in cars], lives),
        pack.sets[0].name,
        limits or Limits(),
    )
    states = MappingProxyType({mode.name: mode.state for mode in pack.modes})
    return Show(
        pack,
        seed,
        floor,
        People(Seats(pack.play)),
        Modes(states, pack.default_mode.name),
        has_hands=has_hands,
    )
