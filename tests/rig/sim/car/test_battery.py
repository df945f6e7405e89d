"""The cell: charge is conserved, flags change when announced, times match the public anchors."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.sim.car.battery import Battery, BatteryTraits, open_circuit_mv, share_at_open_circuit

TRAITS = st.builds(
    BatteryTraits,
    capacity_mah=st.floats(1.0, 500.0),
    health=st.floats(0.05, 1.0),
    charge=st.floats(0.0, 1.0),
    charge_minutes=st.floats(1.0, 60.0),
)
STEPS = st.lists(st.tuples(st.floats(0.0, 3600.0), st.floats(0.0, 600.0), st.booleans()), max_size=12)


def run_until_next(battery):
    due_s = battery.next_change_s()
    battery.bring_forward(due_s)
    return due_s


@settings(deadline=None)
@given(TRAITS, STEPS)
def test_charge_is_conserved_and_stays_within_the_cell(traits, steps):
    battery = Battery(traits, 0.0)
    now_s = 0.0
    for seconds, load_ma, charging in steps:
        battery.set_load(now_s, load_ma, charging=charging)
        now_s += seconds
        battery.bring_forward(now_s)
        assert battery.stored_mah == pytest.approx(
            battery.start_mah + battery.fed_mah - battery.drawn_mah, rel=1e-9, abs=1e-9
        )
        assert -1e-9 <= battery.stored_mah <= battery.capacity_mah * (1 + 1e-9)
        assert battery.terminal_mv() <= 4200.0


@settings(deadline=None)
@given(TRAITS, st.floats(1.0, 600.0), st.booleans())
def test_flags_never_change_before_the_announced_time(traits, load_ma, charging):
    battery = Battery(traits, 0.0)
    battery.set_load(0.0, load_ma, charging=charging)
    due_s = battery.next_change_s()
    before = (battery.low, battery.full, battery.flat)
    if due_s is None or before[2]:
        return
    battery.bring_forward(max(0.0, due_s - 0.01) * 0.999)
    assert (battery.low, battery.full, battery.flat) == before or charging


@settings(deadline=None)
@given(st.floats(3000.0, 4180.0))
def test_the_curve_can_be_read_both_ways(level_mv):
    assert open_circuit_mv(share_at_open_circuit(level_mv)) == pytest.approx(level_mv)


def test_a_full_cell_drives_about_twenty_minutes_at_1000_mm_s():
    battery = Battery(BatteryTraits(), 0.0)
    assert battery.full
    battery.set_load(0.0, 40.0 + 0.26 * 1000, charging=False)
    assert 60 < run_until_next(battery) < 7 * 60
    assert (battery.full, battery.low, battery.flat) == (False, False, False)
    assert 12 * 60 < run_until_next(battery) < 19 * 60
    assert (battery.full, battery.low, battery.flat) == (False, True, False)
    assert 18 * 60 < run_until_next(battery) < 22 * 60
    assert battery.flat


def test_the_full_flag_survives_five_minutes_at_300_mm_s():
    battery = Battery(BatteryTraits(), 0.0)
    battery.set_load(0.0, 40.0 + 0.26 * 300, charging=False)
    battery.bring_forward(5.1 * 60)
    assert battery.full


def test_charging_takes_eight_minutes_and_ends_with_the_full_flag():
    battery = Battery(BatteryTraits(charge=0.0), 0.0)
    battery.set_load(0.0, 0.0, charging=True)
    assert not battery.full
    assert run_until_next(battery) == pytest.approx(8 * 60, abs=1.0)
    assert battery.full
    assert not battery.low
    assert battery.next_change_s() is None


def test_a_weak_cell_sags_by_more_than_200_mv():
    """Leicas/overdrive-arena calls a cell weak from there."""
    sags = {}
    for health in (1.0, 0.35):
        battery = Battery(BatteryTraits(health=health, charge=0.7), 0.0)
        rest = battery.terminal_mv()
        battery.set_load(0.0, 40.0 + 0.26 * 1000, charging=False)
        sags[health] = rest - battery.terminal_mv()
    assert sags[1.0] < 100.0
    assert sags[0.35] > 200.0


def test_a_resting_cell_has_nothing_to_announce():
    assert Battery(BatteryTraits(), 0.0).next_change_s() is None
