"""Bugs of the analysis. The checks are figures that other programs and published tables give for the same lives."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from rig.statistics import survival
from rig.statistics.survival import Ended, Observation
from tests.planted.bug import PlantedBug

FOLDER = Path(__file__).parents[2] / "fixtures" / "statistics"


def reference_curves() -> str | None:
    """The first survival curve that differs from the one on record."""
    for path in sorted(FOLDER.glob("*.json")):
        data = json.loads(path.read_text())
        groups = defaultdict(list)
        for entered, time, ended, cause, group in data.get("lives", ()):
            groups[group].append(Observation(time, Ended(ended), cause, entered))
        for key, expected in data.get("expected", {}).get("groups", {}).items():
            steps = survival.kaplan_meier(groups[key]).steps
            pairs = zip([step.survival for step in steps], expected["survival"], strict=False)
            if len(steps) != len(expected["survival"]) or any(abs(a - b) > 1e-9 for a, b in pairs):
                return f"{path.stem}: the survival curve is not the one on record"
    return None


def changed_lives(change):
    def plant(patch):
        really = survival._risk_table

        def table(observations, *, both=False):
            return really([change(observation) for observation in observations], both=both)

        patch.setattr(survival, "_risk_table", table)

    return plant


def dropped_lives(patch):
    really = survival._risk_table

    def table(observations, *, both=False):
        return really([o for o in observations if o.ended is Ended.EVENT] or list(observations), both=both)

    patch.setattr(survival, "_risk_table", table)


PUBLISHED = "curves of lifelines and of published tables for the same lives"
BUGS = (
    PlantedBug("cut-short-counted-as-dead", "analysis", "a life that was cut short is counted as a death", PUBLISHED,
               "the survival curve is not", changed_lives(lambda life: replace(life, ended=Ended.EVENT)), reference_curves),
    PlantedBug("cut-short-dropped", "analysis", "a life that was cut short is left out", PUBLISHED,
               "the survival curve is not", dropped_lives, reference_curves),
    PlantedBug("late-entry-ignored", "analysis", "a battery that began half empty is counted as if watched from full",
               PUBLISHED, "the survival curve is not",
               changed_lives(lambda life: replace(life, entered_s=0.0)), reference_curves),
)  # fmt: skip
