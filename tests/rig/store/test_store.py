"""The store keeps what it acknowledged, reads it back, and says plainly what is wrong with a database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from rig.clock import Uptime
from rig.errors import BenchError, InputError
from rig.store.database import open_database, translated
from rig.store.home import Home, find_home, is_held, only_writer, write_atomically
from rig.store.journal import RunJournal
from rig.store.queries import acts_of, find_run, list_runs, load_run, resumable_runs, stored_run
from rig.store.rows import CarRow, CycleRow, LeftAloneRow, NoteRow, PartRow
from rig.store.runs import RunSpec, begin_run, resume_run, versions
from rig.store.schema import migrations


class SteppingClock:
    """Wall-clock time that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 22, 15, tzinfo=UTC)
        self.up = Uptime("boot", 500.0)

    def utc_now(self) -> datetime:
        return self.now

    def uptime(self) -> Uptime:
        return self.up

    def step(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.up = replace(self.up, seconds=self.up.seconds + seconds)

    def set(self, by_s: float) -> None:
        """Somebody sets the clock; no time passes."""
        self.now += timedelta(seconds=by_s)

    def sleep(self, seconds: float) -> None:
        self.step(seconds)
        self.up = replace(self.up, asleep_s=self.up.asleep_s + seconds)

    def reboot(self, off_s: float) -> None:
        self.now += timedelta(seconds=off_s)
        self.up = Uptime("another boot", 30.0)


CARS = [CarRow("A", 0x0880EADB, "Skull", 9, 0x2774), CarRow("A", 0x12345678, "Thermo", 10, None)]
PART = PartRow(1, "reconnect", "reconnect", "reconnect", "digest", "kind = 'reconnect'")
SPEC = RunSpec(
    "reconnect", "digest", "kind = 'reconnect'", "sim:two-sets", "world", 7, virtual=False, parts=(PART,)
)


def cycle_row(cycle, identifier=0x0880EADB, ended_s=10.0):
    return CycleRow(
        identifier=identifier,
        cycle=cycle,
        set_name="A",
        loss="vanish",
        outcome="ok",
        began_s=ended_s - 5,
        ended_s=ended_s,
        intended_s=ended_s - 4,
        loss_s=ended_s - 4,
        noticed_s=ended_s - 2,
        attempt_s=ended_s - 2,
        seen_s=ended_s - 1.5,
        connected_s=ended_s - 1,
        services_s=ended_s - 0.5,
        subscribed_s=ended_s - 0.25,
        first_data_s=ended_s,
        attempts=1,
        stuck_at=None,
        error=None,
    )


@pytest.fixture
def clock():
    return SteppingClock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "pitboard.db"


@pytest.fixture
def db(path):
    database = open_database(path)
    yield database
    database.close()


@pytest.fixture
def begun(db, path, clock) -> tuple[RunJournal, str]:
    return begin_run(db, path, spec=SPEC, cars=CARS, on=versions(), clock=clock)


def test_what_was_written_is_read_back(db, path, begun):
    journal, run_id = begun
    journal.begin_leg(1, "A", 0.0, kind="reconnect")
    act = journal.intend(1.0, "connect", subject_kind="car", subject="0880eadb", leg=1, unit=1)
    journal.done(act, 2.0)
    note = NoteRow(0x0880EADB, 1, 3.0, 1, "connected", "EstablishmentFailed")
    journal.finish_unit(cycle_row(1), [note])
    journal.end_leg(1, 11.0)
    journal.end("finished", "PASS")
    stored = load_run(path, run_id)
    assert stored.run.outcome == "PASS"
    assert stored.run.virtual is False
    assert stored.cars == tuple(CARS)
    assert stored.parts == (PART,)
    assert stored.cycles == (cycle_row(1),)
    assert stored.notes == (note,)
    assert stored.legs[0].ended_s == 11.0
    assert stored.versions["bleak"]
    assert stored.unfinished_acts == ()


def test_the_journal_and_results_are_written_with_full_synchronisation_in_wal_mode(db):
    assert db.conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.conn.execute("PRAGMA synchronous").fetchone() == (2,)


def test_an_act_is_on_disk_before_it_is_tried_and_says_how_it_ended(db, path, begun):
    journal, _ = begun
    act = journal.intend(1.0, "connect", subject_kind="car", subject="0880eadb", leg=1, unit=1)
    other = sqlite3.connect(path)
    assert other.execute("SELECT state FROM acts").fetchall() == [("intended",)]
    other.close()
    journal.done(act, 2.0, "ConnectTimedOut")
    (row,) = acts_of(db, journal.run)
    assert (row.state, row.error, row.done_s) == ("fail", "ConnectTimedOut", 2.0)


@pytest.mark.parametrize(("error", "state"), [(None, "ok"), ("EstablishmentFailed", "fail")])
def test_what_takes_no_time_is_on_disk_with_its_end_in_one_commit(db, path, begun, error, state):
    journal, _ = begun
    commits = []
    db.conn.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    journal.observed(
        1.0, "tried over", subject_kind="car", subject="0880eadb", leg=1, unit=1, detail="hci1", error=error
    )
    db.conn.set_trace_callback(None)
    (row,) = acts_of(db, journal.run)
    assert (row.state, row.error, row.at_s, row.done_s) == (state, error, 1.0, 1.0)
    assert len(commits) == 1


def test_two_runs_begun_in_the_same_second_have_different_ids(db, path, begun, clock):
    _, second = begin_run(db, path, spec=SPEC, cars=CARS, on={}, clock=clock)
    assert second == "20261122-221500-reconnect-2"
    assert [run.run_id for run, _ in list_runs(path)] == [second, begun[1]]


def test_resuming_records_the_gap_and_makes_acts_under_way_unknown(db, path, begun, clock):
    journal, run_id = begun
    clock.step(100)
    journal.intend(100.0, "connect", subject_kind="car", subject="0880eadb", leg=1, unit=1)
    clock.step(3600)
    again, resumed_id, gap = resume_run(db, path, run_id, clock)
    assert resumed_id == run_id
    assert (gap.from_s, gap.until_s, gap.unknown_acts) == (100.0, 3700.0, 1)
    assert again.session == 2
    stored = stored_run(db, find_run(db, run_id))
    assert stored.gaps == (gap,)
    assert [act.state for act in stored.unfinished_acts] == ["unknown"]


@pytest.mark.parametrize("by_s", [7200.0, -7200.0])
def test_a_clock_that_is_set_under_a_run_is_noted_and_changes_no_duration(db, path, begun, clock, by_s):
    journal, run_id = begun
    clock.step(100)
    journal.begin_leg(1, "A", 100.0, kind="reconnect")
    clock.set(by_s)
    clock.step(10)
    journal.finish_unit(cycle_row(1, ended_s=110.0), [])
    clock.step(3600)  # an hour in which the clock is disciplined a little is no step
    clock.set(1.5)
    journal.end_leg(1, 3710.0)
    clock.sleep(60)
    journal.begin_leg(2, "B", 3711.0, kind="reconnect")
    stored = stored_run(db, find_run(db, run_id))
    assert [(row.at_s, row.kind, row.by_s) for row in stored.clock] == [
        (110.0, "stepped", by_s),
        (3711.0, "asleep", 60.0),
    ]
    assert stored.cycles == (cycle_row(1, ended_s=110.0),)


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        (lambda clock: clock.step(3600), (3600.0, None)),
        (lambda clock: (clock.step(3600), clock.set(-7200)), (3600.0, -7200.0)),
        (lambda clock: (clock.step(3600), clock.set(86400 * 365)), (3600.0, 86400.0 * 365)),
        (lambda clock: clock.reboot(600), (600.0, None)),
        (lambda clock: clock.reboot(-86400 * 300), (30.0, -86400.0 * 300 - 30)),
        (lambda clock: clock.reboot(2.0), (30.0, -28.0)),
    ],
    ids=[
        "awake",
        "set back",
        "set ahead",
        "rebooted",
        "rebooted without a clock",
        "rebooted, clock too slow",
    ],
)
def test_a_gap_is_as_long_as_the_uptime_says_whatever_the_clock_does(db, begun, clock, happens, expected):
    (journal, run_id), (away_s, stepped_s) = begun, expected
    clock.step(100)
    journal.begin_leg(1, "A", 100.0, kind="reconnect")
    happens(clock)
    again, _, gap = resume_run(db, Path("pitboard.db"), run_id, clock)
    assert gap.until_s - gap.from_s == pytest.approx(away_s)
    stepped = [(row.kind, row.by_s) for row in stored_run(db, find_run(db, run_id)).clock]
    assert stepped == ([] if stepped_s is None else [("stepped", stepped_s)])
    clock.step(5)
    again.end_leg(1, gap.until_s + 5)
    assert len(stored_run(db, find_run(db, run_id)).clock) == len(stepped), "said once"


