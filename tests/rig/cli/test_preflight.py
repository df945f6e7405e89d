"""Before a night on a bench its wires are wiggled: bays that fail are left out, and the report says why."""

from __future__ import annotations

import json
import sys

import pytest

from rig.builtin_data import find_data_file
from rig.cli.main import main
from rig.store.database import open_database
from rig.store.queries import acts_of

PLAN = """
kind = "battery"
name = "short"
lives_per_car = 1
limit_minutes = 0.3
recharge = "bench"
[[limit]]
figure = "undisturbed"
at_least = 0.1
confidence = 0.5
"""
RECONNECT = """
kind = "reconnect"
name = "buttons"
cycles_per_car = 2
losses = ["after power button"]
give_up_after = 2
[[limit]]
figure = "success"
at_least = 0.1
confidence = 0.5
"""
STUCK = '\n[[bench_fault]]\nat_s = {at_s}\nkind = "stuck_contact"\nbay = "{bay}"\n'
REASON = (
    "bay A2, relay chargers 2: not confirmed (told on, but meter meter A2 1 saw +0 mA in 3 s, not +50 mA, and the car feels"
    " none); check this wire and this contact by hand before the bay is used again"
)


class Rig:
    def __init__(self, folder, monkeypatch, capsys):
        self.folder, self.monkeypatch, self.capsys = folder, monkeypatch, capsys
        self.plan(PLAN)

    def plan(self, text):
        (self.folder / "plan.toml").write_text(text)

    def world(self, faults=""):
        text = find_data_file("worlds", "two-sets").read_text(encoding="utf-8")
        (self.folder / "world.toml").write_text(text + faults)

    def soak(self, *words, home="home", first=True):
        """Exit code, report (None when there is none on stdout), standard error."""
        if first:
            words = (self.folder / "plan.toml", "--world", self.folder / "world.toml", "--set", "A", *words)
        self.monkeypatch.setenv("PITBOARD_HOME", str(self.folder / home))
        self.monkeypatch.setattr(sys, "argv", ["pitboard", "soak", *map(str, words), "--json"])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self.capsys.readouterr()
        return ended.value.code, json.loads(out) if out else None, err

    def acts(self, home="home"):
        db = open_database(self.folder / home / "pitboard.db")
        acts = acts_of(db, 1)
        db.close()
        return acts

    def execute(self, text):
        db = open_database(self.folder / "home" / "pitboard.db")
        with db.conn:
            db.conn.execute(text)
        db.close()


@pytest.fixture
def rig(tmp_path, monkeypatch, capsys):
    return Rig(tmp_path, monkeypatch, capsys)


def outcomes(report):
    return [car["outcome"] for car in report["cars"]]


def without_clock(report):
    return {key: value for key, value in report.items() if key not in {"wall_clock", "gaps"}}


def test_a_sound_bench_passes_its_self_test_and_nothing_is_left_out(rig):
    rig.world()
    code, report, _ = rig.soak()
    assert (code, report["bench_faults"]) == (0, [])
    assert [(act.act, act.state) for act in rig.acts() if act.leg == 0] == [("self-test", "ok")]


def test_a_bay_whose_relay_sticks_is_left_out_from_the_start_and_the_night_goes_on(rig, capsys):
    rig.world(STUCK.format(at_s=0.0, bay="A2"))
    code, report, err = rig.soak()
    assert code == 3
    assert report["bench_faults"] == [{"subject": "bay A2", "bay": "A2", "reason": REASON, "at_s": 0.0}]
    assert outcomes(report) == ["PASS", "ERROR", "PASS", "PASS"]
    assert report["cars"][1]["bench_error"] == REASON
    words = REASON.partition(", ")[2]
    assert f"bay A2 left out: {words}" in err.splitlines()
    acts = rig.acts()
    assert [(act.act, act.subject, act.detail) for act in acts if act.leg == 0][1] == (
        "left out",
        "A2",
        REASON,
    )
    assert not [act for act in acts if act.leg > 0 and act.subject == "A2"], "the bay was used"
    rig.monkeypatch.setattr(sys, "argv", ["pitboard", "report", "--format", "html"])
    with pytest.raises(SystemExit):
        main()
    assert "bay A2 left out: relay chargers 2" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_report_also_when_the_run_was_cut(rig):
    rig.world(STUCK.format(at_s=0.0, bay="A2"))
    first, second = (rig.soak(home=home)[1] for home in ("home", "again"))
    assert without_clock(first) == without_clock(second)
    # as if it had been killed after its first life, the self-test long since through
    rig.execute("DELETE FROM lives WHERE identifier != 0x0880EADB")
    rig.execute("UPDATE legs SET ended_s = NULL")
    rig.execute("UPDATE runs SET status = 'running', outcome = NULL")
    before = [act for act in rig.acts() if act.leg == 0]
    code, resumed, _ = rig.soak("--resume", first=False)
    assert (code, without_clock(resumed)) == (3, without_clock(first))
    assert [act for act in rig.acts() if act.leg == 0] == before


