"""Nights as they are stored: cars that change bays and adapters between them, and a report that says who it was."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from rig.clock import Uptime
from rig.report.html import render_html
from rig.report.json_report import as_document
from rig.report.run_report import report_of
from rig.report.text import render_text
from rig.store.database import open_database
from rig.store.queries import load_run
from rig.store.rows import CarRow, CycleRow, PartRow
from rig.store.runs import RunSpec, begin_run
from tests.rig.report.synthetic_runs import PLAN

CARS = ("Thermo", "Skull", "Guardian", "Ground Shock", "Nuke", "Boson", "Rho", "Kourai")
RADIOS = ("hci:usb:0", "hci:usb:1")


class Nights:
    """A clock that a new night begins on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)

    def utc_now(self):
        return self.now

    def uptime(self):
        return Uptime("boot", 500.0)


def cycle_row(identifier, cycle, outcome, at_s):
    times = dict.fromkeys(
        ("noticed_s", "attempt_s", "seen_s", "connected_s", "services_s", "subscribed_s", "first_data_s"),
        at_s + 1.0,
    )
    return CycleRow(
        identifier=identifier, cycle=cycle, set_name="A", loss="vanish", outcome=outcome, began_s=at_s,
        ended_s=at_s + 2.0, intended_s=at_s, loss_s=at_s, attempts=1 + (outcome == "flaky"), stuck_at=None,
        error=None, **times,
    )  # fmt: skip


def soaked(path, fails, *, nights=4, rotated=True, cycles=40):
    """Stores nights in which `fails` gives the chance of a first try failing from (car, bay, adapter); the retry
    goes over the other adapter."""
    chance, clock = random.Random(3), Nights()
    db = open_database(path)
    db.conn.execute("PRAGMA synchronous = OFF")  # thousands of commits that need not survive a power cut
    for night in range(nights):
        clock.now += timedelta(days=1)
        places = [(place + night) % 8 if rotated else place for place in range(8)]
        cars = [
            CarRow(
                "A",
                0x100 + place,
                car if night == nights - 1 else f"{car} of old",
                None,
                None,
                f"{'AB'[places[place] // 4]}{places[place] % 4 + 1}",
            )
            for place, car in enumerate(CARS)
        ]
        part = PartRow(1, "reconnect", "reconnect", "reconnect", "ab", PLAN)
        spec = RunSpec("reconnect", "ab", PLAN, "+".join(RADIOS), None, 7, virtual=False, parts=(part,))
        on = {"host": "rig 1", "pitboard": "0.1.0"}
        journal, _ = begin_run(db, path, spec=spec, cars=cars, on=on, clock=clock)
        journal.begin_leg(1, "A", 0.0, kind="reconnect")
        for place, car in enumerate(cars):
            for cycle in range(1, cycles + 1):
                at_s = float(place * 1000 + cycle * 10)
                first = chance.randrange(2)
                failed = chance.random() < fails(car.label, car.bay, RADIOS[first])
                subject = f"{car.identifier:08x}"
                for act, adapter in ([("tried over", first)] if failed else []) + [
                    ("carried by", first ^ failed)
                ]:
                    number = journal.intend(
                        at_s + 1.0, act, subject_kind="car", subject=subject, leg=1, unit=cycle,
                        detail=RADIOS[adapter],
                    )  # fmt: skip
                    journal.done(number, at_s + 1.0, "EstablishmentFailed" if act == "tried over" else None)
                journal.finish_unit(cycle_row(car.identifier, cycle, "flaky" if failed else "ok", at_s))
        journal.end_leg(1, 9000.0)
        journal.end("finished", "PASS")
    db.close()
    return report_of(load_run(path))


def bad(which):
    return lambda car, bay, adapter: 0.4 if which in (car.removesuffix(" of old"), bay, adapter) else 0.01


@pytest.mark.parametrize(
    ("which", "named"), [("Rho", "car Rho"), ("B2", "bay B2"), (RADIOS[1], f"adapter {RADIOS[1]}")]
)
def test_the_report_names_the_cause_in_every_form(tmp_path, which, named):
    report = soaked(tmp_path / "pitboard.db", bad(which))
    document = as_document(report)
    lately = document["wall_clock"]["diagnosis_lately"]["reconnect"]
    assert [(one["part"], one["name"]) for one in lately["causes"]] == [tuple(named.split(" ", 1))]
    assert lately["runs"] == 4
    assert json.dumps(document["diagnosis"]).count("rig 1") == 1  # its rate, and no blame
    for text in (" ".join(render_text(report, width=400).split()), render_html(report)):
        assert f"The cause is {named}: {named} fails" in text
    assert "flaky in reconnects of the last 4 runs: " in render_text(report, width=400)


def test_cars_that_never_change_bays_are_to_be_rotated(tmp_path):
    report = soaked(tmp_path / "pitboard.db", bad("B2"), rotated=False)
    assert "Confounded: car Boson and bay B2 fail" in render_text(report, width=400)
    assert "rotate the cars over the bays" in render_html(report)


def test_a_good_bench_is_not_diagnosed_in_the_terminal(tmp_path):
    report = soaked(tmp_path / "pitboard.db", bad("nothing"), nights=1)
    assert "diagnosis" not in render_text(report)
    assert "No car or bay or adapter fails clearly more than the others" in render_html(report)
    assert as_document(report)["wall_clock"]["diagnosis_lately"] == {}


def test_a_charger_that_fails_whoever_stands_there_is_blamed_for_charges_alone(tmp_path):
    path = tmp_path / "pitboard.db"
    soaked(path, bad("nothing"), nights=6, cycles=1)
    db = open_database(path)
    with db.conn:
        for run, identifier, bay in db.conn.execute("SELECT run, identifier, bay FROM cars").fetchall():
            for life in range(1, 7):
                end = "limit reached" if bay == "B2" and life % 2 else "full flag"
                db.conn.execute(
                    "INSERT INTO life_charges VALUES (?, 1, ?, ?, ?, 0.0, 400.0, NULL, NULL, NULL, NULL, NULL)",
                    (run, identifier, life, end),
                )
    db.close()
    report = report_of(load_run(path))
    assert "diagnosis of charges of the last 6 runs: The cause is bay B2: bay B2 fails 18 of 36 times" in (
        " ".join(render_text(report, width=400).split())
    )
    assert "diagnosis of reconnects" not in render_text(report, width=400)
