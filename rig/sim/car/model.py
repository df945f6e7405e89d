"""The simulated car: a `Car` to the air, and a thing on a table to the hands that move it."""

from __future__ import annotations

import random
from collections.abc import Callable

from protocol import (
    ChangeConnectionParams,
    CycleOvertime,
    DecodeError,
    Direction,
    Message,
    StatusUpdate,
    core_of,
    decoder_for,
    encode,
)
from protocol.advertising import LocalName, NameState, build_advertising_data, build_scan_response
from rig.sim.car import driving
from rig.sim.car.agenda import Agenda
from rig.sim.car.chance import stream
from rig.sim.car.commands import ConnectionParams, obey
from rig.sim.car.contract import CarOutput, DropLink, Notify, RequestLinkParameters
from rig.sim.car.driving import Driving
from rig.sim.car.faults import LASTING_FAULTS
from rig.sim.car.lights import Lights
from rig.sim.car.power import Power, PowerState
from rig.sim.car.road import Road
from rig.sim.car.traits import CarTraits, StartPlace
from rig.sim.car.uplink import Uplink
from rig.sim.track_layout import STARTER_OVAL, TrackLayout

REPLY_S = (0.002, 0.008)
"""How long the processor takes to answer; with the link's own waiting it makes the 25 to 41 ms of opcau/anki."""

ROAD_SEEN_AFTER_S = 0.05
OVERTIME = (146, 2085, 4114)
"""Count, average and longest cycle in microseconds of the one 0x86 in opcau/anki, debug.bck."""


