"""A leg's journal read back as facts: told on may be on, off only when confirmed, and order within one instant."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from rig.rotation.invariants import CHARGED_AFTER_SET_UP, NO_CHARGER_IN_RACE, TimedFact, What
from rig.soak.swap.history import check_journal, history_of

SETS = {1: "A", 11: "B"}


@dataclass
class Row:
    number: int
    subject_kind: str
    subject: str
    act: str
    detail: str = ""
    at_s: float = 0.0
    state: str = "ok"
    done_s: float | None = 0.0


def charger(number, on, at_s, state, done_s):
    return Row(number, "bay", "A1", f"charger {'on' if on else 'off'}", "00000001", at_s, state, done_s)


def seen(number, what, subject, at_s, on="on"):
    kind = "car" if isinstance(subject, int) else "set"
    name = f"{subject:08x}" if isinstance(subject, int) else subject
    return Row(number, kind, name, f"seen: {what}", on, at_s, done_s=at_s)


@pytest.mark.parametrize(
    ("row", "facts"),
    [
        (charger(1, True, 1.0, "ok", 2.0), [(1.0, None), (2.0, True)]),
        (charger(1, True, 1.0, "fail", 2.0), [(1.0, None)]),
        (charger(1, True, 1.0, "unknown", None), [(1.0, None)]),
        (charger(1, False, 1.0, "ok", 2.0), [(2.0, False)]),
        (charger(1, False, 1.0, "fail", 2.0), []),
        (Row(1, "bench", "bench", "all off", "", 1.0, "ok", 3.0), [(3.0, False), (3.0, False)]),
        (Row(1, "bench", "bench", "all off", "", 1.0, "fail", 3.0), []),
    ],
)
def test_a_charger_told_on_may_be_on_and_is_off_only_when_confirmed(row, facts):
    assert [(fact.at_s, fact.on) for fact in history_of([row], SETS)] == facts


def test_what_was_seen_and_done_comes_back_as_facts():
    rows = [
        seen(1, "set up", "A", 1.0),
        seen(2, "racing", "A", 2.0),
        Row(3, "car", "00000001", "drive", "", 3.0, "ok", 3.0),
        seen(4, "power", 11, 4.0, "off"),
        Row(5, "car", "00000001", "connect", "", 5.0, "ok", 6.0),
    ]
    assert history_of(rows, SETS) == [
        TimedFact(1.0, What.SET_UP, "A"),
        TimedFact(2.0, What.RACING, "A"),
        TimedFact(3.0, What.DRIVEN, 1),
        TimedFact(4.0, What.POWER, 11, on=False),
    ]


def test_what_ends_at_an_instant_ends_before_what_begins_at_it():
    rows = [charger(1, False, 1.0, "ok", 5.0), seen(2, "set up", "A", 5.0), seen(3, "racing", "A", 5.0)]
    on = charger(0, True, 0.0, "ok", 0.5)
    findings = check_journal([on, *rows], SETS, 60.0)
    assert [breach.invariant for breach in findings.breaches] == [
        CHARGED_AFTER_SET_UP
    ] * 2  # on at all, that is


def test_a_charger_whose_end_is_unknown_accuses_the_race_that_begins_on_it():
    rows = [
        seen(1, "set up", "B", 0.0),
        charger(2, True, 1.0, "ok", 2.0),
        charger(3, False, 3.0, "unknown", None),
        seen(4, "set up", "B", 4.0, "off"),
        seen(5, "set up", "A", 5.0),
        seen(6, "racing", "A", 6.0),
    ]
    assert [breach.invariant for breach in check_journal(rows, SETS, 60.0).breaches] == [NO_CHARGER_IN_RACE]


def test_a_gap_forgets_what_was_known_before_it():
    rows = [seen(1, "swap", "", 1.0), seen(2, "power", 1, 500.0)]
    rows[0].subject_kind = "stand"
    assert len(check_journal(rows, SETS, 60.0).breaches) == 1
    assert check_journal(rows, SETS, 60.0, gaps_s=[2.0]).breaches == ()
