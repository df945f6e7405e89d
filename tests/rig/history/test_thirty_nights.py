"""Thirty nights of a world in which one car's battery fades 1.5 % a night and a firmware slows reconnects by 30 % from
night 19: the trend finds these two things and nothing else. In the gate on the figures of such nights as they were
stored (`python tasks.py thirty_nights` makes them anew), by night on nights that are really run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from rig.cli.main import main
from rig.history.findings import trend_of
from rig.history.nights import nights_of_document
from rig.history.trend_json import trend_document

ROOT = Path(__file__).parents[3]
STORED = ROOT / "fixtures" / "trend" / "thirty-nights.json"
SOAK = ("soak", "fixtures/plans/thirty-nights.toml", "--world", "fixtures/worlds/thirty-nights.toml")


def check_just_the_two(document):
    assert len(document["nights"]) == 30
    fade, slower = document["findings"]
    assert (fade["shape"], fade["kind"], fade["subjects"]) == ("drift", "battery", ["Thermo A3"])
    assert set(fade["metrics"]) == {"battery.life_s", "battery.charge_mah"}
    # the cell loses 1.5 % of its charge; with it goes a little voltage, so that a life loses a little more
    assert -0.021 < fade["effects"]["battery.life_s"] < -0.013
    assert -0.021 < fade["effects"]["battery.charge_mah"] < -0.013
    assert (slower["shape"], slower["kind"], slower["night"]) == ("step", "reconnect", 19)
    assert len(slower["subjects"]) == 8
    assert 0.2 < slower["effects"]["reconnect.p50_s"] < 0.4
    assert [change["what"] for change in slower["changed"]] == ["firmware of all 8 cars"]
    assert document["pending"] == []
    assert [change["night"] for change in document["changes"]] == [19]


def test_the_stored_nights_show_just_the_fading_car_and_the_firmware():
    nights = nights_of_document(json.loads(STORED.read_text(encoding="utf-8")), source=STORED.name)
    check_just_the_two(trend_document(trend_of("stored", nights)))


def test_the_twentieth_night_only_hints_at_the_firmware():
    nights = nights_of_document(json.loads(STORED.read_text(encoding="utf-8")), source=STORED.name)[:20]
    document = trend_document(trend_of("stored", nights))
    assert [finding["kind"] for finding in document["findings"]] == ["battery"]
    (hint,) = document["pending"]
    assert (hint["kind"], hint["night"], hint["nights_to_confirm"]) == ("reconnect", 19, 1)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [1, 2])
def test_thirty_nights_that_are_run_show_the_same(seed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PITBOARD_HOME", str(tmp_path))

    def pitboard(*words):
        monkeypatch.setattr(sys, "argv", ["pitboard", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().out

    code, out = pitboard(*SOAK, "--seed", str(seed), "--nights", "30")
    assert code == 0, out
    code, out = pitboard("trend", "--json")
    assert code == 0
    check_just_the_two(json.loads(out))
