"""What comes into the interlock (facts and requests, each with its time in seconds) and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rig.rotation.knowledge import Charger


@dataclass(frozen=True, slots=True)
class Heard:
    """A fact: the car's advert was heard, so it is on and not connected. `low` is its battery flag, if sent."""

    at_s: float
    car: int
    low: bool | None = None


@dataclass(frozen=True, slots=True)
class Listened:
    """A fact: from `since_s` on, everything in reach was listened for, and only the cars `heard` were heard, by their
    adverts or by the data they sent over a link. Who hears nobody may be deaf, and that proves nothing."""

    at_s: float
    since_s: float
    heard: frozenset[int]


@dataclass(frozen=True, slots=True)
class EarLost:
    """A fact: the radio failed, so what it showed of cars no longer holds and its silence proves nothing."""

    at_s: float


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A fact: the car is connected and has sent fresh data."""

    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class LinkDown:
    """A fact: the car is not connected."""

    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class Pressed:
    """A fact: the car's power button was pressed, or may have been. It toggles, so the power is unknown now."""

    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class ChargerIs:
    """A fact: what the meter shows of the car's charger; UNKNOWN when it could not be confirmed."""

    at_s: float
    car: int
    charger: Charger


@dataclass(frozen=True, slots=True)
class Restarted:
    """A fact: whoever watched was away, so nothing that was known holds."""

    at_s: float


Fact = Heard | Listened | EarLost | LinkUp | LinkDown | Pressed | ChargerIs | Restarted


@dataclass(frozen=True, slots=True)
class TakeStock:
    """Asks to begin: every car accounted for, no link, no charger on."""

    asks: ClassVar[str] = "the rotation may not begin"
    at_s: float


@dataclass(frozen=True, slots=True)
class TakeUp:
    """Asks to go on with a set from nothing known, as the stand is found: the other set may be charging already."""

    asks: ClassVar[str] = "set {} may not be taken up"
    at_s: float
    set_name: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """Asks to set up a race with a set."""

    asks: ClassVar[str] = "set {} may not be set up"
    at_s: float
    set_name: str


@dataclass(frozen=True, slots=True)
class LineUp:
    """Asks to connect a car of the set whose race is set up or on."""

    asks: ClassVar[str] = "{} may not be lined up"
    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class Start:
    """Asks to start the race that is set up."""

    asks: ClassVar[str] = "the race may not start"
    at_s: float


@dataclass(frozen=True, slots=True)
class Drive:
    """Asks to drive a car."""

    asks: ClassVar[str] = "{} may not be driven"
    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class Finish:
    """Asks to end the race as races end: the same cars stay lined up for the next."""

    asks: ClassVar[str] = "the race may not be finished"
    at_s: float


@dataclass(frozen=True, slots=True)
class CallDying:
    """Says that the racing set is dying and a swap is due."""

    asks: ClassVar[str] = "a swap may not be called"
    at_s: float


@dataclass(frozen=True, slots=True)
class EndRace:
    """Asks to end the race for a swap; the other set must be ready to take over."""

    asks: ClassVar[str] = "the race may not end for a swap"
    at_s: float


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """Asks to switch a car off."""

    asks: ClassVar[str] = "{} may not be switched off"
    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class SwitchOn:
    """Asks to switch a car on."""

    asks: ClassVar[str] = "{} may not be switched on"
    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class Charge:
    """Asks to charge a car."""

    asks: ClassVar[str] = "{} may not be charged"
    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class StopCharging:
    """Asks to switch a car's charger off; never refused."""

    asks: ClassVar[str] = "{} is charged on"
    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Takes a car out of the rotation, made safe, and says `why`; never refused."""

    asks: ClassVar[str] = "{} stays"
    at_s: float
    car: int
    why: str


@dataclass(frozen=True, slots=True)
class Readmit:
    """Asks to let a car that was taken out take part again."""

    asks: ClassVar[str] = "{} may not take part again"
    at_s: float
    car: int


@dataclass(frozen=True, slots=True)
class StandDown:
    """Makes everything safe and begins anew from nothing known; never refused."""

    asks: ClassVar[str] = "the rotation goes on"
    at_s: float


Request = (
    TakeStock
    | TakeUp
    | SetUp
    | LineUp
    | Start
    | Drive
    | Finish
    | CallDying
    | EndRace
    | SwitchOff
    | SwitchOn
    | Charge
    | StopCharging
    | Quarantine
    | Readmit
    | StandDown
)
Event = Fact | Request
REQUESTS: tuple[type[Request], ...] = Request.__args__
FACTS: tuple[type[Fact], ...] = Fact.__args__


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a refusal, in plain words; `cars` are those it is about."""

    words: str
    cars: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The request is not granted. `sentence` is for people."""

    request: Request
    asked: str
    reasons: tuple[Reason, ...]

    @property
    def sentence(self) -> str:
        """What is refused, and every reason."""
        return f"{self.asked}: {'; '.join(reason.words for reason in self.reasons)}"

    @property
    def cars(self) -> tuple[int, ...]:
        """Every car that stands in the way, once."""
        return tuple(dict.fromkeys(car for reason in self.reasons for car in reason.cars))


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect the car and wait for fresh data; report LinkUp or LinkDown."""

    car: int


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop the car and disconnect it; report LinkDown."""

    car: int


@dataclass(frozen=True, slots=True)
class Go:
    """The car may be driven from now on."""

    car: int


@dataclass(frozen=True, slots=True)
class Press:
    """Press the car's power button once; report Pressed, then what is heard of it."""

    car: int


@dataclass(frozen=True, slots=True)
class SwitchCharger:
    """Switch the car's charger; report ChargerIs."""

    car: int
    on: bool


Action = Connect | Halt | Go | Press | SwitchCharger | Refused
