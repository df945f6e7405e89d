import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.track import CurveDirection, PieceKind
from rig.driving.lap_events import Direction, Gap, OffRoad, Position, Transition
from rig.driving.track_map import TrackMap, TrackPiece, draw, track_from_body
from rig.driving.track_scan import Failure, Found, ScanRules, ScanState, check, step
from tests.rig.driving.simulated_track import OVAL, RACING, SLOW, Conditions, drive

HOOK = ((33, 0), (36, 0), (20, 1), (23, 1), (17, -1), (18, 1), (20, 1), (36, 0), (34, 0))
L, R = CurveDirection.LEFT, CurveDirection.RIGHT


def scan(events, rules=None):
    state = ScanState(rules or ScanRules())
    for event in events:
        state = step(state, event)
        if state.outcome is not None:
            break
    return state


@pytest.mark.parametrize("seed", range(20))
def test_two_laps_that_agree_make_the_map(seed):
    events, _ = drive(6, SLOW, seed=seed, start_at=seed % 7)
    outcome = scan(events).outcome
    assert isinstance(outcome, Found)
    assert str(outcome.track) == "33 → 20L → 23L → 36 → 17L → 18L → 34"
    assert outcome.laps >= 2
    assert outcome.track.lap_mm == pytest.approx(2879, abs=2)


def test_the_reverse_flag_tells_right_curves():
    events = []
    for event in drive(4, track=HOOK, start_at=3)[0]:
        reverse = isinstance(event, Position) and event.piece_id == 17
        events.append(Position(event.at_s, 17, event.location_id, 300, reverse=True) if reverse else event)
    track = scan(events).outcome.track
    assert [piece.turn for piece in track.pieces if piece.turn] == [L, L, R, L, L]


def test_pieces_that_were_never_read_are_known_by_their_wheels():
    half_blind = Conditions(300, 300, {33: 1, 34: 1, 36: 1}, 0.0)
    track = scan(drive(5, half_blind, start_at=3)[0]).outcome.track
    assert [piece.kind for piece in track.pieces[1:-1]] == [
        PieceKind.CURVE, PieceKind.CURVE, PieceKind.STRAIGHT, PieceKind.CURVE, PieceKind.CURVE,
    ]  # fmt: skip
    assert [str(piece) for piece in track.pieces] == ["33", "?L", "?L", "36", "?L", "?L", "34"]


def test_even_at_racing_speed_a_map_comes_out_in_the_end():
    outcome = scan(
        drive(40, RACING, seed=3, start_at=2)[0], ScanRules(most_laps=60, most_pieces=1000)
    ).outcome
    assert isinstance(outcome, Found)
    assert len(outcome.track.pieces) == 7


def test_a_missed_transition_does_not_lose_the_piece_behind_it():
    events, _ = drive(3, Conditions(300, 300, {33: 1, 34: 1, 36: 1}, 0.0), start_at=3)
    straight = next(
        i for i, e in enumerate(events) if isinstance(e, Transition) and e.left_cm > 50 and i > 12
    )
    after = next(i for i in range(straight + 1, len(events)) if isinstance(events[i], Transition))
    one, two = events[straight], events[after]
    merged = Transition(two.at_s, one.left_cm + two.left_cm, one.right_cm + two.right_cm)
    heard = [*events[:straight], *events[straight + 1 : after], merged, *events[after + 1 :]]
    assert len(scan(heard).outcome.track.pieces) == 7


def test_driving_the_other_way_round_is_its_own_map():
    outcome = scan(drive(5, reverse=True, start_at=3)[0]).outcome
    assert outcome.track.direction is Direction.REVERSE
    assert [piece.piece_id for piece in outcome.track.pieces][::6] == [34, 33]


def test_a_car_that_never_localises_does_not_hang_the_scan():
    events = [Transition(n * 1.4, 43, 43 + n % 3) for n in range(100)]
    assert scan(events).outcome is Failure.NEVER_LOCALISED
    unknown = [Position(n * 0.5, 255, 0, 300) for n in range(100)]
    assert scan(unknown).outcome is Failure.NEVER_LOCALISED


