"""The two suites that the tasks run in the guest: `smoke` on every push, `full` by night."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rig.clock import process_time_s
from tests.guest.errors import GuestDiedError
from tests.guest.job import Step
from tests.guest.runner import Outcome, Prepared, prepare, run_guest
from tests.guest.verdict import exit_code, passed

ROOT = Path(__file__).parents[2]
CONTRACT = "tests/contract/radio"
COMMANDS = "tests/guest/commands_on_bluez.py"
TROUBLE = tuple(f"{CONTRACT}/test_{name}.py" for name in ("cancel", "losses", "recovery"))
BUT_TROUBLE = tuple(f"--ignore={path}" for path in TROUBLE)
"""The contract suite in two halves of about equal length; what is new goes to the first."""
AT_ONCE = 3
"""Guests at the same time, where the machine has room."""
FAILED, BENCH_BROKEN, NO_TESTS_RAN = 1, 3, 5
DOCTOR = "tests/guest/doctor_on_bluez.py"
SOAK = "tests/guest/soak_on_bluez.py"
TWO_ADAPTERS = "tests/guest/two_adapters_on_bluez.py"


@dataclass(frozen=True, slots=True)
class Part:
    """One pytest run, in a guest of its own. Its JUnit file must show at least `least` passed tests: what is no longer
    collected, or skipped, is a failure."""

    name: str
    arguments: tuple[str, ...]
    limit_s: float
    least: int

    def step(self) -> Step:
        """As PID 1 gets it."""
        pytest = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
        junit = f"--junitxml=/run/exchange/{self.name}.xml"
        return Step(self.name, (*pytest, junit, *self.arguments), str(ROOT), self.limit_s)


SUITES: dict[str, tuple[Part, ...]] = {
    "smoke": (
        Part("commands", (COMMANDS,), 300, least=4),
        Part("contract", (CONTRACT, "--bench", "vhci", "-m", "smoke", *BUT_TROUBLE), 300, least=7),
        Part("trouble", (*TROUBLE, "--bench", "vhci", "-m", "smoke"), 300, least=5),
    ),
    "full": (
        Part(
            "contract", (CONTRACT, "--bench", "vhci", "-m", "not device", "--timeout=1800"), 5400, least=140
        ),
        Part("commands", (COMMANDS,), 300, least=4),
        Part("doctor", (DOCTOR,), 300, least=7),
        Part("adapters", (TWO_ADAPTERS,), 300, least=2),
        Part("soak", (SOAK,), 900, least=4),
    ),
}


async def run_suite(name: str, folder: Path, *, engine: str, snoop: bool) -> int:
    """Runs a suite, each part in a guest of its own, and closes with one line that says what passed.

    Returns:
        0 when every part passed its least number of tests and failed none, 1 when tests failed or too few ran, 3 when a guest died.

    Raises:
        CannotRunHereError, BuildError: no guest could be booted.
    """
    parts = SUITES[name]
    machine = await prepare(engine, at_once=min(AT_ONCE, len(parts)))
    began = process_time_s()
    turns = asyncio.Semaphore(machine.at_once)

    async def in_turn(part: Part) -> Outcome | GuestDiedError:
        async with turns:
            return await _run_part(part, machine, folder / part.name, snoop=snoop)

    outcomes = await asyncio.gather(*(in_turn(part) for part in parts))
    lived = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    judged = [_judged(part, outcome) for part, outcome in zip(parts, outcomes, strict=True)]
    code = max(each.code for each in judged)
    versions = f"{lived[0].versions()}, " if lived else ""
    print(
        f"guest: {name} {'FAILED' if code else 'passed'}: {', '.join(each.words for each in judged)}; "
        f"bleak {version('bleak')}, {versions}{process_time_s() - began:.1f} s in all, logs in {folder}"
    )
    return code


async def _run_part(part: Part, machine: Prepared, folder: Path, *, snoop: bool) -> Outcome | GuestDiedError:
    folder.mkdir()
    try:
        return await run_guest(machine, [part.step()], folder, snoop=snoop, show=False)
    except GuestDiedError as died:
        return died
    finally:
        print(f"--- {part.name}", (folder / "output.log").read_text(errors="replace"), sep="\n", flush=True)


@dataclass(frozen=True, slots=True)
class Judged:
    """A part's exit code and what the closing line says of it."""

    code: int
    words: str


def judge(part: Part, code: int, passed_tests: int) -> Judged:
    """A part of which too few tests passed proves too little, whatever its exit code.

    Args:
        part: with the least number of tests that must pass.
        code: pytest's exit code.
        passed_tests: as `verdict.passed` counts: -1 for failures.
    """
    name = part.name
    if code == 0 and passed_tests >= part.least:
        return Judged(0, f"{passed_tests} {name}")
    if code in (0, NO_TESTS_RAN) and passed_tests == 0:
        return Judged(FAILED, f"{name} ran no test")
    if code == 0 and passed_tests > 0:
        return Judged(FAILED, f"{name} passed {passed_tests} tests of at least {part.least}")
    return Judged(FAILED, f"{name} failed (exit {code})")


def _judged(part: Part, outcome: Outcome | GuestDiedError) -> Judged:
    if isinstance(outcome, GuestDiedError):
        return Judged(BENCH_BROKEN, f"{part.name}: {outcome}")
    junit = outcome.folder / f"{part.name}.xml"
    return judge(part, exit_code(outcome.result), passed(junit.read_text()) if junit.exists() else 0)
