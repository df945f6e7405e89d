"""The public recording of a real car: what it is known to hold comes out."""

import statistics

import pytest

from protocol import Direction
from rig.driving.replay import replay
from rig.driving.transcript import read_transcript
from tests.captures import find_capture

CAPTURE = find_capture("slow-300mms.jsonl")


@pytest.fixture(scope="module")
def played():
    if CAPTURE is None:
        pytest.skip("cannot run here: the recorded session is not on this machine")
    with CAPTURE.open(encoding="utf-8") as lines:
        return replay(read_transcript(lines))


def test_every_line_and_frame_is_read(played):
    assert played.is_whole
    assert played.count(Direction.TO_HOST, "PositionUpdate") == 432
    assert played.count(Direction.TO_HOST, "TransitionUpdate") == 226


def test_its_laps_are_counted_and_timed(played):
    assert len(played.laps) == pytest.approx(32, abs=1)
    assert statistics.median(lap.time_s for lap in played.laps) == pytest.approx(9.58, rel=0.02)


def test_its_track_is_the_starter_oval(played):
    assert str(played.track) == "33 → 20L → 23L → 36 → 17L → 18L → 34"
    assert played.track.is_closed
