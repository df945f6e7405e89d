"""What a run is to do: one plan, or the several of a nightly, as numbered parts.

A nightly is a plan whose parts are plans:

    kind = "nightly"
    name = "weeknight"

    [[part]]
    plan = "reconnect"

    [[part]]
    plan = "my-plan.toml"
    repeat = 2

Parts run one after the other, a part with `repeat` that many times. Each part has a seed of its own, made of the run's
seed and its number, so that a repeat is another sample and not the same one again; the seeds of the parts' own plans
are not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rig.soak.kinds import KINDS, kind_named, load_plan, parse_plan, plan_of
from rig.soak.plan_file import Plan, PlanHead, parse_head, read_plan
from rig.soak.schedule import derived_seed
from rig.store.rows import PartRow
from rig.toml_tables import parse_toml

NIGHTLY = "nightly"
_MOST_REPEATS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One plan of a run; parts count from 1."""

    number: int
    title: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A whole run: its own head, and its parts."""

    head: PlanHead
    parts: tuple[Part, ...]

    @property
    def size(self) -> str:
        """How much it asks for, in a few words."""
        if self.head.kind == NIGHTLY:
            return f"{len(self.parts)} part{'' if len(self.parts) == 1 else 's'}: {', '.join(part.title for part in self.parts)}"
        (part,) = self.parts
        return kind_named(part.plan.head.kind).size(part.plan)


def load_run_plan(name_or_path: str) -> RunPlan:
    """A builtin plan by name, or a file; a nightly's parts are looked up the same way.

    Raises:
        InputError: one of them does not exist, or something in it is wrong.
    """
    text, source = read_plan(name_or_path)
    root = parse_toml(text, source=source)
    kind = root.choice("kind", [*(kind.name for kind in KINDS), NIGHTLY])
    if kind != NIGHTLY:
        plan = plan_of(root, kind, text)
        return RunPlan(plan.head, (Part(1, plan.head.name, plan),))
    head = parse_head(root, NIGHTLY, text)
    parts: list[Part] = []
    for table in root.tables("part"):
        plan = load_plan(table.text("plan"))
        repeat = table.integer("repeat", default=1, least=1, most=_MOST_REPEATS)
        table.finish()
        for turn in range(1, repeat + 1):
            title = plan.head.name if repeat == 1 else f"{plan.head.name} ({turn} of {repeat})"
            parts.append(Part(len(parts) + 1, title, plan))
    if not parts:
        root.refuse("part", "is missing: a nightly is made of other plans, one [[part]] each")
    root.finish()
    return RunPlan(head, tuple(parts))


def part_rows(plan: RunPlan) -> tuple[PartRow, ...]:
    """The parts as they are stored, so that a run never reads its files again."""
    return tuple(
        PartRow(part.number, head.kind, part.title, head.name, head.digest, head.text)
        for part in plan.parts
        for head in (part.plan.head,)
    )


def stored_part(row: PartRow) -> Part:
    """A part as it was stored.

    Raises:
        InputError: this pitboard no longer takes its plan.
    """
    return Part(row.part, row.title, parse_plan(row.plan_text, source=f"the stored plan '{row.plan_name}'"))


def part_seed(seed: int, part: int, parts: Sequence[object]) -> int:
    """The seed of a part: the run's own when it is the only one."""
    return seed if len(parts) == 1 else derived_seed(seed, "part", part)
