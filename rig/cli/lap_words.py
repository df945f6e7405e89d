"""Laps and tracks in words, for `pitboard lap` and `pitboard replay`."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from rig.driving.lap_events import Confidence, Lap
from rig.driving.track_map import TrackMap, draw


def lap_words(lap: Lap) -> str:
    """One lap as a line."""
    why = ", ".join(sorted(kind.value for kind in lap.evidence))
    return f"lap {lap.number:3d}  {lap.time_s:7.2f} s   {lap.confidence.value:8s}  {why}"


def lap_record(lap: Lap, began_s: float) -> dict[str, Any]:
    """One lap as JSON; `at_s` counts from `began_s`."""
    return {
        "event": "lap",
        "number": lap.number,
        "at_s": round(lap.at_s - began_s, 6),
        "time_s": round(lap.time_s, 6),
        "direction": lap.direction.value,
        "confidence": lap.confidence.value,
        "evidence": sorted(kind.value for kind in lap.evidence),
        "pieces": lap.pieces,
        "distance_cm": round(lap.distance_cm, 1),
    }


def laps_record(laps: Sequence[Lap]) -> dict[str, Any]:
    """All laps in figures."""
    times = [lap.time_s for lap in laps]
    return {
        "laps": len(laps),
        "best_lap_s": round(min(times), 6) if times else None,
        "median_lap_s": round(median(times), 6) if times else None,
        "slowest_lap_s": round(max(times), 6) if times else None,
        "inferred_laps": sum(lap.confidence is Confidence.INFERRED for lap in laps),
    }


def laps_words(laps: Sequence[Lap]) -> str:
    """All laps in a line."""
    if not laps:
        return "no lap"
    figures = laps_record(laps)
    count = "1 lap" if len(laps) == 1 else f"{len(laps)} laps"
    inferred = f", {figures['inferred_laps']} inferred" if figures["inferred_laps"] else ""
    return (
        f"{count}{inferred}: median {figures['median_lap_s']:.2f} s, best {figures['best_lap_s']:.2f} s, "
        f"slowest {figures['slowest_lap_s']:.2f} s"
    )


def track_words(track: TrackMap) -> list[str]:
    """The track as lines: its picture, its length, its pieces."""
    length = (
        "length not public" if track.lap_mm is None else f"{track.lap_mm / 1000:.2f} m on the centre line"
    )
    open_end = (
        "" if track.is_closed in {True, None} else ", but the ends do not meet: a bridge or a misread piece"
    )
    return [
        *draw(track),
        f"{len(track.pieces)} pieces, {length}, driven {track.direction.value}{open_end}",
        str(track),
    ]


def track_record(track: TrackMap) -> dict[str, Any]:
    """The track as JSON."""
    return {
        "event": "track",
        "direction": track.direction.value,
        "lap_mm": None if track.lap_mm is None else round(track.lap_mm, 1),
        "closed": track.is_closed,
        "pieces": [
            {
                "piece_id": piece.piece_id,
                "kind": piece.kind.value,
                "turn": None if piece.turn is None else piece.turn.value,
            }
            for piece in track.pieces
        ],
        "drawing": draw(track),
    }
