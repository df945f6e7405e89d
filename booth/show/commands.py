"""What people may ask of the show, by role. A request is a value; `booth.control` carries it as JSON.

`player` is the opaque id of a player, never a name; `by` the role and tablet that asked, for the log.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, get_args


class Role(StrEnum):
    """Who asks."""

    PLAYER = "player"
    CREW = "crew"
    IT = "it"


_CREW = frozenset({Role.CREW, Role.IT})
_PLAYER = frozenset({Role.PLAYER})
_IT = frozenset({Role.IT})
_ANY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Join:
    """A player takes a place in the queue, or their old one again."""

    roles: ClassVar = _ANY
    player: str


@dataclass(frozen=True, slots=True)
class Leave:
    """A player gives up their seat or place."""

    roles: ClassVar = _ANY
    player: str


@dataclass(frozen=True, slots=True)
class Beat:
    """The player's phone is there."""

    roles: ClassVar = _PLAYER
    player: str


@dataclass(frozen=True, slots=True)
class Steer:
    """What the player wants now: `throttle` 0 to 1, `lane` -1 (left) to 1 (right), `fire` in a battle.
    `number` rises with each; an older one is ignored."""

    roles: ClassVar = _PLAYER
    player: str
    number: int
    throttle: float
    lane: float = 0.0
    fire: bool = False


@dataclass(frozen=True, slots=True)
class OpenShow:
    """Let visitors in. Asks for the opening checklist to be done."""

    roles: ClassVar = _CREW
    by: str


@dataclass(frozen=True, slots=True)
class CloseShow:
    """No more races after this one."""

    roles: ClassVar = _CREW
    by: str


@dataclass(frozen=True, slots=True)
class StartRace:
    """Start now instead of waiting for the line-up's time."""

    roles: ClassVar = _CREW
    by: str


@dataclass(frozen=True, slots=True)
class StopRace:
    """End the race without a result; every car stops."""

    roles: ClassVar = _CREW
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Rerun:
    """Race again with the same players."""

    roles: ClassVar = _CREW
    by: str
    race: int


@dataclass(frozen=True, slots=True)
class Skip:
    """Let the called player who does not come wait, and call the next."""

    roles: ClassVar = _CREW
    by: str
    seat: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop every car now, whatever goes on; `Resume` goes on."""

    roles: ClassVar = _CREW
    by: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after `Hold`."""

    roles: ClassVar = _CREW
    by: str


@dataclass(frozen=True, slots=True)
class CallSwap:
    """Swap the sets after this race."""

    roles: ClassVar = _CREW
    by: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """Set up the next race with this set; refused while the other is not off."""

    roles: ClassVar = _CREW
    by: str
    set_name: str


@dataclass(frozen=True, slots=True)
class MayCharge:
    """Ask whether a car may go on its charger now; refused with the reason while it may not."""

    roles: ClassVar = _CREW
    by: str
    car: int


@dataclass(frozen=True, slots=True)
class Tick:
    """One item of a checklist done or, with `done` False, not done after all."""

    roles: ClassVar = _CREW
    by: str
    item: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Race without this car from now on."""

    roles: ClassVar = _CREW
    by: str
    car: int
    why: str


@dataclass(frozen=True, slots=True)
class Readmit:
    """Let a car that was taken out take part again."""

    roles: ClassVar = _CREW
    by: str
    car: int


@dataclass(frozen=True, slots=True)
class Promote:
    """Change a mode's state. To VERIFIED and on it carries its `evidence`. The crew is told and taps `AcceptChange`."""

    roles: ClassVar = _IT
    by: str
    mode: str
    state: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class AcceptChange:
    """The crew has read what changes for them; it holds from the next race on."""

    roles: ClassVar = _CREW
    by: str
    change: int


@dataclass(frozen=True, slots=True)
class UndoChange:
    """Back to what it was before, from the next race on."""

    roles: ClassVar = _CREW
    by: str
    change: int


@dataclass(frozen=True, slots=True)
class ChooseMode:
    """Play this mode from the next race on; a BETA one only for IT."""

    roles: ClassVar = _CREW
    by: str
    mode: str


@dataclass(frozen=True, slots=True)
class Correct:
    """Change a result; `ranking` are the seats from first to last, `comment` why. The old result stays in the log."""

    roles: ClassVar = _CREW
    by: str
    race: int
    ranking: tuple[int, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class StageDraw:
    """Show the draw on the stage, or with `step` "" no more; `step` and `body` are the screens' own words for it."""

    roles: ClassVar = _CREW
    by: str
    step: str
    body: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Restart:
    """The last rung of the self-cure ladder: restart `what`: a car, "radio", "race" or "screens". Counted."""

    roles: ClassVar = _CREW
    by: str
    what: str


Command = (
    Join
    | Leave
    | Beat
    | Steer
    | OpenShow
    | CloseShow
    | StartRace
    | StopRace
    | Rerun
    | Skip
    | Hold
    | Resume
    | CallSwap
    | SetUp
    | MayCharge
    | Tick
    | TakeOut
    | Readmit
    | Promote
    | AcceptChange
    | UndoChange
    | ChooseMode
    | Correct
    | StageDraw
    | Restart
)
COMMANDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Command)}


class BadCommand(ValueError):  # noqa: N818 - it names the situation
    """What came is no command."""


def to_json(command: Command) -> dict[str, Any]:
    """The command as JSON values: its name under `do`, its fields beside it."""
    return {"do": type(command).__name__, **asdict(command)}


def from_json(body: object) -> Command:
    """The command in what came over the wire.

    Raises:
        BadCommand: an unknown name, a field too many, missing or of the wrong kind.
    """
    if not isinstance(body, dict) or body.get("do") not in COMMANDS:
        raise BadCommand("no such command")
    kind = COMMANDS[body["do"]]
    given = {key: value for key, value in body.items() if key != "do"}
    hints = typing.get_type_hints(kind)
    known = {field.name: hints[field.name] for field in fields(kind)}
    if unknown := sorted(set(given) - set(known)):
        raise BadCommand(f"{kind.__name__} has no field '{unknown[0]}'")
    try:
        command: Command = kind(**{key: _checked(key, value, known[key]) for key, value in given.items()})
    except TypeError as error:
        raise BadCommand(f"{kind.__name__} lacks a field") from error
    return command


def _checked(name: str, value: object, hint: object) -> object:
    texts = value.items() if isinstance(value, dict) else ((value,),)
    for text in (part for parts in texts for part in parts if isinstance(part, str)):
        try:
            text.encode()
        except UnicodeEncodeError as error:  # half a character, which JSON can write and nothing can store
            raise BadCommand(f"field '{name}' is no text") from error
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, types.GenericAlias) and hint.__origin__ is tuple:
        if isinstance(value, list | tuple) and all(type(part) is int for part in value):
            return tuple(value)
    elif (isinstance(hint, type) and type(value) is hint) or (
        typing.get_origin(hint) is not None
        and isinstance(value, dict)
        and all(isinstance(part, str) for pair in value.items() for part in pair)
    ):
        return value
    raise BadCommand(f"field '{name}' is of the wrong kind")
