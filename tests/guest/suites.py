"""The two suites that the tasks run in the guest: `smoke` on every push, `full` by night."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.guest.job import Step
from tests.guest.runner import run_guest
from tests.guest.verdict import exit_code, passed

ROOT = Path(__file__).parents[2]
CONTRACT = "tests/contract/radio"
COMMANDS = "tests/guest/commands_on_bluez.py"
DOCTOR = "tests/guest/doctor_on_bluez.py"


@dataclass(frozen=True, slots=True)
class Part:
    """One pytest run in the guest. Its JUnit file must show at least one passed test."""

    name: str
    arguments: tuple[str, ...]
    limit_s: float

    def step(self) -> Step:
        """As PID 1 gets it."""
        pytest = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
        junit = f"--junitxml=/run/exchange/{self.name}.xml"
        return Step(self.name, (*pytest, junit, *self.arguments), str(ROOT), self.limit_s)


SUITES: dict[str, tuple[Part, ...]] = {
    "smoke": (
        Part("contract", (CONTRACT, "--bench", "vhci", "-m", "smoke"), 300),
        Part("commands", (COMMANDS,), 300),
    ),
    "full": (
        Part("contract", (CONTRACT, "--bench", "vhci", "-m", "not device", "--timeout=1800"), 5400),
        Part("commands", (COMMANDS,), 300),
        Part("doctor", (DOCTOR,), 300),
    ),
}


def counted(parts: tuple[Part, ...], folder: Path) -> tuple[dict[str, int], list[str]]:
    """Passed tests per part, and what is wrong with the counts: a part without a passed test proves nothing."""
    counts, wrong = {}, []
    for part in parts:
        junit = folder / f"{part.name}.xml"
        found = passed(junit.read_text()) if junit.exists() else 0
        if found > 0:
            counts[part.name] = found
        else:
            wrong.append(f"{part.name}: no test passed" if found == 0 else f"{part.name}: failures")
    return counts, wrong


async def run_suite(name: str, folder: Path, *, engine: str, snoop: bool) -> int:
    """Runs a suite, shows its output and closes with one line that says what passed.

    Raises:
        GuestError: as `run_guest`.
    """
    parts = SUITES[name]
    outcome = await run_guest([part.step() for part in parts], folder, engine=engine, snoop=snoop, show=True)
    counts, wrong = counted(parts, folder)
    code = exit_code(outcome.result) or (1 if wrong else 0)
    told = ", ".join([*(f"{count} {part}" for part, count in counts.items()), *wrong])
    word = "FAILED" if code else "passed"
    print(f"guest: {name} {word}: {told}; bleak {version('bleak')}, {outcome.summary()}")
    return 1 if code else 0
