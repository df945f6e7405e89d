"""`pitboard soak` and `pitboard report` as a user meets them, killed, stopped and misused."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rig.cli.main import main

PLAN = """
kind = "reconnect"
name = "short"
cycles_per_car = {cycles}
losses = ["vanish", "disconnect"]
[[limit]]
figure = "reconnect"
quantile = {quantile}
at_most_s = 6.0
"""
BROKEN = Path(__file__).parents[3] / "fixtures" / "worlds" / "broken-car.toml"
COMMAND = [sys.executable, "-c", "from rig.cli.main import main; main()"]


@pytest.fixture
def plan(tmp_path):
    def write(cycles=5, quantile=0.5, more=""):
        path = tmp_path / "short.toml"
        path.write_text(more + PLAN.format(cycles=cycles, quantile=quantile))
        return str(path)

    return write


@pytest.fixture
def pitboard(tmp_path, monkeypatch, capsys):
    """Runs a command in this process: exit code, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "300")

    def run(*words, home="home"):
        monkeypatch.setenv("PITBOARD_HOME", str(tmp_path / home))
        monkeypatch.setattr(sys, "argv", ["pitboard", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


def environment(home):
    return {**os.environ, "PITBOARD_HOME": str(home), "COLUMNS": "100"}


def only_run(home):
    (folder,) = (home / "runs").iterdir()
    return folder


def document(text):
    """A JSON report without what a clock or a kill may change."""
    report = json.loads(text)
    return {key: value for key, value in report.items() if key not in {"wall_clock", "gaps", "exclusions"}}


def test_a_soak_prints_its_verdict_and_leaves_every_artefact(pitboard, plan, tmp_path):
    code, out, err = pitboard("soak", plan(), "--out", str(tmp_path / "out"))
    assert (code, err) == (0, "")
    assert "PASS  All 8 cars reconnect within their limits." in out
    for name in ("report.txt", "report.json", "junit.xml", "report.html"):
        assert (tmp_path / "out" / name).stat().st_size > 500
        assert str(tmp_path / "out" / name) in out
    assert str(tmp_path / "home" / "pitboard.db") in out


def test_the_same_seed_gives_the_same_json_and_another_differs(pitboard, plan):
    path = plan(cycles=2)
    reports = [
        pitboard("soak", path, "--set", "A", "--json", "--seed", seed, home=seed)[1]
        for seed in ("7", "7", "8")
    ]
    assert document(reports[0]) == document(reports[1]) != document(reports[2])
    assert json.loads(reports[0])["wall_clock"]["run_id"]


def test_a_broken_car_fails_by_name_and_the_others_pass(pitboard, plan):
    code, out, _ = pitboard("soak", plan(cycles=59, quantile=0.95), "--world", str(BROKEN))
    assert code == 1
    assert "FAIL  Thermo A3: P95 of reconnect is at least" in out
    assert "over the limit of 6 s" in out
    assert "FAIL  Not fit to race: Thermo A3. 3 of 4 cars passed." in out


def test_too_few_cycles_are_inconclusive_with_the_number_needed(pitboard, plan):
    code, out, _ = pitboard("soak", plan(cycles=3, quantile=0.95), "--set", "A")
    assert code == 4
    assert "3 cycles are too few to bound it: 59 are the least that can" in out
    assert "About 59 cycles per car would decide it." in out


def test_sets_and_cars_can_be_picked(pitboard, plan):
    code, out, _ = pitboard("soak", plan(cycles=1), "--cars", "0880eadb,0x60A72CE8", "--json")
    assert code == 4
    report = json.loads(out)
    assert [group["cars"] for group in report["sets"]] == [["Skull A1"], ["Skull B4"]]


def test_a_stored_run_is_rendered_again_as_it_was(pitboard, plan, tmp_path):
    pitboard("soak", plan(), "--set", "A")
    folder = only_run(tmp_path / "home")
    for kind, name in (("json", "report.json"), ("junit", "junit.xml"), ("html", "report.html")):
        code, out, _ = pitboard("report", "--format", kind)
        assert code == 0
        assert out == (folder / name).read_text()
    assert "PASS  All 4 cars" in pitboard("report", folder.name[:10])[1]
    assert folder.name in pitboard("report", "--list")[1]
    (listed,) = json.loads(pitboard("report", "--list", "--json")[1])
    assert (listed["outcome"], listed["cycles"]) == ("PASS", 20)
    target = tmp_path / "night.html"
    assert pitboard("report", "--format", "html", "--out", str(target))[0] == 0
    assert target.read_text() == (folder / "report.html").read_text()


def test_the_plans_are_listed(pitboard):
    code, out, _ = pitboard("soak", "--list-plans")
    assert code == 0
    assert out.startswith("reconnect")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["soak", "nosuch"], 2, "no plan named 'nosuch'"),
        (["soak", "--world", "nosuch"], 2, "no world named 'nosuch'"),
        (["soak", "--radio", "wifi"], 2, "unknown radio 'wifi'"),
        (["soak", "--radio", "ble", "--world", "two-sets"], 2, "give one of them"),
        (["soak", "--radio", "ble"], 2, "name the cars to soak"),
        (["soak", "--set", "C"], 2, "has no set 'C'; it has A, B"),
        (["soak", "--cars", "skull"], 2, "'skull' is no car identifier"),
        (["soak", "--cars", "1"], 2, "has no car 00000001"),
        (["soak", "--resume"], 2, "nothing to resume"),
        (["soak", "--resume", "x"], 2, "no run 'x' is stored"),
        (["soak", "--resume", "x", "--seed", "3"], 2, "leave those options out"),
        (["report"], 2, "no results yet"),
        (["soak", "--home", "/dev/null/x"], 3, "cannot create the folder /dev/null/x"),
        (["soak", "--home", "/proc/1"], 3, "/proc/1/pitboard.db"),
    ],
)
def test_bad_input_is_one_clear_sentence(pitboard, words, code, says):
    got, _, err = pitboard(*words)
    assert got == code, err
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_a_wrong_key_in_a_plan_is_refused_with_the_nearest(pitboard, plan):
    code, _, err = pitboard("soak", plan(more="sede = 1\n"))
    assert code == 2
    assert "short.toml: unknown key 'sede'; did you mean 'seed'?" in err


