"""How a life's end is told from others: the whole table."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from rig.soak.battery.ends import End, Meaning, Silence, end_of_silence, end_told_by_charger

FIT = Silence(
    low=False,
    last_mv=3900,
    dying_mv=3500.0,
    heard=False,
    others_heard=True,
    others_expected=True,
    can_charge=False,
)


@pytest.mark.parametrize(
    ("silence", "end"),
    [
        (replace(FIT, low=True), End.BATTERY),
        (replace(FIT, last_mv=3500), End.BATTERY),
        (replace(FIT, last_mv=None, low=True), End.BATTERY),
        (FIT, End.RADIO_LOSS),
        (replace(FIT, can_charge=True), None),
        (replace(FIT, heard=True), End.RADIO_LOSS),
        (replace(FIT, heard=True, last_mv=3400), End.RADIO_LOSS),
        (replace(FIT, heard=True, low=True), End.BATTERY),
        (replace(FIT, others_heard=False), End.VOID),
        (replace(FIT, others_heard=False, low=True), End.BATTERY),
        (replace(FIT, others_heard=False, can_charge=True), None),
        (replace(FIT, others_heard=False, others_expected=False), End.RADIO_LOSS),
        (replace(FIT, others_heard=False, others_expected=False, low=True), End.BATTERY),
        (replace(FIT, bench_fault=True, low=True), End.VOID),
    ],
)
def test_why_a_car_fell_silent(silence, end):
    assert end_of_silence(silence) is end


def test_a_silence_is_always_explained_or_left_to_the_charger():
    flags = itertools.product([False, True], repeat=6)
    for low, heard, others, expected, charge, bench in flags:
        silence = Silence(low, 3400, 3500.0, heard, others, expected, charge, bench)
        end = end_of_silence(silence)
        assert end is not None or charge
        assert end in {None, End.BATTERY, End.RADIO_LOSS, End.VOID}


DEAF = replace(FIT, others_heard=False)


@pytest.mark.parametrize(
    ("silence", "woke", "low", "end"),
    [
        (FIT, True, True, End.BATTERY),
        (FIT, True, False, End.RADIO_LOSS),
        (FIT, False, False, End.RADIO_LOSS),
        (DEAF, True, True, End.BATTERY),
        (DEAF, True, False, End.RADIO_LOSS),
        (DEAF, False, False, End.VOID),
    ],
)
def test_what_the_charger_tells(silence, woke, low, end):
    assert end_told_by_charger(silence, woke=woke, low=low) is end


def test_only_a_death_is_an_event():
    meanings = {end: end.meaning for end in End}
    assert [end for end, meaning in meanings.items() if meaning is Meaning.EVENT] == [End.BATTERY]
    assert {end for end, meaning in meanings.items() if meaning is Meaning.COMPETING} == {
        End.RADIO_LOSS,
        End.STALL,
        End.OFF_TRACK,
        End.TAKEN_OFF,
    }
