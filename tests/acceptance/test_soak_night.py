"""The first soak night: verdicts, artefacts, reproducibility, kill -9 and resume."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

SHORT = """
name = "short"
kind = "reconnect"
cycles_per_car = {cycles}
losses = ["disconnect", "vanish"]

[[limit]]
figure = "success"
at_least = 0.5
confidence = 0.9
"""


@pytest.fixture
def short_plan(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(SHORT.format(cycles=12))
    return path


def result_json(out):
    path = Path(re.search(r"(\S+\.json)\b", out)[1])
    return json.loads(path.read_text())


def without_wall_clock(value):
    if isinstance(value, dict):
        return {k: without_wall_clock(v) for k, v in value.items() if k != "wall_clock"}
    return [without_wall_clock(v) for v in value] if isinstance(value, list) else value


def cars_of(report):
    return {car["label"]: car for car in report["cars"]}


def test_no_arguments_pass_with_all_artefacts(pitboard, home):
    run = pitboard("soak")
    assert run.code == 0, run
    assert run.out.count("PASS") >= 8
    found = {p.suffix: p for p in home.rglob("*.*") if p.suffix in {".db", ".html", ".json", ".xml", ".txt"}}
    assert len(found) == 5, found
    assert ET.parse(found[".xml"]).getroot().tag in ("testsuites", "testsuite")
    page = found[".html"].read_text()
    assert "<svg" in page
    assert not re.search(r"""(src|href)=["']?https?:""", page), "the report needs no network"
    for path in found.values():
        assert path.name in run.out, f"{path} is not printed"


def test_same_seed_same_json_other_seed_differs(pitboard, short_plan, tmp_path):
    results = []
    for n, seed in enumerate((7, 7, 8)):
        run = pitboard("soak", short_plan, "--seed", seed, "--home", tmp_path / f"home{n}")
        assert run.code == 0, run
        results.append(without_wall_clock(result_json(run.out)))
    first, again, other = (json.dumps(r, sort_keys=True) for r in results)
    assert first == again
    assert first != other


def test_a_broken_car_fails_by_name_and_the_others_pass(pitboard, root):
    run = pitboard("soak", "--radio", f"sim:{root / 'fixtures/worlds/broken-car.toml'}")
    assert run.code == 1, run
    cars = cars_of(result_json(run.out))
    failed = [label for label, car in cars.items() if car["outcome"] == "FAIL"]
    assert len(failed) == 1, run
    assert all(car["outcome"] == "PASS" for label, car in cars.items() if label not in failed), run
    assert failed[0] in run.out
    assert cars[failed[0]]["reasons"]


def test_too_few_cycles_are_inconclusive_and_say_how_many_would_do(pitboard, tmp_path):
    plan = tmp_path / "few.toml"
    plan.write_text(
        SHORT.format(cycles=5)
        + '\n[[limit]]\nfigure = "reconnect"\nquantile = 0.95\nat_most_s = 20.0\nconfidence = 0.95\n'
    )
    run = pitboard("soak", plan)
    assert run.code == 4, run
    assert "INCONCLUSIVE" in run.out
    assert "59" in run.out, "a 95 % bound on P95 needs 59 cycles"


def test_kill_minus_nine_loses_no_completed_cycle_and_resume_goes_on(
    pitboard, executable, environment, tmp_path
):
    plan = tmp_path / "long.toml"
    plan.write_text(SHORT.format(cycles=300))
    process = subprocess.Popen(
        [executable, "soak", plan, "--seed", "3"], env=environment, cwd=tmp_path,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(200):
        assert process.poll() is None, "the run ended before it could be killed"
        stored = pitboard("report", "--format", "json")
        if (
            stored.out.startswith("{")
            and sum(c["cycles"] for c in cars_of(json.loads(stored.out)).values()) >= 10
        ):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = cars_of(json.loads(pitboard("report", "--format", "json").out))
    resumed = pitboard("soak", "--resume")
    assert resumed.code == 0, resumed
    report = json.loads(pitboard("report", "--format", "json").out)
    assert report["gaps"], "the gap is shown"
    for label, car in cars_of(report).items():
        assert car["cycles"] == 300
        kept = before[label]["samples"]
        assert car["samples"][: len(kept)] == kept, "a completed cycle is never lost or made again"


def test_report_renders_a_stored_run_again(pitboard, short_plan):
    run = pitboard("soak", short_plan)
    assert run.code == 0, run
    for kind, mark in {"text": "PASS", "json": '"cars"', "junit": "<testsuite", "html": "<svg"}.items():
        again = pitboard("report", "--format", kind)
        assert again.code == 0, again
        assert mark in again.out or any(
            mark in Path(word).read_text() for word in again.out.split() if Path(word).is_file()
        )
