"""Cars in a user's words: state, firmware, rows of a table."""

from __future__ import annotations

from typing import Any

from protocol.advertising import NameState
from protocol.models import model_name
from rig.radio.milestones import Milestones
from rig.radio.sighting import Sighting

UNKNOWN = "-"


def state_words(state: NameState | None) -> str:
    """Charge and place, e.g. `full, on track`."""
    if state is None:
        return UNKNOWN
    words = []
    if state.on_charger:
        words.append("on charger")
    if state.full_battery:
        words.append("full")
    if state.low_battery:
        words.append("low")
    if state.on_track:
        words.append("on track")
    return ", ".join(words) or "ok"


def firmware_words(firmware: int | None) -> str:
    """The firmware number as the cars' makers write it, in hex."""
    return UNKNOWN if firmware is None else f"0x{firmware:04x}"


def sighting_record(car: Sighting, began_s: float) -> dict[str, Any]:
    """A sighting as JSON; `seen_s` counts from the start of the scan. Several radios' levels stand under their names."""
    state = car.state
    record = {
        "identifier": f"{car.identifier:08x}",
        "address": car.address,
        "model": model_name(car.model_id),
        "model_id": car.model_id,
        "name": car.name,
        "firmware": car.firmware,
        "on_charger": None if state is None else state.on_charger,
        "full_battery": None if state is None else state.full_battery,
        "low_battery": None if state is None else state.low_battery,
        "on_track": None if state is None else state.on_track,
        "rssi_dbm": car.rssi_dbm,
        "seen_s": round(car.seen_s - began_s, 3),
    }
    if car.hearings:
        record["rssi_dbm_by_radio"] = {hearing.radio: hearing.rssi_dbm for hearing in car.hearings}
    return record


def connected_words(label: str, steps: Milestones) -> str:
    """How long connecting took, step by step, e.g. for the first line of a drive."""
    marks = (
        ("link", steps.connected_s),
        ("services", steps.services_s),
        ("subscribed", steps.subscribed_s),
        ("data", steps.first_data_s),
    )
    parts, before_s = [], steps.asked_s
    for name, at_s in marks:
        if at_s is not None:
            parts.append(f"{name} {(at_s - before_s) * 1000:.0f} ms")
            before_s = at_s
    return f"{label}: connected in {before_s - steps.asked_s:.2f} s ({', '.join(parts)})"


def milestones_record(steps: Milestones) -> dict[str, float | None]:
    """Seconds from the decision to connect to each step; None for a step not reached."""
    marks = {
        "connected_s": steps.connected_s,
        "services_s": steps.services_s,
        "subscribed_s": steps.subscribed_s,
        "first_data_s": steps.first_data_s,
    }
    return {name: None if at_s is None else round(at_s - steps.asked_s, 6) for name, at_s in marks.items()}
