"""Layouts: orientation decides turns, and only closed loops are tracks."""

from __future__ import annotations

import pytest

from rig.errors import InputError
from rig.sim.track_layout import STARTER_OVAL, LaidPiece, closing_gap, layout_of, parse_piece, parse_track


def test_the_starter_oval_is_2_88_metres():
    assert STARTER_OVAL.lap_mm() == pytest.approx(2879.3, abs=0.1)


def test_four_left_curves_and_four_right_curves_both_close():
    for side in ("", "r"):
        gap_mm, turn = closing_gap([parse_piece(f"17{side}")] * 4)
        assert (gap_mm, turn) == (pytest.approx(0.0, abs=1e-6), pytest.approx(0.0, abs=1e-6))


def test_an_s_bend_moves_sideways_without_turning():
    gap_mm, turn = closing_gap([LaidPiece(17), LaidPiece(17, reverse=True)])
    assert gap_mm == pytest.approx(560 * 2**0.5)
    assert turn == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (["34", "33", "17"], "does not close: its end lies"),
        (["17", "17"], "180 degrees off"),
        ([], "has no pieces"),
        (["32"], "piece 32 is not a known OVERDRIVE track piece"),
        (["70"], "piece 70 is not a known"),
        (["x"], "'x' is no track piece"),
        (["r"], "'r' is no track piece"),
        (["-3"], "'-3' is no track piece"),
    ],
)
def test_what_is_no_track_is_refused(pieces, words):
    with pytest.raises(InputError, match=words):
        layout_of("t", pieces)


def test_messages_about_a_track_file_name_it():
    with pytest.raises(InputError, match=r"^t\.toml: track 'x' does not close"):
        parse_track("name = 'x'\npieces = ['34', '33']", source="t.toml")
    with pytest.raises(InputError, match=r"^t\.toml: unknown key 'peices'"):
        parse_track("name = 'x'\npieces = ['17','17','17','17']\npeices = 1", source="t.toml")


def test_a_piece_prints_as_it_is_written():
    assert [str(parse_piece(text)) for text in ("36", "36r")] == ["36", "36r"]
