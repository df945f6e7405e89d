"""Kills a nightly again and again with SIGKILL and goes on with it each time.

python -m tests.rig.faults.kills 200 [SEED]     prints what came of it
"""

from __future__ import annotations

import contextlib
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rig.soak.kinds import KINDS
from rig.store.database import open_database
from rig.store.journal_audit import Unit, audit, chargers_on
from rig.store.queries import acts_of, units_of
from tests.rig.faults.nights import Night

RECONNECT = """
kind = "reconnect"
name = "short reconnect"
cycles_per_car = 6
losses = ["vanish", "disconnect"]
[[limit]]
figure = "reconnect"
quantile = 0.5
at_most_s = 6.0
"""
SWAP = """
kind = "swap"
name = "short swap"
swaps = 6
race_s = 20.0
speed_mm_s = 400
budget_s = 300.0
[nemesis]
stuck_button = 0.1
left_on_charger = 0.1
adapter_lost = 0.05
[[limit]]
figure = "success"
at_least = 0.5
"""
BATTERY = """
kind = "battery"
name = "short battery"
lives_per_car = 2
limit_minutes = 0.5
recharge = "bench"
charge_limit_minutes = 5.0
[[limit]]
figure = "undisturbed"
at_least = 0.5
confidence = 0.75
"""
PLANS = {"reconnect": RECONNECT, "swap": SWAP, "battery": BATTERY}
ACTS = {"reconnect": "break link", "battery": "live"}
"""What makes a unit what it is; a cycle without a loss, or a life that never began, need not have it."""
VERDICTS = {0, 1, 4}


SHORTER = {
    "cycles_per_car = 6": "cycles_per_car = 2",
    "swaps = 6": "swaps = 2",
    "lives_per_car = 2": "lives_per_car = 1",
}


def write_nightly(folder, rounds, *, shorter=False):
    """A nightly of every kind there is, by turns, in short legs, so that a replay is short."""
    for kind, text in PLANS.items():
        assert kind in {known.name for known in KINDS}
        for long, short in SHORTER.items() if shorter else ():
            text = text.replace(long, short)  # noqa: PLW2901 - the same plan, in little
        (folder / f"{kind}.toml").write_text(text)
    parts = [f'[[part]]\nplan = "{folder / kind}.toml"\n' for _ in range(rounds) for kind in PLANS]
    path = folder / "nightly.toml"
    path.write_text('kind = "nightly"\nname = "killed"\nseed = 5\n' + "".join(parts))
    return str(path)


@dataclass
class Killed:
    """What became of it: how often it was killed while doing what, and what is left in the end."""

    kills: int = 0
    lost: list[tuple] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    complaints: tuple[str, ...] = ()
    left_on: tuple[str, ...] = ()
    moments: Counter = field(default_factory=Counter)
    gaps: int = 0
    differs: list[str] = field(default_factory=list)
    units: int = 0


def finished_units(home):
    """Every finished unit on record, with all its columns."""
    found = set()
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(home / "pitboard.db")) as db:
        for kind in KINDS:
            table = kind.row.TABLE
            found.update((table, *row) for row in db.execute(f"SELECT * FROM {table}"))
    return found


