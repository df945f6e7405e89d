"""What the relay drivers share: channel checks and the words of a refusal."""

from __future__ import annotations

from rig.bench.errors import NotConfirmed
from rig.errors import InputError


def check_channel(label: str, channel: int, channels: int) -> None:
    """Refuses a channel the board has not.

    Raises:
        InputError: it is not 1 to `channels`.
    """
    if not 1 <= channel <= channels:
        raise InputError(
            f"{label}: there is no channel {channel}; this board has 1 to {channels}, correct the wiring map"
        )


def check_state(label: str, channel: int, *, wanted: bool, seen: bool) -> None:
    """Compares what the board says with what it was told.

    Raises:
        NotConfirmed: they differ.
    """
    if wanted != seen:
        raise NotConfirmed(
            f"{label}, channel {channel}", f"told {on_off(wanted)}, but the board says {on_off(seen)}"
        )


def on_off(on: bool) -> str:
    """`on` or `off`."""
    return "on" if on else "off"
