"""Draws the recovery ladder from its tables: the machine (Mermaid), and the ways of every class of fault."""

from __future__ import annotations

from rig.radio.errors import CarFault
from rig.radio.recovery.machine import ENDED, TRANSITIONS, Phase
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.rungs import WAYS, Stage
from rig.radio.recovery.words import HANDS


def machine_drawing() -> str:
    """The phases and what leads from one to the next."""
    edges: dict[tuple[Phase, Phase], list[str]] = {}
    for (phase, event), transition in TRANSITIONS.items():
        for target in transition.targets:
            edges.setdefault((phase, target), []).append(event.__name__)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {Phase.IDLE}"]
    lines += [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in edges.items()]
    lines += [f"    {phase} --> [*]" for phase in sorted(ENDED)]
    return "\n".join([*lines, "```"])


def ways_table() -> str:
    """For every class of fault: the rungs in order, why, and what a person is told in the end."""
    rows = [
        "| fault | rungs, in order | only if it worked before | why | then a person |",
        "|---|---|---|---|---|",
    ]
    for kind, way in sorted(WAYS.items(), key=lambda item: not issubclass(item[0], CarFault)):
        rungs = " → ".join(_stage(stage) for stage in way.stages) or "none"
        rows.append(
            f"| `{kind.__name__}` | {rungs} | {'yes' if way.if_it_worked else ''} | {way.why} | {HANDS[kind]} |"
        )
    return "\n".join(rows)


def bounds_table() -> str:
    """The bounds of the default policy."""
    policy = RecoveryPolicy()
    pauses = f"{policy.first_pause_s:g} s, times {policy.growth:g} each, at most {policy.longest_pause_s:g} s"
    rows = [
        ("retries, back-offs, drops, power-cycles, restarts",
         f"{policy.retries}, {policy.back_offs}, {policy.drops}, {policy.power_cycles}, {policy.restarts}"),
        ("rungs in all", f"{policy.rungs_at_most}"),
        ("no rung begins later than", f"{policy.limit_s:g} s after the first fault"),
        ("pauses", f"{pauses}, shortened by up to {policy.jitter:.0%}"),
        ("power-cycle", policy.power_cycle.value),
        ("restart of the stack", "yes" if policy.allow_stack_restart else "only with permission"),
    ]  # fmt: skip
    return "\n".join(["| bound | default |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _stage(stage: Stage) -> str:
    return stage.rung.value if stage.up_to is None else f"{stage.rung.value} (up to {stage.up_to})"
