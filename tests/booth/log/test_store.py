"""The show's log keeps every acknowledged record, tells a changed one, and speaks in sentences."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from booth.errors import BadInput, BoothBroken
from booth.log.store import ShowLog
from booth.show.records import Closed, Entry, LapDone, Opened, RaceLinedUp

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
RECORDS = (
    Opened("crew"),
    RaceLinedUp(race=1, mode="race", set_name="A", entries=(Entry(1, 7, "p1"), Entry(2, 8, None, 0.5))),
    Closed("crew"),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "booth" / "show.db"


@pytest.fixture
def written(path):
    with ShowLog(path, create=True) as log:
        numbers = [log.append(record, NOON + timedelta(minutes=at)) for at, record in enumerate(RECORDS)]
    assert numbers == [1, 2, 3]
    return path


def test_what_was_written_is_read_again_in_order_and_with_its_time(written):
    with ShowLog(written) as log:
        assert [record for _, record in log.read()] == list(RECORDS)
        assert list(log.read(NOON + timedelta(minutes=2))) == [(NOON + timedelta(minutes=2), RECORDS[2])]
        assert log.fault() is None


def test_the_chain_goes_on_when_the_log_is_opened_again(written):
    with ShowLog(written, create=True) as log:
        end = log.last_link
        assert log.append(Opened("crew"), NOON) == 4
        assert log.last_link != end
        assert log.fault() is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "UPDATE log SET body = replace(body, 'p1', 'p2') WHERE number = 2",
            "row 2 of the show's log was changed",
        ),
        ("UPDATE log SET at = '2026-12-02' WHERE number = 1", "row 1 of the show's log was changed"),
        ("DELETE FROM log WHERE number = 2", "row 2 of the show's log is missing"),
        ("UPDATE log SET link = 'x' WHERE number = 3", "row 3 of the show's log was changed"),
    ],
)
def test_a_changed_row_is_named(written, change, said):
    with sqlite3.connect(written) as connection:
        connection.execute(change)
    connection.close()
    with ShowLog(written) as log:
        assert said in log.fault()


def test_a_kind_nobody_knows_yet_is_passed_over(written):
    with sqlite3.connect(written) as connection:
        connection.execute(
            "INSERT INTO log (at, kind, body, link) VALUES ('2026-12-03', 'Future', '{}', 'x')"
        )
    connection.close()
    with ShowLog(written) as log:
        assert len(list(log.read())) == 3


def test_no_show_another_file_and_a_newer_one_are_told_apart(tmp_path, path):
    with pytest.raises(BadInput, match="there is no show"):
        ShowLog(path)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(BadInput, match="is no show's log"):
        ShowLog(other, create=True)
    newer = tmp_path / "newer.db"
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(BadInput, match="newer pitboard"):
        ShowLog(newer, create=True)
    rubbish = tmp_path / "rubbish.db"
    rubbish.write_bytes(b"no database at all" * 100)
    with pytest.raises(BoothBroken, match="failed"):
        ShowLog(rubbish, create=True)


def fill(log):
    for number in range(500):
        log.append(LapDone(1, 1, number, 9.5, 9.5), NOON)


def test_a_full_disk_is_one_sentence_and_loses_nothing(written):
    with ShowLog(written, create=True) as log:
        log._db.conn.execute("PRAGMA max_page_count = 1")
        with pytest.raises(BoothBroken, match="free some space"):
            fill(log)
    with ShowLog(written) as log:
        assert list(log.read())[:3] == [(NOON + timedelta(minutes=at), one) for at, one in enumerate(RECORDS)]
        assert log.fault() is None


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from booth.log.store import ShowLog
from booth.show.records import LapDone

log = ShowLog(Path(sys.argv[1]), create=True)
for number in range(10_000):
    print(log.append(LapDone(1, 1, number, 9.5, 9.5), datetime(2026, 12, 1, tzinfo=UTC)), flush=True)
"""


def test_a_killed_writer_loses_nothing_it_acknowledged(path):
    writer = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in writer.stdout.read().split("\n")[:-1]]
    writer.stdout.close()
    writer.wait()
    with ShowLog(path) as log:
        assert len(list(log.read())) >= acknowledged[-1]
        assert log.fault() is None