def test_a_car_that_says_nothing_runs_out_of_time():
    state = check(ScanState(), 5.0)
    assert check(state, 19.0).outcome is None
    assert check(state, 21.0).outcome is Failure.NEVER_LOCALISED
    read = step(state, Position(6.0, 36, 21, 300))
    assert check(read, 94.0).outcome is None
    assert check(read, 96.0).outcome is Failure.TIME_UP
    assert check(check(read, 96.0), 500.0).outcome is Failure.TIME_UP


def test_a_track_without_a_start_piece_is_told():
    loop = ((20, 1), (23, 1), (36, 0), (17, 1), (18, 1), (39, 0))
    assert scan(drive(30, track=loop)[0], ScanRules(limit_s=1e6)).outcome is Failure.NO_START_PIECE


def test_laps_that_never_agree_are_given_up():
    events, n = [], 0.0
    for lap in range(12):
        pieces = [33, *([36] * (3 + lap % 5)), 34]
        for piece in pieces:
            n += 1
            events += [Position(n, piece, 7, 300), Transition(n + 0.5, 55, 55)]
    assert scan(events).outcome is Failure.NO_AGREEMENT


@pytest.mark.parametrize("interruption", [OffRoad, Gap])
def test_an_interrupted_lap_is_driven_again(interruption):
    events, crossings = drive(6, start_at=3)
    broken = sorted([*events, interruption(crossings[1] + 2)], key=lambda event: event.at_s)
    assert scan(broken).outcome.laps >= 2


@settings(max_examples=80, deadline=None)
@given(
    heard=st.lists(
        st.one_of(
            st.builds(
                Position,
                st.floats(0, 200),
                st.integers(0, 255),
                st.integers(0, 50),
                st.integers(0, 2000),
                st.booleans(),
            ),
            st.builds(Transition, st.floats(0, 200), st.integers(0, 255), st.integers(0, 255)),
            st.builds(OffRoad, st.floats(0, 200)),
        ),
        max_size=300,
    )
)
def test_whatever_is_heard_a_scan_ends_in_time(heard):
    state = scan(sorted(heard, key=lambda event: event.at_s))
    assert check(check(state, 0.0), 1e6).outcome is not None


def pieces(letters):
    turns = {"L": L, "R": R}
    return [
        TrackPiece(PieceKind.CURVE, 17, turns[x]) if x in turns else TrackPiece(PieceKind.STRAIGHT, 36)
        for x in letters
    ]


@pytest.mark.parametrize(
    ("letters", "picture", "closed"),
    [
        ("LLsLL", [" ┏━━━━━┓", " ┗━═▶═━┛"], True),
        ("RRsRR", [" ┏━═▶═━┓", " ┗━━━━━┛"], True),
        ("sLsLssLsL", [" ┏━━━━━━━━┓", " ┃        ┃", " ┗━═▶═━━━━┛"], True),
        ("LLL", [" ┏━━┓", "   ━┛"], False),
    ],
)
def test_the_picture_shows_the_shape(letters, picture, closed):
    track = track_from_body(pieces(letters), Direction.FORWARD)
    assert track.is_closed is closed
    if closed:
        assert draw(track) == picture


def test_a_bridge_is_drawn_as_a_crossing():
    eight = track_from_body(pieces("LLLsRRR"), Direction.FORWARD)
    assert eight.is_closed
    assert any("╬" in line for line in draw(eight))


def test_a_printed_mat_has_no_grid_and_no_length():
    mat = TrackMap((TrackPiece(PieceKind.DRIVE_MAT, 71),), Direction.FORWARD)
    assert (draw(mat), mat.is_closed, mat.lap_mm) == ([], None, None)
    assert str(mat) == "71"


def test_the_oval_is_the_reference():
    assert [piece for piece, _ in OVAL] == [33, 20, 23, 36, 17, 18, 34]
