"""Every named fault of a car shows on the air as its description says."""

from __future__ import annotations

import pytest

from protocol import (
    ChangeLane,
    CollisionDetected,
    OffsetUpdate,
    PingRequest,
    PingResponse,
    PositionUpdate,
    SetOffset,
    TransitionUpdate,
)
from rig.sim.car.contract import DropLink
from rig.sim.car.faults import CAR_FAULTS, LASTING_FAULTS
from rig.sim.car.traits import CarTraits


def faulty(**faults):
    return CarTraits(0x11, read_quality=1.05, lane_drift=0.0, faults=faults)


@pytest.mark.parametrize("fault", sorted(CAR_FAULTS))
@pytest.mark.parametrize("when", ["parked", "connected", "driving", "off"])
def test_every_fault_can_strike_at_any_time(bench, fault, when):
    if when == "driving":
        bench.drive(300, 3.0)
    elif when == "connected":
        bench.connect()
    elif when == "off":
        bench.car.press_power_button(bench.now_s)
    bench.car.inject(fault, bench.now_s)
    bench.wait(30.0)
    if fault in LASTING_FAULTS:
        bench.car.inject(fault, bench.now_s, 0.0)
    bench.car.put_on_charger(bench.now_s)
    bench.wait(60.0)
    assert bench.car.connected or bench.car.is_advertising(bench.now_s)


def test_an_unknown_fault_is_an_error_of_the_caller(bench):
    with pytest.raises(KeyError):
        bench.car.inject("sleepy", 0.0)


def test_never_localises(make_bench):
    bench = make_bench(faulty(never_localises=1.0)).drive(300, 20.0)
    assert bench.got(PositionUpdate) == []
    assert len(bench.got(TransitionUpdate)) > 10


def test_double_finish_repeats_only_the_finish(make_bench):
    bench = make_bench(faulty(double_finish=1.0)).drive(300, 40.0)
    finishes = bench.times(PositionUpdate)
    pairs = [
        (a, b)
        for (a, b) in zip(bench.got(PositionUpdate), bench.got(PositionUpdate)[1:], strict=False)
        if (a.piece_id, a.location_id) == (b.piece_id, b.location_id)
    ]
    assert len(pairs) >= 4
    assert {a.piece_id for a, _ in pairs} == {33}
    assert len(finishes) == len(set(finishes))


def test_lost_lane_change(make_bench):
    bench = make_bench(faulty(lost_lane_change=1.0)).drive(300, 3.0)
    bench.write(SetOffset(0.0)).write(ChangeLane(100, 1000, 20.0, 0, 3)).wait(5.0)
    assert bench.got(OffsetUpdate) == []
    assert bench.got(PositionUpdate)[-1].last_recv_lane_change_id == 3
    assert bench.got(PositionUpdate)[-1].last_exec_lane_change_id == 255


def test_ignored_commands(make_bench):
    bench = make_bench(faulty(ignored_commands=0.5)).connect()
    for _ in range(200):
        bench.write(PingRequest()).wait(0.1)
    assert 70 < len(bench.got(PingResponse)) < 130


def test_drops_new_links(make_bench):
    bench = make_bench(faulty(drops_new_links=0.3))
    for _ in range(200):
        bench.connect()
        if bench.car.connected:
            bench.car.link_down(bench.now_s, clean=True)
        bench.wait(1.0)
    assert 40 < len(bench.drops) < 80


def test_silent_after_loss_needs_a_clean_end_or_the_charger(make_bench):
    bench = make_bench(faulty(silent_after_loss=1.0)).connect()
    bench.car.link_down(bench.now_s, clean=True)
    assert bench.wait(1.0).car.is_advertising(bench.now_s)
    bench.connect().car.link_down(bench.now_s, clean=False)
    assert not bench.wait(600.0).car.is_advertising(bench.now_s)
    bench.car.put_on_charger(bench.now_s)
    assert bench.wait(2.0).car.is_advertising(bench.now_s)


def test_wedged_needs_the_switch_twice(bench):
    bench.car.inject("wedged", 0.0)
    assert not bench.wait(60.0).car.is_advertising(bench.now_s)
    bench.car.press_power_button(bench.now_s)
    assert not bench.wait(5.0).car.is_advertising(bench.now_s)
    bench.car.press_power_button(bench.now_s)
    assert bench.wait(5.0).car.is_advertising(bench.now_s)


def test_asleep_drops_the_link_and_wakes_by_the_button(bench):
    bench.connect().car.inject("asleep", bench.now_s)
    bench.wait(1.0)
    assert [drop for _, drop in bench.drops] == [DropLink(clean=False)]
    bench.car.press_power_button(bench.now_s)
    assert bench.wait(2.0).car.is_advertising(bench.now_s)


def test_skids(bench):
    bench.connect().forget().car.inject("skids", bench.now_s)
    bench.wait(0.1)
    assert len(bench.got(CollisionDetected)) == 1
