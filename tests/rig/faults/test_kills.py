"""A nightly of every kind, killed with SIGKILL at random moments and gone on with: nothing is lost or counted twice,
nothing is left on, and the figures are those of a night that nobody touched."""

from __future__ import annotations

import pytest

from tests.rig.faults.kills import killed_night


def check(outcome, kills):
    assert outcome.kills == kills
    assert outcome.refused == []
    assert outcome.lost == []
    assert outcome.complaints == ()
    assert outcome.left_on == ()
    assert outcome.differs == []
    assert outcome.units > 0
    assert 0 < outcome.gaps <= kills


@pytest.mark.nightly  # in the fast suite: kill -9 in tests/rig/cli/test_soak, each kind and a nightly cut in tests/rig/soak
@pytest.mark.timeout(300)
def test_a_killed_nightly_loses_nothing(tmp_path):
    check(killed_night(tmp_path, 2, seed=7, rounds=1, shorter=True), 2)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_a_nightly_killed_eight_times_loses_nothing(tmp_path):
    check(killed_night(tmp_path, 8, seed=3, rounds=1), 8)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_a_nightly_killed_200_times_loses_nothing(tmp_path):
    check(killed_night(tmp_path, 200, seed=1, rounds=22, shorter=True), 200)
