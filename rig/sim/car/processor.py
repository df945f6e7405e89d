"""What a car's processor does: keeps time, obeys commands, minds the power and the link."""

from __future__ import annotations

from collections.abc import Callable

from protocol import ChangeConnectionParams, Message, StatusUpdate, encode
from rig.sim.car import driving
from rig.sim.car.agenda import Agenda
from rig.sim.car.chance import stream
from rig.sim.car.commands import ConnectionParams
from rig.sim.car.contract import DropLink, Notify, RequestLinkParameters
from rig.sim.car.driving import Driving
from rig.sim.car.faults import LASTING_FAULTS
from rig.sim.car.lights import Lights
from rig.sim.car.power import Power, PowerState
from rig.sim.car.road import Road
from rig.sim.car.traits import CarTraits, StartPlace
from rig.sim.car.uplink import Uplink

REPLY_S = (0.002, 0.008)
"""How long the processor takes to answer; with the link's own waiting it makes the 25 to 41 ms of opcau/anki."""

ROAD_SEEN_AFTER_S = 0.05
DROPS_NEW_LINK_AFTER_S = 0.1
"""Discovery alone takes about 0.2 s at 15 ms (opcau/anki)."""

Status = tuple[bool, bool, bool, bool]
"""(on_track, on_charger, low_battery, full) as the car believes."""


