"""What a show pack says, as values. Everything a visitor reads exists in every language of the show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

Words = Mapping[str, str]
"""Language code -> text."""


class ModeKind(StrEnum):
    """The games."""

    RACE = "race"
    BATTLE = "battle"
    TIME_TRIAL = "time-trial"


class ModeState(StrEnum):
    """Who may see a mode. Only a VERIFIED or DEFAULT one runs for visitors; a BETA one runs when IT asks for it."""

    HIDDEN = "hidden"
    BETA = "beta"
    VERIFIED = "verified"
    DEFAULT = "default"


class Enters(StrEnum):
    """Who is in the daily draw."""

    WINNERS = "winners"
    ALL = "all"


class Randomness(StrEnum):
    """Where the draw's randomness comes from, declared before the freeze."""

    DICE = "dice"
    DRAND = "drand"


class Ask(StrEnum):
    """When a player is asked for contact details."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Brand:
    """How the client looks. Colours are `#rrggbb`; `ink` is written on `ground`, `accent_ink` on `accent`.
    `logo` is a file beside the pack (SVG or PNG), None: the client's name in letters."""

    client: str
    message: Words
    industry: str = ""
    logo: str | None = None
    ground: str = "#101820"
    ink: str = "#ffffff"
    accent: str = "#ffb000"
    accent_ink: str = "#101820"
    hashtag: str = ""
    call_to_action: Words | None = None
    call_to_action_url: str = ""


@dataclass(frozen=True, slots=True)
class ShowCar:
    """One car: 32-bit identifier, what the crew calls it, and its start number in its set, 1 to 4, which gives
    colour and shape on every screen."""

    identifier: int
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class ShowSet:
    """The cars that race together."""

    name: str
    cars: tuple[ShowCar, ...]


@dataclass(frozen=True, slots=True)
class Mode:
    """A game and its rules. `laps` ends a race (race), `limit_s` any of them. Of a battle: `energy` each car begins
    with, `hit` taken from it, `disabled_s` it stands then, `range_mm` along the track and `reload_s` of a shot."""

    name: str
    kind: ModeKind
    state: ModeState
    title: Words
    how_to: Words
    laps: int = 5
    limit_s: float = 120.0
    energy: int = 3
    hit: int = 1
    disabled_s: float = 4.0
    range_mm: float = 600.0
    reload_s: float = 2.0
    evidence: str = ""
    """What it passed, in words; needed for VERIFIED and DEFAULT."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When visitors are let in on a day, in the show's time zone; `day` None: every day."""

    opens: time
    closes: time
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """How players drive. Speeds in mm/s; `heartbeat_s` without a word stops the car, `grace_s` later the seat is
    free, `call_up_s` is how long a called player may take; `grades` are the skill, 0 to 1, of AI drivers by seat."""

    seats: int = 4
    speed_cap_mm_s: int = 900
    heartbeat_s: float = 1.5
    grace_s: float = 8.0
    call_up_s: float = 30.0
    line_up_s: float = 12.0
    countdown_s: float = 5.0
    result_s: float = 12.0
    attract_s: float = 20.0
    races_a_day: int = 0
    """How often one player may race a day; 0: as often as they like."""
    grades: tuple[float, ...] = (0.55, 0.65, 0.75, 0.85)


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A question of the account team; `kind` is text, single or multiple, `options` by key. An answer listed in
    `qualifies` makes the lead a qualified one."""

    key: str
    kind: str
    question: Words
    options: Mapping[str, Words]
    qualifies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One purpose a visitor may agree to, apart from any other and from the draw. Never ticked beforehand."""

    purpose: str
    version: str
    text: Words


@dataclass(frozen=True, slots=True)
class Leads:
    """How contacts are taken. `public_key` is base64 of 32 bytes, X25519; None only in the demo, which makes a pair."""

    ask: Ask
    qualifiers: tuple[Qualifier, ...]
    consents: tuple[ConsentText, ...]
    controller: str
    privacy: Words
    retention_days: int = 90
    region: str = "US"
    """For telephone numbers without a country code."""
    public_key: str | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """The daily draw. `closes` in the show's time zone; `answer_minutes` a drawn person has to come forward."""

    prize: str
    value: str
    rules: Words
    enters: Enters = Enters.WINNERS
    closes: time = time(16, 30)
    alternates: int = 5
    randomness: Randomness = Randomness.DICE
    answer_minutes: int = 15


@dataclass(frozen=True, slots=True)
class Objective:
    """A written target; `key` names the figure of the day report that it is held against."""

    key: str
    target: float
    words: str


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of what the show costs."""

    words: str
    amount: float


@dataclass(frozen=True, slots=True)
class Money:
    """For cost per lead and ROI."""

    currency: str = "USD"
    costs: tuple[Cost, ...] = ()
    value_per_qualified_lead: float = 0.0


@dataclass(frozen=True, slots=True)
class Help:
    """Who is on deck."""

    name: str = ""
    reach: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class ShowPack:
    """One show. `digest` is the SHA-256 of the pack's files, hex; `words` overrides built-in texts by key."""

    name: str
    digest: str
    time_zone: str
    languages: tuple[str, ...]
    brand: Brand
    track: str
    sets: tuple[ShowSet, ShowSet]
    modes: tuple[Mode, ...]
    hours: tuple[Hours, ...]
    play: Play
    leads: Leads
    draw: Draw
    objectives: tuple[Objective, ...]
    money: Money
    help: Help
    words: Mapping[str, Words]

    def car(self, identifier: int) -> ShowCar:
        """One car of either set.

        Raises:
            KeyError: no such car.
        """
        for group in self.sets:
            for car in group.cars:
                if car.identifier == identifier:
                    return car
        raise KeyError(f"car {identifier:08x} belongs to neither set")

    def mode(self, name: str) -> Mode:
        """One mode.

        Raises:
            KeyError: no such mode.
        """
        for mode in self.modes:
            if mode.name == name:
                return mode
        raise KeyError(f"no mode '{name}'")

    @property
    def default_mode(self) -> Mode:
        """The mode the show opens with."""
        return next(mode for mode in self.modes if mode.state is ModeState.DEFAULT)
