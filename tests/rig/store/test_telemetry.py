"""Telemetry arrives, is summed per second, and is there when the writer is closed."""

from __future__ import annotations

import threading

import pytest

from rig.errors import BenchError
from rig.store.database import open_database
from rig.store.queries import telemetry_of
from rig.store.telemetry import TelemetryRow, TelemetryWriter


@pytest.fixture
def path(tmp_path):
    return tmp_path / "pitboard.db"


@pytest.fixture
def db(path):
    database = open_database(path)
    yield database
    database.close()


def rows(count, car=1, every_us=50_000):
    return [
        TelemetryRow(car, i * every_us, i, 0x27, speed_mm_s=300 + i % 7, battery_mv=3900 - i)
        for i in range(count)
    ]


@pytest.mark.parametrize("threaded", [True, False])
def test_every_row_and_its_second_are_stored(path, db, threaded):
    writer = TelemetryWriter(path, 1, threaded=threaded)
    for row in rows(5000):
        writer.add(row)
    for row in rows(100, car=2):
        writer.add(row)
    writer.close()
    assert db.conn.execute("SELECT count(*) FROM telemetry").fetchone() == (5100,)
    first, second = telemetry_of(db, 1)
    assert (first.identifier, first.frames, first.seconds) == (1, 5000, 250)
    assert first.speed_max_mm_s == 306
    assert first.speed_mean_mm_s == pytest.approx(sum(300 + i % 7 for i in range(5000)) / 5000)
    assert first.battery_min_mv == 3900 - 4999
    assert second.frames == 100


def test_sums_equal_a_full_scan_when_batches_cut_through_seconds(path, db):
    writer = TelemetryWriter(path, 1, threaded=False)
    for row in rows(4100, every_us=333):
        writer.add(row)
    writer.close()
    scanned = db.conn.execute(
        "SELECT t_us / 1000000, count(*), sum(speed_mm_s), min(battery_mv) FROM telemetry GROUP BY 1 ORDER BY 1"
    ).fetchall()
    summed = db.conn.execute(
        "SELECT second, frames, speed_sum, battery_min FROM telemetry_1s ORDER BY second"
    ).fetchall()
    assert summed == scanned


def test_frames_of_one_instant_are_told_apart_and_a_replay_adds_none(path, db):
    for _ in range(2):
        writer = TelemetryWriter(path, 1, threaded=False)
        for n in range(3):
            writer.add(TelemetryRow(1, 1000, n, 0x27))
        writer.close()
    assert db.conn.execute("SELECT count(*) FROM telemetry").fetchone() == (3,)
    assert telemetry_of(db, 1)[0].frames == 3


def test_a_writer_leaves_no_thread_behind(path, db):
    before = threading.active_count()
    writer = TelemetryWriter(path, 1, threaded=True)
    assert threading.active_count() == before + 1
    writer.close()
    assert threading.active_count() == before


def test_without_a_thread_none_is_started(path, db):
    before = threading.active_count()
    writer = TelemetryWriter(path, 1, threaded=False)
    assert threading.active_count() == before
    writer.close()


@pytest.mark.parametrize("threaded", [True, False])
def test_a_batch_that_cannot_be_written_is_reported_at_the_latest_on_closing(path, db, threaded):
    db.conn.execute("DROP TABLE telemetry")
    writer = TelemetryWriter(path, 1, threaded=threaded)
    writer.add(TelemetryRow(1, 0, 0))
    with pytest.raises(BenchError, match=r"the database .* failed"):
        writer.close()
