"""A bay of the simulated bench goes bad, cars move on by one bay a night, and the report of the third night says so."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from rig.cli.main import main

BUILTIN = Path(__file__).parents[3] / "fixtures" / "builtin"
PLAN = """
kind = "battery"
name = "charges"
lives_per_car = 3
limit_minutes = 2.0
recharge = "bench"
charge_limit_minutes = 8.0
dying_mv = 3500
[[limit]]
figure = "undisturbed"
at_least = 0.5
"""
DIRTY = """
[[bench_fault]]
at_s = 20.0
kind = "dirty_contact"
bay = "A2"
"""


def bench_of_night(night):
    """The builtin bench with the cars of set A moved on by so many bays."""
    text = (BUILTIN / "benches" / "two-sets.toml").read_text()
    cars = re.findall(r"^car = (0x\w+)", text, re.MULTILINE)
    moved = iter(cars[night:4] + cars[:night] + cars[4:])
    return re.sub(r"^car = 0x\w+", lambda _: f"car = {next(moved)}", text, flags=re.MULTILINE)


@pytest.mark.nightly
@pytest.mark.parametrize("rotated", [True, False])
def test_a_dirty_contact_is_told_from_the_cars_once_they_were_rotated(tmp_path, monkeypatch, capsys, rotated):
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "world.toml").write_text((BUILTIN / "worlds" / "two-sets.toml").read_text() + DIRTY)
    monkeypatch.setenv("PITBOARD_HOME", str(tmp_path / "home"))

    def pitboard(*words):
        monkeypatch.setattr(sys, "argv", ["pitboard", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code in {None, 0, 3}  # the bad bay is the bench's fault
        return capsys.readouterr().out

    for night in range(4):
        bench = tmp_path / f"bench{night}.toml"
        bench.write_text(bench_of_night(night if rotated else 0))
        pitboard(
            "soak", tmp_path / "plan.toml", "--world", tmp_path / "world.toml", "--bench", bench, "--json"
        )
    found = json.loads(pitboard("report", "--format", "json"))["wall_clock"]["diagnosis_lately"]["charge"]
    if rotated:
        assert [(one["part"], one["name"]) for one in found["causes"]] == [("bay", "A2")]
    else:
        assert {(one["part"], one["name"]) for one in found["confounded"]} == {
            ("bay", "A2"),
            ("car", "Ground Shock A2"),
        }
        assert "rotate the cars over the bays" in found["sentence"]
