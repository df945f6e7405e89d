import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import Direction
from rig.driving.replay import replay
from rig.driving.transcript import Damaged, Frame, Session, TranscriptWriter, read_transcript

WHO = Session(0x0880EADB, 9, "Drive", 0x2774, "2026-11-22T16:00:00+00:00", "sim:two-sets")
FRAMES = [
    Frame(0.0, Direction.TO_CAR, bytes.fromhex("03900101"), 0x2774),
    Frame(0.25, Direction.TO_HOST, bytes.fromhex("053f01000001"), 0x2774),
    Frame(1.5, Direction.TO_HOST, b""),
]


def written(who=WHO, frames=FRAMES):
    file = io.StringIO()
    writer = TranscriptWriter(file, who)
    for frame in frames:
        writer.write(frame)
    assert writer.frames == len(frames)
    return file.getvalue().split("\n")  # splitlines would cut names at U+0085


def test_what_is_written_is_read_back():
    assert list(read_transcript(written())) == [WHO, *FRAMES]
    assert list(read_transcript(written(Session(), []))) == [Session()]


@given(
    frames=st.lists(
        st.builds(
            Frame,
            st.integers(0, 10**9).map(lambda us: us / 1e6),
            st.sampled_from(Direction),
            st.binary(max_size=20),
            st.none() | st.integers(0, 0xFFFF),
        )
    ),
    name=st.none() | st.text(max_size=12),
)
def test_any_session_survives(frames, name):
    frames.sort(key=lambda frame: frame.at_s)
    assert list(read_transcript(written(Session(name=name), frames))) == [Session(name=name), *frames]


def test_each_line_is_flushed():
    class Watched(io.StringIO):
        flushed = 0

        def flush(self):
            self.flushed += 1

    file = Watched()
    TranscriptWriter(file, WHO).write(FRAMES[0])
    assert file.flushed == 2


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "Expecting property name"),
        ("[1]", "not a JSON object"),
        ("{}", "neither a frame nor a session line"),
        ('{"dir": "to_host", "hex": "01 17"}', "no 't_s'"),
        ('{"dir": "to_moon", "t_s": 1, "hex": ""}', "'to_moon' is neither"),
        ('{"dir": "to_host", "t_s": "soon", "hex": ""}', "'soon' is not a number"),
        ('{"dir": "to_host", "t_s": NaN, "hex": ""}', "nan is not a number"),
        ('{"dir": "to_host", "t_s": true, "hex": ""}', "True is not a number"),
        ('{"dir": "to_host", "t_s": 1, "hex": "0x"}', "non-hexadecimal"),
        ('{"dir": "to_host", "t_s": 1, "hex": 7}', "not a string"),
        ('{"dir": "to_host", "t_s": 1, "hex": "", "fw": "new"}', "not a whole number"),
        ('{"pitboard": "transcript", "version": 99}', "version 99"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_a_damaged_line_is_named_and_the_rest_is_read(line, why):
    lines = written()
    items = list(read_transcript([lines[0], line, *lines[1:]]))
    damaged = [item for item in items if isinstance(item, Damaged)]
    assert [item.line for item in damaged] == [2]
    assert why in damaged[0].why
    assert [item for item in items if isinstance(item, Frame)] == FRAMES


def test_time_that_runs_backwards_is_told():
    lines = written(frames=[FRAMES[2], FRAMES[0]])
    items = list(read_transcript(lines))
    assert [type(item) for item in items] == [Session, Frame, Damaged, Frame]


def test_sniffer_logs_are_read_by_handle_and_opcode():
    log = [
        {"n": 1, "t_est_s": 0.1, "ll": "13 71", "line": 1},
        {"n": 2, "t_est_s": 0.2, "att_op": "0x13", "hex": "", "line": 2},
        {"n": 3, "t_est_s": 0.3, "att_op": "0x1b", "hex": "0d 00 01 17", "line": 3},
        {"n": 4, "t_est_s": 0.4, "att_op": "0x12", "hex": "0b 00 01 16", "line": 4},
        {"n": 5, "t_est_s": 0.5, "att_op": "0x52", "hex": "0e 00 01 00", "line": 5},
        {"n": 6, "t_est_s": 0.6, "att_op": "0x1b", "hex": "0d", "line": 6},
    ]
    assert list(read_transcript([json.dumps(row) for row in log] + ["", " "])) == [
        Frame(0.3, Direction.TO_HOST, bytes.fromhex("0117")),
        Frame(0.4, Direction.TO_CAR, bytes.fromhex("0116")),
    ]


@given(lines=st.lists(st.text(max_size=40) | st.just('{"dir": "to_host", "t_s": 1, "hex": "01 17"}')))
def test_any_text_gives_items_and_never_an_exception(lines):
    played = replay(read_transcript(lines))
    assert len(played.damaged) + sum(played.messages.values()) <= len(lines) * 2


def test_bad_frames_are_kept_apart_from_damaged_lines():
    played = replay([*read_transcript(written())])
    assert played.damaged == []
    assert [frame.frame for frame, _ in played.bad_frames] == [b""]
    assert not played.is_whole
    assert played.seconds == 1.5
