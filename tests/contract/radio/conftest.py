"""One run, one bench: what it cannot do is deselected by its own declaration, and said at the end."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.contract.radio.abilities import Ability, cars_promised, needed_by
from tests.contract.radio.benches import declared_somewhere, make_bench

HERE = Path(__file__).parent
_BENCH = pytest.StashKey()
_CANNOT = pytest.StashKey()


def _bench_of(config):
    if _BENCH not in config.stash:
        config.stash[_BENCH] = make_bench(config)
    return config.stash[_BENCH]


def _is_of_the_suite(item):
    return HERE in Path(item.path).parents


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Takes out what the bench does not declare; what is slow in real time becomes a nightly test there."""
    ours = [item for item in items if _is_of_the_suite(item)]
    if not ours:
        return
    bench = _bench_of(config)
    _refuse_what_nobody_declares(ours)
    cannot = Counter()
    out = []
    for item in ours:
        missing = needed_by(item) - bench.abilities
        if missing:
            out.append(item)
            cannot.update(missing)
        slow = item.get_closest_marker("slow_in_real_time")
        if slow and Ability.VIRTUAL_TIME not in bench.abilities:
            item.add_marker(pytest.mark.nightly)
            item.add_marker(pytest.mark.timeout(slow.args[0]))
    config.stash[_CANNOT] = (bench.name, cannot, len(out))
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]


def _refuse_what_nobody_declares(items):
    """A test that no bench could ever run is an error, not a silence."""
    declared = declared_somewhere()
    for item in items:
        if orphans := needed_by(item) - declared:
            names = ", ".join(sorted(ability.name for ability in orphans))
            raise pytest.UsageError(f"{item.nodeid} needs what no bench declares: {names}")


def pytest_terminal_summary(terminalreporter, config):
    """Which tests this bench did not run, and why."""
    name, cannot, tests = config.stash.get(_CANNOT, ("", {}, 0))
    if tests:
        terminalreporter.write_line(f"radio contract on {name}: {tests} tests not for this bench")
    for ability, count in sorted(cannot.items(), key=lambda entry: entry[0].name):
        terminalreporter.write_line(f"  {name} cannot: {ability.value} ({ability.name}, {count})")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A bench that declares an ability passes the tests for it: nothing here may skip."""
    report = yield
    if _is_of_the_suite(item) and report.skipped:
        report.outcome = "failed"
        report.longrepr = "a contract test does not skip: what a bench cannot do, it must not declare"
    return report


@pytest.fixture
def bench(request):
    """The bench of this run; `bench.run(scenario, cars=2)` gives the scenario an open stand."""
    return _bench_of(request.config)


@pytest.fixture
def on_stand(request, bench):
    """Runs a scenario with as many cars as the test's needs promise."""

    def run(scenario, **setup):
        setup.setdefault("cars", cars_promised(needed_by(request.node)))
        return bench.run(scenario, **setup)

    return run
