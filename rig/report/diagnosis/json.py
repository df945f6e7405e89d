"""Blame as a JSON document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rig.report.diagnosis.model import Blame
from rig.statistics.crossover import Suspect
from rig.statistics.flakiness import Flakiness


def blame_documents(blames: Iterable[Blame]) -> dict[str, Any]:
    """For each thing that is tried a diagnosis with its causes and rates; says nothing of when, so that the same seed
    gives the same."""
    return {blame.what: _blame(blame) for blame in blames}


def _blame(blame: Blame) -> dict[str, Any]:
    found = blame.diagnosis
    return {
        "runs": len(blame.run_ids),
        "finding": found.finding.value,
        "sentence": blame.sentence,
        "causes": [_suspect(one) for one in found.causes],
        "confounded": [_suspect(one) for one in found.confounded],
        "rates": {kind.part.value: [_rate(one) for one in kind.rates] for kind in blame.parts},
    }


def _suspect(one: Suspect) -> dict[str, Any]:
    return {
        "part": one.part.value,
        "name": one.name,
        "failed": one.failed,
        "trials": one.trials,
        "failed_elsewhere": one.failed_elsewhere,
        "trials_elsewhere": one.trials_elsewhere,
        "p": float(f"{one.p:.3g}"),
    }


def _rate(one: Flakiness) -> dict[str, Any]:
    return {
        "name": one.key,
        "runs": one.runs,
        "tried": one.tried,
        "failed_first": one.failed_first,
        "passed_on_retry": one.passed_on_retry,
        "lower": round(one.lower, 6),
        "upper": round(one.upper, 6),
        "flagged": one.is_flagged,
        "mass_failures": len(one.mass_runs),
    }