def test_in_virtual_time_a_gap_takes_no_run_second(db, path, clock):
    virtual = RunSpec("reconnect", "d", "t", "sim", None, 1, virtual=True)
    journal, run_id = begin_run(db, path, spec=virtual, cars=CARS, on={}, clock=clock)
    journal.begin_leg(1, "A", 12.5, kind="reconnect")
    clock.step(50)
    _, _, gap = resume_run(db, path, run_id, clock)
    assert gap.from_s == gap.until_s == 12.5


def test_a_finished_run_is_not_resumed(db, path, begun, clock):
    journal, run_id = begun
    journal.end("finished", "PASS")
    assert resumable_runs(db) == []
    with pytest.raises(InputError, match="is finished"):
        resume_run(db, path, run_id, clock)


def test_a_run_is_found_by_the_start_of_its_id(db, begun, path, clock):
    assert find_run(db, "2026").run_id == begun[1]
    begin_run(db, path, spec=SPEC, cars=CARS, on={}, clock=clock)
    with pytest.raises(InputError, match="fits 2 runs"):
        find_run(db, "2026")
    with pytest.raises(InputError, match="no run 'x' is stored"):
        find_run(db, "x")


def test_migrations_are_recorded_and_applied_once(path):
    open_database(path).close()
    db = open_database(path)
    names = [m.name for m in migrations.applied(db)]
    assert names[:3] == ["m0001_runs", "m0002_journal", "m0003_telemetry"]
    assert names == sorted(names)
    assert migrations.pending(db) == []
    db.close()


