"""Draws the show from its tables: phases, the swap, letters, troubles.

python tasks.py docs
"""

from __future__ import annotations

from booth.floor.forecast import DEFAULT_LIFE_S, DEFAULT_MARGIN, FEWEST_DEATHS, SURE
from booth.floor.steps import STEPS, Limits, title
from booth.floor.table import LETTERS
from booth.show.batteries import CHARGE_S, READY_RACES, STANDING_SHARE
from booth.show.checklists import CLOSING, OPENING
from booth.show.flow import STUCK_S
from booth.show.phases import PHASES
from booth.show.playable import CYCLE_S, PLANNED_S
from booth.show.troubles import KINDS, RADIO_PATIENCE_S, RESTART_PATIENCE_S
from booth.show.view import Stage

_HEAD = """# The show

Drawn from the tables in `booth/show/` and `booth/floor/`; a test fails when it is stale. One pure machine,
`step(show, input) -> (show, actions)`, joins races, players and the two sets of cars; `booth/show/__init__.py` says what
the process around it owes it. It runs by itself: one person lets visitors in, carries cars and presses their buttons.

## Phases

"""
_DRAW = """
The draw is shown over any phase in which nobody races, and no race lines up meanwhile. `Hold` stands in any phase:
every car stops at once, and after `Resume` the race goes on with as much more time as it stood.
"""
_SWAP = """
## The guided swap

Each step asks the interlock (`docs/rotation.md`) and tells hands what to do; what the interlock refuses stands on the
crew's screen in its words. A step that waits for hands longer than its time goes on without the cars that hold it up,
as long as one is left; they come back by themselves when their set rests and they are heard again.

"""
_EVIDENCE = """
**What counts.** A car is off when its advert is gone while others are heard. It is on a charger, or not, by the flag in
its advert; with a meter, by the meter. A car that is off tells nobody about its charger: unless its last advert showed
the charger off, it is unknown and blocks, until the crew looks and ticks "every car of the set is off its charger".
That tick is a fact with a source, written down with who gave it, and a car that says it charges outvotes it. Where a
set stands is what its cars say (on the road or not) or, likewise, a tick. After a restart all of this is unknown again;
a set on its chargers may go on charging while the other is taken up.

**Both sets empty.** No car charges before a race is set up with the other set, so nothing can charge while the show is
open. The fault stage says so and offers to close the show: in a closed show there is no race to disturb.
"""


def show_page() -> str:
    """docs/booth-show.md."""
    parts = [_HEAD, *_phases(), _DRAW, _SWAP, *_swap(), _EVIDENCE, *_forecast(), *_letters(), *_troubles()]
    return "".join([*parts, *_uptime(), *_checklists()])


def _phases() -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> closed"]
    lines += [f'    state "{stage.value}" as {_id(stage)}' for stage in Stage if _id(stage) != stage.value]
    lines += [f"    {_id(here)} --> {_id(there)}: {cause}" for (here, cause), there in PHASES.items()]
    lines += ["```", "", "| phase | because | leads to |", "|---|---|---|"]
    lines += [f"| {here} | {cause} | {there} |" for (here, cause), there in PHASES.items()]
    return ["\n".join(lines) + "\n"]


def _swap() -> list[str]:
    limits = Limits()
    lines = ["| step | what is done | waits at most |", "|---|---|---|"]
    lines += [f"| {step} | {title(step, 'A', 'B')} | {limits.of(step):g} s |" for step in STEPS]
    return ["\n".join(lines) + "\n"]


def _forecast() -> list[str]:
    return [
        f"""
## Races left

Driving counts second by second, standing connected {STANDING_SHARE:.0%} of it, and a charger gives a full battery back in
{CHARGE_S / 60:g} minutes. A car counts on a life that it outlives with a probability of {SURE:.0%} (one-sided confidence {SURE:.0%}, Kaplan-Meier
over the battery lives the soak has watched): its own from {FEWEST_DEATHS} deaths on, else the fleet's, else {DEFAULT_MARGIN:.0%} of
{DEFAULT_LIFE_S / 60:g} minutes. Its own low-battery flag overrides that. A race needs a quarter more than the longest of the last
eight, or the mode's limit while there are few, and the way to the grid. A set has as many races as its weakest car; a
race it cannot finish is not started, and the sets are swapped instead, once the other has {READY_RACES} races in it.
"""
    ]


def _letters() -> list[str]:
    lines = ["", "## Letters in the car table", "", "| letter | the car is |", "|---|---|"]
    lines += [f"| {letter} | {words} |" for letter, words in LETTERS.items()]
    return ["\n".join(lines) + "\n"]


def _troubles() -> list[str]:
    lines = [
        "",
        "## Troubles",
        "",
        "Reconnecting and resetting is the recovery ladder's work (`docs/recovery.md`); the show counts what it did. A car",
        "that loses its link leaves the race and comes back with its laps. While the radio is away the race stands, for",
        f"{RADIO_PATIENCE_S:g} s at most; after a restart of the race process for {RESTART_PATIENCE_S:g} s. Then it is stopped and a rerun is",
        f"offered. Visitors see the fault stage only after {STUCK_S:g} s in which no race can be run.",
        "",
        "| kind | whose move | the one thing to do |",
        "|---|---|---|",
    ]
    lines += [f"| {kind} | {row.owner} | {row.action} |" for kind, row in KINDS.items()]
    return ["\n".join(lines) + "\n"]


def _uptime() -> list[str]:
    return [
        f"""
## Uptime

A moment is up when a visitor who comes then could start a race within one cycle ({CYCLE_S:g} s). A planned swap counts apart,
as long as it takes no more than {PLANNED_S:g} s, and so does the draw. Each change is written down.
"""
    ]


def _checklists() -> list[str]:
    lines = ["", "## Checklists", ""]
    for checklist in (OPENING, CLOSING):
        lines += [f"**{checklist.title}**", "", *(f"* {words}" for words in checklist.items.values()), ""]
    return ["\n".join(lines)]


def _id(stage: Stage) -> str:
    return stage.value.replace("-", "_")
