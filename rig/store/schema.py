"""The tables, as named migrations: each is applied once, in order, and recorded in `_sqlite_migrations`.

A migration that has shipped is never edited; a change is a new one at the end.
"""

from __future__ import annotations

from typing import Any

from sqlite_utils.migrations import Migrations

migrations = Migrations("pitboard")


@migrations()
def m0001_runs(db: Any) -> None:
    """Runs, what they ran on, and when somebody was watching."""
    db.execute("""
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, outcome TEXT,
            plan_name TEXT NOT NULL, plan_digest TEXT NOT NULL, plan_text TEXT NOT NULL, radio TEXT NOT NULL,
            world_digest TEXT, seed INTEGER NOT NULL, virtual INTEGER NOT NULL, telemetry INTEGER NOT NULL,
            started_at TEXT NOT NULL, ended_at TEXT, error TEXT) STRICT""")
    db.execute("""
        CREATE TABLE versions (
            run INTEGER NOT NULL REFERENCES runs (number), name TEXT NOT NULL, version TEXT NOT NULL,
            PRIMARY KEY (run, name)) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE cars (
            run INTEGER NOT NULL REFERENCES runs (number), place INTEGER NOT NULL, set_name TEXT NOT NULL,
            identifier INTEGER NOT NULL, label TEXT NOT NULL, model_id INTEGER, firmware INTEGER,
            bench_error TEXT, given_up TEXT, PRIMARY KEY (run, place)) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE sessions (
            run INTEGER NOT NULL REFERENCES runs (number), session INTEGER NOT NULL,
            started_at TEXT NOT NULL, last_at TEXT NOT NULL, last_s REAL NOT NULL,
            PRIMARY KEY (run, session)) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE gaps (
            run INTEGER NOT NULL REFERENCES runs (number), session INTEGER NOT NULL, from_s REAL NOT NULL,
            until_s REAL NOT NULL, from_at TEXT NOT NULL, until_at TEXT NOT NULL,
            unknown_acts INTEGER NOT NULL, PRIMARY KEY (run, session)) STRICT, WITHOUT ROWID""")


@migrations()
def m0002_journal(db: Any) -> None:
    """Every physical act before it is tried, and every finished cycle."""
    db.execute("""
        CREATE TABLE legs (
            run INTEGER NOT NULL REFERENCES runs (number), leg INTEGER NOT NULL, kind TEXT NOT NULL,
            set_name TEXT NOT NULL, began_s REAL NOT NULL, ended_s REAL, PRIMARY KEY (run, leg)) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE acts (
            number INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (number),
            subject_kind TEXT NOT NULL, subject TEXT NOT NULL, cycle INTEGER, at_s REAL NOT NULL, act TEXT NOT NULL, detail TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('intended', 'ok', 'fail', 'unknown')),
            done_s REAL, error TEXT) STRICT""")
    db.execute("CREATE INDEX acts_by_state ON acts (run, state)")
    db.execute("""
        CREATE TABLE cycles (
            run INTEGER NOT NULL REFERENCES runs (number), leg INTEGER NOT NULL, identifier INTEGER NOT NULL,
            cycle INTEGER NOT NULL, set_name TEXT NOT NULL, loss TEXT NOT NULL, outcome TEXT NOT NULL, began_s REAL NOT NULL,
            ended_s REAL NOT NULL, intended_s REAL, loss_s REAL, noticed_s REAL, attempt_s REAL, seen_s REAL,
            connected_s REAL, services_s REAL, subscribed_s REAL, first_data_s REAL, attempts INTEGER NOT NULL,
            stuck_at TEXT, error TEXT, unasked_losses INTEGER NOT NULL,
            PRIMARY KEY (run, leg, identifier, cycle)) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE notes (
            run INTEGER NOT NULL REFERENCES runs (number), identifier INTEGER NOT NULL, cycle INTEGER NOT NULL,
            at_s REAL NOT NULL, attempt INTEGER NOT NULL, stage TEXT, error TEXT NOT NULL,
            PRIMARY KEY (run, identifier, at_s, attempt, error)) STRICT, WITHOUT ROWID""")