class CarModel:
    """One simulated car. All calls carry the time; see `rig.sim.car.contract.Car`.

    Args:
        traits: the car.
        layout: the track it may stand on.
        start: where it is at `now_s`.
        seed: the world's seed; noise of different cars and concerns is independent.
        now_s: the time on the loop's clock.
    """

    def __init__(
        self,
        traits: CarTraits,
        *,
        layout: TrackLayout = STARTER_OVAL,
        start: StartPlace | None = None,
        seed: int = 0,
        now_s: float = 0.0,
    ) -> None:
        start = start or StartPlace()
        self.traits = traits
        self.seed = seed
        self.lights = Lights()
        self.params = ConnectionParams()
        self._agenda = Agenda()
        self._uplink = Uplink(now_s)
        self._now_s = now_s
        self._chance = stream(seed, traits.identifier, "processor")
        self.driving = Driving(
            traits, Road(layout), start, seed=seed, now_s=now_s, agenda=self._agenda, send=self.send
        )
        self.driving.battery_mv = lambda: self.battery_mv(self._now_s)
        self.firmware = self.driving.firmware
        self._decode = decoder_for(Direction.TO_CAR, self.firmware.dialect)
        self.power = Power(traits.battery, now_s, powered=start.powered, at_charger=start.on == "charger")
        self._loaded_mm_s = 0.0
        self.sdk_override = False
        self._sees_road = False
        self._told: tuple[bool, bool, bool, bool] | None = None
        self._address = _static_address(traits.identifier)
        self._alarms: dict[str, Callable[[float], None]] = {
            "advertise": self._on_advertise,
            "battery": self._on_battery,
            "booted": self._on_booted,
            "road seen": self._on_road_seen,
            "sleep": self._on_sleep,
        }
        self._mishaps: dict[str, Callable[[float], None]] = {
            "asleep": self._fall_asleep,
            "browns_out": self._reset,
            "delocalised": self.driving.lose_place,
            "flat": self._run_flat,
            "flies_off": self._fly_off,
            "skids": self.driving.skid,
            "wedged": self._wedge,
        }
        self._power_changed(now_s)

    # what the air sees

    @property
    def address(self) -> str:
        """Random static Bluetooth address; the same for one identifier in every world."""
        return self._address

    def is_advertising(self, now_s: float) -> bool:
        """Whether the car is on the air and connectable now."""
        return self.power.on and self._uplink.advertises(now_s)

    def advertising_data(self) -> bytes:
        """The 31 bytes of its ADV_IND."""
        return build_advertising_data(self.traits.model_id, self.traits.identifier)

    def scan_response(self, now_s: float) -> bytes:
        """Its scan response now: state, firmware and name."""
        on_track, on_charger, low, full = self.status
        state = NameState.of(on_track=on_track, full_battery=full, low_battery=low, on_charger=on_charger)
        return build_scan_response(LocalName(state, self.traits.firmware, name=self.traits.name))

    def link_up(self, now_s: float) -> None:
        """A central connected."""
        self._run(now_s)
        if not self.power.on:
            return
        self._uplink.open()
        self.driving.begin_session()
        self._power_changed(now_s)

    def subscribed(self, now_s: float, enabled: bool) -> None:
        """The central wrote the CCCD: a car answers with its status and its cycle statistics."""
        self._run(now_s)
        self._uplink.subscribed = enabled and self._uplink.connected and self.power.on
        if self._uplink.subscribed:
            self._told = None
            self._tell_status(now_s + self._thinking_s())
            self.reply(CycleOvertime(*OVERTIME), now_s)

    def written(self, frame: bytes, now_s: float) -> None:
        """A frame arrived. What cannot be decoded is ignored, as real cars do."""
        self._run(now_s)
        if not self._uplink.connected or not self.power.on or self._chance_of("ignored_commands"):
            return
        try:
            message = core_of(self._decode(frame))
        except DecodeError:
            return
        obey(self, message, now_s)

    def link_down(self, now_s: float, clean: bool) -> None:
        """The link is gone."""
        self._run(now_s)
        if self._uplink.connected:
            self._lose_link(now_s, clean=clean)

    def advance(self, now_s: float) -> list[CarOutput]:
        """Moves the car on to `now_s` and returns what it sends."""
        self._run(now_s)
        return self._uplink.take(now_s)

    def next_event_s(self) -> float | None:
        """When `advance` must be called next even without input."""
        alarm = self._agenda.next_due_s()
        first = self._uplink.next_due_s()
        if alarm is None or first is None:
            return alarm if first is None else first
        return min(first, alarm)

    # what hands do

    def press_power_button(self, now_s: float) -> None:
        """The small white button under the rear: toggles the power."""
        self._run(now_s)
        if self.power.state in {PowerState.OFF, PowerState.ASLEEP}:
            self._boot(now_s)
        else:
            self._go_dark(now_s, PowerState.OFF)

    def lift(self, now_s: float) -> None:
        """Takes the car off the track or the charger into a hand."""
        self._run(now_s)
        self._leave_charger(now_s)
        if self.driving.on_road:
            self.driving.leave_road(now_s)
        self._see_road(now_s, seen=False)

    def place(
        self,
        now_s: float,
        *,
        piece_index: int = 0,
        fraction: float = 0.3,
        lane_mm: float = 0.0,
        backwards: bool = False,
    ) -> None:
        """Puts the car on a piece of the track, `lane_mm` right (+) of the centre in driving direction."""
        self._run(now_s)
        self._leave_charger(now_s)
        start = StartPlace("track", True, piece_index, fraction, lane_mm, backwards)
        self.driving.place(now_s, start)
        self._await_road(now_s)

    def put_on_charger(self, now_s: float) -> None:
        """Puts the car on its charger; a live charger also wakes and unwedges it."""
        self.lift(now_s)
        self.driving.stop_motor(now_s)
        self.power.at_charger = True
        self._charger_changed(now_s)

    def take_off_charger(self, now_s: float) -> None:
        """Takes the car off its charger and keeps it in the hand."""
        self._run(now_s)
        self._leave_charger(now_s)

    def set_charger_power(self, on: bool, now_s: float) -> None:
        """Switches the charger this car belongs to (a relay)."""
        self._run(now_s)
        self.power.charger_live = on
        self._charger_changed(now_s)

    def inject(self, fault: str, now_s: float, value: float = 1.0) -> None:
        """Makes a named fault happen (see `rig.sim.car.faults`); value 0 ends a lasting one.

        Raises:
            KeyError: no such fault.
        """
        self._run(now_s)
        if fault in LASTING_FAULTS:
            self.driving.faults[fault] = value
            return
        mishap = self._mishaps[fault]
        if value > 0.0:
            mishap(now_s)

    # what it is like now

    @property
    def connected(self) -> bool:
        """Whether a central holds a link, as far as the car knows."""
        return self._uplink.connected

    @property
    def status(self) -> tuple[bool, bool, bool, bool]:
        """(on_track, on_charger, low_battery, full) as the car believes."""
        return self._sees_road, self.power.on_charger, self.power.low, self.power.full

    def battery_mv(self, now_s: float) -> float:
        """The cell's voltage under its present load."""
        self.power.battery.bring_forward(now_s)
        return self.power.battery.terminal_mv()

    # what commands need

    def send(self, message: Message, at_s: float) -> None:
        """Queues a message; lost when nobody listens."""
        if self._uplink.subscribed:
            self._uplink.put(at_s, Notify(encode(message, self.firmware.dialect)))

    def reply(self, message: Message, now_s: float) -> None:
        """Queues an answer; the processor takes a moment for it."""
        self.send(message, now_s + self._thinking_s())

    def set_speed(self, now_s: float, speed_mm_s: int, accel_mm_s2: int, *, localised: bool) -> None:
        """Obeys a speed command; without permission to drive unlocalised the car only echoes it."""
        actual = round(self.driving.wheel_mm_s(now_s))
        self.reply(self.firmware.speed_echo(speed_mm_s, accel_mm_s2, actual), now_s)
        self.driving.memory.speed_mm_s = max(0, speed_mm_s)
        may_drive = (self.sdk_override or not localised) and not self.power.on_charger
        if may_drive and speed_mm_s > actual and not self.power.survives_surge(accel_mm_s2):
            self._reset(now_s)
            return
        self.driving.set_speed(now_s, speed_mm_s if may_drive else 0, accel_mm_s2)
        self._await_road(now_s)
        self._power_changed(now_s)

    def ask_for_link_parameters(self, message: ChangeConnectionParams, now_s: float) -> None:
        """Message 0x02: the car asks the central to change the link."""
        self._uplink.put(
            now_s + self._thinking_s(),
            RequestLinkParameters(
                message.min_interval_1250us,
                message.max_interval_1250us,
                message.latency_events,
                message.supervision_timeout_10ms,
            ),
        )

    def drop_link(self, now_s: float) -> None:
        """The host asked the car to end the link (0x0d)."""
        self._hang_up(now_s, clean=True)

    def shut_down(self, now_s: float) -> None:
        """The host asked the car to switch itself off (0x1c)."""
        self._go_dark(now_s, PowerState.OFF, clean=True)

    def reset(self, now_s: float) -> None:
        """The processor restarts (0x55, 0x89, a brown-out)."""
        self._reset(now_s)

    # inside

    def _run(self, now_s: float) -> None:
        """Lets everything happen that was due by `now_s`."""
        while (alarm := self._agenda.pop_due(now_s)) is not None:
            name, due_s = alarm
            self._now_s = max(self._now_s, due_s)
            if name in driving.ALARMS:
                self.driving.ring(name, due_s)
                if not self.driving.on_road and self._sees_road:
                    self._see_road(due_s, seen=False)
                if self.driving.target_mm_s != self._loaded_mm_s:
                    self._power_changed(due_s)
            else:
                self._alarms[name](due_s)
        self._now_s = max(self._now_s, now_s)

    def _thinking_s(self) -> float:
        return self._chance.uniform(*REPLY_S)

    def _chance_of(self, fault: str) -> bool:
        likely = self.driving.faults.get(fault, 0.0)
        return likely > 0.0 and self._chance.random() < likely

    def _tell_status(self, at_s: float) -> None:
        if self.status != self._told:
            self._told = self.status
            self.send(StatusUpdate(*self.status), at_s)

    def _await_road(self, now_s: float) -> None:
        """A car knows that it is on track once it moves over it."""
        if self.power.on and self.driving.on_road and self.driving.target_mm_s > 0.0 and not self._sees_road:
            self._agenda.set("road seen", now_s + ROAD_SEEN_AFTER_S)

    def _see_road(self, now_s: float, *, seen: bool) -> None:
        self._agenda.clear("road seen")
        self._sees_road = seen
        self._tell_status(now_s)

    def _on_road_seen(self, due_s: float) -> None:
        self._see_road(due_s, seen=self.driving.on_road)

    def _power_changed(self, now_s: float) -> None:
        """Load, flags or state changed: the cell is asked again when it will next have something to say."""
        self._loaded_mm_s = self.driving.target_mm_s
        load = self.power.load_ma(connected=self._uplink.connected, wheel_mm_s=self._loaded_mm_s)
        self.power.set_load(now_s, load)
        self._agenda.set("battery", self.power.battery.next_change_s())
        self._tell_status(now_s)
        idle = self.power.on and not self._uplink.connected and self.driving.target_mm_s == 0.0
        if idle and self.traits.auto_sleep_s > 0.0 and not self.power.on_charger:
            if not self._agenda.holds("sleep"):
                self._agenda.set("sleep", now_s + self.traits.auto_sleep_s)
        else:
            self._agenda.clear("sleep")

    def _on_battery(self, due_s: float) -> None:
        self.power.battery.bring_forward(due_s)
        if self.power.battery.flat and self.power.state is not PowerState.OFF:
            self._go_dark(due_s, PowerState.OFF)
        else:
            self._power_changed(due_s)

    def _on_sleep(self, due_s: float) -> None:
        self._go_dark(due_s, PowerState.ASLEEP)

    def _on_booted(self, due_s: float) -> None:
        self.power.state = PowerState.ON
        self._uplink.silent = False
        self._advertise_from(due_s)
        self._power_changed(due_s)

    def _on_advertise(self, due_s: float) -> None:
        """Only wakes whoever watches the adverts."""

    def _boot(self, now_s: float) -> None:
        self.power.battery.bring_forward(now_s)
        if not self.power.battery.can_start:
            return
        self.power.state = PowerState.BOOTING
        self._agenda.set("booted", now_s + self.traits.boot_s)
        self._power_changed(now_s)

    def _go_dark(self, now_s: float, state: PowerState, *, clean: bool = False) -> None:
        """Off or asleep: the motor stops, the link falls silent."""
        if self._uplink.connected:
            self._hang_up(now_s, clean=clean)
        self.driving.stop_motor(now_s)
        self._agenda.clear("booted", "road seen", "advertise")
        self.power.state = state
        self.sdk_override = False
        self._sees_road = False
        self.lights.go_out()
        self._power_changed(now_s)

    def _reset(self, now_s: float) -> None:
        self._go_dark(now_s, PowerState.OFF)
        self._boot(now_s)

    def _hang_up(self, now_s: float, *, clean: bool) -> None:
        """The car's own end of the link closes; what was not sent yet never is."""
        self._lose_link(now_s, clean=True)
        self._uplink.put(now_s, DropLink(clean=clean))

    def _lose_link(self, now_s: float, *, clean: bool) -> None:
        self._uplink.close()
        self.sdk_override = False
        self.driving.stop_motor(now_s)
        self._uplink.silent = not clean and self._chance_of("silent_after_loss")
        self._advertise_from(
            now_s + (self.traits.readvertise_s if clean else self.traits.readvertise_after_loss_s)
        )
        self._power_changed(now_s)

    def _advertise_from(self, at_s: float) -> None:
        self._uplink.advertises_from_s = at_s
        self._agenda.set("advertise", at_s)

    def _leave_charger(self, now_s: float) -> None:
        if self.power.at_charger:
            self.power.at_charger = False
            self._charger_changed(now_s)

    def _charger_changed(self, now_s: float) -> None:
        self.power.battery.bring_forward(now_s)
        wakes = self.power.on_charger and (self._uplink.silent or self.power.state is not PowerState.ON)
        self._power_changed(now_s)
        if wakes and self.power.state is not PowerState.BOOTING:
            self._reset(now_s)

    # mishaps

    def _fall_asleep(self, now_s: float) -> None:
        self._go_dark(now_s, PowerState.ASLEEP)

    def _wedge(self, now_s: float) -> None:
        self._go_dark(now_s, PowerState.WEDGED)

    def _fly_off(self, now_s: float) -> None:
        self.driving.fly_off(now_s)
        self._see_road(now_s, seen=False)

    def _run_flat(self, now_s: float) -> None:
        self.power.battery.empty(now_s)
        self._on_battery(now_s)


def _static_address(identifier: int) -> str:
    """A random static address: its two top bits are 1 and the rest is neither all 0 nor all 1."""
    octets = random.Random(f"address/{identifier:08x}").randbytes(6)
    return ":".join(f"{octet:02X}" for octet in bytes([octets[0] | 0xC0]) + octets[1:])
