"""What of a snapshot each audience sees. Whatever is not named here for the public stays with the staff. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_PUBLIC = (
    "number", "at", "stage", "mode", "race", "last", "queue", "called", "hour_board", "day_board", "draw",
    "next_race_s", "is_held",
)  # fmt: skip
_PUBLIC_SWAP = ("from_set", "to_set", "at", "elapsed_s", "usual_s")


def public_part(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """What anybody at the stand may see: the race, the queue, the boards and the draw; nothing of batteries, tasks or
    incidents."""
    part = {key: snapshot.get(key) for key in _PUBLIC}
    swap = snapshot.get("swap")
    if swap is not None:
        part["swap"] = {key: swap.get(key) for key in _PUBLIC_SWAP} | {"steps": len(swap.get("steps", ()))}
    else:
        part["swap"] = None
    return part


def players_in(snapshot: Mapping[str, Any]) -> set[str]:
    """Every player whose name a screen needs."""
    found: set[str] = set(snapshot.get("queue") or ()) | set(snapshot.get("called") or ())
    rows: Iterable[Mapping[str, Any]] = (
        *(snapshot.get("hour_board") or ()),
        *(snapshot.get("day_board") or ()),
        *((snapshot.get("race") or {}).get("seats") or ()),
        *((snapshot.get("last") or {}).get("seats") or ()),
    )
    found.update(row["player"] for row in rows if row.get("player"))
    return found
