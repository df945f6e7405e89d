"""On the road: order of messages, lanes, U-turns, stops, and what hands and mishaps do."""

from __future__ import annotations

import pytest

from protocol import (
    AdjustOffset,
    AutoRecoveryEntered,
    AutoRecoverySuccess,
    CancelLaneChange,
    ChangeLane,
    ChangeLaneShort,
    CollisionDetected,
    Delocalized,
    IntersectionUpdate,
    IntersectionUpdate266e,
    JumpPieceBoost,
    JumpPieceResult,
    LaneChangeUpdate,
    OffsetUpdate,
    PositionUpdate,
    RoadNetworkMeta,
    SetOffset,
    SpeedUpdate,
    StatusUpdate,
    StopOnTransition,
    TransitionUpdate,
    TransitionUpdate17,
    Turn,
    TurnTrigger,
    TurnType,
)
from protocol.track import location_of
from rig.sim.car.traits import CarTraits, StartPlace
from rig.sim.track_layout import layout_of

GOOD_EYES = CarTraits(0x11, read_quality=1.05, lane_drift=0.0)


def test_a_standing_car_sends_nothing_and_costs_nothing(bench):
    bench.connect().forget()
    bench.events = 0
    bench.wait(3600.0)
    assert bench.sent == []
    assert bench.events <= 1  # the full flag may have gone out


def test_position_updates_come_before_the_transition_that_ends_their_piece(make_bench):
    bench = make_bench(GOOD_EYES).drive(300, 40.0)
    order = [piece.piece_id for piece in bench.car.driving.progress.road.layout.pieces]
    seen, codes = [], []
    for message in bench.got(PositionUpdate, TransitionUpdate):
        if isinstance(message, PositionUpdate):
            codes.append(message.piece_id)
        elif codes:
            assert len(set(codes)) == 1
            seen.append(codes[0])
            codes = []
    assert len(seen) >= 25
    assert seen == [order[(order.index(seen[0]) + n) % 7] for n in range(len(seen))]


def test_the_first_transition_of_a_session_is_garbage(bench):
    bench.drive(300, 12.0)
    first, second = bench.got(TransitionUpdate)[:2]
    assert (first.left_wheel_cm, first.right_wheel_cm) == (5, 179)
    assert (first.uphill_count, first.downhill_count) == (255, 255)
    assert (second.left_wheel_cm, second.right_wheel_cm) == (22, 22)
    assert (second.uphill_count, second.downhill_count) == (0, 0)


def test_piece_indices_are_always_zero(bench):
    bench.drive(300, 30.0)
    assert {(m.piece_idx, m.piece_idx_prev) for m in bench.got(TransitionUpdate)} == {(0, 0)}


def test_on_track_is_told_after_the_car_begins_to_move(bench):
    bench.connect().enable_driving().forget()
    bench.set_speed(300).wait(1.0)
    first, *rest = bench.got(SpeedUpdate, StatusUpdate)
    assert first == SpeedUpdate(300)
    assert rest == [StatusUpdate(1, 0, 0, 1)]


def test_location_ids_are_those_of_the_row_under_the_car(make_bench):
    bench = make_bench(GOOD_EYES, start=StartPlace(lane_mm=22.5)).drive(300, 30.0)
    rows = {location_of(m.piece_id, m.location_id, False).row for m in bench.got(PositionUpdate)}
    assert rows == {10}


def test_the_offset_is_unset_until_told_then_dead_reckoned(make_bench):
    bench = make_bench(GOOD_EYES).drive(400, 5.0)
    assert {m.offset_mm for m in bench.got(PositionUpdate)} == {654321.0}
    bench.forget().write(SetOffset(-4.5)).wait(5.0)
    assert {m.offset_mm for m in bench.got(PositionUpdate)} == {-4.5}
    bench.forget().write(AdjustOffset(10.0)).wait(5.0)
    assert {m.offset_mm for m in bench.got(PositionUpdate)} == {5.5}