def test_a_database_of_an_older_schema_is_brought_up_to_date(path):
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.close()
    db = open_database(path)
    assert "cycles" in db.table_names()
    db.close()


def test_a_database_of_a_newer_pitboard_is_refused_by_name(path, db):
    db["_sqlite_migrations"].insert({"migration_set": "pitboard", "name": "m0099_future", "applied_at": ""})
    with pytest.raises(InputError, match=r"newer pitboard \(it has m0099_future\)"):
        open_database(path)


def test_a_missing_database_is_not_created_by_reading(path):
    with pytest.raises(InputError, match="no results yet"):
        load_run(path)
    assert not path.exists()


def test_reading_writes_nothing(path, db, begun):
    db.close()
    before = path.read_bytes()
    assert list_runs(path)[0][0].run_id == begun[1]
    assert path.read_bytes() == before


def test_a_database_that_may_not_be_written_beside_is_still_read(path, db, begun, monkeypatch):
    db.close()
    # root may write anywhere; the kernel's answer to another user is put in its place
    monkeypatch.setattr("os.access", lambda *_: False)
    assert list_runs(path)[0][0].run_id == begun[1]


def test_a_file_that_is_no_database_is_named(path):
    path.parent.mkdir()
    path.write_bytes(b"this is a shopping list, not a database" * 100)
    with pytest.raises(BenchError, match=r"pitboard\.db is damaged or no database"):
        open_database(path)


def test_a_damaged_database_is_named(path, db, begun):
    journal, _ = begun
    for cycle in range(1, 400):
        journal.finish_unit(cycle_row(cycle, ended_s=10.0 * cycle), [])
    db.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(BenchError, match="is damaged or no database"):
        load_run(path)


def test_a_folder_in_the_way_of_the_home_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(BenchError, match="cannot create the folder"):
        open_database(tmp_path / "file" / "home" / "pitboard.db")


def test_a_read_only_database_is_refused_before_the_run_begins(path, db):
    # root may write anywhere, so the refusal is made with SQLite's own read-only switch
    db.conn.execute("PRAGMA query_only=ON")
    with pytest.raises(BenchError, match="no permission for the database"), translated(path):
        db.conn.execute("CREATE TABLE t (x)")


def test_a_full_disk_is_one_sentence_and_loses_nothing(path, db, begun):
    journal, run_id = begun
    journal.finish_unit(cycle_row(1), [])
    pages = db.conn.execute("PRAGMA page_count").fetchone()[0]
    db.conn.execute(f"PRAGMA max_page_count={pages}")
    acknowledged = [1]

    def fill():
        for cycle in range(2, 500):
            journal.finish_unit(cycle_row(cycle, ended_s=20.0 * cycle), [])
            acknowledged.append(cycle)

    with pytest.raises(BenchError, match=r"disk is full.*--resume.*finished work is safe"):
        fill()
    assert [row.cycle for row in load_run(path, run_id).cycles] == acknowledged


def test_the_home_is_the_one_named_else_the_systems(tmp_path):
    assert find_home(str(tmp_path)) == Home(tmp_path)
    assert find_home(None).path.name == "pitboard"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    target = tmp_path / "deep" / "report.json"
    write_atomically(target, "one")
    write_atomically(target, "two")
    assert target.read_text() == "two"
    assert [entry.name for entry in target.parent.iterdir()] == ["report.json"]
    with pytest.raises(BenchError, match="cannot write"):
        write_atomically(target / "below-a-file", "x")


