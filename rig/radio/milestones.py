"""The steps from an advert to a usable link, and how a link ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

Step = Literal["connected_s", "services_s", "subscribed_s", "first_data_s"]


@dataclass(frozen=True, slots=True)
class Milestones:
    """Loop-clock seconds of the steps to a usable link; None for a step not reached.

    `seen_s` is the advert that led to the connect, `asked_s` when this radio began to connect (after its
    turn came). bleak's connect() returns only after discovery, so `connected_s` comes from watching
    `is_connected` every `rig.radio.bring_up.LINK_POLL_S` seconds and is late by at most that.
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

    def reaching(self, step: Step, at_s: float | None) -> Milestones:
        """These milestones with one step reached at `at_s`, or not reached after all."""
        match step:
            case "connected_s":
                return replace(self, connected_s=at_s)
            case "services_s":
                return replace(self, services_s=at_s)
            case "subscribed_s":
                return replace(self, subscribed_s=at_s)
            case "first_data_s":
                return replace(self, first_data_s=at_s)


class LossReason(Enum):
    """How a link ended, as far as bleak tells: it never passes the controller's reason on. STACK: bluetoothd or
    D-Bus ended, and whatever was linked through it is lost."""

    ASKED = "disconnected by us"
    LOST = "lost"
    STACK = "the Bluetooth service of this computer ended"


@dataclass(frozen=True, slots=True)
class Loss:
    """The end of a link: when (loop clock), why, and how long it had been silent before."""

    at_s: float
    reason: LossReason
    silent_s: float

    def __str__(self) -> str:
        """In a user's words."""
        if self.reason is not LossReason.LOST:
            return str(self.reason.value)
        return f"link lost after {self.silent_s:.1f} s of silence"
