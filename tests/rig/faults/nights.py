"""A soak in a process of its own, on which something is done to its bench once it has finished some cycles."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

PITBOARD = str(Path(sys.executable).with_name("pitboard"))
PLAN = """
kind = "reconnect"
name = "short"
cycles_per_car = {cycles}
losses = ["vanish", "disconnect"]
[[limit]]
figure = "reconnect"
quantile = 0.5
at_most_s = 6.0
"""


def write_plan(folder, cycles=30):
    path = folder / "short.toml"
    path.write_text(PLAN.format(cycles=cycles))
    return str(path)


def soak(home, *words):
    """A soak to its end: exit code, standard output, standard error."""
    done = subprocess.run(
        [PITBOARD, "soak", *words, "--home", str(home)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout, done.stderr


def cycles(home):
    """The finished cycles on record; none while there is no database."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(home / "pitboard.db")) as db:
        return set(db.execute("SELECT leg, identifier, cycle, ended_s, first_data_s FROM cycles"))
    return set()


class Night:
    """A soak under way."""

    def __init__(self, home, *words, command=(PITBOARD,), **more):
        self.home = Path(home)
        self.process = subprocess.Popen(
            [*command, "soak", *words, "--home", str(home)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
        )  # fmt: skip

    def cycles(self):
        return cycles(self.home)

    def wait_for(self, cycles):
        while len(self.cycles()) < cycles:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.01)
                raise AssertionError(f"it ended before: {self.process.communicate()}")
        return self

    def end(self, within_s=100):
        out, err = self.process.communicate(timeout=within_s)
        return self.process.returncode, out, err


def figures(text):
    """A JSON report without what a clock or a cut may change."""
    report = json.loads(text)
    return {key: value for key, value in report.items() if key not in {"wall_clock", "gaps"}}


def one_sentence(err):
    """What a soak that failed says, after the lines that tell how it went."""
    *_, line = lines = err.strip().splitlines()
    assert [line.startswith("pitboard: ") for line in lines].count(True) == 1
    assert line.startswith("pitboard: ")
    assert "Traceback" not in err
    return line