def test_a_lane_change_is_reported_and_ends_with_its_id(make_bench):
    bench = make_bench(GOOD_EYES).drive(300, 3.0)
    bench.write(SetOffset(-4.5)).write(ChangeLane(100, 1000, 44.5, 0, 7)).wait(6.0)
    during, ends = bench.got(LaneChangeUpdate), bench.got(OffsetUpdate)
    assert len(during) >= 2
    assert during[0].current_offset_mm == pytest.approx(-4.5)
    assert {(m.target_offset_mm, m.horizontal_speed_mm_s, m.lane_change_id) for m in during} == {
        (44.5, 100, 7)
    }
    assert ends == [OffsetUpdate(44.5, 7)]
    assert bench.times(OffsetUpdate)[0] == max(bench.times(OffsetUpdate, LaneChangeUpdate))
    last = bench.got(PositionUpdate)[-1]
    assert (last.last_recv_lane_change_id, last.last_exec_lane_change_id) == (7, 7)
    assert last.last_desired_lane_change_speed_mm_s == 100
    assert location_of(last.piece_id, last.location_id, False).offset_mm == pytest.approx(44.5, abs=6.0)


@pytest.mark.parametrize("prepare", ["no offset", "standing"])
def test_a_lane_change_needs_an_offset_and_motion(make_bench, prepare):
    bench = make_bench(GOOD_EYES).connect().enable_driving()
    if prepare == "no offset":
        bench.set_speed(300).wait(3.0)
    else:
        bench.write(SetOffset(0.0)).wait(1.0)
    bench.write(ChangeLane(100, 1000, 44.5, 0, 7)).wait(5.0)
    assert bench.got(LaneChangeUpdate, OffsetUpdate) == []
    assert bench.car.driving.lanes.true_mm == -4.5


def test_targets_beyond_the_clamp_are_clamped_until_a_road_network_widens_it(make_bench):
    bench = (
        make_bench(GOOD_EYES).drive(300, 3.0).write(SetOffset(-4.5)).write(ChangeLaneShort(300, 2500, 200.0))
    )
    bench.wait(5.0)
    assert bench.got(OffsetUpdate)[-1].offset_mm == 68.0
    bench.write(RoadNetworkMeta(0, 20)).write(ChangeLaneShort(300, 2500, 200.0)).wait(5.0)
    assert bench.got(OffsetUpdate)[-1].offset_mm == 86.0


def test_a_cancelled_lane_change_merges_with_the_next_row(make_bench):
    bench = make_bench(GOOD_EYES).drive(300, 3.0)
    bench.write(SetOffset(0.0)).write(ChangeLane(50, 1000, 45.0, 0, 7)).wait(0.7)
    bench.write(CancelLaneChange()).wait(3.0)
    assert bench.got(OffsetUpdate) == []
    believed = bench.car.driving.lanes.believed_mm
    assert 0.0 < believed < 45.0
    assert believed % 9.0 == 0.0


def test_driving_over_the_edge_flies_off(make_bench):
    bench = make_bench(GOOD_EYES, start=StartPlace(lane_mm=67.5)).drive(300, 3.0)
    bench.write(SetOffset(-60.0)).write(ChangeLane(300, 2500, 68.0, 0, 1)).wait(3.0)
    assert not bench.car.driving.on_road
    assert bench.got(Delocalized)
    assert bench.got(StatusUpdate)[-1].on_track == 0


def test_after_a_u_turn_everything_is_parsed_reversed(make_bench):
    bench = make_bench(GOOD_EYES).drive(300, 12.0).forget()
    bench.write(Turn()).wait(9.0)
    updates = bench.got(PositionUpdate)
    assert {m.parsing_flags for m in updates} == {0x47}
    order = list(dict.fromkeys(m.piece_id for m in updates))
    forward = [34, 33, 20, 23, 36, 17, 18]
    at = forward.index(order[0])
    assert order == [forward[(at - n) % 7] for n in range(len(order))]
    straight = [m.location_id for m in updates if m.piece_id == 36]
    assert straight == sorted(straight, reverse=True)


def test_only_u_turns_are_obeyed_and_some_wait_for_an_intersection(make_bench):
    crossing = layout_of("crossing", ("34", "33", "20", "23", "10", "17", "18"))
    bench = make_bench(GOOD_EYES, layout=crossing).drive(500, 2.0)
    bench.write(Turn(TurnType.LEFT, TurnTrigger.IMMEDIATE)).wait(1.0)
    assert {m.parsing_flags for m in bench.got(PositionUpdate)} == {0x07}
    bench.forget().write(Turn(TurnType.U_TURN, TurnTrigger.INTERSECTION)).wait(10.0)
    pieces = [m.piece_id for m in bench.got(PositionUpdate)]
    assert pieces[-1] in {33, 34, 20, 23}
    assert bench.got(PositionUpdate)[-1].parsing_flags == 0x47


