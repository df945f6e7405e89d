"""How far the ladder may go: bounds, pauses and permissions. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from random import Random

from rig.errors import InputError
from rig.radio.recovery.rungs import Rung


class Leave(StrEnum):
    """When what ends every link of an adapter may be done."""

    NEVER = "never"
    IF_ALONE = "if alone"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class RecoveryPolicy:
    """Bounds of one recovery, from its first fault to its end.

    The first five count how often each rung may be taken; `rungs_at_most` bounds their sum, and no rung begins
    later than `limit_s` seconds after the first fault. Pauses start at `first_pause_s`, grow by `growth` each
    time up to `longest_pause_s`, and are shortened by up to the share `jitter` (0..1) so that several cars do not
    come back in step. `power_cycle` is the leave to end all links of the adapter at once, and
    `allow_stack_restart` the permission to restart the system's Bluetooth service, which needs that leave too.

    Raises:
        InputError: a bound is negative or no number, or `jitter` is not a share.
    """

    retries: int = 1
    back_offs: int = 8
    drops: int = 1
    power_cycles: int = 2
    restarts: int = 1
    rungs_at_most: int = 12
    limit_s: float = 60.0
    first_pause_s: float = 0.5
    growth: float = 2.0
    longest_pause_s: float = 8.0
    jitter: float = 0.25
    power_cycle: Leave = Leave.IF_ALONE
    allow_stack_restart: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int | float) and not 0 <= value < float("inf"):
                raise InputError(f"recovery policy: {field.name} is {value}; give a number of 0 or more")
        if self.jitter > 1:
            raise InputError(f"recovery policy: jitter is {self.jitter}; give a share from 0 to 1")

    def times(self, rung: Rung) -> int:
        """How often a rung may be taken."""
        return {
            Rung.RETRY: self.retries,
            Rung.BACK_OFF: self.back_offs,
            Rung.DROP_STALE: self.drops,
            Rung.POWER_CYCLE: self.power_cycles,
            Rung.RESTART_STACK: self.restarts,
        }.get(rung, 0)

    def pause_s(self, taken: int, seed: int) -> float:
        """How long to wait when backing off for the time after `taken` times, in seconds."""
        whole_s = self.longest_pause_s
        if self.growth <= 1 or taken < 64:  # beyond that no float, and no patience, reaches
            whole_s = min(whole_s, self.first_pause_s * self.growth**taken)
        less = self.jitter * Random(f"{seed}/{taken}").random()  # noqa: S311 - spread, not secrecy
        return whole_s * (1.0 - less)


NO_RECOVERY = RecoveryPolicy(rungs_at_most=0)
"""Asks at once."""