class Processor:
    """The state of one car and all that changes it by itself; `rig.sim.car.model` is its outside."""

    def __init__(self, traits: CarTraits, road: Road, start: StartPlace, *, seed: int, now_s: float) -> None:
        self.traits = traits
        self.lights = Lights()
        self.params = ConnectionParams()
        self.agenda = Agenda()
        self.uplink = Uplink(now_s)
        self._now_s = now_s
        self._chance = stream(seed, traits.identifier, "processor")
        self.driving = Driving(
            traits, road, start, seed=seed, now_s=now_s, agenda=self.agenda, send=self.send
        )
        self.driving.battery_mv = lambda: self.battery_mv(self._now_s)
        self.firmware = self.driving.firmware
        self.power = Power(
            traits.battery,
            now_s,
            powered=start.powered,
            at_charger=start.on == "charger",
            in_bay=start.on == "bay",
        )
        self._loaded_mm_s = 0.0
        self.sdk_override = False
        self._sees_road = False
        self._told: Status | None = None
        self._alarms: dict[str, Callable[[float], None]] = {
            "advertise": self._on_advertise,
            "battery": self._on_battery,
            "booted": self._on_booted,
            "drop": self.drop_link,
            "road seen": self._on_road_seen,
            "sleep": self._on_sleep,
        }
        self._mishaps: dict[str, Callable[[float], None]] = {
            "asleep": self._fall_asleep,
            "browns_out": self.reset,
            "delocalised": self.driving.lose_place,
            "flat": self._run_flat,
            "flies_off": self._fly_off,
            "skids": self.driving.skid,
            "wedged": self._wedge,
        }
        self.power_changed(now_s)

    @property
    def status(self) -> Status:
        """What the car believes of itself."""
        return self._sees_road, self.power.on_charger, self.power.low, self.power.full

    def battery_mv(self, now_s: float) -> float:
        """The cell's voltage under its present load."""
        self.power.battery.bring_forward(now_s)
        return self.power.battery.terminal_mv()

    # what commands and the outside need

    def send(self, message: Message, at_s: float) -> None:
        """Queues a message; lost when nobody listens."""
        if self.uplink.subscribed:
            self.uplink.put(at_s, Notify(encode(message, self.firmware.dialect)))

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
            self.reset(now_s)
            return
        self.driving.set_speed(now_s, speed_mm_s if may_drive else 0, accel_mm_s2)
        self.await_road(now_s)
        self.power_changed(now_s)

    def ask_for_link_parameters(self, message: ChangeConnectionParams, now_s: float) -> None:
        """The host asked the car to ask for other connection parameters (0x0a)."""
        self.uplink.put(
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
        self.go_dark(now_s, PowerState.OFF, clean=True)

    def reset(self, now_s: float) -> None:
        """The processor restarts (0x55, 0x89, a brown-out)."""
        self.go_dark(now_s, PowerState.OFF)
        self.boot(now_s)

    def run(self, now_s: float) -> None:
        """Lets everything happen that was due by `now_s`."""
        while (alarm := self.agenda.pop_due(now_s)) is not None:
            name, due_s = alarm
            self._now_s = max(self._now_s, due_s)
            if name in driving.ALARMS:
                self.driving.ring(name, due_s)
                if not self.driving.on_road and self._sees_road:
                    self.see_road(due_s, seen=False)
                if self.driving.target_mm_s != self._loaded_mm_s:
                    self.power_changed(due_s)
            else:
                self._alarms[name](due_s)
        self._now_s = max(self._now_s, now_s)

    def _thinking_s(self) -> float:
        return self._chance.uniform(*REPLY_S)

    def chance_of(self, fault: str) -> bool:
        """Whether a fault with a probability strikes this time."""
        likely = self.driving.faults.get(fault, 0.0)
        return likely > 0.0 and self._chance.random() < likely

    def _tell_status(self, at_s: float) -> None:
        if self.status != self._told:
            self._told = self.status
            self.send(StatusUpdate(*self.status), at_s)

    def await_road(self, now_s: float) -> None:
        """A car knows that it is on track once it moves over it."""
        if self.power.on and self.driving.on_road and self.driving.target_mm_s > 0.0 and not self._sees_road:
            self.agenda.set("road seen", now_s + ROAD_SEEN_AFTER_S)

    def see_road(self, now_s: float, *, seen: bool) -> None:
        """The car's own belief about the road under it changes."""
        self.agenda.clear("road seen")
        self._sees_road = seen
        self._tell_status(now_s)

    def _on_road_seen(self, due_s: float) -> None:
        self.see_road(due_s, seen=self.driving.on_road)

    def power_changed(self, now_s: float) -> None:
        """Load, flags or state changed: the cell is asked again when it will next have something to say."""
        self._loaded_mm_s = self.driving.target_mm_s
        load = self.power.load_ma(connected=self.uplink.connected, wheel_mm_s=self._loaded_mm_s)
        self.power.set_load(now_s, load)
        self.agenda.set("battery", self.power.battery.next_change_s())
        self._tell_status(now_s)
        idle = self.power.on and not self.uplink.connected and self.driving.target_mm_s == 0.0
        if idle and self.traits.auto_sleep_s > 0.0 and not self.power.on_charger:
            if not self.agenda.holds("sleep"):
                self.agenda.set("sleep", now_s + self.traits.auto_sleep_s)
        else:
            self.agenda.clear("sleep")

    def _on_battery(self, due_s: float) -> None:
        self.power.battery.bring_forward(due_s)
        if self.power.battery.flat and self.power.state is not PowerState.OFF:
            self.go_dark(due_s, PowerState.OFF)
        else:
            self.power_changed(due_s)

    def _on_sleep(self, due_s: float) -> None:
        self.go_dark(due_s, PowerState.ASLEEP)

    def _on_booted(self, due_s: float) -> None:
        self.power.state = PowerState.ON
        self.uplink.silent = False
        self._advertise_from(due_s)
        self.power_changed(due_s)

    def _on_advertise(self, due_s: float) -> None:
        """Only wakes whoever watches the adverts."""

    def boot(self, now_s: float) -> None:
        """Power on: on the air after `boot_s`, if the cell has enough for it."""
        self.power.battery.bring_forward(now_s)
        if not self.power.battery.can_start:
            return
        self.power.state = PowerState.BOOTING
        self.agenda.set("booted", now_s + self.traits.boot_s)
        self.power_changed(now_s)

    def go_dark(self, now_s: float, state: PowerState, *, clean: bool = False) -> None:
        """Off or asleep: the motor stops, the link falls silent."""
        if self.uplink.connected:
            self._hang_up(now_s, clean=clean)
        self.driving.stop_motor(now_s)
        self.agenda.clear("booted", "road seen", "advertise")
        self.power.state = state
        self.sdk_override = False
        self._sees_road = False
        self.lights.go_out()
        self.power_changed(now_s)

    def _hang_up(self, now_s: float, *, clean: bool) -> None:
        """The car's own end of the link closes; what was not sent yet never is."""
        self.lose_link(now_s, clean=True)
        self.uplink.put(now_s, DropLink(clean=clean))

    def link_opened(self, now_s: float) -> None:
        """A central connected."""
        self.uplink.open()
        self.driving.begin_session()
        if self.chance_of("drops_new_links"):
            self.agenda.set("drop", now_s + DROPS_NEW_LINK_AFTER_S)
        self.power_changed(now_s)

    def lose_link(self, now_s: float, *, clean: bool) -> None:
        """The link is gone: the car brakes, forgets SDK mode and advertises again."""
        self.uplink.close()
        self.agenda.clear("drop")
        self.sdk_override = False
        self.driving.stop_motor(now_s)
        self.uplink.silent = not clean and self.chance_of("silent_after_loss")
        self._advertise_from(
            now_s + (self.traits.readvertise_s if clean else self.traits.readvertise_after_loss_s)
        )
        self.power_changed(now_s)

    def _advertise_from(self, at_s: float) -> None:
        self.uplink.advertises_from_s = at_s
        self.agenda.set("advertise", at_s)

    def leave_charger(self, now_s: float) -> None:
        """Off the charger or out of the bay, if it was there."""
        if self.power.at_charger or self.power.in_bay:
            self.power.at_charger = self.power.in_bay = False
            self.charger_changed(now_s)

    def charger_changed(self, now_s: float) -> None:
        """The charger's voltage came or went; when it comes, it stops the motor and wakes a car that does not answer."""
        self.power.battery.bring_forward(now_s)
        if self.power.on_charger and self.driving.target_mm_s > 0.0:
            self.driving.stop_motor(now_s)
        wakes = self.power.on_charger and (self.uplink.silent or self.power.state is not PowerState.ON)
        self.power_changed(now_s)
        if wakes and self.power.state is not PowerState.BOOTING:
            self.reset(now_s)

    # mishaps

    def _fall_asleep(self, now_s: float) -> None:
        self.go_dark(now_s, PowerState.ASLEEP)

    def _wedge(self, now_s: float) -> None:
        self.go_dark(now_s, PowerState.WEDGED)

    def _fly_off(self, now_s: float) -> None:
        self.driving.fly_off(now_s)
        self.see_road(now_s, seen=False)

    def _run_flat(self, now_s: float) -> None:
        self.power.battery.empty(now_s)
        self._on_battery(now_s)

    def inject(self, fault: str, now_s: float, value: float) -> None:
        """Makes a named fault happen; value 0 ends a lasting one. KeyError: no such fault."""
        if fault in LASTING_FAULTS:
            self.driving.faults[fault] = value
            return
        mishap = self._mishaps[fault]
        if value > 0.0:
            mishap(now_s)

    def greet(self, now_s: float) -> None:
        """Somebody listens from now on: the status is told, changed or not."""
        self._told = None
        self._tell_status(now_s + self._thinking_s())
