"""Draws docs/img/lap-300.svg: the simulated car beside the recorded one at 300 mm/s.

    python docs/plot_lap_300.py

The measured side is `fixtures/calibration/lap-300.json` (figures computed from opcau/anki's debug.bck), the
simulated side six runs as long as the recording.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rig.sim.calibration import SPEED_BIN_MM_S, as_table, figures_of, simulated_drive

ROOT = Path(__file__).parents[1]
RUNS = range(1, 7)
SECONDS = 303.0
REAL, SIMULATED = "#9aa0a6", "#1a73e8"
LAP_BIN_S = 0.05
PIECES = ("34", "33", "20", "23", "36", "17", "18")


def main() -> None:
    """Writes the picture; the same bytes for the same code."""
    mpl.rcParams.update(
        {"svg.hashsalt": "pitboard", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    )
    real = json.loads((ROOT / "fixtures/calibration/lap-300.json").read_text(encoding="utf-8"))
    runs = [as_table(figures_of(simulated_drive(300, SECONDS, seed))) for seed in RUNS]
    figure = Figure(figsize=(10, 7), layout="constrained")
    speeds, laps, codes, times = figure.subplots(2, 2).flat
    _speeds(speeds, real, runs)
    _laps(laps, real, runs)
    _codes(codes, real, runs)
    _times(times, real, runs)
    speeds.legend(frameon=False)
    figure.suptitle(
        "One car at 300 mm/s on the starter oval: recorded (opcau/anki, 5 min) and simulated (6 x 5 min)"
    )
    figure.savefig(ROOT / "docs/img/lap-300.svg", metadata={"Date": None})


def _speeds(axes: Axes, real: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    edges = {int(edge): count for edge, count in real["speed_counts"].items()}
    total: Counter[int] = Counter()
    for run in runs:
        total.update({int(edge): count for edge, count in run["speed_counts"].items()})
    axes.bar(
        [edge + SPEED_BIN_MM_S / 2 for edge in edges],
        [count / sum(edges.values()) for count in edges.values()],
        width=SPEED_BIN_MM_S * 0.9,
        color=REAL,
        label="recorded",
    )
    every = sorted(total)
    axes.step(
        [edge + SPEED_BIN_MM_S / 2 for edge in every],
        [total[edge] / total.total() for edge in every],
        where="mid",
        color=SIMULATED,
        label="simulated",
    )
    axes.set(title="Reported speed", xlabel="mm/s", ylabel="share of position updates")


def _laps(axes: Axes, real: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    bins = [9.2 + LAP_BIN_S * n for n in range(17)]
    axes.hist(
        real["lap_times_s"],
        bins=bins,
        weights=[1 / len(real["lap_times_s"])] * len(real["lap_times_s"]),
        color=REAL,
    )
    simulated = [lap for run in runs for lap in run["lap_times_s"]]
    axes.hist(
        simulated,
        bins=bins,
        weights=[1 / len(simulated)] * len(simulated),
        histtype="step",
        color=SIMULATED,
        lw=1.5,
    )
    axes.set(title="Lap time, finish to finish", xlabel="s", ylabel="share of laps")


def _codes(axes: Axes, real: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    names = [
        code for piece in PIECES for code in sorted(real["code_speed_mm_s"]) if code.startswith(f"{piece}/")
    ]
    for shift, tables, colour in ((-0.15, [real], REAL), (0.15, runs, SIMULATED)):
        means = [_mean(table["code_speed_mm_s"][name]["mean"] for table in tables) for name in names]
        spreads = [_mean(table["code_speed_mm_s"][name]["sd"] for table in tables) for name in names]
        axes.errorbar(
            [n + shift for n in range(len(names))], means, yerr=spreads, fmt="o", color=colour, ms=4, lw=1
        )
    axes.set_xticks(range(len(names)), names, rotation=60)
    axes.set(title="Reported speed by code (mean and sd)", xlabel="piece/column", ylabel="mm/s")


def _times(axes: Axes, real: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    for shift, tables, colour in ((-0.12, [real], REAL), (0.12, runs, SIMULATED)):
        for at, piece in enumerate(PIECES):
            whole = _mean(table["dwell_s"][piece]["median"] for table in tables)
            axes.plot([at + shift] * 2, [0, whole], color=colour, lw=2)
            for code in (name for name in real["code_after_s"] if name.startswith(f"{piece}/")):
                after = _mean(table["code_after_s"][code]["median"] for table in tables)
                axes.plot(at + shift, after, "_", color=colour, ms=12, mew=2)
    axes.set_xticks(range(len(PIECES)), PIECES)
    axes.set(title="Time on a piece, and when its codes are reported", xlabel="piece", ylabel="s (median)")


def _mean(values: Any) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


if __name__ == "__main__":
    main()
