"""What a car's messages add up to for somebody who watches. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from protocol import (
    OFFSET_UNKNOWN_MM,
    BatteryLevelResponse,
    CollisionDetected,
    Delocalized,
    Message,
    PositionUpdate,
    SpeedUpdate,
    SpeedUpdateLong,
    StatusUpdate,
    TransitionUpdate,
    TransitionUpdate17,
    core_of,
)
from protocol.track import location_of


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The latest of everything; None for what was not heard yet.

    `speed_mm_s` is a wheel speed, `lane_mm` where the last code says the car is (right of the road's centre
    positive), `believed_mm` where the car believes to be. Counters count since the link came up.
    """

    speed_mm_s: int | None = None
    ordered_mm_s: int | None = None
    piece_id: int | None = None
    lane_mm: float | None = None
    believed_mm: float | None = None
    battery_mv: int | None = None
    status: StatusUpdate | None = None
    frames: int = 0
    bad_frames: int = 0
    positions: int = 0
    transitions: int = 0
    skids: int = 0
    delocalized: int = 0


def observe(telemetry: Telemetry, message: Message | None) -> Telemetry:
    """The telemetry after one more frame; None stands for one that was no valid frame."""
    seen = replace(telemetry, frames=telemetry.frames + 1)
    if message is None:
        return replace(seen, bad_frames=seen.bad_frames + 1)
    core = core_of(message)
    match core:
        case PositionUpdate():
            seen = _position(seen, core)
        case TransitionUpdate() | TransitionUpdate17():
            seen = replace(seen, transitions=seen.transitions + 1)
        case SpeedUpdate() | SpeedUpdateLong():
            seen = replace(seen, ordered_mm_s=core.desired_speed_mm_s)
        case StatusUpdate():
            seen = replace(seen, status=core)
        case BatteryLevelResponse():
            seen = replace(seen, battery_mv=core.battery_mv)
        case CollisionDetected():
            seen = replace(seen, skids=seen.skids + 1)
        case Delocalized():
            seen = replace(seen, delocalized=seen.delocalized + 1)
        case _:
            pass
    return seen


def _position(seen: Telemetry, update: PositionUpdate) -> Telemetry:
    place = location_of(update.piece_id, update.location_id, update.is_reverse_parsed)
    believed = None if update.offset_mm == OFFSET_UNKNOWN_MM else update.offset_mm
    return replace(
        seen,
        positions=seen.positions + 1,
        speed_mm_s=update.speed_mm_s,
        ordered_mm_s=update.last_desired_speed_mm_s,
        piece_id=update.piece_id,
        lane_mm=None if place is None else place.offset_mm,
        believed_mm=believed,
    )
