"""Sets up one run: cars in one process, a controller in another, packet sockets between them, burners beside."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.measure import percentile

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True, slots=True)
class ControlRun:
    """What both processes reported."""

    cars: dict[str, Any]
    controller: dict[str, Any]

    def reaction_us(self, share: float) -> float:
        """Quantile of update due -> order received."""
        return percentile(self.cars["reaction_us"], share)

    def lateness_us(self, share: float) -> float:
        """Quantile of the controller's tick lateness."""
        return percentile(self.controller["lateness_us"], share)

    @property
    def all_answered(self) -> bool:
        """Every update got exactly one order."""
        lost = self.cars["unanswered"] or self.cars["unsent"] or self.cars["surplus"]
        return not lost and self.cars["answered"] == self.cars["sent"]

    @property
    def cpu_us_per_message(self) -> float:
        """The controller's CPU time, system calls included, per update answered."""
        return self.controller["cpu_s"] / max(1, self.controller["messages"]) * 1e6


@cache
def c_floor(folder: Path) -> Path | None:
    """The C controller, compiled into `folder`; None without a C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    program = folder / "floor"
    subprocess.run([compiler, "-O2", "-o", program, HERE / "floor.c"], check=True)
    return program


@contextlib.contextmanager
def burners(*cores: int | None) -> Iterator[None]:
    """One busy process per argument, on that core or (None) wherever the system puts it."""
    running = [
        subprocess.Popen([sys.executable, HERE / "burner.py", *([] if core is None else [str(core)])])
        for core in cores
    ]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def run_control(
    kind: str = "loop",
    *,
    cars: int = 4,
    rate_hz: float = 20.0,
    seconds: float = 3.0,
    tick_hz: int = 30,
    window: int = 0,
    realtime: bool = True,
    floor: Path | None = None,
    telemetry: Path | None = None,
) -> ControlRun:
    """Runs `cars` for `seconds`. `kind` as in controller.py, or `c` with `floor`; `window` > 0 saturates;
    `telemetry` is a database with the store's tables that takes a row per message.

    Raises:
        RuntimeError: a process failed, or was cut short.
    """
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(cars)]
    car_fds, controller_fds = ([pair[end].fileno() for pair in pairs] for end in (0, 1))
    car_plan = {
        "fds": car_fds, "rate_hz": rate_hz, "seconds": seconds, "window": window,
        "priority": 60 if realtime and not window else 0,
    }  # fmt: skip
    controller_plan = {"kind": kind, "fds": controller_fds, "tick_hz": tick_hz, "realtime": realtime}
    if telemetry is not None:
        controller_plan["telemetry"] = str(telemetry)
    if kind == "c":
        assert floor is not None
        command = [floor, str(tick_hz), str(int(realtime)), *map(str, controller_fds)]
    else:
        command = [sys.executable, HERE / "controller.py", json.dumps(controller_plan)]
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    piped["env"] = {**os.environ, "PYTHONPATH": str(ROOT)}
    with contextlib.ExitStack() as stack:
        for pair in pairs:
            for end in pair:
                stack.callback(end.close)
        simulator = subprocess.Popen(
            [sys.executable, HERE / "car_simulator.py", json.dumps(car_plan)], pass_fds=car_fds, **piped
        )
        controller = subprocess.Popen(command, pass_fds=controller_fds, **piped)
        processes = (simulator, controller)
        stack.callback(_reap, processes)
        for pair in pairs:
            for end in pair:
                end.close()  # so that the controller sees the cars go
        if controller.stdout.readline() != "ready\n":
            raise RuntimeError("the controller did not start")
        simulator.stdin.write("go\n")
        simulator.stdin.flush()
        reports = [process.communicate(timeout=seconds + 60)[0] for process in processes]
        if any(process.returncode for process in processes):
            raise RuntimeError(f"{simulator.returncode=} {controller.returncode=}")
    return ControlRun(json.loads(reports[0]), json.loads(reports[1]))


def _reap(processes: tuple[subprocess.Popen[str], ...]) -> None:
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()
