"""Bugs of the journal. The checks read it afterwards (`rig.store.journal_audit`) or watch it while things happen."""

from __future__ import annotations

import os
import signal
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner

import rig.bench.bays
import rig.store.runs
from rig.cli.main import pitboard
from rig.clock import Uptime
from rig.sim.bays import BayPlant
from rig.store import database
from rig.store.clock_watch import Away
from rig.store.database import open_database
from rig.store.journal import RunJournal
from rig.store.journal_audit import Unit, audit
from rig.store.queries import acts_of, units_of
from rig.store.rows import CarRow, CycleRow
from rig.store.runs import RunSpec, begin_run, resume_run
from tests.planted.bug import PlantedBug
from tests.planted.fixture_bugs import GROUND, on_bench
from tests.rig.faults.nights import write_plan

CUT_AFTER = 6


def audited_night() -> str | None:
    """A short night, cut once and gone on with, then audited."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        plan = write_plan(home, cycles=4)
        _soak(plan, "--set", "A", "--home", folder, cut=True)
        _soak("--resume", "--home", folder)
        db = open_database(home / "pitboard.db")
        try:
            units = [
                Unit(
                    c.leg,
                    f"{c.identifier:08x}",
                    c.cycle,
                    c.began_s,
                    c.ended_s,
                    "break link" if c.loss_s else None,
                )
                for c in units_of(db, 1, CycleRow)
            ]
            return next(iter(audit(acts_of(db, 1), units, ended=True)), None)
        finally:
            db.close()


def _soak(*words, cut=False):
    really, finished = RunJournal.finish_unit, []

    def finish(self, *more, **options):
        really(self, *more, **options)
        finished.append(None)
        if len(finished) == CUT_AFTER:
            os.kill(os.getpid(), signal.SIGTERM)

    with _as(RunJournal, "finish_unit", finish if cut else really):
        CliRunner().invoke(pitboard, ["soak", *words], standalone_mode=False)


@contextmanager
def _as(owner, name, value):
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def written_before_the_deed() -> str | None:
    """What the journal knows at the moment at which a contact moves."""
    early, acts = [], []

    class Acts:
        def intend(self, kind, subject, act, detail=""):
            acts.append(act)
            return len(acts)

        def done(self, number, error=None):
            pass

    really = BayPlant.relay_moved

    def moved(self, fixture, channel, closed, now_s):
        if closed and "charger on" not in acts:
            early.append("a contact closed and nothing was written down before")
        really(self, fixture, channel, closed, now_s)

    async def main(bays, station):
        await bays.charge(GROUND, on=True)

    with _as(BayPlant, "relay_moved", moved):
        said = on_bench(main, acts=Acts())
    return early[0] if early else said


class Clock:
    def __init__(self):
        self.now, self.up = datetime(2026, 11, 22, 22, 15, tzinfo=UTC), Uptime("boot", 500.0)

    def utc_now(self):
        return self.now

    def uptime(self):
        return self.up

    def step(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.up = replace(self.up, seconds=self.up.seconds + seconds)


def gap_measured() -> str | None:
    """An hour in which nobody watched is an hour of gap."""
    spec = RunSpec("reconnect", "digest", "kind = 'reconnect'", "ble", None, 7, virtual=False)
    with tempfile.TemporaryDirectory() as folder:
        path, clock = Path(folder) / "pitboard.db", Clock()
        db = open_database(path)
        try:
            cars = [CarRow("A", GROUND, "Ground Shock", 9, None)]
            _, run_id = begin_run(db, path, spec=spec, cars=cars, on={}, clock=clock)
            clock.step(3600)
            _, _, gap = resume_run(db, path, run_id, clock)
        finally:
            db.close()
    took_s = gap.until_s - gap.from_s
    return None if abs(took_s - 3600) < 1 else f"an hour away became a gap of {took_s:g} s"


def act_after_the_deed(patch):
    @contextmanager
    def late(acts, kind, subject, act, detail=""):
        yield
        acts.done(acts.intend(kind, subject, act, detail))

    patch.setattr(rig.bench.bays, "journaled", late)


def done_without_intend(patch):
    patch.setattr(RunJournal, "intend", lambda *_, **__: 0)


def with_trigger(sql):
    def plant(patch):
        really = database._prepare

        def prepare(connection, path, create):
            db = really(connection, path, create)
            if create:
                connection.execute(f"CREATE TRIGGER IF NOT EXISTS planted {sql}")
                connection.commit()
            return db

        patch.setattr(database, "_prepare", prepare)

    return plant


def gap_is_uptime(patch):
    patch.setattr(rig.store.runs, "away_since", lambda *_: Away(0.0))


_COPIED = (
    "run, leg, identifier, set_name, loss, outcome, began_s, ended_s, intended_s, loss_s, noticed_s, attempt_s, seen_s,"
    " connected_s, services_s, subscribed_s, first_data_s, attempts, stuck_at, error, unasked_losses"
)
AUDIT = "the audit of the journal afterwards"
BUGS = (
    PlantedBug("act-after-the-deed", "journal", "an act is written down once it is done, not before it is tried",
               "nothing moves that is not in the journal", "nothing was written down before", act_after_the_deed,
               written_before_the_deed),
    PlantedBug("done-without-intend", "journal", "acts are not written down at all, only results are", AUDIT,
               "has a result and no 'break link' was ever written down", done_without_intend, audited_night),
    PlantedBug("cycle-doubled", "journal", "a finished cycle is counted again under the next number", AUDIT, "counted twice?",
               with_trigger("AFTER INSERT ON cycles WHEN NEW.cycle = 4 BEGIN INSERT INTO cycles (cycle, " + _COPIED
                            + ") SELECT 5, " + _COPIED + " FROM cycles WHERE run = NEW.run AND leg = NEW.leg"
                            " AND identifier = NEW.identifier AND cycle = 4; END"), audited_night),
    PlantedBug("row-lost-on-resume", "journal", "the first cycle finished after a resumption is not kept", AUDIT,
               "is missing though", with_trigger("AFTER INSERT ON cycles WHEN NEW.cycle = 3 AND EXISTS (SELECT 1 FROM gaps"
                                                 " WHERE run = NEW.run) BEGIN DELETE FROM cycles WHERE run = NEW.run AND"
                                                 " identifier = NEW.identifier AND cycle = 3; END"), audited_night),
    PlantedBug("gap-is-uptime", "journal", "the time in which nobody watched is not counted as a gap",
               "a gap is as long as the machine's uptime says", "became a gap of 0 s", gap_is_uptime, gap_measured),
)  # fmt: skip
