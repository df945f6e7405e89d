"""`pitboard booth doctor` on this machine: whatever it finds, it speaks in colours and owners, and sees a show's records."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime

from click.testing import CliRunner

from booth.cli.doctor import doctor
from booth.cli.show_folder import show_folder
from booth.log.store import FILE, ShowLog
from booth.pack.files import load_pack
from booth.show.records import Opened


def told(home):
    done = CliRunner().invoke(doctor, ["--home", str(home), "--port", "0", "--json"], standalone_mode=False)
    assert done.exception is None
    return done.return_value, json.loads(done.output)


def test_it_answers_the_two_questions_first_and_changes_nothing(tmp_path):
    code, body = told(tmp_path / "home")
    assert [finding["subject"] for finding in body["findings"][:2]] == ["updates", "restart"]
    assert code == (3 if body["colour"] == "red" else 0)
    assert all(
        finding["action"] and finding["owner"] for finding in body["findings"] if finding["colour"] != "green"
    )
    assert not (tmp_path / "home").exists()


def test_a_changed_log_is_red_and_named(tmp_path):
    path = show_folder(str(tmp_path), load_pack()) / FILE
    with ShowLog(path, create=True) as log:
        log.append(Opened("crew"), datetime(2026, 12, 1, tzinfo=UTC))
    with sqlite3.connect(path) as connection:
        connection.execute('UPDATE log SET body = \'{"by":"nobody"}\'')
    connection.close()
    code, body = told(tmp_path)
    (finding,) = [finding for finding in body["findings"] if finding["subject"] == "show log"]
    assert (code, finding["colour"], finding["owner"]) == (3, "red", "IT")
    assert "row 1 of the show's log was changed" in finding["found"]


def test_in_words(tmp_path):
    done = CliRunner().invoke(doctor, ["--home", str(tmp_path), "--port", "0"], standalone_mode=False)
    assert "last restarted" in done.output
    assert done.output.rstrip().splitlines()[-1].endswith((".",))
