"""A recovery in a user's words: one line for every rung, one for its end, one sentence when a person is needed."""

from __future__ import annotations

from collections import Counter

from rig.radio.errors import (
    AdapterGone,
    AdapterMissing,
    AdapterOff,
    AttError,
    CarNotFound,
    ConnectTimedOut,
    EstablishmentFailed,
    HostTrouble,
    LinkLost,
    NoAnswer,
    NoFreshData,
    NotPermitted,
    ServicesMissing,
    SlotsExhausted,
    StackBusy,
    StackMissing,
)
from rig.radio.recovery.records import Recovery, RecoveryRecord, RungState
from rig.radio.recovery.rungs import Fault, Kind, Rung

_RESTART_CAR = "put the car on its charger for a few seconds, which restarts it, then try again"

HANDS: dict[Kind, str] = {
    CarNotFound: "put the car on its charger for a few seconds, which wakes it, bring it near, and let no phone hold it",
    ConnectTimedOut: f"bring it near; if that is not it, {_RESTART_CAR}",
    EstablishmentFailed: "bring it near and away from Wi-Fi, or use another adapter",
    LinkLost: _RESTART_CAR,
    NoFreshData: _RESTART_CAR,
    NoAnswer: _RESTART_CAR,
    AttError: "check that it is a car and that its firmware is known",
    ServicesMissing: "check that it is a car; if so, run 'bluetoothctl remove' with its address",
    StackBusy: "end other programs that use Bluetooth, or run 'systemctl restart bluetooth'",
    SlotsExhausted: "disconnect a car or add a second adapter",
    HostTrouble: "replug the dongle; if it stays, report these words",
    AdapterOff: "run 'rfkill unblock bluetooth' and 'bluetoothctl power on'",
    AdapterGone: "replug the dongle",
    AdapterMissing: "plug a Bluetooth dongle in, or use --radio sim",
    StackMissing: "run 'systemctl start bluetooth'",
    NotPermitted: "join the 'bluetooth' group or allow it in the system settings",
}
"""What only hands can do about a fault, once nothing else is left."""

_DOES = {
    Rung.DROP_STALE: "dropping its stale connection",
    Rung.POWER_CYCLE: "switching the adapter off and on",
    Rung.RESTART_STACK: "restarting the Bluetooth service",
}


def ask_sentence(fault: Fault) -> str:
    """What happened to which car or adapter, and what hands must do."""
    return f"{fault.what}; {HANDS[fault.kind]}"


def step_line(record: RecoveryRecord) -> str:
    """One rung about to be taken, e.g. `Skull 0880eadb: connecting timed out (...); trying again in 0.5 s (2 of 6)`."""
    counted = f"({record.next_try} of {record.of})"
    if record.rung in _DOES:
        return f"{record.what}; {_DOES[record.rung]} and trying again {counted}"
    soon = f" in {record.pause_s:.1f} s" if record.pause_s else ""
    return f"{record.what}; trying again{soon} {counted}"


def end_line(recovery: Recovery) -> str:
    """How it ended, e.g. `recovered after 3 tries in 4.2 s (retry, back off)`."""
    counts = Counter(record.rung.value for record in recovery.taken)
    tried = ", ".join(name if times == 1 else f"{name} {times} times" for name, times in counts.items())
    skipped = ", ".join(
        f"{record.rung.value} ({record.detail})"
        for record in recovery.skipped
        if record.state is RungState.SKIPPED
    )
    tries = f"{recovery.tries} {'try' if recovery.tries == 1 else 'tries'} in {recovery.took_s:.1f} s"
    if recovery.recovered:
        return f"{recovery.subject}: recovered after {tries} ({tried})"
    parts = [part for part in (tried, skipped and f"left out: {skipped}") if part]
    return f"{recovery.subject}: gave up after {tries}, {recovery.asked} ({'; '.join(parts)})"