@pytest.mark.parametrize(
    ("firmware", "kind"), [(0x2774, IntersectionUpdate266e), (0x2E5A, IntersectionUpdate)]
)
def test_intersections_report_the_way_in_and_the_way_out(make_bench, firmware, kind):
    crossing = layout_of("crossing", ("10", "17", "18", "36", "20", "23"))
    bench = make_bench(
        CarTraits(0x11, firmware=firmware, read_quality=1.05), layout=crossing, start=StartPlace(fraction=0.0)
    ).drive(300, 3.0)
    assert [m.is_exiting for m in bench.got(kind)] == [0, 1]


def test_a_jump_is_boosted_and_judged(make_bench):
    jump = layout_of("jump", ("34", "33", "58", "63", "17", "18", "36", "39", "40", "20", "23"))
    bench = make_bench(GOOD_EYES, layout=jump).drive(700, 5.0)
    (boost,), (result,) = bench.got(JumpPieceBoost), bench.got(JumpPieceResult)
    assert 600 < boost.speed_mm_s < 750
    assert 3500 < boost.battery_mv < 4200
    assert result.failed == 0


def test_stop_on_transition_stops_just_behind_the_bar(make_bench):
    bench = make_bench(GOOD_EYES).drive(300, 3.5).forget()
    bench.write(StopOnTransition()).wait(10.0)
    assert len(bench.got(TransitionUpdate)) == 1
    bench.car.driving.progress.bring_forward(bench.now_s)
    assert 0.0 < bench.car.driving.progress.along_mm < 60.0


def test_a_lifted_car_says_so_and_is_lost_while_its_wheels_turn(bench):
    bench.drive(300, 5.0).forget()
    bench.car.lift(bench.now_s)
    bench.wait(3.0)
    assert bench.got(StatusUpdate) == [StatusUpdate(0, 0, 0, 1)]
    assert 8 <= len(bench.got(Delocalized)) <= 11
    assert bench.got(PositionUpdate, TransitionUpdate) == []
    bench.forget().car.place(bench.now_s, piece_index=4, lane_mm=4.5)
    bench.wait(8.0)
    assert bench.got(StatusUpdate) == [StatusUpdate(1, 0, 0, 1)]
    assert bench.got(PositionUpdate)[0].piece_id == 36
    assert bench.got(Delocalized) == []


def test_a_car_without_grip_flies_off_in_the_first_curve(make_bench):
    bench = make_bench(CarTraits(0x11, grip=0.2)).drive(900, 6.0)
    assert not bench.car.driving.on_road
    assert len(bench.got(Delocalized)) > 3
    bench.set_speed(0).wait(1.0).forget().wait(10.0)
    assert bench.got(Delocalized) == []


def test_a_delocalised_car_recovers_by_driving(make_bench):
    bench = make_bench(GOOD_EYES).drive(300, 5.0).forget()
    bench.car.inject("delocalised", bench.now_s)
    bench.wait(8.0)
    kinds = [
        type(m) for m in bench.got(Delocalized, AutoRecoveryEntered, AutoRecoverySuccess, PositionUpdate)
    ]
    assert kinds[:3] == [Delocalized, AutoRecoveryEntered, AutoRecoverySuccess]
    assert set(kinds[3:]) == {PositionUpdate}


def test_the_2e49_header_reads_other_things_in_bytes_12_and_13(make_bench):
    bench = make_bench(CarTraits(0x11, firmware=0x2E49)).drive(400, 20.0)
    transitions = bench.got(TransitionUpdate17)
    assert {m.had_lane_change_activity for m in transitions} == {0}
    assert all(abs(m.follow_line_drift_px) < 20 for m in transitions)


def test_same_seed_same_bytes_another_seed_other_bytes(make_bench):
    runs = [make_bench(seed=seed).drive(500, 30.0).sent for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_late_calls_change_nothing_but_the_moment_of_delivery(make_bench):
    exact = make_bench().drive(500, 0.0)
    late = make_bench().drive(500, 0.0)
    exact.wait(30.0)
    late._collect(late.now_s + 30.0)
    assert [message for _, message in exact.sent] == [message for _, message in late.sent]


def test_skids_are_reported_more_often_when_fast(make_bench):
    counts = [len(make_bench().drive(speed, 120.0).got(CollisionDetected)) for speed in (300, 1300)]
    assert counts[0] < 12
    assert 70 < counts[1] < 120
