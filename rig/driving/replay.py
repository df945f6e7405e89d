"""Plays a recording through the decoder, the track scan and the lap detector. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from protocol import DecodeError, Dialect, Direction, Message, core_of, decode, dialect_for
from rig.driving.lap_events import Lap, event_of
from rig.driving.lap_run import LapRun
from rig.driving.track_map import TrackMap
from rig.driving.track_scan import Failure, ScanRules
from rig.driving.transcript import Damaged, Frame, Item, Session


@dataclass(slots=True)
class Replay:
    """What a recording holds: messages by direction and kind, laps, the track, and what could not be read."""

    session: Session | None = None
    first_s: float | None = None
    last_s: float = 0.0
    messages: Counter[tuple[Direction, str]] = field(default_factory=Counter)
    laps: list[Lap] = field(default_factory=list)
    track: TrackMap | None = None
    track_failure: Failure | None = None
    damaged: list[Damaged] = field(default_factory=list)
    bad_frames: list[tuple[Frame, DecodeError]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """From the first frame to the last."""
        return 0.0 if self.first_s is None else self.last_s - self.first_s

    @property
    def is_whole(self) -> bool:
        """Whether every line and every frame could be read."""
        return not self.damaged and not self.bad_frames

    def count(self, direction: Direction, *names: str) -> int:
        """How many messages of these class names went that way."""
        return sum(self.messages[direction, name] for name in names)


def replay(items: Iterable[Item], firmware: int | None = None) -> Replay:
    """Plays a recording. `firmware` overrides what it says about itself."""
    played = Replay()

    def found_track(track: TrackMap) -> None:
        played.track = track

    def found_none(failure: Failure) -> None:
        played.track_failure = failure

    rules = ScanRules(limit_s=float("inf"), blind_s=float("inf"), most_pieces=10_000, most_laps=1_000)
    run = LapRun.with_rules(rules, found_track, found_none, played.laps.append)
    known = firmware
    for item in items:
        if isinstance(item, Damaged):
            played.damaged.append(item)
        elif isinstance(item, Session):
            played.session = item
            known = firmware if firmware is not None else item.firmware
        else:
            known = firmware if firmware is not None else (item.firmware or known)
            message = _decoded(played, item, dialect_for(known))
            event = event_of(message, item.at_s) if item.direction is Direction.TO_HOST else None
            if event is not None:
                run.feed(event)
    return played


def _decoded(played: Replay, item: Frame, dialect: Dialect) -> Message | None:
    played.first_s = item.at_s if played.first_s is None else min(played.first_s, item.at_s)
    played.last_s = max(played.last_s, item.at_s)
    try:
        message = decode(item.frame, item.direction, dialect)
    except DecodeError as error:
        played.bad_frames.append((item, error))
        return None
    played.messages[item.direction, type(core_of(message)).__name__] += 1
    return message
