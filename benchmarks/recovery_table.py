"""Measures the recovery ladder under every injected fault, and writes the figures that docs/recovery.md shows.

    python -m benchmarks.recovery_table sim --trials 40
    python -m benchmarks.recovery_table vhci --trials 5      # root, Linux, hci_vhci and BlueZ: the guest

Prints the table; `--out` is where the JSON goes, by default docs/figures/recovery-<radio>.json. `python tasks.py docs`
then renders the page. Same seeds, same figures on `sim`; on `vhci` time is real.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from docs.recovery_page import table_of
from rig.report.recovery_figures import figures_of
from rig.store.runs import versions
from tests.contract.radio.recovery_trials import BLUETOOTHD, FAULTS, Trial, faults_of, trial

FIGURES = Path(__file__).parents[1] / "docs" / "figures"
FIRST_SEED = 1


def main() -> int:
    """Runs the trials."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("radio", choices=["sim", "vhci"])
    parser.add_argument("--trials", type=int, default=40, help="of each fault (default 40)")
    parser.add_argument(
        "--hands-trials", type=int, help="of each fault that needs a person; they take longest"
    )
    parser.add_argument(
        "--fault",
        action="append",
        choices=list(FAULTS),
        help="only this one, the others stay as they are in the file; repeatable",
    )
    parser.add_argument("--out", type=Path, help="the JSON file")
    options = parser.parse_args()
    out = options.out or FIGURES / f"recovery-{options.radio}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(out.read_text(encoding="utf-8"))["faults"] if options.fault and out.exists() else {}
    faults = dict(known)
    for name in options.fault or faults_of(options.radio):
        count = options.trials
        if FAULTS[name].needs_person and options.hands_trials is not None:
            count = options.hands_trials
        done = []
        for seed in range(FIRST_SEED, FIRST_SEED + count):
            done.append(trial(options.radio, name, seed))
            print(_line(done[-1]), file=sys.stderr, flush=True)
        faults[name] = _figures(name, done)
        in_order = {name: faults[name] for name in FAULTS if name in faults}
        document = {"radio": options.radio, "versions": _versions(options.radio), "faults": in_order}
        out.write_text(readable(document), encoding="utf-8")
    print(table_of(document))
    return 0


def readable(document) -> str:
    """JSON with a line for each fact, and lists of numbers on one line."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text) + "\n"


def _figures(name, done: list[Trial]):
    recoveries = [one.recovery for one in done if one.recovery is not None]
    back = [one.back_s for one in done if one.back_s is not None]
    helped: dict[str, int] = {}
    for recovery in recoveries:
        if recovery.recovered:
            last = recovery.taken[-1].rung.value
            helped[last] = helped.get(last, 0) + 1
    first = sorted({recovery.first_fault for recovery in recoveries})
    return {
        "what": FAULTS[name].what,
        "needs_person": FAULTS[name].needs_person,
        "trials": len(done),
        "at_once": sum(one.recovery is None for one in done),
        "recovered": sum(one.recovered for one in recoveries),
        "asked": sum(not one.recovered for one in recoveries),
        "shown_as": first,
        "helped_at_last": helped,
        "back_s": [round(value, 3) for value in back],
        "given_up_s": [round(one.took_s, 3) for one in recoveries if not one.recovered],
        "ladder": figures_of(recoveries).as_json(),
    }


def _versions(radio):
    """What decides the figures: in process, no kernel does."""
    shown = ["python", "bleak", "bumble", *(["kernel"] if radio == "vhci" else [])]
    found = {name: version for name, version in versions().items() if name in shown}
    if radio == "vhci":
        said = subprocess.run([BLUETOOTHD, "--version"], capture_output=True, text=True, check=False)
        found["BlueZ"] = said.stdout.strip()
    return found


def _line(one: Trial) -> str:
    if one.recovery is None:
        return f"{one.fault} {one.seed}: back at once"
    rungs = ", ".join(f"{record.rung}" for record in one.recovery.taken)
    end = f"back in {one.back_s:.1f} s" if one.back_s is not None else "asked"
    return f"{one.fault} {one.seed}: {one.recovery.first_fault}: {rungs}: {end}"


if __name__ == "__main__":
    sys.exit(main())
