"""Something is pulled out in the middle of a night: the adapter ends it, safely and to be resumed; a fixture costs its own
bay, and the night goes on with the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rig.builtin_data import find_data_file
from rig.cli.main import pitboard
from rig.store.database import open_database
from rig.store.queries import acts_of
from tests.rig.faults.nights import write_plan

BATTERY = """
kind = "battery"
name = "short"
lives_per_car = 2
limit_minutes = 0.3
recharge = "bench"
[[limit]]
figure = "undisturbed"
at_least = 0.5
confidence = 0.75
"""


@pytest.fixture
def soak(tmp_path):
    """Soaks set A of the builtin world with a fault; gives the exit code or error, standard output, and the run."""

    def run(*words, fault=None):
        home = tmp_path / "home"
        world = tmp_path / "world.toml"
        if fault is not None:
            text = find_data_file("worlds", "two-sets").read_text(encoding="utf-8")
            world.write_text(text + fault)
            words = (*words, "--world", str(world), "--set", "A")
        done = CliRunner().invoke(
            pitboard, ["soak", *words, "--home", str(home), "--json"], standalone_mode=False
        )
        db = open_database(home / "pitboard.db")
        row = db.conn.execute("SELECT status, outcome FROM runs").fetchall()
        acts = acts_of(db, 1)
        db.close()
        return done, row, acts

    return run


SWAP = """
kind = "swap"
name = "short"
swaps = 6
race_s = 20.0
[[limit]]
figure = "success"
at_least = 0.5
"""
NIGHT = """
kind = "nightly"
name = "two"
[[part]]
plan = "{first}"
[[part]]
plan = "{second}"
"""


@pytest.mark.parametrize("kind", ["reconnect", "battery", "swap"])
def test_when_the_adapter_has_failed_every_car_the_night_ends_whatever_is_soaked(soak, tmp_path, kind):
    """The next part is not begun only to fail as well."""
    plans = {"reconnect": Path(write_plan(tmp_path, cycles=6)).read_text(), "battery": BATTERY, "swap": SWAP}
    for name, text in plans.items():
        (tmp_path / f"{name}.toml").write_text(text)
    night = tmp_path / "night.toml"
    night.write_text(NIGHT.format(first=tmp_path / f"{kind}.toml", second=tmp_path / "reconnect.toml"))
    sets = ("--set", "B") if kind == "swap" else ()
    done, rows, acts = soak(str(night), *sets, fault='\n[[fault]]\nat_s = 12.0\nkind = "unplug"\n')
    assert done.exception.exit_code == 3
    assert "the Bluetooth adapter went away" in str(done.exception)
    assert rows == [("aborted", "ERROR")]
    assert {act.leg for act in acts} <= {0, 1}
    assert all(act.state != "intended" for act in acts)


def test_an_adapter_that_is_pulled_out_ends_the_night_with_one_sentence(soak, tmp_path):
    fault = '\n[[fault]]\nat_s = 20.0\nkind = "unplug"\n'
    done, rows, acts = soak(write_plan(tmp_path, cycles=6), fault=fault)
    assert done.exception.exit_code == 3
    assert "the Bluetooth adapter went away" in str(done.exception)
    assert str(done.exception).endswith("plug it in again and restart")
    assert rows == [("aborted", "ERROR")]
    assert all(act.state != "intended" for act in acts)
    report = json.loads(done.stdout)
    assert "'pitboard soak --resume' goes on with it" in report["headline"]
    done, rows, _ = soak("--resume")  # in this world it is pulled out again
    assert (done.exception.exit_code, rows) == (3, [("aborted", "ERROR")])


def test_a_fixture_that_is_pulled_out_costs_its_bay_and_the_night_goes_on(soak, tmp_path):
    plan = tmp_path / "battery.toml"
    plan.write_text(BATTERY)
    fault = '\n[[bench_fault]]\nat_s = 15.0\nkind = "unplugged_fixture"\nfixture = "meter A2"\n'
    done, rows, acts = soak(str(plan), fault=fault)
    assert (done.return_value, rows) == (3, [("finished", "ERROR")])
    cars = {car["label"]: car for car in json.loads(done.stdout)["cars"]}
    assert {label: car["outcome"] for label, car in cars.items()} == {
        "Skull A1": "PASS", "Ground Shock A2": "ERROR", "Thermo A3": "PASS", "Nuke A4": "PASS",
    }  # fmt: skip
    (reason,) = cars["Ground Shock A2"]["reasons"]
    assert "meter A2 (twin): its port went away (unplugged); plug it in again" in reason
    later = [act for act in acts if act.subject == "A2" and act.act == "charger on" and act.state == "ok"]
    assert later == [], "the bay was used again"
    assert acts[-1].act == "all off"
