"""The one task file: developers and `.ci/run` both call it. `python tasks.py` lists the tasks.

Needs only the standard library to start; the tools it runs come from the `dev` requirements.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.guest import debian

ROOT = Path(__file__).parent
REQUIREMENTS = ROOT / "requirements"
TASKS: dict[str, Callable[[], None]] = {}


def task(function: Callable[[], None]) -> Callable[[], None]:
    """Registers a task under its function name."""
    TASKS[function.__name__] = function
    return function


def run(*command: str, **environment: str) -> None:
    """Runs one command from the repository root and stops the task when it fails."""
    print("+", " ".join(command), flush=True)
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def python(*arguments: str, **environment: str) -> None:
    """Runs this interpreter."""
    run(sys.executable, *arguments, **environment)


@task
def system() -> None:
    """Install the Debian packages that some tests and the guest need, when absent and apt-get exists."""
    for packages in (debian.FOR_TESTS, debian.FOR_GUEST):
        try:
            debian.install(packages)
        except debian.CannotInstallError as missing:
            print(f"{missing}; what needs them cannot run here")


@task
def lint() -> None:
    """Formatting, lint rules and import contracts."""
    python("-m", "ruff", "format", "--check", ".")
    python("-m", "ruff", "check", ".")
    run(str(Path(sys.executable).parent / "lint-imports"), PYTHONPATH=".")


@task
def types() -> None:
    """Type-check with mypy (strict) and pyright over all three packages."""
    python("-m", "mypy")
    python("-m", "pyright", "--pythonpath", sys.executable)


@task
def test() -> None:
    """The test suite with branch coverage; protocol/ must be covered completely."""
    for stale in ROOT.glob(".coverage*"):
        stale.unlink()
    python("-m", "coverage", "run", "-m", "pytest", "-q", "--durations=8")
    python("-m", "coverage", "combine", "-q")
    python(
        "-m",
        "coverage",
        "report",
        "--include=protocol/*",
        "--fail-under=100",
        "--show-missing",
        "--skip-covered",
    )
    python("-m", "coverage", "report", "--fail-under=95", "--skip-covered")


@task
def accept() -> None:
    """The acceptance suite: what the README promises, on an installed pitboard."""
    python("-m", "pytest", "-q", "tests/acceptance", "-m", "acceptance", "--durations=5")


@task
def nightly() -> None:
    """Long property runs and fault tables (100,000 examples and more)."""
    python("-m", "pytest", "-q", "-m", "nightly", "--timeout=7200", PITBOARD_EXAMPLES="100000")


@task
def bluez() -> None:
    """The smoke part on real BlueZ in a guest machine: contract suite, scan, drive, lap; see docs/real-bluetooth.md."""
    python("-m", "tests.guest", "smoke")


@task
def bluez_full() -> None:
    """All of it on real BlueZ in a guest machine, by night: contract suite, faults, commands, soak."""
    python("-m", "tests.guest", "full")


@task
def latency() -> None:
    """Radios side by side in build/latency: our own backend, the same as BlueZ sets it, and real BlueZ in the guest."""
    into = ROOT / "build" / "latency"
    into.mkdir(parents=True, exist_ok=True)
    results = {name: into / f"{name}.json" for name in ("sim", "sim-as-bluez", "bluez")}
    measure = ("-m", "benchmarks.radios", "measure", "--cycles", "20")
    as_bluez = ("--interval-ms", "50", "--timeout-ms", "420", "--name", "sim as BlueZ")
    python(*measure, "--radio", "sim", "--json", str(results["sim"]))
    python(*measure, "--radio", "sim", *as_bluez, "--json", str(results["sim-as-bluez"]))
    guest = ("-m", "tests.guest", "run", "--limit", "500", "--out", str(into / "guest"), "--")
    found = into / "guest" / "bluez.json"
    python(
        *guest,
        sys.executable,
        *measure,
        "--radio",
        "vhci",
        "--name",
        "BlueZ",
        "--json",
        "/run/exchange/bluez.json",
    )
    found.replace(results["bluez"])
    python(
        "-m", "benchmarks.radios", "compare", *map(str, results.values()), "--html", str(into / "page.html")
    )


@task
def thirty_nights() -> None:
    """Run thirty nights (some minutes) and keep their figures in fixtures/trend, for the trend's own tests."""
    home = ROOT / "build" / "thirty-nights"
    shutil.rmtree(home, ignore_errors=True)
    soak = ("soak", "fixtures/plans/thirty-nights.toml", "--world", "fixtures/worlds/thirty-nights.toml")
    command = ("-c", "from rig.cli.main import main; main()")
    python(*command, *soak, "--nights", "30", "--home", str(home))
    told = subprocess.run(
        [sys.executable, *command, "trend", "--json", "--home", str(home)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    document = {**json.loads(told.stdout), "title": "thirty nights"}
    kept = {key: document[key] for key in ("format", "title", "nights")}
    for night in kept["nights"]:
        for machine in ("host", "kernel"):  # whichever it is
            del night["bench"][machine]
    lines = json.dumps(kept, separators=(",", ":")).replace('{"night":', '\n{"night":')
    (ROOT / "fixtures" / "trend" / "thirty-nights.json").write_text(lines + "\n", encoding="utf-8")


@task
def bench() -> None:
    """All benchmarks; ratios are gated, absolute figures only printed."""
    python("-m", "pytest", "benchmarks", "-q", "-s", "--timeout=1800")


@task
def docs() -> None:
    """Regenerate every generated page: CLI reference, message fields, soak machine."""
    python("-m", "docs.generate")


@task
def lock() -> None:
    """Rewrite the hashed requirements from pyproject.toml."""
    common = (
        "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--allow-unsafe", "--strip-extras",
        "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links", "--no-header", "--no-annotate",
    )  # fmt: skip
    python(*common, "--output-file=requirements/run.txt", "pyproject.toml")
    group = re.search(r"^dev = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL)
    assert group is not None, "pyproject.toml has no dev group"
    wanted = REQUIREMENTS / "dev.in"
    wanted.write_text("-c run.txt\n" + "\n".join(re.findall(r'"([^"]+)"', group[1])) + "\n")
    python(*common, "--output-file=requirements/dev.txt", "requirements/dev.in")
    wanted.unlink()


def main() -> None:
    """Runs the named tasks in order."""
    names = sys.argv[1:]
    if not names or not set(names) <= set(TASKS):
        for name, function in TASKS.items():
            print(f"{name:10} {(function.__doc__ or '').splitlines()[0]}")
        sys.exit(0 if not names else 2)
    for name in names:
        TASKS[name]()


if __name__ == "__main__":
    main()
