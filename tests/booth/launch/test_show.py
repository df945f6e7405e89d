"""The show's processes for real: up within seconds, back when killed, gone when stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from booth.log.store import FILE, ShowLog
from booth.show.records import Opened

LOOK_S, MOST_LOOKS = 0.1, 200
"""Generous: other tests run beside."""


class Run:
    """`pitboard booth run --json` and what it says."""

    def __init__(self, home, *more):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = "from rig.cli.main import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", command, "booth", "run", "--home", str(home), "--host", "127.0.0.1",
             "--port", str(self.port), "--json", *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        self.pids = {}

    def until(self, event, **fields):
        for line in self.process.stdout:
            told = json.loads(line)
            if told["event"] == "started":
                self.pids[told["process"]] = told["pid"]
            if told["event"] == event and all(told.get(key) == value for key, value in fields.items()):
                return told
        raise AssertionError(f"ended before '{event}' came")

    def health(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return json.loads(answer.read())
        except OSError:
            return {}

    def until_whole(self):
        for _ in range(MOST_LOOKS):
            if self.health().get("race") == "up":
                return
            threading.Event().wait(LOOK_S)
        raise AssertionError("the show is not whole again")


@pytest.fixture
def show(tmp_path):
    run = Run(tmp_path)
    yield run
    if run.process.poll() is None:
        run.process.send_signal(signal.SIGINT)
    run.process.stdout.read()
    run.process.wait(20)
    run.process.stdout.close()


def test_it_comes_up_survives_a_killed_race_and_killed_screens_and_leaves_nothing_behind(show, tmp_path):
    ready = show.until("ready")
    assert ready["stage"].endswith("/stage")
    show.until_whole()
    for name in ("race", "screens"):
        before = show.pids[name]
        os.kill(before, signal.SIGKILL)
        show.until("ended", process=name, code=-9)
        show.until("started", process=name)
        assert show.pids[name] != before
        show.until_whole()
    show.process.send_signal(signal.SIGINT)
    assert show.process.wait(20) == 130
    assert not [pid for pid in show.pids.values() if Path(f"/proc/{pid}").exists()]
    with ShowLog(tmp_path / "booth" / "pitboard-demo-show" / FILE) as log:
        written = [record for _, record in log.read()]
        assert log.fault() is None
    assert len([record for record in written if isinstance(record, Opened)]) == 1


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", "from rig.cli.main import main; main()", "booth", "run", "--home", str(tmp_path),
             "--host", "127.0.0.1", "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert (
        done.stderr
        == f"pitboard: port {port} is taken by another program; close it, or name another with --port\n"
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--pin", "1234"], "name both --pin and --it-pin, or neither"),
        (["--pin", "12", "--it-pin", "3456"], "a PIN has 4 to 12 digits, not '12'"),
        (["--pin", "1234", "--it-pin", "1234"], "the crew's PIN and IT's must differ"),
        (
            ["--crew", "auto", "--radio", "ble"],
            "--crew auto moves simulated cars only; drop it, or drop --radio",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence(more, said, tmp_path):
    from click.testing import CliRunner

    from booth.cli.run import run
    from booth.errors import BadInput

    with pytest.raises(BadInput, match=said):
        CliRunner().invoke(
            run, [*more, "--home", str(tmp_path)], standalone_mode=False, catch_exceptions=False
        )
