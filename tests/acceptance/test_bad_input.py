"""Bad input gives one clear sentence, exit 2 (3 for a broken bench), no traceback, and loses nothing."""

from __future__ import annotations

import pytest

CASES = {
    "missing plan": (["soak", "no-such-plan.toml"], 2, "no-such-plan"),
    "unknown moniker": (["scan", "--radio", "bleu"], 2, "bleu"),
    "missing world": (["soak", "--radio", "sim:no-such-world"], 2, "no-such-world"),
    "no adapter": (["scan", "--radio", "ble", "--seconds", "1"], 3, "--radio sim"),
    "missing recording": (["replay", "nowhere.jsonl"], 2, "nowhere.jsonl"),
    "no run yet": (["report", "no-such-run"], 2, "pitboard soak"),
    "missing capture": (["decode", "nowhere.pcapng"], 2, "nowhere.pcapng"),
    "unknown message": (["encode", "SetSpeeed"], 2, "SetSpeed"),
    "unknown option": (["soak", "--sede", "1"], 2, "--se"),
}


@pytest.mark.parametrize(("arguments", "code", "word"), CASES.values(), ids=CASES)
def test_one_sentence(pitboard, arguments, code, word):
    run = pitboard(*arguments)
    assert run.code == code, run
    assert word in run.err, run
    assert len(run.err.strip().splitlines()) <= 4, run


def test_wrong_toml_key_names_the_nearest(pitboard, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text('name = "short"\nkind = "reconnect"\ncycels_per_car = 3\n')
    run = pitboard("soak", plan)
    assert run.code == 2, run
    assert "cycels_per_car" in run.err
    assert "cycles_per_car" in run.err


def test_broken_toml_names_file_and_line(pitboard, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text('name = "short\n')
    run = pitboard("soak", plan)
    assert run.code == 2, run
    assert "plan.toml" in run.err
    assert "line 1" in run.err


def test_a_home_that_cannot_be_written(pitboard, tmp_path):
    (tmp_path / "file").write_text("in the way")
    run = pitboard("soak", "--home", tmp_path / "file" / "home")
    assert run.code in (2, 3), run
    assert str(tmp_path / "file") in run.err


def test_a_database_that_is_none(pitboard, home):
    home.mkdir()
    (home / "pitboard.db").write_bytes(b"this is not a database, but it is somebody's file" * 100)
    run = pitboard("soak", "--seed", "1")
    assert run.code in (2, 3), run
    assert "pitboard.db" in run.err
    assert (home / "pitboard.db").read_bytes().startswith(b"this is not")


def test_disk_full_loses_nothing_and_says_so(pitboard, home):
    home.mkdir()
    (home / "pitboard.db").symlink_to("/dev/full")
    run = pitboard("soak", "--seed", "1")
    assert run.code in (2, 3), run
    assert "pitboard.db" in run.err
