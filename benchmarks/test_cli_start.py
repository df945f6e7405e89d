"""Start-up of the command line against a bare interpreter, in turns."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PITBOARD = str(Path(sys.executable).with_name("pitboard"))
ROUNDS = 25


@pytest.mark.parametrize(
    ("args", "limit"), [(["--help"], 5.0), (["decode", "053f01000001"], 9.0)], ids=["help", "decode"]
)
def test_start_up_within_its_budget(interleave, figures, args, limit):
    def start(command):
        return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    timings = interleave(
        {"bare": start([sys.executable, "-c", "pass"]), "ours": start([PITBOARD, *args])}, ROUNDS
    )
    label = f"pitboard {' '.join(args)}"
    figures.note("bare interpreter", f"{timings.seconds('bare') * 1e3:.1f} ms")
    figures.note(label, f"{timings.seconds('ours') * 1e3:.1f} ms")
    figures.at_most(f"{label} : bare", timings.ratio("ours", "bare"), limit)
