"""The first seconds of a link: what comes unasked, and the answers to requests."""

from __future__ import annotations

import pytest

from protocol import (
    BatteryLevelRequest,
    BatteryLevelResponse,
    ChangeConnectionParams,
    CollisionDetected,
    ConnectionParamsRequest,
    ConnectionParamsResponse,
    CycleOvertime,
    Disconnect,
    PingRequest,
    PingResponse,
    PositionUpdate,
    PositionUpdateDrive,
    Reboot,
    SetSpeed,
    Shutdown,
    SpeedUpdate,
    SpeedUpdateLong,
    StatusUpdate,
    TransitionUpdate,
    TransitionUpdate17,
    TransitionUpdateDrive,
    VersionRequest,
    VersionResponse,
    VersionResponseShort,
)
from rig.sim.car.contract import DropLink
from rig.sim.car.traits import CarTraits


def test_status_then_cycle_statistics_follow_the_subscription(bench):
    bench.connect()
    assert [type(message) for _, message in bench.sent] == [StatusUpdate, CycleOvertime]
    assert bench.got(StatusUpdate) == [StatusUpdate(0, 0, 0, 1)]


def test_nothing_is_sent_before_the_subscription_or_after_its_end(bench):
    bench.car.link_up(0.0)
    bench.write(PingRequest()).wait(1.0)
    assert bench.sent == []
    bench.car.subscribed(bench.now_s, True)
    bench.wait(1.0).forget()
    bench.car.subscribed(bench.now_s, False)
    bench.write(PingRequest()).wait(1.0)
    assert bench.sent == []


def test_requests_are_answered_within_milliseconds(bench):
    bench.connect().forget()
    asked_s = bench.now_s
    bench.write(PingRequest()).write(VersionRequest()).write(BatteryLevelRequest()).wait(0.05)
    ping, version, battery = [message for _, message in bench.sent]
    assert ping == PingResponse()
    assert version == VersionResponse(0x2774)
    assert isinstance(battery, BatteryLevelResponse)
    assert 4100 <= battery.battery_mv <= 4200
    assert all(asked_s < at_s < asked_s + 0.03 for at_s, _ in bench.sent)


def test_connection_parameters_are_remembered(bench):
    bench.connect().forget()
    bench.write(ChangeConnectionParams(12, 24, 0, 700)).write(ConnectionParamsRequest()).wait(0.05)
    assert bench.got(ConnectionParamsResponse) == [ConnectionParamsResponse(24, 0, 700)]


@pytest.mark.parametrize(
    ("firmware", "kinds"),
    [
        (0x2120, (VersionResponseShort, SpeedUpdate, PositionUpdateDrive, TransitionUpdateDrive)),
        (0x2159, (VersionResponseShort, SpeedUpdate, PositionUpdateDrive, TransitionUpdateDrive)),
        (0x266E, (VersionResponse, SpeedUpdate, PositionUpdate, TransitionUpdate)),
        (0x2774, (VersionResponse, SpeedUpdate, PositionUpdate, TransitionUpdate)),
        (0x2B6E, (VersionResponse, SpeedUpdateLong, PositionUpdate, TransitionUpdate17)),
        (0x2E49, (VersionResponse, SpeedUpdateLong, PositionUpdate, TransitionUpdate17)),
        (0x2E5A, (VersionResponse, SpeedUpdateLong, PositionUpdate, TransitionUpdate17)),
        (0x3062, (VersionResponse, SpeedUpdateLong, PositionUpdate, TransitionUpdate17)),
        (0x307C, (VersionResponse, SpeedUpdateLong, PositionUpdate, TransitionUpdate17)),
    ],
)
def test_every_firmware_speaks_its_own_dialect(make_bench, firmware, kinds):
    bench = make_bench(CarTraits(0x1234, firmware=firmware))
    bench.drive(400, 8.0).write(VersionRequest()).wait(0.1)
    sent = {type(message) for _, message in bench.sent}
    assert set(kinds) <= sent
    assert sent <= {*kinds, StatusUpdate, CycleOvertime, CollisionDetected}


def test_without_sdk_mode_a_speed_is_echoed_but_not_driven(bench):
    bench.connect().forget()
    bench.set_speed(300).wait(5.0)
    assert bench.got(SpeedUpdate) == [SpeedUpdate(300)]
    assert bench.got(PositionUpdate, TransitionUpdate) == []


def test_asked_to_disconnect_the_car_ends_the_link_and_advertises_at_once(bench):
    bench.connect().write(Disconnect()).wait(0.05)
    assert [drop for _, drop in bench.drops] == [DropLink(clean=True)]
    assert bench.car.is_advertising(bench.now_s)


def test_shutdown_switches_off_until_the_button_is_pressed(bench):
    bench.connect().write(Shutdown()).wait(60.0)
    assert [drop for _, drop in bench.drops] == [DropLink(clean=True)]
    assert not bench.car.is_advertising(bench.now_s)
    bench.car.press_power_button(bench.now_s)
    assert not bench.car.is_advertising(bench.now_s)
    bench.wait(2.0)
    assert bench.car.is_advertising(bench.now_s)


def test_reboot_silences_the_link_and_comes_back(bench):
    bench.connect().write(Reboot()).wait(0.1)
    assert [drop for _, drop in bench.drops] == [DropLink(clean=False)]
    assert not bench.car.is_advertising(bench.now_s)
    bench.wait(2.0)
    assert bench.car.is_advertising(bench.now_s)


def test_a_lost_link_stops_the_car_and_forgets_sdk_mode(bench):
    bench.drive(300, 5.0)
    bench.car.link_down(bench.now_s, clean=False)
    assert not bench.car.is_advertising(bench.now_s)
    bench.wait(1.0)
    assert bench.car.is_advertising(bench.now_s)
    bench.connect().forget().wait(5.0)
    assert bench.got(PositionUpdate) == []
    bench.set_speed(300).wait(5.0)
    assert bench.got(PositionUpdate) == []


def test_garbage_is_ignored(bench):
    bench.connect().forget()
    for frame in (b"", b"\x00", b"\x09\x24\x00", bytes(20), b"\x01\xee", b"\x02\x16\x01"):
        bench.car.written(frame, bench.now_s)
    bench.wait(0.5)
    assert bench.got(PingResponse) == [PingResponse()]  # the last one: a ping with a surplus byte
    bench.write(SetSpeed(-5, -5)).wait(0.5)
    assert bench.got(SpeedUpdate) == [SpeedUpdate(-5)]
