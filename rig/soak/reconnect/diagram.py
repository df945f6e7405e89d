"""Draws the reconnect machine from its transition table.

python tasks.py docs
"""

from __future__ import annotations

from rig.soak.reconnect.events import Stop
from rig.soak.reconnect.machine import RESTING, TRANSITIONS, Phase

_HEAD = """# The reconnect machine

Drawn from `TRANSITIONS` in `rig/soak/reconnect/machine.py` by `python -m rig.soak.reconnect.diagram`; a test fails when it is stale.
One such machine runs per car. `Stop` leads from every phase to `stopped` and is left out of the drawing; so are
events that change nothing.

What is in a latency: everything from the loss to the first frame, the bench's own work too. Each connect is written
to the journal before it is tried (`intended`, one commit with `synchronous=FULL`), and the disk takes its time for
that between `seen` and `connected`: a few milliseconds on a disk that syncs well, more on an SD card. It is not
subtracted. In virtual time it takes none.

A cycle's intended instant is its begin and its pause, as the schedule has them, for a car that is ready. A car that
must be brought up first, or loses its link by itself before the loss, is late for it; `reconnect_from_intended` in
the JSON report counts from there, so that what had to be waited for is not hidden, and a car that never was ready is
in it with at least the time it was waited for.

"""


def machine_page() -> str:
    """The page: a drawing (Mermaid) and the same as a table."""
    edges: dict[tuple[Phase, Phase], list[str]] = {}
    for (phase, event), transition in TRANSITIONS.items():
        for target in transition.targets:
            if event is not Stop and target is not phase:
                edges.setdefault((phase, target), []).append(event.__name__)
    drawing = ["```mermaid", "stateDiagram-v2", "    [*] --> off"]
    drawing += [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in edges.items()]
    drawing += ["```"]
    table = ["| phase | event | rule | may lead to |", "|---|---|---|---|"]
    for (phase, event), transition in TRANSITIONS.items():
        rule = transition.rule.__name__.strip("_").replace("_", " ")
        targets = ", ".join(transition.targets)
        table.append(
            f"| {phase}{' (rests)' if phase in RESTING else ''} | {event.__name__} | {rule} | {targets} |"
        )
    return _HEAD + "\n".join([*drawing, "", *table]) + "\n"