def test_what_goes_wrong_later_has_not_gone_wrong_when_the_night_begins(rig):
    rig.world(STUCK.format(at_s=1.0, bay="A2"))
    _, report, _ = rig.soak()
    assert report["bench_faults"] == []
    assert outcomes(report)[1] == "PASS"  # so short a life needs no charger


def test_when_every_bay_is_faulty_the_night_does_not_begin(rig):
    rig.world("".join(STUCK.format(at_s=0.0, bay=f"A{n}") for n in (1, 2, 3, 4)))
    code, report, err = rig.soak()
    assert code == 3
    (sentence,) = [line for line in err.splitlines() if line.startswith("pitboard: ")]
    assert sentence.startswith(
        "pitboard: bench 'eight bays for two sets': every bay failed its self-test, the first, A1, like"
    )
    assert sentence.endswith("mend what 'pitboard bench selftest' shows, then 'pitboard soak --resume'")
    assert [fault["bay"] for fault in report["bench_faults"]] == ["A1", "A2", "A3", "A4"]
    assert all(car["done"] == 0 for car in report["cars"] if "done" in car)
    assert not [act for act in rig.acts() if act.leg > 0]


def test_a_dead_board_costs_its_bays_and_the_others_go_on(rig):
    rig.plan(RECONNECT)
    rig.world('\n[[bench_fault]]\nat_s = 0.0\nkind = "dead_fixture"\nfixture = "meter A3"\n')
    code, report, err = rig.soak()
    assert [fault["subject"] for fault in report["bench_faults"]] == ["meter A3", "bay A3"]
    assert code == 3
    assert outcomes(report) == ["PASS", "PASS", "ERROR", "PASS"]
    assert "pitboard: " not in err
    assert not [act for act in rig.acts() if act.act.startswith("recovery")], "the radio was not to blame"


def test_it_can_be_left_out_and_going_on_leaves_it_out_too(rig):
    rig.world(STUCK.format(at_s=0.0, bay="A2"))
    code, report, _ = rig.soak("--no-selftest")
    assert (code, report["bench_faults"]) == (0, [])
    assert report["cars"][1]["bench_error"] is None
    rig.execute("UPDATE legs SET ended_s = NULL")
    rig.execute("UPDATE runs SET status = 'running', outcome = NULL")
    code, resumed, _ = rig.soak("--resume", first=False)
    assert resumed["bench_faults"] == []
    assert [(act.act, act.detail) for act in rig.acts() if act.leg == 0] == [("self-test", "skipped")]


def test_a_plan_that_uses_no_bench_has_no_self_test(rig):
    rig.plan(RECONNECT.replace("after power button", "disconnect"))
    rig.world(STUCK.format(at_s=0.0, bay="A2"))
    code, report, _ = rig.soak()
    assert (code, report["bench_faults"]) == (0, [])
    assert not [act for act in rig.acts() if act.leg == 0]


def test_a_radio_that_fails_in_the_test_is_for_the_legs_to_mend(rig):
    rig.world('\n[[fault]]\nat_s = 0.0\nkind = "adapter_off"\n')
    code, report, _ = rig.soak()
    (fault,) = [fault for fault in report["bench_faults"] if fault["subject"] == "self-test"]
    assert fault["reason"].startswith("not finished: ")
    assert code in {0, 3, 4}


def test_only_bays_of_cars_that_take_part_are_moved(rig):
    rig.world(STUCK.format(at_s=0.0, bay="B2"))
    assert rig.soak()[1]["bench_faults"] == []