def test_a_run_has_one_writer_at_a_time(tmp_path):
    with (
        only_writer(tmp_path / "run"),
        pytest.raises(BenchError, match="another pitboard"),
        only_writer(tmp_path / "run"),
    ):
        pass
    with only_writer(tmp_path / "run"):
        pass


_BEGIN_RUNS = """
import sys
from pathlib import Path
from rig.clock import SystemClock
from rig.store.database import open_database
from rig.store.runs import RunSpec, begin_run
path = Path(sys.argv[1])
db = open_database(path)
spec = RunSpec("x", "d", "t", "sim", None, 1, True)
for _ in range(5):
    begin_run(db, path, spec=spec, cars=[], on={}, clock=SystemClock())
"""


def test_several_processes_may_begin_their_first_runs_at_once(path):
    starters = [
        subprocess.Popen([sys.executable, "-c", _BEGIN_RUNS, str(path)], stderr=subprocess.PIPE, text=True)
        for _ in range(5)
    ]
    errors = [process.communicate(timeout=60)[1] for process in starters]
    assert errors == [""] * 5
    assert len({run.run_id for run, _ in list_runs(path)}) == 25


def test_a_plans_name_makes_a_plain_folder_name(db, path, clock):
    _, run_id = begin_run(db, path, spec=replace(SPEC, plan_name="my plan / .."), cars=[], on={}, clock=clock)
    assert run_id == "20261122-221500-my-plan-.."


def test_only_runs_that_began_some_work_can_be_resumed(db, begun):
    journal, run_id = begun
    assert resumable_runs(db) == []
    journal.begin_leg(1, "A", 0.0, kind="reconnect")
    assert [run.run_id for run in resumable_runs(db)] == [run_id]


def test_a_car_may_have_cycles_of_the_same_number_in_two_legs(path, begun):
    journal, run_id = begun
    for leg in (1, 2):
        journal.begin_leg(leg, "A", 0.0, kind="reconnect")
        journal.finish_unit(replace(cycle_row(1), leg=leg), [])
    assert [row.leg for row in load_run(path, run_id).cycles] == [1, 2]


def test_one_can_see_whether_somebody_holds_a_run(tmp_path):
    assert not is_held(tmp_path / "run")
    with only_writer(tmp_path / "run"):
        assert is_held(tmp_path / "run")
    assert not is_held(tmp_path / "run")


def test_a_database_from_between_two_releases_is_no_failing_disk(path, db, begun):
    db.execute("ALTER TABLE legs DROP COLUMN part")
    db.close()
    with pytest.raises(
        InputError, match=r"written by pitboard 0\.1\.0 between two releases: its table 'legs'.*--home"
    ):
        open_database(path)
    with pytest.raises(InputError, match="between two releases"):
        load_run(path)


def test_tables_without_their_migration_on_record_are_no_failing_disk(path):
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.execute("CREATE TABLE runs (number INTEGER)")
    old.close()
    with pytest.raises(InputError, match="written by a pitboard between two releases: its table 'runs'"):
        open_database(path)


def test_runs_of_the_schema_before_parts_are_carried_over(path):
    path.parent.mkdir()
    old = Database(str(path))
    migrations.apply(old, stop_before="m0004_parts")
    old.execute(
        "INSERT INTO runs VALUES (1, 'r', 'aborted', NULL, 'reconnect', 'd', 'toml', 'sim', NULL, 7, 1, 0, 'now', NULL, NULL)"
    )
    old.execute("INSERT INTO cars VALUES (1, 0, 'A', 5, 'Skull', NULL, NULL, NULL, 'never seen')")
    old.execute("INSERT INTO legs VALUES (1, 1, 'reconnect', 'A', 0.0, 9.0)")
    old.execute("INSERT INTO legs VALUES (1, 2, 'reconnect', 'B', 9.0, NULL)")
    old.execute(
        "INSERT INTO acts VALUES (1, 1, 'car', '00000005', 3, 10.0, 'connect', '', 'unknown', NULL, NULL)"
    )
    old.conn.commit()
    old.close()
    open_database(path).close()
    stored = load_run(path)
    assert stored.parts == (PartRow(1, "reconnect", "reconnect", "reconnect", "d", "toml"),)
    assert stored.left_alone == (LeftAloneRow(1, 5, None, "never seen"),)
    assert [(act.leg, act.unit) for act in stored.unfinished_acts] == [(2, 3)]
