"""Blame is laid on what fails, over nights in which the cars were moved; and not where it cannot be told."""

from __future__ import annotations

import random

import pytest

from rig.report.diagnosis.json import blame_documents
from rig.report.diagnosis.model import diagnosis_of
from rig.report.diagnosis.text import diagnosis_lines
from rig.store.tries import TryRow

CARS = ("Thermo", "Skull", "Guardian", "Ground Shock", "Nuke", "Boson", "Rho", "Kourai")


def nights(fails, *, count=6, rotated=True, bays=True, tries=120, seed=1):
    """Nights of eight cars and two adapters; `fails` gives the chance from (car, bay, adapter)."""
    chance = random.Random(seed)
    rows = []
    for night in range(1, count + 1):
        for place, car in enumerate(CARS):
            moved = (place + night) % 8 if rotated else place
            bay = f"{'AB'[moved // 4]}{moved % 4 + 1}" if bays else ""
            adapter = f"usb:{(place + (night // 2 if rotated else 0)) % 2}"
            failed = sum(chance.random() < fails(car, bay, adapter) for _ in range(tries))
            rows.append(
                TryRow(
                    night, f"night-{night}", "reconnect", car, bay, adapter, "rig", tries, failed, failed // 2
                )
            )
    return rows


def bad(which, rate=0.3):
    return lambda *parts: rate if which in parts else 0.01


@pytest.mark.parametrize(
    ("which", "named"), [("Rho", "car Rho"), ("B2", "bay B2"), ("usb:1", "adapter usb:1")]
)
def test_the_cause_is_named_over_nights(which, named):
    report = diagnosis_of(nights(bad(which)), 6)
    assert report.lately[0].sentence.startswith(f"The cause is {named}: {named} fails ")
    assert [str(cause) for cause in report.lately[0].diagnosis.causes] == [named]
    assert report.lately[0].title == "reconnects of the last 6 runs"
    lines = list(diagnosis_lines(report))
    assert any(
        line.startswith(f"diagnosis of reconnects of the last 6 runs: The cause is {named}") for line in lines
    )
    assert any(
        line.startswith(f"flaky in reconnects of the last 6 runs: {named} failed at first") for line in lines
    )


def test_one_night_cannot_tell_a_car_from_its_bay():
    report = diagnosis_of(nights(bad("B2")), 6)
    assert report.this_run[0].title == "reconnects of this run"
    assert "rotate the cars over the bays" in report.this_run[0].sentence
    still = diagnosis_of(nights(bad("B2"), rotated=False), 6)
    assert still.lately[0].diagnosis.finding == "confounded"
    assert "car Rho and bay B3" not in still.lately[0].sentence
    assert {suspect.name for suspect in still.lately[0].diagnosis.confounded} == {"Boson", "B2"}


def test_without_bays_on_record_a_blamed_car_is_blamed_with_a_word_of_caution():
    report = diagnosis_of(nights(bad("Rho"), bays=False), 6)
    assert report.lately[0].sentence.startswith("The cause is car Rho")
    assert report.lately[0].sentence.endswith("No bays are on record, so its place may matter too.")


def test_a_good_bench_is_passed_over_in_silence():
    report = diagnosis_of(nights(bad("nothing")), 6)
    assert list(diagnosis_lines(report)) == []
    assert "clearly more than the others" in report.this_run[0].sentence
    assert diagnosis_of([], 6) is None
    assert list(diagnosis_lines(None)) == []
    assert diagnosis_of(nights(bad("Rho"), count=1), 1).lately == ()


def test_a_document_says_nothing_of_when():
    document = blame_documents(diagnosis_of(nights(bad("Rho")), 6).lately)["reconnect"]
    assert "night-" not in str(document)
    assert document["finding"] == "cause"
    assert document["causes"][0]["name"] == "Rho"
    assert {one["name"] for one in document["rates"]["bay"]} == {f"{s}{n}" for s in "AB" for n in range(1, 5)}
    assert [one["name"] for one in document["rates"]["car"] if one["flagged"]] == ["Rho"]