@migrations()
def m0003_telemetry(db: Any) -> None:
    """Frames in bulk, and their sums per second, kept up by the writer."""
    db.execute("""
        CREATE TABLE telemetry (
            run INTEGER NOT NULL, car INTEGER NOT NULL, t_us INTEGER NOT NULL, n INTEGER NOT NULL,
            msg_id INTEGER, piece INTEGER, offset_mm REAL, speed_mm_s INTEGER, battery_mv INTEGER,
            late_us INTEGER, PRIMARY KEY (run, car, t_us, n)) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE telemetry_1s (
            run INTEGER NOT NULL, car INTEGER NOT NULL, second INTEGER NOT NULL, frames INTEGER NOT NULL,
            speed_n INTEGER NOT NULL, speed_sum INTEGER NOT NULL, speed_min INTEGER, speed_max INTEGER,
            battery_min INTEGER, late_n INTEGER NOT NULL, late_sum INTEGER NOT NULL, late_max INTEGER,
            PRIMARY KEY (run, car, second)) STRICT, WITHOUT ROWID""")


@migrations()
def m0004_parts(db: Any) -> None:
    """Runs of several plans: parts, what belongs to which leg, and cars left alone leg by leg."""
    db.execute("""
        CREATE TABLE parts (
            run INTEGER NOT NULL REFERENCES runs (number), part INTEGER NOT NULL, kind TEXT NOT NULL,
            title TEXT NOT NULL, plan_name TEXT NOT NULL, plan_digest TEXT NOT NULL, plan_text TEXT NOT NULL,
            PRIMARY KEY (run, part)) STRICT, WITHOUT ROWID""")
    db.execute("""
        INSERT INTO parts SELECT number, 1, 'reconnect', plan_name, plan_name, plan_digest, plan_text FROM runs""")
    db.execute("""
        CREATE TABLE left_alone (
            run INTEGER NOT NULL REFERENCES runs (number), leg INTEGER NOT NULL, identifier INTEGER NOT NULL,
            bench_error TEXT, given_up TEXT, PRIMARY KEY (run, leg, identifier)) STRICT, WITHOUT ROWID""")
    db.execute("""
        INSERT INTO left_alone
        SELECT cars.run, legs.leg, cars.identifier, cars.bench_error, cars.given_up
        FROM cars JOIN legs ON legs.run = cars.run AND legs.set_name = cars.set_name
        WHERE cars.bench_error IS NOT NULL OR cars.given_up IS NOT NULL""")
    db.execute("ALTER TABLE cars DROP COLUMN bench_error")
    db.execute("ALTER TABLE cars DROP COLUMN given_up")
    db.execute("ALTER TABLE runs ADD COLUMN bench TEXT")
    db.execute("ALTER TABLE legs ADD COLUMN part INTEGER NOT NULL DEFAULT 1")
    db.execute("ALTER TABLE legs ADD COLUMN units INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE acts ADD COLUMN leg INTEGER NOT NULL DEFAULT 1")
    db.execute("ALTER TABLE acts RENAME COLUMN cycle TO unit")
    db.execute("ALTER TABLE notes ADD COLUMN leg INTEGER NOT NULL DEFAULT 1")
    db.execute("ALTER TABLE notes RENAME COLUMN cycle TO unit")
    for table in ("acts", "notes"):  # legs of one run follow each other in time
        db.execute(f"""
            UPDATE {table} SET leg = coalesce((SELECT max(leg) FROM legs
            WHERE legs.run = {table}.run AND legs.began_s <= {table}.at_s), 1)""")  # noqa: S608 - our own names


