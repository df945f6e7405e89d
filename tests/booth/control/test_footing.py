"""What a flag proves that only a moving car sets."""

from __future__ import annotations

from booth.control.footing import Footing


def test_a_car_that_has_not_moved_yet_proves_nothing():
    footing = Footing()
    assert footing.flagged(1, on_track=False) is None


def test_a_flag_that_goes_was_a_car_that_was_lifted_and_says_so_once():
    footing = Footing()
    assert footing.flagged(1, on_track=True) is True
    assert footing.flagged(1, on_track=False) is False
    assert footing.flagged(1, on_track=False) is None


def test_a_new_link_begins_anew_and_another_car_is_another():
    footing = Footing()
    footing.flagged(1, on_track=True)
    footing.flagged(2, on_track=True)
    footing.forget(1)
    assert footing.flagged(1, on_track=False) is None
    assert footing.flagged(2, on_track=False) is False