def test_a_file_that_is_no_database_is_named(pitboard, plan, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "pitboard.db").write_text("not a database, by any means" * 99)
    code, _, err = pitboard("soak", plan())
    assert code == 3
    assert "is damaged or no database" in err


def test_reports_that_cannot_be_written_do_not_cost_the_run(pitboard, plan):
    code, _, err = pitboard("soak", plan(), "--set", "A", "--out", "/dev/null/x")
    assert code == 3
    assert "'pitboard report' writes it again" in err
    assert "PASS  All 4 cars" in pitboard("report")[1]


class Victim:
    """A soak in a process of its own, to be signalled once it has finished some cycles."""

    def __init__(self, home, *words):
        self.home = home
        self.process = subprocess.Popen(
            [*COMMAND, "soak", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(home),
        )

    def cycles(self):
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(self.home / "pitboard.db")) as db,
        ):
            return set(db.execute("SELECT identifier, cycle, first_data_s FROM cycles").fetchall())
        return set()

    def wait_for(self, cycles, then_s):
        """Returns what was acknowledged `then_s` after that many cycles were; None when the run ended first."""
        while len(self.cycles()) < cycles:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.005)
                return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(then_s)
            return None
        return self.cycles()

    def signal(self, number):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


def kill_until_done(tmp_path, plan_path, kills, seed):
    """Kills a run and each of its continuations: by turns once it has finished a few cycles more, and after a
    random time, be it starting, replaying or running. Returns the JSON of the one that was let live."""
    rng, home, acknowledged = random.Random(seed), tmp_path / "killed", set()
    words = [plan_path, "--set", "A"]
    for kill in range(kills):
        victim = Victim(home, *words)
        more = rng.randint(1, 2) if kill % 2 == 0 else 0
        now = victim.wait_for(
            len(acknowledged) + more, rng.uniform(0.0, 0.02) if more else rng.uniform(0.2, 1.5)
        )
        victim.signal(signal.SIGKILL)
        assert now is not None, "the run was over before it could be killed: give it more cycles"
        assert acknowledged <= now <= victim.cycles(), "a finished cycle was lost"
        acknowledged = victim.cycles()
        words = ["--resume"]
    last = Victim(home, "--resume", "--json")
    out, err = last.process.communicate(timeout=100)
    assert last.process.returncode == 0, err
    assert acknowledged <= last.cycles()
    return json.loads(out)


def check_kills(pitboard, plan, tmp_path, *, kills, cycles, seed):
    path = plan(cycles=cycles)
    whole = pitboard("soak", path, "--set", "A", "--json", home="whole")[1]
    report = kill_until_done(tmp_path, path, kills, seed)
    assert kills // 2 <= len(report["gaps"]) <= kills
    assert len(report["gaps"]) == len(report["wall_clock"]["gaps"])
    assert document(json.dumps(report)) == document(whole)
    assert pitboard("report", home="killed")[1].count("gap at ") == len(report["gaps"])


def test_kill_9_loses_no_finished_cycle_and_the_run_goes_on(pitboard, plan, tmp_path):
    check_kills(pitboard, plan, tmp_path, kills=6, cycles=60, seed=1)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_kill_9_thirty_times(pitboard, plan, tmp_path):
    check_kills(pitboard, plan, tmp_path, kills=30, cycles=300, seed=2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_safely_and_the_run_can_be_resumed(plan, pitboard, tmp_path, number):
    home = tmp_path / "home"
    victim = Victim(home, plan(cycles=300), "--set", "A")
    assert victim.wait_for(3, 0.0) is not None
    code, out, err = victim.signal(number)
    assert code == 130
    assert "stopped: every car is disconnected" in err
    assert "ABORTED" in out
    assert "Traceback" not in err
    with contextlib.closing(sqlite3.connect(home / "pitboard.db")) as db:
        assert db.execute("SELECT status, outcome FROM runs").fetchall() == [("aborted", "ABORTED")]
        connects, disconnects = (
            db.execute("SELECT count(*) FROM acts WHERE act = ? AND state = 'ok'", (act,)).fetchone()[0]
            for act in ("connect", "disconnect")
        )
        assert db.execute("SELECT count(*) FROM acts WHERE state = 'intended'").fetchone() == (0,)
    assert connects > disconnects > 0


def test_a_run_that_is_being_worked_on_is_not_taken_up_by_another(plan, pitboard, tmp_path):
    victim = Victim(tmp_path / "home", plan(cycles=300), "--set", "A")
    assert victim.wait_for(1, 0.0) is not None
    code, _, err = pitboard("soak", "--resume")
    victim.signal(signal.SIGKILL)
    assert code == 3
    assert "is being worked on by another pitboard" in err
