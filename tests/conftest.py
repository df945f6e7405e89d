"""Suite-wide rules: no skipped test that could run, no thread left behind."""

from __future__ import annotations

import gc
import os
import threading

import pytest

CANNOT_RUN = "cannot run here:"
"""A skip whose reason begins so is honest: what it needs cannot be had on this machine."""


def pytest_addoption(parser):
    parser.addoption("--device", default=None, help="moniker of a real radio for the device tests, e.g. ble")
    parser.addoption(
        "--bench", default=None, help="bench of the radio contract suite: sim (default), vhci, …"
    )
    parser.addoption("--cars", default=None, help="identifiers of real cars for --device: 0880eadb,0a41c37e")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--device"):
        return
    needs_device = [item for item in items if item.get_closest_marker("device")]
    if needs_device:
        config.hook.pytest_deselected(items=needs_device)
        items[:] = [item for item in items if not item.get_closest_marker("device")]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """Where PITBOARD_NO_SKIPS is set (the gate), a skip of a test that could run is a failure.

    What the tests left to the garbage collector goes first: CPython 3.11 fails in `ast.parse`, which the summaries
    use, when a collection with finalizers falls into it.
    """
    gc.collect()
    if not os.environ.get("PITBOARD_NO_SKIPS") or exitstatus:
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    skipped = [report for report in skipped if CANNOT_RUN not in str(report.longrepr)]
    if skipped:
        reporter.write_line(f"PITBOARD_NO_SKIPS: {len(skipped)} skipped that could run", red=True)
        session.exitstatus = 1


@pytest.fixture(autouse=True)
def _no_thread_left_behind():
    before = set(threading.enumerate())
    yield
    leaked = [t for t in threading.enumerate() if t not in before and t.is_alive() and not t.daemon]
    assert not leaked, f"threads left behind: {leaked}"
