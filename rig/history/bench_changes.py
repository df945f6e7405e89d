"""What a run was made with, and what is different between two: versions, firmware, fixtures, plan, world. Pure.

A bench is told by facts, each a name and a text, so that whatever a run keeps (a new package, a fixture's answer
to who it is) can be compared without anybody having thought of it before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rig.store.queries import StoredRun

_FIRMWARE = "firmware of "
_DIGITS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class BenchChange:
    """One fact that differs; None where a run does not have it at all."""

    what: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """In words: `kernel Linux 6.1.0-55 -> Linux 6.1.0-56`."""
        if self.before is None:
            return f"{self.what} {self.after}, which was not there before"
        if self.after is None:
            return f"{self.what} {self.before} is gone"
        return f"{self.what} {self.before} → {self.after}"


def bench_of(stored: StoredRun) -> dict[str, str]:
    """The facts of the bench that made a run, by name."""
    run = stored.run
    facts = dict(stored.versions)
    facts["plan"] = _named(run.plan_name, run.plan_digest)
    if run.world_digest is not None:
        facts["world"] = _named(run.radio.rpartition("/")[2], run.world_digest)
    else:
        facts["radio"] = run.radio
    for car in stored.cars:
        known = "unknown" if car.firmware is None else f"0x{car.firmware:04x}"
        facts[f"{_FIRMWARE}{car.label}"] = known
    return facts


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[BenchChange, ...]:
    """What differs, in the order of the names; cars whose firmware went the same way stand together."""
    together: dict[tuple[str | None, str | None], list[str]] = {}
    changes = []
    for what in sorted({*before, *after}):
        was, now = before.get(what), after.get(what)
        if was == now:
            continue
        if what.startswith(_FIRMWARE):
            together.setdefault((was, now), []).append(what.removeprefix(_FIRMWARE))
        else:
            changes.append(BenchChange(what, was, now))
    cars = sum(name.startswith(_FIRMWARE) for name in {*before, *after})
    for (was, now), labels in together.items():
        changes.append(BenchChange(f"{_FIRMWARE}{_who(labels, cars)}", was, now))
    return tuple(changes)


def _who(labels: list[str], out_of: int) -> str:
    return f"all {out_of} cars" if 2 < out_of == len(labels) else ", ".join(labels)


def _named(name: str, digest: str) -> str:
    return f"{name} ({digest[:_DIGITS_SHOWN]})"
