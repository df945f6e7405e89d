"""What a soak shows on stderr while it runs: plain lines into a log, a live line on a terminal of 80 columns."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

from rig.cli import soak_lines
from rig.cli.soak_lines import PlainLines
from rig.soak.kind import Progress
from rig.soak.night import night_legs
from rig.soak.outcome import Outcome
from rig.soak.run_plan import load_run_plan
from rig.soak.schedule import CarSet, SoakCar

COMMAND = [sys.executable, "-c", "from rig.cli.main import main; main()"]
PLAN = """
kind = "reconnect"
name = "short"
cycles_per_car = {cycles}
losses = ["disconnect"]
[[limit]]
figure = "success"
at_least = 0.1
confidence = 0.5
"""
NIGHT = 'kind = "nightly"\nname = "weeknight"\n[[part]]\nplan = "{plan}"\nrepeat = 2\n'


@pytest.fixture
def night(tmp_path):
    def write(cycles=2):
        (tmp_path / "short.toml").write_text(PLAN.format(cycles=cycles))
        (tmp_path / "night.toml").write_text(NIGHT.format(plan=tmp_path / "short.toml"))
        return str(tmp_path / "night.toml")

    return write


class Told:
    """Plain lines of a nightly with two parts of two legs each, on a clock of the test's own."""

    def __init__(self, path):
        cars = [
            CarSet(name, (SoakCar(n, f"car {n}"), SoakCar(n + 1, f"car {n + 1}")))
            for name, n in (("A", 1), ("B", 3))
        ]
        self.legs = night_legs(load_run_plan(path).parts, cars, 1)
        self.lines, self.now_s = [], 0.0
        self.judged = []
        self.plain = PlainLines(self.legs, self.judge, say=self.lines.append, now_s=lambda: self.now_s)

    def judge(self, part):
        self.judged.append(part)
        return Outcome.INCONCLUSIVE

    def run(self, leg, at_s, *, takes_real_s=1.0):
        self.plain.begun(leg, at_s)
        for done in range(1, leg.leg.units + 1):
            self.now_s += takes_real_s
            at_s += 60.0
            self.plain.progress(Progress(leg.part.number, leg.number, done, leg.leg.units, "car 1", at_s))
        self.plain.ended(leg, at_s)
        return at_s


def test_each_part_has_a_line_at_its_begin_and_one_at_its_end(night):
    told, at_s = Told(night()), 0.0
    for leg in told.legs:
        at_s = told.run(leg, at_s)
    assert told.lines == [
        "part 1 of 2, short (1 of 2): begins, 2 cycles a car",
        "part 1 of 2, short (1 of 2): INCONCLUSIVE, 8 of 8 done; 8 min 00 s of run time, 0 min 08 s by the clock",
        "part 2 of 2, short (2 of 2): begins, 2 cycles a car",
        "part 2 of 2, short (2 of 2): INCONCLUSIVE, 8 of 8 done; 8 min 00 s of run time, 0 min 08 s by the clock",
    ]
    assert told.judged == [1, 2]


def test_a_long_part_is_told_of_every_ten_minutes_also_when_no_unit_ends(night):
    told = Told(night())
    told.run(told.legs[0], 0.0, takes_real_s=250.0)
    told.plain.begun(told.legs[1], 240.0)
    for _ in range(13):
        told.now_s += 100.0
        told.plain.beat()
    assert [line.partition(": ")[2] for line in told.lines[1:]] == [
        "3 of 8 done, INCONCLUSIVE so far; 3 min 00 s of run time, 12 min 30 s by the clock",
        "4 of 8 done, INCONCLUSIVE so far; 4 min 00 s of run time, 23 min 20 s by the clock",
        "4 of 8 done, INCONCLUSIVE so far; 4 min 00 s of run time, 33 min 20 s by the clock",
    ]


def test_a_part_that_is_taken_up_again_says_how_far_it_is(night):
    told = Told(night())
    told.run(told.legs[1], 500.0)
    assert told.lines[0] == "part 1 of 2, short (1 of 2): goes on, 4 of 8 done"
    assert "INCONCLUSIVE, 8 of 8 done; 4 min 00 s of run time" in told.lines[1]


def test_a_log_that_cannot_be_written_ends_no_night(monkeypatch):
    def full(*_words, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(soak_lines.click, "echo", full)
    soak_lines.tell("part 1 of 2: begins")


def environment(home):
    return {**os.environ, "PITBOARD_HOME": str(home), "FORCE_COLOR": "1"}


def test_a_log_gets_plain_lines_and_standard_output_only_the_report(night, tmp_path):
    """FORCE_COLOR, as some CI sets it, makes no terminal of a log."""
    done = subprocess.run(
        [*COMMAND, "soak", night(), "--set", "A", "--json"],
        capture_output=True, text=True, check=False, timeout=60, env=environment(tmp_path / "home"),
    )  # fmt: skip
    assert done.returncode == 0
    assert json.loads(done.stdout)["outcome"] == "PASS"
    assert "\r" not in done.stderr
    assert "\x1b" not in done.stderr
    lines = [re.sub(r"[\d.]+ (min|s)\b", "N", line) for line in done.stderr.splitlines()]
    assert lines == [
        "part 1 of 2, short (1 of 2): begins, 2 cycles a car",
        "part 1 of 2, short (1 of 2): PASS, 8 of 8 done; N N of run time, N N by the clock",
        "part 2 of 2, short (2 of 2): begins, 2 cycles a car",
        "part 2 of 2, short (2 of 2): PASS, 8 of 8 done; N N of run time, N N by the clock",
    ]


class Screen:
    """What a terminal of 80 columns shows of what was written to it: the longest line, and every text it held."""

    def __init__(self, text):
        self.texts = [
            plain.rstrip()
            for piece in re.split(r"\r|\n", text)
            if (plain := re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", piece))
        ]
        self.widest = max(len(line) for line in self.texts)


def in_terminal(words, env, out):
    """Runs it with standard error on a terminal and standard output in a file; exit code, what the terminal was sent."""
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with os.fdopen(master, "rb", buffering=0) as screen, out.open("wb") as file:
        soak = subprocess.Popen([*COMMAND, *words], stdout=file, stderr=terminal, env=env)
        os.close(terminal)
        sent = b""
        with contextlib.suppress(OSError):  # the terminal's other end is closed
            while piece := screen.read(4096):
                sent += piece
        return soak.wait(60), sent.decode()


def test_a_terminal_of_80_columns_gets_one_live_line(night, tmp_path):
    env = {**environment(tmp_path / "home"), "TERM": "xterm-256color"}
    env.pop("COLUMNS", None)
    out = tmp_path / "report.json"
    code, sent = in_terminal(("soak", night(60), "--set", "A", "--json"), env, out)
    assert code == 0
    assert json.loads(out.read_text())["outcome"] == "PASS"
    screen = Screen(sent)
    assert screen.widest <= 80
    assert "begins" not in sent
    first, *live = [line for line in screen.texts if " left " in line]
    assert re.fullmatch(r"\S+ +0/480 +left --:--", first)
    assert live
    assert all(re.fullmatch(r"\S+ +\d+/480 +short .* left [-\d:]+", line) for line in live), live
    assert any("short (1 of 2), set A: " in line for line in live)
    assert any(re.search(r"\d+ min \d\d s +left", line) or "…" in line for line in live)
    assert "\x1b[2K" in sent.rpartition("left")[2], "the line is gone at the end"
