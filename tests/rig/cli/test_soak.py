"""`pitboard soak` and `pitboard report` as a user meets them, killed, stopped and misused."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from rig.cli.main import main
from rig.radio.errors import AdapterGone

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
    return {key: value for key, value in report.items() if key not in {"wall_clock", "gaps"}}


def test_a_soak_prints_its_verdict_and_leaves_every_artefact(pitboard, plan, tmp_path):
    code, out, err = pitboard("soak", plan(), "--out", str(tmp_path / "out"))
    assert (code, [line.partition(":")[0] for line in err.splitlines()]) == (0, ["short", "short"])
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
    assert [group["cars"] for group in report["parts"][0]["sets"]] == [["Skull A1"], ["Skull B4"]]


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
    assert (listed["outcome"], listed["units"]) == ("PASS", 20)
    target = tmp_path / "night.html"
    assert pitboard("report", "--format", "html", "--out", str(target))[0] == 0
    assert target.read_text() == (folder / "report.html").read_text()


def test_the_plans_are_listed(pitboard):
    code, out, _ = pitboard("soak", "--list-plans")
    assert code == 0
    assert {"reconnect", "reconnect-bench", "nightly"} <= {line.split()[0] for line in out.splitlines()}


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
        (["soak", "--resume", "x", "--seed", "3"], 2, "leave those options out: --seed"),
        (["soak", "--resume", "--world", "two-sets", "--real-time"], 2, "out: --world, --real-time"),
        (["soak", "--resume", "--radio", "sim"], 2, "leave those options out: --radio"),
        (["soak", "reconnect", "--radio", "ble", "--cars", "1"], 2, "or use plan 'reconnect-bench'"),
        (["soak", "nightly-bench", "--radio", "ble"], 2, "or a bench whose bays have cars with --bench"),
        (["soak", "nightly-bench", "--radio", "ble", "--bench", "two-sets"], 2, "'chargers' of bench"),
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


def test_reports_that_cannot_be_written_do_not_cost_the_run(pitboard, plan, tmp_path):
    out = tmp_path / "out"
    (out / "report.html" / "in the way").mkdir(parents=True)
    code, _, err = pitboard("soak", plan(), "--set", "A", "--out", str(out))
    assert code == 3
    assert "'pitboard report' writes it again" in err
    assert "PASS  All 4 cars" in pitboard("report")[1]


def test_a_folder_that_cannot_take_reports_is_refused_before_the_night(pitboard, plan, tmp_path):
    code, _, err = pitboard("soak", plan(), "--out", "/dev/null/x")
    assert code == 3
    assert "cannot write reports to /dev/null/x (Not a directory); choose another folder with --out" in err
    assert not (tmp_path / "home").exists()


class Victim:
    """A soak in a process of its own, to be signalled once it has finished some cycles."""

    def __init__(self, home, *words, **more):
        self.home = home
        self.process = subprocess.Popen(
            [*COMMAND, "soak", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(home),
            **more,
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
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
        status = "terminated" if number is signal.SIGTERM else "aborted"
        assert db.execute("SELECT status, outcome FROM runs").fetchall() == [(status, "ABORTED")]
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


def test_a_shell_that_has_sigint_ignored_does_not_keep_sigterm_from_stopping(plan, tmp_path):
    def in_background():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    victim = Victim(tmp_path / "home", plan(cycles=300), "--set", "A", preexec_fn=in_background)
    assert victim.wait_for(3, 0.0) is not None
    code, _, err = victim.signal(signal.SIGTERM)
    assert (code, "stopped: every car is disconnected" in err) == (130, True)


def test_impatience_leaves_no_run_that_calls_itself_running(plan, tmp_path):
    home = tmp_path / "home"
    victim = Victim(home, plan(cycles=300), "--set", "A")
    assert victim.wait_for(3, 0.0) is not None
    for _ in range(3):
        victim.process.send_signal(signal.SIGINT)
    code, _, err = victim.signal(signal.SIGINT)
    assert (code, "Traceback" in err) == (130, False)
    with contextlib.closing(sqlite3.connect(home / "pitboard.db")) as db:
        assert db.execute("SELECT status, outcome FROM runs").fetchall() == [("aborted", "ABORTED")]


def test_a_run_under_way_is_told_from_one_that_was_killed(plan, pitboard, tmp_path):
    victim = Victim(tmp_path / "home", plan(cycles=300), "--set", "A")
    assert victim.wait_for(1, 0.0) is not None
    live, status = pitboard("report")[1], json.loads(pitboard("report", "--list", "--json")[1])[0]["status"]
    victim.signal(signal.SIGKILL)
    assert "Still running: " in live
    assert "ABORTED" not in live
    assert status == "running"
    assert json.loads(pitboard("report", "--list", "--json")[1])[0]["status"] == "killed"
    assert "ABORTED  The run was cut short" in pitboard("report")[1]


def test_resume_passes_over_a_run_under_way_and_one_that_never_began(plan, pitboard, tmp_path):
    home = tmp_path / "home"
    cut = Victim(home, plan(cycles=20), "--set", "A")
    assert cut.wait_for(3, 0.0) is not None
    cut.signal(signal.SIGKILL)
    with contextlib.closing(sqlite3.connect(home / "pitboard.db")) as db, db:
        (wanted,) = db.execute("SELECT run_id FROM runs").fetchone()
        db.execute(
            "INSERT INTO runs SELECT 7, 'phantom', status, outcome, plan_name, plan_digest, plan_text, radio,"
            " world_digest, seed, virtual, telemetry, started_at, ended_at, error, bench, night FROM runs"
        )
    live = Victim(home, plan(cycles=300), "--set", "B")
    assert live.wait_for(len(live.cycles()) + 1, 0.0) is not None
    code, out, err = pitboard("soak", "--resume")
    live.signal(signal.SIGKILL)
    assert code == 0, err
    assert f"resuming {wanted}" in err
    assert "PASS  All 4 cars" in out


def test_at_boot_only_a_run_that_was_killed_is_gone_on_with(plan, pitboard, tmp_path):
    assert pitboard("soak", "--resume", "--if-cut")[::2] == (
        0,
        "no run was cut off, so there is nothing to go on with\n",
    )
    for number, finds in ((signal.SIGTERM, False), (signal.SIGKILL, True)):
        victim = Victim(tmp_path / "home", plan(cycles=20), "--set", "A")
        assert victim.wait_for(len(victim.cycles()) + 1, 0.0) is not None
        victim.signal(number)
        code, _, err = pitboard("soak", "--resume", "--if-cut")
        assert (code, "resuming " in err) == (0, finds), err
    assert "it looks for one itself" in pitboard("soak", "--resume", "x", "--if-cut")[2]


def boot(home):
    """What was worked on until now was so before the machine was booted."""
    with contextlib.closing(sqlite3.connect(home / "pitboard.db")) as db, db:
        db.execute("UPDATE sessions SET boot_id = 'the one before'")


@pytest.mark.parametrize(("number", "finds"), [(signal.SIGTERM, True), (signal.SIGINT, False)])
def test_after_a_reboot_a_run_that_the_shutdown_ended_is_gone_on_with(
    plan, pitboard, tmp_path, number, finds
):
    home = tmp_path / "home"
    victim = Victim(home, plan(cycles=20), "--set", "A")
    assert victim.wait_for(1, 0.0) is not None
    victim.signal(number)
    assert "nothing to go on with" in pitboard("soak", "--resume", "--if-cut")[2], "it was only stopped"
    boot(home)
    code, _, err = pitboard("soak", "--resume", "--if-cut")
    assert (code, "resuming " in err) == (0, finds)


def test_a_run_that_was_ended_long_ago_is_not_dug_out_at_boot(plan, pitboard, tmp_path):
    home = tmp_path / "home"
    victim = Victim(home, plan(cycles=20), "--set", "A")
    assert victim.wait_for(1, 0.0) is not None
    victim.signal(signal.SIGTERM)
    pitboard("soak", plan(cycles=1), "--set", "A")
    boot(home)
    assert "nothing to go on with" in pitboard("soak", "--resume", "--if-cut")[2]


def test_nothing_is_made_by_resuming_nothing(pitboard, tmp_path):
    assert pitboard("soak", "--resume")[0] == 2
    assert not (tmp_path / "home").exists()


def test_a_resumed_run_keeps_its_telemetry_and_finds_its_world_from_anywhere(
    plan, pitboard, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    shutil.copy(BROKEN, tmp_path / "world.toml")
    path = plan(cycles=20)
    victim = Victim(home, path, "--world", "world.toml", "--telemetry", cwd=tmp_path)
    assert victim.wait_for(3, 0.0) is not None
    victim.signal(signal.SIGKILL)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    code, out, err = pitboard("soak", "--resume", "--json")
    assert code in {0, 1, 4}, err
    report = json.loads(out)
    assert all(car["telemetry"]["frames"] > car["cycles"] for car in report["cars"])


def test_a_car_named_twice_is_soaked_once(pitboard, plan):
    report = json.loads(pitboard("soak", plan(cycles=1), "--cars", "0880eadb,0880EADB", "--json")[1])
    assert [car["label"] for car in report["cars"]] == ["Skull A1"]


def test_a_bench_that_breaks_leaves_reports_that_say_so(pitboard, plan, tmp_path, monkeypatch):
    def breaks(*_, **__):
        raise AdapterGone("sim0", "unplugged")

    monkeypatch.setattr("rig.cli.soak_run.run_with_radio", breaks)
    code, out, err = pitboard("soak", plan(), "--set", "A")
    assert code == 3
    assert "plug it in again" in err
    assert "ERROR  The bench failed after 0 cycles: sim0: the Bluetooth adapter went away" in out
    folder = only_run(tmp_path / "home")
    assert json.loads((folder / "report.json").read_text())["outcome"] == "ERROR"
    assert (folder / "junit.xml").exists()
    assert "ERROR  The bench failed after 0 cycles" in pitboard("report")[1]
    assert json.loads(pitboard("report", "--list", "--json")[1])[0]["outcome"] == "ERROR"


WORLD_FAULT = """
[[fault]]
at_s = {at_s}
kind = '{kind}'
car = 0x0A41C37E
"""


@pytest.fixture
def soak_with_faults(pitboard, plan, tmp_path):
    """Soaks the set whose third car is mended and whose second car has these faults; gives code and report."""

    def soak(faults, cycles, more=""):
        kept = [line for line in BROKEN.read_text().splitlines() if not line.startswith(("faults", "readv"))]
        world = "\n".join(kept)
        path = tmp_path / "faulty.toml"
        path.write_text(world + "".join(WORLD_FAULT.format(at_s=at_s, kind=kind) for at_s, kind in faults))
        plan_path = Path(plan(cycles=cycles))
        plan_path.write_text(plan_path.read_text() + more)
        code, out, err = pitboard("soak", str(plan_path), "--world", str(path), "--json")
        assert "pitboard: " not in err
        return code, json.loads(out)

    return soak


def test_a_car_that_dies_late_and_is_given_up_fails_whatever_it_did_before(soak_with_faults):
    code, report = soak_with_faults([(100.0, "out_of_range")], 20)
    dead = report["cars"][1]
    assert (code, report["outcome"], dead["outcome"]) == (1, "FAIL", "FAIL")
    assert 5 < dead["cycles"] < 20
    assert dead["reasons"][0] == (
        "Ground Shock A2: given up: could not be connected 3 times in a row (CarNotFound)"
    )
    assert "Ground Shock A2" in report["headline"]


def test_a_car_that_drops_its_link_again_and_again_does_not_stall_the_night(soak_with_faults):
    drops = [(float(at_s), "terminated") for at_s in range(5, 900, 3)]
    code, report = soak_with_faults(drops, 4, "[timing]\nsettle_least_s = 8.0\nsettle_most_s = 8.0\n")
    flapping = report["cars"][1]
    assert (code, flapping["outcome"]) == (1, "FAIL")
    assert "could not be connected 3 times in a row (link lost before its time" in flapping["reasons"][0]
    assert flapping["unasked_losses"] > 20
    assert flapping["reconnect_from_intended"]["largest"]["s"] > 40.0
    assert report["run_seconds"] < 600.0


def test_when_no_car_was_ever_seen_the_radio_is_suspect(pitboard, plan, tmp_path):
    world = tmp_path / "empty.toml"
    text = BROKEN.read_text()
    cars = ("0x0880EADB", "0x0A41C37E", "0x1B52D09F", "0x2C63E1A4")
    faults = "".join(f"[[fault]]\nat_s = 0.0\nkind = 'out_of_range'\ncar = {car}\n" for car in cars)
    world.write_text(text + faults)
    code, out, _ = pitboard("soak", plan(cycles=3), "--world", str(world))
    assert code == 3
    assert f"ERROR  No car was ever seen: check the radio sim:{world}" in out
    assert "FAIL" not in out.split("1st try")[0]


def test_a_nightly_runs_its_parts_and_reports_them_one_by_one(pitboard, plan, tmp_path):
    night = tmp_path / "night.toml"
    night.write_text(
        f'kind = "nightly"\nname = "weeknight"\n[[part]]\nplan = "{plan(cycles=5)}"\nrepeat = 2\n'
    )
    code, out, err = pitboard("soak", str(night), "--set", "A")
    assert (code, len(err.splitlines())) == (0, 4)
    assert "PASS  All 2 parts passed." in out
    assert out.index("part 1: short (1 of 2)  PASS") < out.index("part 2: short (2 of 2)  PASS")
    report = json.loads(pitboard("report", "--format", "json")[1])
    assert [(part["kind"], part["outcome"]) for part in report["parts"]] == [("reconnect", "PASS")] * 2
    assert len(report["cars"]) == 8
    page = pitboard("report", "--format", "html")[1]
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    junit = ET.fromstring(pitboard("report", "--format", "junit")[1])
    places = {case.get("classname") for case in junit.iter("testcase")}
    assert "pitboard.soak.short (2 of 2).A.Skull A1" in places
    night.write_text("gone")  # a run holds its plans itself
    assert json.loads(pitboard("report", "--format", "json")[1]) == report


def test_the_builtin_nightly_is_there(pitboard):
    assert "nightly" in pitboard("soak", "--list-plans")[1]
