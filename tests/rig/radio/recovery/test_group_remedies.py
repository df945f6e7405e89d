"""The remedies of several radios used as one."""

from __future__ import annotations

import pytest

from rig.radio.errors import HostTrouble, StackBusy
from rig.radio.recovery.machine import Situation
from rig.radio.recovery.remedies import GroupRemedies, NoRemedies
from rig.radio.recovery.rungs import REMEDIES, Rung
from rig.virtual_time import run_virtual


class Member:
    can = REMEDIES

    def __init__(self, situation, error=None):
        self._situation, self._error, self.applied = situation, error, []

    async def situation(self, address):
        return self._situation

    async def apply(self, rung, address):
        self.applied.append((rung, address))
        if self._error is not None:
            raise self._error


def test_a_group_drops_on_each_and_switches_none():
    members = [Member(Situation(1, 1, 2), StackBusy("hci0")), Member(Situation(2, 0, 1))]
    group = GroupRemedies([*members, NoRemedies()])
    assert group.can == {Rung.DROP_STALE}
    assert run_virtual(lambda: group.situation("AA")) == Situation(3, 1, 3)
    with pytest.raises(StackBusy):
        run_virtual(lambda: group.apply(Rung.DROP_STALE, "AA"))
    assert [member.applied for member in members] == [[(Rung.DROP_STALE, "AA")]] * 2
    with pytest.raises(HostTrouble, match="several radios"):
        run_virtual(lambda: group.apply(Rung.POWER_CYCLE, "AA"))


def test_what_one_member_cannot_tell_nobody_can():
    group = GroupRemedies([Member(Situation(None, 0, None)), Member(Situation(2, 0, 1))])
    assert run_virtual(lambda: group.situation(None)) == Situation(None, 0, None)


def test_a_group_of_radios_without_remedies_has_none():
    assert GroupRemedies([NoRemedies()]).can == frozenset()
