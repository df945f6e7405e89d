"""Made-up runs with known properties, for report tests: no radio, no database."""

from __future__ import annotations

import random

from rig.store.queries import StoredRun
from rig.store.rows import ActRow, CarRow, CycleRow, GapRow, LegRow, NoteRow, PartRow, RunRow

PLAN = """
kind = "reconnect"
name = "reconnect"
description = "Break each car's link again and again."
cycles_per_car = 93
losses = ["vanish", "disconnect"]

[[limit]]
figure = "reconnect"
quantile = 0.95
at_most_s = 10.0

[[limit]]
figure = "recovery"
quantile = 0.95
at_most_s = 5.0

[[limit]]
figure = "first_attempt"
at_least = 0.8

[[limit]]
figure = "success"
at_least = 0.95
"""
MODELS = {
    "Skull": 9,
    "Guardian": 8,
    "Thermo": 10,
    "Nuke": 11,
    "Big Bang": 14,
    "Ground Shock": 12,
    "Freewheel": 15,
    "X52": 16,
}


def cars():
    return [
        CarRow("A" if i < 4 else "B", 0x0880EA00 + i, label, model, 0x2B6E)
        for i, (label, model) in enumerate(MODELS.items())
    ]


def make_run(*, cycles=93, broken=(), status="finished", gaps=(), acts=(), seed=7):
    rng = random.Random(seed)
    rows, notes, at = [], [], 5.0
    for group in "AB":
        for cycle in range(1, cycles + 1):
            for car in cars():
                if car.set_name == group:
                    rows.append(_cycle(rng, car, cycle, at, slow=car.label in broken))
                    at = rows[-1].ended_s + 2.0
                    if rows[-1].attempts > 1:
                        notes.append(
                            NoteRow(car.identifier, cycle, at, 1, "connected", "EstablishmentFailed")
                        )
    run = RunRow(
        number=1,
        run_id="20261122-221500-reconnect",
        status=status,
        outcome=None,
        plan_name="reconnect",
        plan_digest="ab" * 32,
        plan_text=PLAN,
        radio="sim:two-sets",
        world_digest="cd" * 32,
        seed=seed,
        virtual=True,
        started_at="2026-11-22T22:15:00.000+00:00",
        ended_at="2026-11-22T22:16:00.000+00:00",
    )
    return StoredRun(
        run=run,
        versions={"python": "3.11.7", "pitboard": "0.1.0"},
        parts=(PartRow(1, "reconnect", "reconnect", "reconnect", "ab" * 32, PLAN),),
        cars=tuple(cars()),
        left_alone=(),
        legs=(LegRow("A", 0.0, at / 2), LegRow("B", at / 2, at, leg=2)),
        cycles=tuple(rows),
        notes=tuple(notes),
        gaps=tuple(gaps),
        unfinished_acts=tuple(acts),
        telemetry=(),
    )


def gap(at_s=600.0):
    return GapRow(at_s, at_s, "2026-11-22T22:15:30.000+00:00", "2026-11-22T23:15:30.000+00:00", 1)


def unknown_act():
    return ActRow(17, "car", "0880ea01", 12, 600.0, "connect", "", "unknown", None, None)


def _cycle(rng, car, cycle, at, *, slow):
    loss = "vanish" if cycle % 2 else "disconnect"
    noticed = at + (rng.uniform(1.9, 2.1) if loss == "vanish" else 0.03)
    attempt, attempts = noticed, 1
    if slow and rng.random() < 0.3:
        attempts, attempt = 2, noticed + rng.uniform(3, 5)
    seen = attempt + rng.lognormvariate(-1.6, 0.6)
    connected = seen + rng.lognormvariate(-1.5, 0.5) + (6.0 if slow else 0.0)
    services = connected + rng.uniform(0.3, 0.5)
    subscribed = services + rng.uniform(0.03, 0.06)
    data = subscribed + rng.uniform(0.01, 0.03)
    stuck = slow and rng.random() < 0.06
    return CycleRow(
        identifier=car.identifier,
        cycle=cycle,
        set_name=car.set_name,
        loss=loss,
        outcome="timeout" if stuck else ("ok" if attempts == 1 else "flaky"),
        began_s=at - 2,
        ended_s=at + 30.0 if stuck else data,
        intended_s=at,
        loss_s=at,
        noticed_s=noticed,
        attempt_s=attempt,
        seen_s=seen,
        connected_s=None if stuck else connected,
        services_s=None if stuck else services,
        subscribed_s=None if stuck else subscribed,
        first_data_s=None if stuck else data,
        attempts=attempts,
        stuck_at="connected" if stuck else None,
        error="ConnectTimedOut" if stuck else None,
    )
