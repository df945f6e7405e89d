"""Draws docs/img/recovery.svg: how long each fault took to be recovered from, on both radios.

    python docs/plot_recovery.py

from docs/figures/recovery-sim.json and recovery-vhci.json, as `python -m benchmarks.recovery_table` wrote them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

DOCS = Path(__file__).parent
RADIOS = {"sim": ("#1a73e8", "sim: in process"), "vhci": ("#e8710a", "vhci: stock bleak on BlueZ")}
APART = 0.18


def main() -> None:
    """Writes the picture; the same bytes for the same figures."""
    mpl.rcParams.update(
        {"svg.hashsalt": "pitboard", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    )
    measured = {
        radio: json.loads(path.read_text(encoding="utf-8"))["faults"]
        for radio in RADIOS
        if (path := DOCS / "figures" / f"recovery-{radio}.json").is_file()
    }
    names = list(dict.fromkeys(name for faults in measured.values() for name in faults))
    figure = Figure(figsize=(9, 0.45 * len(names) + 1.2), layout="constrained")
    axes = figure.subplots()
    for number, (radio, faults) in enumerate(measured.items()):
        _strip(axes, names, faults, radio, (number - (len(measured) - 1) / 2) * 2 * APART)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("seconds from the noticed loss to fresh data; crosses: until a person was asked")
    axes.legend(loc="lower right", frameon=False)
    target = DOCS / "img" / "recovery.svg"
    figure.savefig(target, metadata={"Date": None})
    svg = target.read_text(encoding="utf-8")
    target.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


def _strip(axes: Axes, names: list[str], faults: dict[str, Any], radio: str, shift: float) -> None:
    colour, label = RADIOS[radio]
    back = [(s, names.index(n) + shift) for n, fault in faults.items() for s in fault["back_s"]]
    gone = [(s, names.index(n) + shift) for n, fault in faults.items() for s in fault["given_up_s"]]
    axes.scatter(*zip(*back, strict=True), s=14, color=colour, alpha=0.5, linewidths=0, label=label)
    if gone:
        axes.scatter(*zip(*gone, strict=True), s=16, color=colour, alpha=0.5, marker="x", linewidths=0.8)


if __name__ == "__main__":
    main()
