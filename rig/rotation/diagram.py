"""Draws the rotation from its transition table.

python tasks.py docs
"""

from __future__ import annotations

from rig.rotation.events import FACTS, Quarantine, Restarted, StandDown, StopCharging
from rig.rotation.interlock import TRANSITIONS
from rig.rotation.invariants import INVARIANTS
from rig.rotation.knowledge import Phase

_HEAD = """# The two-set rotation

Drawn from `TRANSITIONS` in `rig/rotation/interlock.py`; a test fails when it is stale. The machine is an interlock:
it does nothing by itself, it grants a request or refuses it and says why, naming the cars. What no sensor has shown
is unknown, and unknown blocks what depends on it.

Set A is dying, its race ends, A is off (its adverts are gone, not merely told to), a race is set up with set B (all
of B connected with fresh data), and only now A may charge.

`StandDown` and `Restarted` lead from every phase to `lost` and are left out of the drawing; so is what leaves the
phase as it is. Facts, `StopCharging` and `Quarantine` are taken in every phase and left out of the table where they
leave it as it is.

"""
_AFTER = """
## Evidence

* **Off** is a car that was not heard for the whole patience of listening, while at least one other car was heard, by
  its adverts or its data: an ear that hears nobody may be deaf. A press alone proves nothing: the button toggles, and may not have been hit.
* **Its charger is off** (or on) is what the meter shows, not what the relay was told.
* **Set up** is fresh data from every car of the set that takes part.
* `TakeUp` begins with the stand as it is found, the resting set on its chargers as its cars' own flags show; `TakeStock`
  begins with every charger off, as a bench can be put.
* After a restart, and for what the radio showed after it was lost, everything is unknown again.

## What must never happen

Checked as each fact is written down, and again over the stored journal afterwards, by code that knows nothing of the
interlock (`rig/rotation/invariants.py`):

"""
_EVERYWHERE = {StandDown, Restarted}
_UNREMARKABLE = {*FACTS, StopCharging, Quarantine}


def rotation_page() -> str:
    """The page: a drawing (Mermaid), the same as a table, what counts as evidence, and the invariants."""
    edges: dict[tuple[Phase, Phase], list[str]] = {}
    for (phase, event), transition in TRANSITIONS.items():
        for target in transition.targets:
            if event not in _EVERYWHERE and target is not phase:
                edges.setdefault((phase, target), []).append(event.__name__)
    drawing = ["```mermaid", "stateDiagram-v2", "    [*] --> lost"]
    drawing += [f'    state "{phase}" as {_id(phase)}' for phase in Phase if _id(phase) != phase.value]
    drawing += [
        f"    {_id(source)} --> {_id(target)}: {', '.join(names)}"
        for (source, target), names in edges.items()
    ]
    drawing += ["```"]
    table = ["| phase | event | may lead to |", "|---|---|---|"]
    for (phase, event), transition in TRANSITIONS.items():
        stays = transition.targets == (phase,)
        if event in _EVERYWHERE or (stays and event in _UNREMARKABLE):
            continue
        table.append(f"| {phase} | {event.__name__} | {', '.join(transition.targets)} |")
    never = [f"* {name}" for name in INVARIANTS]
    return _HEAD + "\n".join([*drawing, "", *table]) + "\n" + _AFTER + "\n".join(never) + "\n"


def _id(phase: Phase) -> str:
    return phase.value.replace(" ", "_")
