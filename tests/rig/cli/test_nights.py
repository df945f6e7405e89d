"""`--night`, `--nights`, `pitboard trend`, `pitboard compare` and the gauges, as a user meets them."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

import pytest

from rig.cli.main import main
from rig.cli.soak_versions import lasting
from rig.store.database import open_database
from rig.store.queries import find_run, stored_run

PLAN = """
kind = "reconnect"
name = "tiny"
cycles_per_car = 2
losses = ["disconnect"]
at_once = 2
[[limit]]
figure = "success"
at_least = 0.1
confidence = 0.5
"""
WORLD = """
name = "two"
[[car]]
identifier = 0x11
[[car]]
identifier = 0x22
[[change]]
from_night = 2
firmware = 0x2B6E
readvertise_s = 3.0
"""


@pytest.fixture
def pitboard(tmp_path, monkeypatch, capsys):
    """Runs a command in this process: exit code, stdout, stderr."""
    (tmp_path / "tiny.toml").write_text(PLAN)
    (tmp_path / "two.toml").write_text(WORLD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PITBOARD_HOME", str(tmp_path / "home"))

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["pitboard", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


SOAK = ("soak", "tiny.toml", "--world", "two.toml")


def stored(run_id=None):
    db = open_database(Path("home/pitboard.db"))
    try:
        return stored_run(db, find_run(db, run_id))
    finally:
        db.close()


def test_nights_run_one_after_the_other_and_trend_counts_them(pitboard):
    code, out, _ = pitboard(*SOAK, "--nights", "3")
    assert code == 0
    assert [line.split(":")[0] for line in out.splitlines()] == [f"night   {n} of 3" for n in (1, 2, 3)]
    runs = [stored(name) for name in ("previous", "latest")]
    assert [run.run.night for run in runs] == [2, 3]
    assert len({run.run.seed for run in runs}) == 2
    assert {car.firmware for car in runs[1].cars} == {0x2B6E}
    code, out, _ = pitboard("trend", "--json")
    document = json.loads(out)
    assert code == 0
    assert [night["night"] for night in document["nights"]] == [1, 2, 3]
    assert document["nights_needed"] == 7
    (change,) = document["changes"]
    assert change["night"] == 2
    assert change["changed"][0]["what"].startswith("firmware of ")
    Path("nights.json").write_text(out)
    assert pitboard("trend", "--nights", "nights.json", "--json")[1] == out
    assert pitboard("trend", "--out", "trend.html")[0] == 0
    assert "Too early: 3 nights so far" in Path("trend.html").read_text()
    code, out, _ = pitboard("trend", "--metric", "reconnect.p50*", "--car", "skull a1", "--last", "2")
    assert code == 0
    assert "reconnect.p50_s" in out
    assert "p95" not in out
    assert "8 more until" in out


def test_one_night_alone_is_the_same_as_in_a_series(pitboard):
    pitboard(*SOAK, "--nights", "2")
    code, out, _ = pitboard(*SOAK, "--night", "2", "--json")
    assert code == 0
    one, again = stored("previous"), stored("latest")
    assert one.cycles == again.cycles
    assert one.run.seed == again.run.seed
    code, out, _ = pitboard("trend")
    assert "was run again as" in out


def test_a_night_that_was_cut_goes_on_as_that_night(pitboard):
    pitboard(*SOAK, "--night", "2")
    whole = stored().cycles
    with sqlite3.connect("home/pitboard.db") as db:
        db.execute("UPDATE runs SET status = 'aborted', outcome = NULL")
        db.execute("UPDATE legs SET ended_s = NULL")
        db.execute("DELETE FROM cycles WHERE cycle = 2")
    code, _, _ = pitboard("soak", "--resume")
    assert code == 0
    assert stored().cycles == whole


def test_the_seed_of_a_night_is_made_of_the_one_given(pitboard):
    pitboard(*SOAK, "--night", "1", "--seed", "7")
    pitboard(*SOAK, "--night", "1", "--seed", "8")
    assert stored("previous").run.seed != stored().run.seed
    pitboard(*SOAK, "--seed", "7")
    assert stored().run.seed == 7


def test_compare_tells_two_runs_apart(pitboard):
    pitboard(*SOAK, "--nights", "2")
    code, out, _ = pitboard("compare")
    assert code == 0
    assert "0x2774 → 0x2b6e" in out
    code, out, _ = pitboard("compare", "previous", "latest", "--json")
    document = json.loads(out)
    assert {each["metric"] for each in document["differences"]} >= {"reconnect.p50_s", "reconnect.success"}
    slower = next(each for each in document["differences"] if each["metric"] == "reconnect.p50_s")
    assert slower["change"] > 0.3
    assert slower["worse"]


def test_the_gauges_say_what_the_report_says(pitboard):
    code, _, _ = pitboard(*SOAK, "--prometheus", "now/pitboard.prom")
    assert code == 0
    soaked = Path("now/pitboard.prom").read_text()
    pitboard("report", "--prometheus", "again.prom")
    assert Path("again.prom").read_text() == soaked
    assert 'pitboard_run_outcome{plan="tiny",outcome="PASS"} 1.0' in soaked
    assert 'pitboard_reconnect_seconds{plan="tiny",car="' in soaked
    assert 'quantile="0.95"}' in soaked
    assert "pitboard_reconnect_success_ratio{" in soaked
    assert [path.name for path in Path("now").iterdir()] == ["pitboard.prom"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("Riden RD6006, firmware 1.41", "Riden RD6006, firmware 1.41"),
        ("Pololu Maestro (no errors)", "Pololu Maestro"),
        ("pitboard lap gate, clock 0.250 s, no beam blocked", "pitboard lap gate"),
    ],
)
def test_of_what_a_fixture_says_only_what_lasts_is_kept(words, kept):
    assert lasting(words) == kept


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("trend",), "home/pitboard.db does not exist"),
        (("compare",), "home/pitboard.db does not exist"),
        ((*SOAK, "--nights", "2", "--night", "1"), "--nights runs many nights and --night is for one"),
        ((*SOAK, "--nights", "2", "--json"), "--json is for one"),
        (("soak", "--radio", "ble", "--cars", "11", "--night", "2"), "radio 'ble' is real"),
        (("soak", "--radio", "ble", "--cars", "11", "--nights", "2"), "radio 'ble' is real"),
        (("trend", "--nights", "two.toml"), "cannot read two.toml"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(pitboard, words, sentence):
    code, _, err = pitboard(*words)
    assert code == 2
    assert sentence in err


def test_runs_that_cannot_be_compared_or_found_are_refused(pitboard):
    pitboard(*SOAK)
    for words, sentence in (
        (("compare",), "only one run is stored"),
        (("compare", "latest", "latest"), "are both run"),
        (("compare", "nope", "latest"), "no run 'nope' is stored"),
        (("trend", "--metric", "nope"), "no figure of these nights is called 'nope'; there are reconnect."),
        (("trend", "--car", "nope"), "no car of these nights is called 'nope'"),
    ):
        code, _, err = pitboard(*words)
        assert code == 2
        assert sentence in err
    with sqlite3.connect("home/pitboard.db") as db:
        db.execute("UPDATE runs SET status = 'aborted'")
    code, _, err = pitboard("trend")
    assert code == 2
    assert "no run of this series can be used" in err
