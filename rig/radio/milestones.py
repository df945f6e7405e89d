"""The steps from an advert to a usable link, and how a link ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Milestones:
    """Loop-clock seconds of the steps to a usable link; None for a step not reached.

    `seen_s` is the advert that led to the connect, `asked_s` when this radio began to connect (after its
    turn came). bleak's connect() returns only after discovery, so `connected_s` comes from watching
    `is_connected` every `rig.radio.radio.LINK_POLL_S` seconds and is late by at most that.
    """

    seen_s: float
    asked_s: float
    connected_s: float | None = None
    services_s: float | None = None
    subscribed_s: float | None = None
    first_data_s: float | None = None

    @property
    def pending(self) -> str:
        """The first step not reached: `link`, `services`, `subscription`, `first data`, or `nothing`."""
        if self.connected_s is None:
            return "link"
        if self.services_s is None:
            return "services"
        if self.subscribed_s is None:
            return "subscription"
        return "first data" if self.first_data_s is None else "nothing"


class LossReason(Enum):
    """How a link ended, as far as bleak tells: it never passes the controller's reason on."""

    ASKED = "disconnected by us"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Loss:
    """The end of a link: when (loop clock), why, and how long it had been silent before."""

    at_s: float
    reason: LossReason
    silent_s: float

    def __str__(self) -> str:
        """In a user's words."""
        if self.reason is LossReason.ASKED:
            return "disconnected by us"
        return f"link lost after {self.silent_s:.1f} s of silence"