def moment(home):
    """What the run was doing when it was killed, as far as its journal says."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(home / "pitboard.db")) as db:
        row = db.execute("SELECT act FROM acts WHERE state = 'intended' ORDER BY number DESC").fetchone()
        return "between two acts" if row is None else f"in '{row[0]}'"
    return "before there was a database"


def kill_until(home, plan, kills, seed, *words):
    """Kills it `kills` times, by turns as soon as it has finished a unit more and after a random time, be it starting,
    replaying or running; then lets it run to its end."""
    dice, outcome = random.Random(seed), Killed()
    night_words, known = (plan, *words), set()
    while outcome.kills < kills:
        night = Night(home, *night_words)
        target = len(known) + dice.randint(1, 3) if dice.random() < 0.7 else None
        ended = _wait(night, home, target, dice.uniform(0.2, 2.5))
        if ended:
            code, _, err = night.end()
            if code not in VERDICTS:
                outcome.refused.append(f"{code}: {err}")
                if "nothing to resume" not in err:
                    return outcome, None
            break
        night.process.send_signal(signal.SIGKILL)
        night.end()
        outcome.kills += 1
        outcome.moments[moment(home)] += 1
        now = finished_units(home)
        outcome.lost += sorted(known - now)
        known = now
        if outcome.kills % 10 == 0:
            print(f"{outcome.kills} kills, {len(known)} units kept, {len(outcome.lost)} lost", flush=True)
        night_words = ("--resume",) if (home / "pitboard.db").exists() and _has_run(home) else night_words
    code, out, err = Night(home, "--resume", "--json").end(1500)
    if code not in VERDICTS:
        outcome.refused.append(f"{code}: {err}")
        return outcome, None
    outcome.lost += sorted(known - finished_units(home))
    return outcome, json.loads(out)


def _wait(night, home, target, within_s):
    """Until it has so many units, or that long; whether it ended by itself before."""
    steps = 1000 if target is not None else int(within_s / 0.02)
    for _ in range(steps):
        with contextlib.suppress(subprocess.TimeoutExpired):
            night.process.wait(0.02)
            return True
        if target is not None and len(finished_units(home)) >= target:
            return False
    return False


def _has_run(home):
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(home / "pitboard.db")) as db:
        return bool(db.execute("SELECT 1 FROM legs").fetchone())
    return False


def look_through(home, outcome):
    """Audits what is on record in the end."""
    db = open_database(home / "pitboard.db")
    try:
        (run,) = db.conn.execute("SELECT number FROM runs ORDER BY number DESC LIMIT 1").fetchone()
        acts, units = acts_of(db, run), []
        for kind in KINDS:
            for row in units_of(db, run, kind.row):
                *who, number = row.key
                subject = f"{who[0]:08x}" if who else kind.name
                act = None if getattr(row, "loss_s", 0.0) is None else ACTS.get(kind.name)
                units.append(Unit(row.leg, subject, number, row.began_s, row.ended_s, act))
        outcome.units = len(units)
        outcome.complaints = audit(acts, units, ended=True)
        outcome.left_on = chargers_on(acts)
        outcome.gaps = db.conn.execute("SELECT count(*) FROM gaps WHERE run = ?", (run,)).fetchone()[0]
    finally:
        db.close()


def without_cuts(report):
    """A report without what a clock or a cut may change."""
    return {k: v for k, v in report.items() if k not in {"wall_clock", "gaps", "versions"}}


def differences(one, other, path=""):
    """Where two documents differ, by path."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            d
            for key in sorted({*one, *other})
            for d in differences(one.get(key), other.get(key), f"{path}/{key}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            d
            for n, (a, b) in enumerate(zip(one, other, strict=True))
            for d in differences(a, b, f"{path}/{n}")
        ]
    return [] if one == other else [f"{path}: {one!r:.80} and {other!r:.80}"]


def killed_night(folder, kills, seed, rounds, *, shorter=False):
    """The whole of it: an unkilled night, a killed one, and how they compare."""
    plan = write_nightly(folder, rounds, shorter=shorter)
    code, out, err = Night(folder / "whole", plan, "--json").end(1500)
    assert code in VERDICTS, err
    outcome, report = kill_until(folder / "killed", plan, kills, seed)
    if report is not None:
        look_through(folder / "killed", outcome)
        outcome.differs = differences(without_cuts(json.loads(out)), without_cuts(report))
    return outcome


if __name__ == "__main__":
    count, seed, *_ = *map(int, sys.argv[1:]), 1
    with tempfile.TemporaryDirectory() as where:
        came_of_it = killed_night(Path(where), count, seed, rounds=2 + count // 10, shorter=True)
    for name, value in vars(came_of_it).items():
        print(f"{name}: {value}")
