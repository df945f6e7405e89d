"""Button, charger, sleep and the end of the charge, as the air and the flags show them."""

from __future__ import annotations

import pytest

from protocol import BatteryLevelRequest, BatteryLevelResponse, PositionUpdate, StatusUpdate
from protocol.advertising import parse_advert
from rig.sim.car.battery import BatteryTraits
from rig.sim.car.contract import DropLink
from rig.sim.car.traits import CarTraits, StartPlace


def advert(bench):
    return parse_advert(bench.car.advertising_data(), bench.car.scan_response(bench.now_s))


def car_with(**battery):
    return CarTraits(0x11, battery=BatteryTraits(**battery))


def test_an_advert_shows_who_and_how_the_car_is(bench):
    seen = advert(bench)
    assert (seen.identifier, seen.model_id, seen.firmware, seen.name) == (0x0880EADB, 9, 0x2774, "Drive")
    assert seen.state.raw == 0x10  # full, not on track until it has moved: as the recorded car
    assert len(bench.car.advertising_data()) == 31
    assert bench.car.address.startswith(("C", "D", "E", "F"))
    assert len(bench.car.address) == 17


def test_the_name_changes_with_the_state(bench):
    bench.drive(300, 2.0)
    bench.car.link_down(bench.now_s, clean=True)
    assert advert(bench.wait(1.0)).state.raw == 0x18
    bench.car.put_on_charger(bench.now_s)
    assert advert(bench.wait(1.0)).state.raw == 0x50
    bench.car.set_charger_power(False, bench.now_s)
    assert advert(bench.wait(1.0)).state.raw == 0x10
    bench.car.set_charger_power(True, bench.now_s)
    bench.car.take_off_charger(bench.now_s)
    assert advert(bench.wait(1.0)).state.raw == 0x10


def test_a_connected_car_does_not_advertise(bench):
    assert bench.car.is_advertising(bench.now_s)
    assert not bench.connect().car.is_advertising(bench.now_s)


def test_an_idle_car_wakes_the_air_only_to_advertise_again(bench):
    bench.connect()
    bench.car.link_down(bench.now_s, clean=False)
    due_s = bench.car.next_event_s()
    assert due_s == pytest.approx(bench.now_s + 0.3)
    assert not bench.car.is_advertising(due_s - 0.01)
    assert bench.car.is_advertising(due_s)


def test_the_power_button_cuts_the_link_without_a_word(bench):
    bench.drive(300, 3.0)
    bench.car.press_power_button(bench.now_s)
    bench.wait(5.0)
    assert [drop for _, drop in bench.drops] == [DropLink(clean=False)]
    assert not bench.car.is_advertising(bench.now_s)
    bench.car.press_power_button(bench.now_s)
    assert bench.car.next_event_s() == pytest.approx(bench.now_s + 1.5)
    assert bench.wait(1.5).car.is_advertising(bench.now_s)


def test_a_press_while_booting_switches_off_again(make_bench):
    bench = make_bench(start=StartPlace(powered=False))
    assert not bench.car.is_advertising(0.0)
    bench.car.press_power_button(0.0)
    bench.wait(1.0).car.press_power_button(1.0)
    assert not bench.wait(10.0).car.is_advertising(bench.now_s)


def test_a_car_on_its_charger_refuses_to_drive(make_bench):
    bench = make_bench(start=StartPlace("charger")).connect()
    assert bench.got(StatusUpdate) == [StatusUpdate(0, 1, 0, 1)]
    bench.enable_driving().set_speed(300).wait(5.0)
    assert bench.got(PositionUpdate) == []


def test_driving_flat_takes_about_twenty_minutes_and_tells_on_the_way(make_bench):
    bench = make_bench(car_with()).drive(1000, 30 * 60.0)
    flags = [(m.low_battery, m.charged) for m in bench.got(StatusUpdate)]
    assert flags == [(0, 1), (0, 1), (0, 0), (1, 0)]
    ((dead_s, drop),) = bench.drops
    assert drop == DropLink(clean=False)
    assert 18 * 60 < dead_s < 22 * 60
    bench.car.press_power_button(bench.now_s)
    assert not bench.wait(5.0).car.is_advertising(bench.now_s)


def test_a_flat_car_comes_back_on_a_live_charger_and_fills_in_eight_minutes(make_bench):
    bench = make_bench(car_with(charge=0.0), start=StartPlace("shelf"))
    assert not bench.car.is_advertising(0.0)
    bench.car.set_charger_power(False, 0.0)
    bench.car.put_on_charger(0.0)
    assert not bench.wait(60.0).car.is_advertising(bench.now_s)
    bench.car.set_charger_power(True, bench.now_s)
    begun_s = bench.now_s
    bench.wait(2.0)
    assert advert(bench).state.raw == 0x60  # low until it has taken some
    while not advert(bench).state.full_battery:
        bench.wait(5.0)
    assert bench.now_s - begun_s == pytest.approx(8 * 60, abs=10.0)
    assert advert(bench).state.raw == 0x50


def test_the_voltage_falls_while_driving_and_recovers_when_standing(make_bench):
    bench = make_bench(car_with(charge=0.6)).drive(1000, 60.0)
    bench.write(BatteryLevelRequest()).wait(0.1).set_speed(0).wait(3.0).write(BatteryLevelRequest()).wait(0.1)
    loaded, rested = bench.got(BatteryLevelResponse)
    assert 3700 < loaded.battery_mv < rested.battery_mv < 3900


def test_a_weak_cell_browns_out_under_hard_acceleration(make_bench):
    bench = make_bench(car_with(health=0.2, charge=0.5)).connect().enable_driving()
    bench.set_speed(300, 500).wait(3.0)
    assert bench.drops == []
    bench.set_speed(1300, 4000).wait(0.1)
    assert [drop for _, drop in bench.drops] == [DropLink(clean=False)]
    assert not bench.car.is_advertising(bench.now_s)
    assert bench.wait(2.0).car.is_advertising(bench.now_s)


def test_auto_sleep_counts_idle_unconnected_time_only(make_bench):
    bench = make_bench(CarTraits(0x11, auto_sleep_s=600.0))
    bench.wait(590.0).connect().wait(700.0)
    assert bench.car.connected
    bench.car.link_down(bench.now_s, clean=True)
    assert bench.wait(590.0).car.is_advertising(bench.now_s)
    assert not bench.wait(20.0).car.is_advertising(bench.now_s)
    bench.car.press_power_button(bench.now_s)
    assert bench.wait(2.0).car.is_advertising(bench.now_s)
