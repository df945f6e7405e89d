"""First tries and how they ended, summed up over a run and the runs before it: what blame is laid from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

RUNS = 30
"""How many runs are looked back over, with the one asked for: a month of nights."""


@dataclass(frozen=True, slots=True)
class TryRow:
    """Tries of one car in one run over one adapter: how many, how many failed at first, and how many of these
    passed on a retry. `run` is the run's number, "" stands for a bay, an adapter or a host that is not known."""

    run: int
    run_id: str
    car: str
    bay: str
    adapter: str
    host: str
    tried: int
    failed_first: int
    passed_on_retry: int


def tries_up_to(db: Any, run: int, runs: int) -> tuple[TryRow, ...]:
    """The reconnects of a run and of those before it in the same world (a real one, or the same simulated one),
    `runs` at most. A cycle that the bench spoiled is no try; the adapter is the one that the first attempt went over."""
    looked_at = db.conn.execute(
        "SELECT number, run_id, radio FROM runs WHERE number <= ?1 AND virtual = (SELECT virtual FROM runs WHERE number = ?1)"
        " AND world_digest IS (SELECT world_digest FROM runs WHERE number = ?1) ORDER BY number DESC LIMIT ?2",
        (run, runs),
    ).fetchall()
    labels: dict[int, str] = {}  # a car that changed sets goes by its last name
    found: list[tuple[int, TryRow]] = []
    for number, run_id, radio in reversed(looked_at):
        labels.update(
            db.conn.execute("SELECT identifier, label FROM cars WHERE run = ?", (number,)).fetchall()
        )
        found += _tries(db, number, run_id, radio)
    return tuple(replace(row, car=labels[identifier]) for identifier, row in found)


def _tries(db: Any, run: int, run_id: str, radio: str) -> list[tuple[int, TryRow]]:
    """The rows by the car's identifier; its name is left open."""
    host = dict(db.conn.execute("SELECT name, version FROM versions WHERE run = ? AND name = 'host'", (run,)))
    bays = dict(db.conn.execute("SELECT identifier, coalesce(bay, '') FROM cars WHERE run = ?", (run,)))
    carriers = _first_carriers(db, run)
    tried: Counter[tuple[int, str]] = Counter()
    failed: Counter[tuple[int, str]] = Counter()
    mended: Counter[tuple[int, str]] = Counter()
    for leg, identifier, cycle, outcome in db.conn.execute(
        "SELECT leg, identifier, cycle, outcome FROM cycles WHERE run = ? AND outcome != 'void'"
        " ORDER BY leg, identifier, cycle",
        (run,),
    ):
        adapter = carriers.get((leg, identifier, cycle), "") if carriers else radio
        tried[identifier, adapter] += 1
        failed[identifier, adapter] += outcome != "ok"
        mended[identifier, adapter] += outcome == "flaky"
    return [
        (
            key[0],
            TryRow(run, run_id, "", bays[key[0]], key[1], host.get("host", ""), n, failed[key], mended[key]),
        )
        for key, n in tried.items()
        if key[0] in bays
    ]


def _first_carriers(db: Any, run: int) -> dict[tuple[int, int, int], str]:
    """Over which adapter the first attempt of each cycle went, after its link was lost; empty with one adapter."""
    rows = db.conn.execute(
        "SELECT acts.leg, cycles.identifier, acts.unit, acts.detail FROM acts JOIN cycles ON cycles.run = acts.run"
        " AND cycles.leg = acts.leg AND cycles.cycle = acts.unit AND printf('%08x', cycles.identifier) = acts.subject"
        " WHERE acts.run = ? AND acts.act IN ('carried by', 'tried over') AND acts.subject_kind = 'car'"
        " AND acts.at_s >= coalesce(cycles.loss_s, cycles.began_s) ORDER BY acts.number DESC",
        (run,),
    )
    return {
        (leg, identifier, unit): adapter for leg, identifier, unit, adapter in rows
    }  # the first one stays
