"""What all benchmarks share: interleaved timing, and one table of figures and gates at the end of the run."""

from __future__ import annotations

import json
import os
import platform
import sysconfig
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from benchmarks.measure import Timings
from benchmarks.measure import interleave as _interleave


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `held` is None for a figure that is printed and not gated."""

    section: str
    name: str
    value: str
    gate: str
    held: bool | None


_FIGURES = pytest.StashKey[list[Figure]]()


class Figures:
    """Collects one benchmark's figures. `note` only prints; `at_most` and `at_least` also decide the test."""

    def __init__(self, section: str, sink: list[Figure]) -> None:
        self._section = section
        self._sink = sink
        self._broken: list[str] = []

    def note(self, name: str, value: object) -> None:
        """Prints an absolute figure, which nothing is asserted about."""
        self._sink.append(Figure(self._section, name, str(value), "", None))

    def at_most(self, name: str, value: float, limit: float, unit: str = "x") -> None:
        """Fails the benchmark at its end when `value` is above `limit`."""
        self._gate(name, value, f"<= {limit:g}{unit}", value <= limit, unit)

    def at_least(self, name: str, value: float, limit: float, unit: str = "x") -> None:
        """Fails the benchmark at its end when `value` is below `limit`."""
        self._gate(name, value, f">= {limit:g}{unit}", value >= limit, unit)

    def _gate(self, name: str, value: float, gate: str, held: bool, unit: str) -> None:
        self._sink.append(Figure(self._section, name, f"{value:.4g}{unit}", gate, held))
        if not held:
            self._broken.append(f"{name}: {value:.4g}{unit}, gate {gate}")

    def settle(self) -> None:
        """Raises for the gates that did not hold, all at once."""
        if self._broken:
            pytest.fail("\n".join(self._broken), pytrace=False)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """`figures.note(...)`, `figures.at_most(...)`, `figures.at_least(...)`."""
    sink = request.config.stash.setdefault(_FIGURES, [])
    return Figures(request.node.nodeid.removeprefix("benchmarks/"), sink)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Settles the figures inside the test, so that a broken gate is a failure and not a teardown error."""
    result = yield
    if "figures" in pyfuncitem.funcargs:
        pyfuncitem.funcargs["figures"].settle()
    return result


@pytest.fixture
def interleave(benchmark):
    """`interleave({"ours": f, "theirs": g})` -> Timings; see benchmarks/measure.py.

    pytest-benchmark itself runs one candidate after the other. It is given the rounds of ours, so that its
    tables, `--benchmark-json` and `--benchmark-compare` work; what takes the samples is all that differs.
    """

    def measured(candidates: Mapping[str, Callable[[], object]], rounds: int = 21) -> Timings:
        timings = _interleave(candidates, rounds)
        if benchmark.disabled:
            return timings
        benchmark._mode = "interleave(...)"
        for name, round_s in timings.rounds.items():
            series = benchmark._make_stats(1)
            series.group = benchmark.name
            series.name, series.fullname = name, f"{benchmark.fullname}: {name}"
            for call_s in round_s:
                series.update(call_s)
        return timings

    return measured


def pytest_configure(config: pytest.Config) -> None:
    """The columns that mean something for interleaved rounds."""
    config.option.benchmark_columns = ["median", "iqr", "min", "rounds"]


def _machine() -> str:
    flags = sysconfig.get_config_var("CONFIG_ARGS") or ""
    build = "PGO" if "--enable-optimizations" in flags else "no PGO"
    return (
        f"{platform.python_implementation()} {platform.python_version()} ({build}), {platform.machine()}, "
        f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}"
    )


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    """The table; `PITBOARD_FIGURES=FILE` also writes it as JSON."""
    figures = config.stash.get(_FIGURES, [])
    if not figures:
        return
    terminalreporter.section("figures")
    terminalreporter.write_line(_machine())
    section = ""
    for figure in figures:
        if figure.section != section:
            section = figure.section
            terminalreporter.write_line(section, bold=True)
        verdict = {None: "", True: "ok", False: "BROKEN"}[figure.held]
        terminalreporter.write_line(
            f"  {figure.name:58} {figure.value:>16}  {figure.gate:12} {verdict}", red=figure.held is False
        )
    if target := os.environ.get("PITBOARD_FIGURES"):
        found = {"machine": _machine(), "figures": [asdict(figure) for figure in figures]}
        Path(target).write_text(json.dumps(found, indent=1), encoding="utf-8")
