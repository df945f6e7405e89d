"""Renders docs/recovery.md from the ladder's own tables and the measured figures in docs/figures/."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

from rig.radio.recovery.diagram import bounds_table, machine_drawing, ways_table
from rig.statistics.quantiles import Sample, quantile
from rig.statistics.rates import exact

FIGURES = Path(__file__).parent / "figures"
RADIOS = {
    "sim": "in process: our bleak backend over virtual controllers, virtual time",
    "vhci": "stock bleak on BlueZ and the Linux kernel in the guest, the same cars on virtual controllers, real time",
}
CONFIDENCE = 0.95

HEAD = """# The recovery ladder

When a car does not connect, or a radio fails, pitboard tries what may help before it asks a person: it retries, backs
off, drops a stale connection, switches the adapter off and on, and, with permission, restarts the Bluetooth service.
Each rung is written down before it is taken and after, with what it cost and whether the fault came back. `drive`,
`lap` and `record` climb it when connecting (`--recovery off`, `careful` or `full`), the soak when the bench fails;
what a car does by itself a soak measures and never mends.

Drawn by `python tasks.py docs` from `WAYS` in `rig/radio/recovery/rungs.py`, from `TRANSITIONS` in
`rig/radio/recovery/machine.py` and from the figures that the commands below wrote.

## Which rungs a fault has

"""

LEARNED = """
## What measuring it changed

- A phantom connection cost 32 s while it was only dropped after every back-off; now it goes first.
- A hung controller was left to a person in 24 of 40 trials in process, and a reset of 20 s in 2 of 4 on BlueZ: the
  power-cycle failed in the middle of it and left the adapter off. Now an adapter that is off is given time and a
  second power-cycle.
- A dead bluetoothd was restarted after 14 s of waiting; now after two short pauses.
- On BlueZ a full adapter (`slot_limit`) and a host that aborts (`abort_connect`) both show as `ConnectTimedOut`,
  because bleak repeats what BlueZ refuses until the time is up; in process they have their own classes.

The table for BlueZ is put together from several boots of the guest; what the second power-cycle cannot touch was
measured before it was added.
"""

AFTER_WAYS = """
A connection that certainly nobody uses is dropped before anything is waited for. What ends every link of an adapter
is done only when nobody else is on it, and not for a car alone when the adapter hears others. A rung that a radio
does not have, or has no leave for, is left out, and the last line says so.

## How far it goes

"""

MEASURED = """
## What it is worth

A trial brings a car up, makes the fault happen, waits until the link is gone, and lets the ladder bring the car back.
"At once": the first try succeeded, so there was nothing to climb. Times run from the noticed loss to fresh data. The
share is of the trials in which the first try failed, with its exact (Clopper-Pearson) 95 % interval. Of the faults
marked with a hand a person is what helps, and asking is the right end. How long a fault lasts is drawn from the range
it names; the ladder's patience is about a minute, and what lasts longer ends with a person too.

    python -m benchmarks.recovery_table sim --trials 40
    python -m benchmarks.recovery_table vhci --trials 4 --hands-trials 2    # inside the guest, docs/real-bluetooth.md
    python docs/plot_recovery.py && python tasks.py docs

![Time from the noticed loss to fresh data, fault by fault, on both radios](img/recovery.svg)
"""


def recovery_page() -> str:
    """The whole page."""
    parts = [HEAD, ways_table(), "\n", AFTER_WAYS, bounds_table(), "\n\n", machine_drawing(), "\n", MEASURED]
    for radio, what in RADIOS.items():
        path = FIGURES / f"recovery-{radio}.json"
        if path.is_file():
            document = json.loads(path.read_text(encoding="utf-8"))
            parts += [
                f"\n### `{radio}:`: {what}\n\n",
                _versions(document),
                table_of(document),
                "\n\n",
                rungs_of(document),
                "\n",
            ]
    return "".join([*parts, LEARNED])


def table_of(document: dict[str, Any]) -> str:
    """The table of one radio."""
    names = [
        "fault",
        "seen as",
        "trials",
        "at once",
        "ladder",
        "person",
        "share without a person",
        "median",
        "P95",
    ]
    rows = [
        f"| {' | '.join([*names, 'the rung that did it'])} |",
        "|---|---|---:|---:|---:|---:|---|---:|---:|---|",
    ]
    for name, fault in document["faults"].items():
        rows.append(_row(name, fault))
    rows += [_total(document, hands=False), _total(document, hands=True)]
    return "\n".join(rows)


def rungs_of(document: dict[str, Any]) -> str:
    """What each rung was worth over all faults; its cost is the median of the faults' medians, by how often each
    took it."""
    rows = [
        "| rung | taken | helped | failed | no answer | left out | typical cost, try included |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    by_rung: dict[str, list[dict[str, Any]]] = {}
    for fault in document["faults"].values():
        for rung in fault["ladder"]["rungs"]:
            by_rung.setdefault(rung["rung"], []).append(rung)
    for name, parts in by_rung.items():
        taken, helped, failed, unknown, skipped = (
            sum(part[key] for part in parts) for key in ("tried", "helped", "failed", "unknown", "skipped")
        )
        costs = [part["median_cost_s"] for part in parts for _ in range(part["tried"])]
        cost = f"{median(costs):.1f} s" if costs else ""
        share = f"{helped} ({helped / taken:.0%})" if taken else "0"
        rows.append(f"| {name} | {taken} | {share} | {failed} | {unknown} | {skipped} | {cost} |")
    return "\n".join(rows)


def _row(name: str, fault: dict[str, Any]) -> str:
    times = [Sample(censored=False, value_s=value) for value in fault["back_s"]]
    middle, p95 = quantile(times, 0.5), quantile(times, 0.95)
    did = ", ".join(f"{rung} {count}" for rung, count in fault["helped_at_last"].items())
    hand = " ✋" if fault["needs_person"] else ""
    cells = [
        f"`{name}`{hand}: {fault['what']}",
        ", ".join(fault["shown_as"]),
        fault["trials"],
        fault["at_once"],
        fault["recovered"],
        fault["asked"],
        _share(fault["recovered"], fault["recovered"] + fault["asked"]),
        "" if middle is None else f"{middle.value_s:.1f} s",
        "" if p95 is None else f"{p95.value_s:.1f} s",
        did,
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _total(document: dict[str, Any], *, hands: bool) -> str:
    faults = [fault for fault in document["faults"].values() if hands or not fault["needs_person"]]
    sums = {key: sum(fault[key] for fault in faults) for key in ("trials", "at_once", "recovered", "asked")}
    times = [Sample(censored=False, value_s=value) for fault in faults for value in fault["back_s"]]
    middle, p95 = quantile(times, 0.5), quantile(times, 0.95)
    cells = [
        "**all**" if hands else "**all that need no hands**",
        "",
        *(str(value) for value in sums.values()),
        f"**{_share(sums['recovered'], sums['recovered'] + sums['asked'])}**",
        "" if middle is None else f"**{middle.value_s:.1f} s**",
        "" if p95 is None else f"**{p95.value_s:.1f} s**",
        "",
    ]
    return "| " + " | ".join(cells) + " |"


def _share(recovered: int, climbs: int) -> str:
    if not climbs:
        return "not needed"
    rate = exact(recovered, climbs, CONFIDENCE)
    return f"{rate.value:.0%} ({rate.lower:.0%} to {rate.upper:.0%})"


def _versions(document: dict[str, Any]) -> str:
    named = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    return f"{named}.\n\n"
