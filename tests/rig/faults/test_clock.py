"""A night whose machine changes its mind about the time: no duration changes, and it is said. The soak runs in a process
of its own, in real time, and asks a clock that the test sets."""

from __future__ import annotations

import json
import sys

import pytest

from tests.rig.faults.nights import Night, write_plan

CLOCK = """
import sys
from datetime import timedelta
from pathlib import Path
from rig.clock import SystemClock
from rig.cli.main import main
true_now = SystemClock.utc_now
ahead = Path({path!r})
SystemClock.utc_now = lambda self: true_now(self) + timedelta(seconds=float(ahead.read_text()))
main()
"""


@pytest.mark.nightly  # real time; tests/rig/store has every case of it
@pytest.mark.parametrize("hours", [5, -5])
def test_a_clock_set_in_the_middle_of_a_real_time_night_and_again_while_it_was_cut(tmp_path, hours):
    home, ahead = tmp_path / "home", tmp_path / "ahead"
    ahead.write_text("0")
    command = (sys.executable, "-c", CLOCK.format(path=str(ahead)))
    words = (write_plan(tmp_path, cycles=2), "--cars", "0880eadb")
    night = Night(home, *words, "--real-time", command=command).wait_for(1)
    ahead.write_text(str(hours * 3600))
    night.wait_for(2)
    night.process.kill()
    night.end()
    ahead.write_text("0")
    code, out, err = Night(home, "--resume", "--json", command=command).end()
    assert code == 4, err  # two cycles are too few for a verdict
    report = json.loads(out)
    ways = ["ahead", "back"] if hours > 0 else ["back", "ahead"]
    assert f"the machine's clock was set {ways[1]} by 5 h 00 min, to " in err
    assert [round(row["by_s"] / 3600, 2) for row in report["wall_clock"]["clock"]] == [hours, -hours]
    (gap,) = report["gaps"]
    assert 0 < gap["until_s"] - gap["from_s"] < 60
    assert report["run_seconds"] < 120
    text = soak_text(home)
    assert all(f"clock was set {way} by 5 h 00 min" in text for way in ways)


def soak_text(home):
    (folder,) = (home / "runs").iterdir()
    return (folder / "report.txt").read_text().replace("\n", " ")