@migrations()
def m0005_lives(db: Any) -> None:
    """Battery lives, the charges after them, and what was read on the way."""
    db.execute("""
        CREATE TABLE lives (
            run INTEGER NOT NULL REFERENCES runs (number), leg INTEGER NOT NULL, identifier INTEGER NOT NULL,
            life INTEGER NOT NULL, set_name TEXT NOT NULL, end TEXT NOT NULL, began_s REAL NOT NULL,
            ended_s REAL NOT NULL, start_mv INTEGER, end_mv INTEGER, start_full INTEGER NOT NULL,
            drive_s REAL NOT NULL, rest_s REAL NOT NULL, low_s REAL, gaps INTEGER NOT NULL, gap_s REAL NOT NULL,
            stalls INTEGER NOT NULL, off_tracks INTEGER NOT NULL, distance_m REAL NOT NULL, speed_held REAL,
            temperature_c REAL, bay TEXT, error TEXT,
            PRIMARY KEY (run, leg, identifier, life)) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE life_charges (
            run INTEGER NOT NULL REFERENCES runs (number), leg INTEGER NOT NULL, identifier INTEGER NOT NULL,
            life INTEGER NOT NULL, end TEXT NOT NULL, began_s REAL NOT NULL, ended_s REAL NOT NULL,
            charge_mah REAL, energy_mwh REAL, peak_ma REAL, bay TEXT, error TEXT,
            PRIMARY KEY (run, leg, identifier, life)) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE life_readings (
            run INTEGER NOT NULL REFERENCES runs (number), leg INTEGER NOT NULL, identifier INTEGER NOT NULL,
            life INTEGER NOT NULL, at_s REAL NOT NULL, age_s REAL NOT NULL, doing TEXT NOT NULL, mv INTEGER,
            speed_mm_s INTEGER, ma REAL, low INTEGER NOT NULL, charged INTEGER NOT NULL,
            PRIMARY KEY (run, leg, identifier, life, at_s, doing)) STRICT, WITHOUT ROWID""")


@migrations()
def m0006_swaps(db: Any) -> None:
    """Finished swaps, step by step."""
    db.execute("""
        CREATE TABLE swaps (
            run INTEGER NOT NULL REFERENCES runs (number), leg INTEGER NOT NULL, swap INTEGER NOT NULL,
            from_set TEXT NOT NULL, to_set TEXT NOT NULL, outcome TEXT NOT NULL, began_s REAL NOT NULL,
            ended_s REAL NOT NULL, ready_s REAL, end_s REAL, off_s REAL, set_up_s REAL, charge_s REAL,
            retries INTEGER NOT NULL, error TEXT, taken_out TEXT NOT NULL, responses TEXT NOT NULL,
            faults TEXT NOT NULL, PRIMARY KEY (run, leg, swap)) STRICT, WITHOUT ROWID""")


@migrations()
def m0007_nights(db: Any) -> None:
    """Which night of a series a run was."""
    db.execute("ALTER TABLE runs ADD COLUMN night INTEGER")


@migrations()
def m0008_clock(db: Any) -> None:
    """The uptime beside each wall-clock instant, and what the clock of the machine did under a run."""
    db.execute("ALTER TABLE sessions ADD COLUMN boot_id TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE sessions ADD COLUMN last_uptime_s REAL NOT NULL DEFAULT 0.0")
    db.execute("""
        CREATE TABLE clock_events (
            run INTEGER NOT NULL REFERENCES runs (number), event INTEGER PRIMARY KEY, at_s REAL NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('stepped', 'asleep')), by_s REAL NOT NULL, noticed_at TEXT NOT NULL) STRICT""")


@migrations()
def m0009_blame(db: Any) -> None:
    """Where each car stood, and a quick way to which adapter carried whom: what tells a car from its bay."""
    db.execute("ALTER TABLE cars ADD COLUMN bay TEXT")
    db.execute("CREATE INDEX acts_over_adapters ON acts (run) WHERE act IN ('carried by', 'tried over')")
