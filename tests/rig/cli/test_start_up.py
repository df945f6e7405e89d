"""What the command line does not import until it must."""

import os
import subprocess
import sys

import pytest
from click.formatting import HelpFormatter

from rig.cli.main import help_width

HEAVY = {
    "asyncio",
    "bleak",
    "bumble",
    "scipy",
    "numpy",
    "matplotlib",
    "rich",
    "sqlite_utils",
    "sqlite3",
    "jinja2",
}

RUN = """
import gc, sys
from rig.cli.start import main
sys.argv = ["pitboard", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
sys.stderr.write(" ".join([str(gc.isenabled()), *sys.modules]))
"""


def modules_after(*args):
    unwatched = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", RUN, *args]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=unwatched)
    collecting, *modules = done.stderr.split()
    return collecting == "True", set(modules)


def test_help_imports_no_command_and_nothing_heavy():
    _, modules = modules_after("--help")
    assert not modules & (HEAVY | {"construct", "shutil", "importlib.metadata"})


def test_decode_imports_nothing_heavy_and_collects_garbage_again():
    collecting, modules = modules_after("decode", "053f01000001")
    assert not modules & HEAVY
    assert collecting


@pytest.mark.parametrize("columns", ["", "0", "20", "57", "79", "80", "200", "wide"])
def test_help_is_as_wide_as_click_would_make_it(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)

    def no_terminal(*_):
        raise OSError

    monkeypatch.setattr(os, "get_terminal_size", no_terminal)
    assert help_width() == HelpFormatter(width=None).width
