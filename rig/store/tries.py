"""First tries and how they ended, summed up over a run and the runs before it: what blame is laid from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

RUNS = 30
"""How many runs are looked back over, with the one asked for: a month of nights."""


@dataclass(frozen=True, slots=True)
class TryRow:
    """Tries of one car in one run at one thing (`what`: reconnect, life or charge), in one bay, over one adapter: how
    many, how many failed at first, and how many of these passed on a retry. `run` is the run's number, "" stands
    for a bay, an adapter or a host that is not known or has no part in it."""

    run: int
    run_id: str
    what: str
    car: str
    bay: str
    adapter: str
    host: str
    tried: int
    failed_first: int
    passed_on_retry: int


class _Try(NamedTuple):
    what: str
    identifier: int
    bay: str | None
    adapter: str
    failed: bool
    passed_on_retry: bool = False


def tries_up_to(db: Any, run: int, runs: int) -> tuple[TryRow, ...]:
    """The tries of a run and of those before it in the same world (a real one, or the same simulated one), `runs` at
    most. What the bench spoiled is no try of a reconnect or a life, but a failed try of a charge."""
    looked_at = db.conn.execute(
        "SELECT number, run_id, radio FROM runs WHERE number <= ?1 AND virtual = (SELECT virtual FROM runs WHERE number = ?1)"
        " AND world_digest IS (SELECT world_digest FROM runs WHERE number = ?1) ORDER BY number DESC LIMIT ?2",
        (run, runs),
    ).fetchall()
    labels: dict[int, str] = {}  # a car that changed sets goes by its last name
    found = []
    for number, run_id, radio in reversed(looked_at):
        labels.update(
            db.conn.execute("SELECT identifier, label FROM cars WHERE run = ?", (number,)).fetchall()
        )
        found.append((number, run_id, _summed_up(db, number, radio)))
    return tuple(
        TryRow(number, run_id, key.what, labels[key.identifier], key.bay or "", key.adapter, host, *counts)
        for number, run_id, (host, sums) in found
        for key, counts in sums.items()
        if key.identifier in labels
    )


def _summed_up(db: Any, run: int, radio: str) -> tuple[str, dict[_Try, tuple[int, int, int]]]:
    """The host, and how often each was tried, failed at first, and passed on a retry."""
    host = dict(db.conn.execute("SELECT name, version FROM versions WHERE run = ? AND name = 'host'", (run,)))
    bays = dict(db.conn.execute("SELECT identifier, bay FROM cars WHERE run = ?", (run,)))
    counted = Counter(
        each._replace(bay=each.bay or bays.get(each.identifier)) for each in _tries(db, run, radio)
    )
    sums: dict[_Try, tuple[int, int, int]] = {}
    for each, n in counted.items():
        key = each._replace(failed=False, passed_on_retry=False)
        tried, failed, mended = sums.get(key, (0, 0, 0))
        sums[key] = (tried + n, failed + n * each.failed, mended + n * each.passed_on_retry)
    return host.get("host", ""), dict(sorted(sums.items(), key=str))


def _tries(db: Any, run: int, radio: str) -> Iterator[_Try]:
    carriers = _first_carriers(db, run)
    for leg, identifier, cycle, outcome in db.conn.execute(
        "SELECT leg, identifier, cycle, outcome FROM cycles WHERE run = ? AND outcome != 'void'", (run,)
    ):
        adapter = carriers.get((leg, identifier, cycle), "") if carriers else radio
        yield _Try("reconnect", identifier, None, adapter, outcome != "ok", outcome == "flaky")
    for identifier, bay, end in db.conn.execute(
        "SELECT identifier, bay, end FROM lives WHERE run = ? AND end NOT IN ('bench void', 'cut', 'taken off')",
        (run,),
    ):
        yield _Try("life", identifier, bay, "", end not in {"battery death", "limit reached"})
    for identifier, bay, end in db.conn.execute(
        "SELECT identifier, bay, end FROM life_charges WHERE run = ?", (run,)
    ):
        yield _Try("charge", identifier, bay, "", end not in {"full flag", "current fell"})


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
