"""What a car does with each message a host can send it.

Messages its firmware does not know, and those whose meaning is not public, are ignored without a sign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from protocol import (
    OVERRIDE_LOCALIZATION,
    AdjustOffset,
    BatteryLevelRequest,
    BatteryLevelResponse,
    CancelLaneChange,
    ChangeConnectionParams,
    ChangeLane,
    ChangeLaneDrive,
    ChangeLaneShort,
    ConnectionParamsRequest,
    ConnectionParamsResponse,
    Disconnect,
    LightsPattern,
    LightsPatternDrive,
    Message,
    PingRequest,
    PingResponse,
    Reboot,
    RoadNetworkMeta,
    SdkMode,
    SdkModeDrive,
    SetLights,
    SetOffset,
    SetSpeed,
    SetSpeedV4,
    Shutdown,
    StopOnTransition,
    Turn,
    TurnDrive,
    TurnTrigger,
    TurnType,
    Unknown,
    VersionRequest,
)
from rig.sim.car.driving import Driving
from rig.sim.car.firmware import Firmware
from rig.sim.car.lanes import WIDE_CLAMP_MM
from rig.sim.car.lights import Glow, Lights

RADIO_RESET_ID = 0x89
"""In the development block: resets the radio, the lights go out (OverCar notes)."""

_DRIVE_LANE_ACCEL_MM_S2 = 1000


@dataclass(slots=True)
class ConnectionParams:
    """What the car would ask of the link, and answers when asked (0x0c)."""

    interval_1250us: int = 12
    latency_events: int = 0
    supervision_timeout_10ms: int = 200


class Obedient(Protocol):
    """What commands need of a car."""

    driving: Driving
    firmware: Firmware
    lights: Lights
    params: ConnectionParams
    sdk_override: bool

    def reply(self, message: Message, now_s: float) -> None: ...
    def set_speed(self, now_s: float, speed_mm_s: int, accel_mm_s2: int, *, localised: bool) -> None: ...
    def battery_mv(self, now_s: float) -> float: ...
    def ask_for_link_parameters(self, message: ChangeConnectionParams, now_s: float) -> None: ...
    def drop_link(self, now_s: float) -> None: ...
    def shut_down(self, now_s: float) -> None: ...
    def reset(self, now_s: float) -> None: ...


def obey(car: Obedient, message: Message, now_s: float) -> None:
    """Does what a message asks; what the car does not know changes nothing."""
    command = _COMMANDS.get(type(message))
    if command is not None:
        command(car, message, now_s)


def _ping(car: Obedient, _message: PingRequest, now_s: float) -> None:
    car.reply(PingResponse(), now_s)


def _version(car: Obedient, _message: VersionRequest, now_s: float) -> None:
    car.reply(car.firmware.version(), now_s)


def _battery(car: Obedient, _message: BatteryLevelRequest, now_s: float) -> None:
    car.reply(BatteryLevelResponse(round(car.battery_mv(now_s))), now_s)


def _connection_params(car: Obedient, _message: ConnectionParamsRequest, now_s: float) -> None:
    asked = car.params
    car.reply(
        ConnectionParamsResponse(asked.interval_1250us, asked.latency_events, asked.supervision_timeout_10ms),
        now_s,
    )


def _change_connection_params(car: Obedient, message: ChangeConnectionParams, now_s: float) -> None:
    car.params = ConnectionParams(
        message.max_interval_1250us, message.latency_events, message.supervision_timeout_10ms
    )
    car.ask_for_link_parameters(message, now_s)


def _disconnect(car: Obedient, _message: Disconnect, now_s: float) -> None:
    car.drop_link(now_s)


def _shutdown(car: Obedient, _message: Shutdown, now_s: float) -> None:
    car.shut_down(now_s)


def _reboot(car: Obedient, _message: Reboot, now_s: float) -> None:
    car.reset(now_s)


def _sdk_mode(car: Obedient, message: SdkMode, _now_s: float) -> None:
    permitted = bool(message.flags & OVERRIDE_LOCALIZATION) or not car.firmware.needs_override
    car.sdk_override = bool(message.on) and permitted


def _sdk_mode_drive(car: Obedient, message: SdkModeDrive, _now_s: float) -> None:
    car.sdk_override = bool(message.on)


def _speed(car: Obedient, message: SetSpeed, now_s: float) -> None:
    car.set_speed(now_s, message.speed_mm_s, message.accel_mm_s2, localised=True)


def _speed_v4(car: Obedient, message: SetSpeedV4, now_s: float) -> None:
    blind = bool(message.drive_without_localization)
    car.set_speed(now_s, message.speed_mm_s, message.accel_mm_s2, localised=not blind)


def _change_lane(car: Obedient, message: ChangeLane, now_s: float) -> None:
    car.driving.change_lane(now_s, message.offset_mm, message.speed_mm_s, message.accel_mm_s2, message.tag)


def _change_lane_short(car: Obedient, message: ChangeLaneShort, now_s: float) -> None:
    car.driving.change_lane(now_s, message.offset_mm, message.speed_mm_s, message.accel_mm_s2, None)


def _change_lane_drive(car: Obedient, message: ChangeLaneDrive, now_s: float) -> None:
    car.driving.change_lane(
        now_s, message.offset_mm, message.speed_mm_s, _DRIVE_LANE_ACCEL_MM_S2, message.tag
    )


def _cancel_lane_change(car: Obedient, _message: CancelLaneChange, now_s: float) -> None:
    car.driving.cancel_lane_change(now_s)


def _set_offset(car: Obedient, message: SetOffset, now_s: float) -> None:
    car.driving.lanes.cancel(now_s)
    car.driving.lanes.set_offset(message.offset_mm)


def _adjust_offset(car: Obedient, message: AdjustOffset, now_s: float) -> None:
    car.driving.lanes.cancel(now_s)
    car.driving.lanes.adjust_offset(message.offset_mm)


def _turn(car: Obedient, message: Turn, now_s: float) -> None:
    if message.turn_type not in {TurnType.U_TURN, TurnType.U_TURN_JUMP}:
        return  # left and right are reported to do nothing (drive-sdk issue 43)
    if message.trigger == TurnTrigger.INTERSECTION:
        car.driving.u_turn_at_intersection()
    else:
        car.driving.u_turn(now_s)


def _turn_drive(car: Obedient, _message: TurnDrive, now_s: float) -> None:
    car.driving.u_turn(now_s)


def _stop_on_transition(car: Obedient, _message: StopOnTransition, _now_s: float) -> None:
    car.driving.stop_at_next_bar()


def _road_network_meta(car: Obedient, _message: RoadNetworkMeta, _now_s: float) -> None:
    car.driving.lanes.clamp_mm = WIDE_CLAMP_MM


def _set_lights(car: Obedient, message: SetLights, _now_s: float) -> None:
    car.lights.set_mask(message.mask)


def _lights_pattern(car: Obedient, message: LightsPattern, _now_s: float) -> None:
    for entry in message.channels:
        car.lights.set_channel(
            int(entry.channel), Glow(int(entry.effect), entry.start, entry.end, entry.cycles_per_10s)
        )


def _lights_pattern_drive(car: Obedient, message: LightsPatternDrive, _now_s: float) -> None:
    per_10s = round(message.cycles_per_min / 6)
    car.lights.set_channel(
        int(message.channel), Glow(int(message.effect), message.start, message.end, per_10s)
    )


def _unknown(car: Obedient, message: Unknown, now_s: float) -> None:
    if message.msg_id == RADIO_RESET_ID:
        car.reset(now_s)


_COMMANDS: dict[type, Callable[[Obedient, Any, float], None]] = {
    AdjustOffset: _adjust_offset,
    BatteryLevelRequest: _battery,
    CancelLaneChange: _cancel_lane_change,
    ChangeConnectionParams: _change_connection_params,
    ChangeLane: _change_lane,
    ChangeLaneDrive: _change_lane_drive,
    ChangeLaneShort: _change_lane_short,
    ConnectionParamsRequest: _connection_params,
    Disconnect: _disconnect,
    LightsPattern: _lights_pattern,
    LightsPatternDrive: _lights_pattern_drive,
    PingRequest: _ping,
    Reboot: _reboot,
    RoadNetworkMeta: _road_network_meta,
    SdkMode: _sdk_mode,
    SdkModeDrive: _sdk_mode_drive,
    SetLights: _set_lights,
    SetOffset: _set_offset,
    SetSpeed: _speed,
    SetSpeedV4: _speed_v4,
    Shutdown: _shutdown,
    StopOnTransition: _stop_on_transition,
    Turn: _turn,
    TurnDrive: _turn_drive,
    Unknown: _unknown,
    VersionRequest: _version,
}
