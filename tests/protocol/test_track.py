"""Track facts against captured reads and the published tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import track
from protocol.track import (
    CurveDirection,
    Location,
    PieceKind,
    WheelSignature,
    codes_per_row,
    curve_direction,
    curve_row_radius_mm,
    gen1_mat,
    intersection_entrance,
    lap_length_mm,
    location_id_for,
    location_of,
    piece_kind,
    piece_length_mm,
    report_points_mm,
    row_at_offset,
    row_length_mm,
    row_offset_mm,
    wheel_signature,
)

STARTER_OVAL = [(34, False), (33, False), (20, False), (23, False), (36, False), (17, False), (18, False)]


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        ({36, 39, 40, 48, 51}, PieceKind.STRAIGHT),
        ({17, 18, 20, 23, 24, 27}, PieceKind.CURVE),
        ({33}, PieceKind.FINISH_SHORT),
        ({34}, PieceKind.START_LONG),
        ({10}, PieceKind.INTERSECTION),
        ({43, 58}, PieceKind.JUMP_RAMP),
        ({46, 63}, PieceKind.JUMP_LANDING),
        ({53, 54, 57}, PieceKind.SPECIAL),
        ({70, 105, 213, 244}, PieceKind.DRIVE_MAT),
        ({0, 11, 32, 255, -1}, PieceKind.UNKNOWN),
    ],
)
def test_piece_kinds(ids, kind):
    assert {piece_kind(piece_id) for piece_id in ids} == {kind}


def test_first_generation_mats():
    assert [gen1_mat(i) for i in (70, 78, 100, 214, 230, 36)] == [
        "Oval",
        "Bottleneck",
        "Crossroads",
        "Double Cross",
        "F1",
        None,
    ]


@pytest.mark.parametrize(
    ("piece_id", "ids"),
    [(36, 48), (17, 38), (33, 16), (34, 32), (58, 32), (63, 48), (57, 39), (10, 16), (11, 0)],
)
def test_id_counts(piece_id, ids):
    assert sum(codes_per_row(piece_id)) == ids
    assert location_of(piece_id, ids, reverse=False) is None
    assert location_of(piece_id, -1, reverse=True) is None


@pytest.mark.parametrize("piece_id", [36, 17, 33, 34, 58, 63, 57, 10])
@pytest.mark.parametrize("reverse", [False, True])
def test_every_id_maps_to_its_own_place_and_back(piece_id, reverse):
    for location_id in range(sum(codes_per_row(piece_id))):
        location = location_of(piece_id, location_id, reverse)
        assert location_id_for(piece_id, location.row, location.column) == location_id


@pytest.mark.parametrize(
    ("piece_id", "location_id", "reverse", "row", "offset_mm"),
    [
        (36, 21, False, 7, -4.5),
        (36, 23, False, 7, -4.5),
        (34, 14, False, 7, -4.5),
        (33, 7, False, 7, -4.5),
        (17, 14, False, 7, -4.5),
        (17, 20, False, 10, 22.5),
        (40, 33, True, 11, -31.5),
        (36, 0, False, 0, -67.5),
        (36, 0, True, 0, 67.5),
    ],
)
def test_captured_reads_give_row_and_offset(piece_id, location_id, reverse, row, offset_mm):
    location = location_of(piece_id, location_id, reverse)
    assert (location.row, location.offset_mm) == (row, offset_mm)


def test_a_reversed_car_meets_the_codes_in_falling_order():
    along = [location_of(36, location_id, reverse=True).along_mm for location_id in (23, 22, 21)]
    assert along == sorted(along) == pytest.approx([193, 356, 516])
    assert location_of(36, 22, reverse=True).column == 1


def test_pieces_without_public_geometry_have_rows_but_no_distance():
    assert location_of(58, 5, reverse=False) == Location(2, 1, 2, -49.5, None)
    assert location_of(10, 5, reverse=False) == Location(5, 0, 1, None, None)
    assert report_points_mm(99, 3) == ()


def test_intersection_codes():
    assert [intersection_entrance(i) for i in (0, 5, 11, 15, 16, -1)] == [
        (0, 0),
        (1, 1),
        (2, 3),
        (3, 3),
        None,
        None,
    ]


def test_no_such_code_or_row_is_refused():
    for piece_id, row, column in ((36, 16, 0), (36, 0, 3), (33, 0, -1), (99, 0, 0), (36, -1, 0)):
        with pytest.raises(ValueError, match="no code"):
            location_id_for(piece_id, row, column)
    with pytest.raises(ValueError, match="row 16"):
        row_offset_mm(16)


def test_curve_rows_have_the_published_radii_and_arcs():
    assert [curve_row_radius_mm(row) for row in (0, 7, 15)] == [212.5, 275.5, 347.5]
    arcs = [row_length_mm(20, row) for row in range(16)]
    assert (arcs[0], arcs[7], arcs[15]) == pytest.approx((333.8, 432.8, 545.9), abs=0.1)


def test_measured_report_points():
    assert report_points_mm(36, 7) == (204, 364, 527)
    assert report_points_mm(17, 7) == pytest.approx((229, 389), abs=1)
    assert report_points_mm(18, 8) == pytest.approx((229, 389), abs=1)
    assert report_points_mm(34, 8) == pytest.approx((0.533 * 350, 0.973 * 350), abs=1)
    assert report_points_mm(33, 7) == pytest.approx((0.933 * 210,), abs=1)


@pytest.mark.parametrize("piece_id", [36, 17, 33, 34])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("row", range(16))
def test_codes_are_reported_in_order_and_on_the_piece(piece_id, reverse, row):
    points = report_points_mm(piece_id, row, reverse=reverse)
    assert len(points) == codes_per_row(piece_id)[row]
    assert list(points) == sorted(points)
    assert points[0] > 0
    assert points[-1] <= row_length_mm(piece_id, row) + 1e-9


def test_curves_turn_left_forward_and_right_reversed():
    assert curve_direction(reverse=False) is CurveDirection.LEFT
    assert curve_direction(reverse=True) is CurveDirection.RIGHT
    assert piece_length_mm(17, offset_mm=-67.5) == pytest.approx(333.8, abs=0.1)
    assert piece_length_mm(17, reverse=True, offset_mm=67.5) == pytest.approx(333.8, abs=0.1)


def test_the_starter_oval_is_2_88_m_and_longer_outside():
    assert lap_length_mm(STARTER_OVAL) == pytest.approx(2879.3, abs=0.1)
    assert lap_length_mm(STARTER_OVAL, offset_mm=9) - lap_length_mm(STARTER_OVAL) == pytest.approx(
        56.5, abs=0.1
    )


def test_a_piece_without_a_length_is_named():
    with pytest.raises(ValueError, match="piece 58"):
        lap_length_mm([(36, False), (58, False)])


@given(st.integers(0, 15), st.booleans())
def test_a_row_is_found_again_at_its_own_offset(row, reverse):
    assert row_at_offset(row_offset_mm(row, reverse=reverse), reverse=reverse) == row


def test_an_offset_beyond_the_rows_clamps():
    assert (row_at_offset(-200), row_at_offset(200)) == (0, 15)


@pytest.mark.parametrize(
    ("left_cm", "right_cm", "signature"),
    [
        (33, 34, WheelSignature.START_LONG),
        (34, 33, WheelSignature.START_LONG),
        (22, 22, WheelSignature.FINISH_SHORT),
        (55, 56, WheelSignature.STRAIGHT),
        (39, 46, WheelSignature.LEFT_CURVE),
        (46, 39, WheelSignature.RIGHT_CURVE),
        (5, 179, WheelSignature.UNKNOWN),
        (45, 45, WheelSignature.UNKNOWN),
        (33, 31, WheelSignature.UNKNOWN),
        (0, 0, WheelSignature.UNKNOWN),
    ],
)
def test_wheel_distances_tell_the_piece(left_cm, right_cm, signature):
    assert wheel_signature(left_cm, right_cm) is signature


def test_the_facade_exports_what_it_says():
    assert all(hasattr(track, name) for name in track.__all__)
