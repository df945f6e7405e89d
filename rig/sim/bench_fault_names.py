"""The named faults of a bench around a simulated world, as a world file writes them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rig.toml_tables import Table


@dataclass(frozen=True, slots=True)
class BenchFaultDescription:
    """One fault: what it is about, and what its value means; `default` is the value when none is given."""

    summary: str
    scope: Literal["bay", "fixture"]
    value_means: str = "not used"
    default: float = 1.0


BENCH_FAULTS: dict[str, BenchFaultDescription] = {
    "dirty_contact": BenchFaultDescription("no current flows though the relay is closed", "bay"),
    "stuck_contact": BenchFaultDescription(
        "the relay's contact stays as it is, whatever its board says", "bay"
    ),
    "missed_button": BenchFaultDescription("the servo moves and does not reach the button", "bay"),
    "dead_fixture": BenchFaultDescription(
        "the board hears nothing and says nothing; its own timers run on", "fixture"
    ),
    "unplugged_fixture": BenchFaultDescription("its cable is pulled", "fixture"),
    "brown_out": BenchFaultDescription("the board restarts, its outputs as after power-up", "fixture"),
    "noisy_line": BenchFaultDescription(
        "replies are torn, short, late or lost", "fixture", "share of the replies, 0..1", 0.1
    ),
}


@dataclass(frozen=True, slots=True)
class BenchFaultSpec:
    """A fault that happens by itself, `at_s` seconds after the bench was opened; `where` is the name of a bay or of
    a fixture, `lasts_s` None: for good."""

    at_s: float
    kind: str
    where: str
    value: float | None = None
    lasts_s: float | None = None


def read_bench_fault(table: Table) -> BenchFaultSpec:
    """One [[bench_fault]] of a world file.

    Raises:
        InputError: one sentence with table and key.
    """
    kind = table.choice("kind", tuple(BENCH_FAULTS))
    fault = BenchFaultSpec(
        at_s=table.number("at_s", least=0.0),
        kind=kind,
        where=table.text(BENCH_FAULTS[kind].scope),
        value=table.number("value", least=0.0, most=1.0) if table.has("value") else None,
        lasts_s=table.number("lasts_s", least=0.0) if table.has("lasts_s") else None,
    )
    table.finish()
    return fault
