"""Acceptance tests run the installed `pitboard` as a user does: as a process, judged by its output and exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PITBOARD = Path(sys.executable).parent / "pitboard"
ROOT = Path(__file__).parents[2]


class Run:
    """What a finished command left: `code`, `out`, `err`."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"exit {self.code}\n--- out\n{self.out[-3000:]}\n--- err\n{self.err[-3000:]}"


@pytest.fixture
def root():
    return ROOT


@pytest.fixture
def executable():
    return PITBOARD


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def environment(home):
    return {**os.environ, "PITBOARD_HOME": str(home), "COLUMNS": "120", "NO_COLOR": "1"}


@pytest.fixture
def pitboard(environment, tmp_path):
    def call(*arguments, stdin=None, timeout=280, cwd=tmp_path, **extra):
        done = subprocess.run(
            [PITBOARD, *map(str, arguments)],
            input=stdin, capture_output=True, text=True, timeout=timeout, cwd=cwd, env={**environment, **extra}, check=False,
        )  # fmt: skip
        run = Run(done)
        assert "Traceback" not in run.err, run
        return run

    return call


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in Path(item.fspath).parents:
            item.add_marker(pytest.mark.acceptance)
