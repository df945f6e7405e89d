"""Alarms fall due in order of time, ties in order of name."""

from __future__ import annotations

from rig.sim.car.agenda import Agenda


def test_alarms_come_in_order():
    agenda = Agenda()
    agenda.set("b", 2.0)
    agenda.set("c", 1.0)
    agenda.set("a", 2.0)
    agenda.set("d", 9.0)
    assert agenda.next_due_s() == 1.0
    assert [agenda.pop_due(5.0) for _ in range(4)] == [("c", 1.0), ("a", 2.0), ("b", 2.0), None]
    assert agenda.holds("d")


def test_an_alarm_can_be_moved_and_cleared():
    agenda = Agenda()
    agenda.set("a", 2.0)
    agenda.set("a", 3.0)
    assert agenda.pop_due(2.5) is None
    agenda.set("a", None)
    agenda.set("b", 1.0)
    agenda.clear("b", "unknown")
    assert agenda.next_due_s() is None
