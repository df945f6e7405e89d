"""The simulated car: a `Car` to the air, and a thing on a table to the hands that move it."""

from __future__ import annotations

import random

from protocol import CycleOvertime, DecodeError, Direction, core_of, decoder_for
from protocol.advertising import LocalName, NameState, build_advertising_data, build_scan_response
from rig.sim.car.commands import obey
from rig.sim.car.contract import CarOutput
from rig.sim.car.power import PowerState
from rig.sim.car.processor import Processor
from rig.sim.car.road import Road
from rig.sim.car.traits import CarTraits, StartPlace
from rig.sim.track_layout import STARTER_OVAL, TrackLayout

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
        self.traits = traits
        self._inside = Processor(traits, Road(layout), start or StartPlace(), seed=seed, now_s=now_s)
        self.driving = self._inside.driving
        self.power = self._inside.power
        self.lights = self._inside.lights
        self.firmware = self._inside.firmware
        self._uplink = self._inside.uplink
        self._decode = decoder_for(Direction.TO_CAR, self.firmware.dialect)
        self._address = _static_address(traits.identifier)

    # what it is like now

    @property
    def connected(self) -> bool:
        """Whether a central holds a link, as far as the car knows."""
        return self._uplink.connected

    @property
    def status(self) -> tuple[bool, bool, bool, bool]:
        """(on_track, on_charger, low_battery, full) as the car believes."""
        return self._inside.status

    def battery_mv(self, now_s: float) -> float:
        """The cell's voltage under its present load."""
        self._inside.run(now_s)
        return self._inside.battery_mv(now_s)

    def charging_ma(self, now_s: float) -> float:
        """What a charger feeds into its cell now."""
        self._inside.run(now_s)
        self.power.battery.bring_forward(now_s)
        return self.power.battery.charging_ma

    def fed_mah(self, now_s: float) -> float:
        """The charge that chargers have fed into its cell so far."""
        self._inside.run(now_s)
        self.power.battery.bring_forward(now_s)
        return self.power.battery.fed_mah

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
        self._inside.run(now_s)
        if self.power.on:
            self._inside.link_opened(now_s)

    def subscribed(self, now_s: float, enabled: bool) -> None:
        """The central wrote the CCCD: a car answers with its status and its cycle statistics."""
        self._inside.run(now_s)
        self._uplink.subscribed = enabled and self._uplink.connected and self.power.on
        if self._uplink.subscribed:
            self._inside.greet(now_s)
            self._inside.reply(CycleOvertime(*OVERTIME), now_s)

    def written(self, frame: bytes, now_s: float) -> None:
        """A frame arrived. What cannot be decoded is ignored, as real cars do."""
        self._inside.run(now_s)
        if not self._uplink.connected or not self.power.on or self._inside.chance_of("ignored_commands"):
            return
        try:
            message = core_of(self._decode(frame))
        except DecodeError:
            return
        obey(self._inside, message, now_s)

    def link_down(self, now_s: float, clean: bool) -> None:
        """The link is gone."""
        self._inside.run(now_s)
        if self._uplink.connected:
            self._inside.lose_link(now_s, clean=clean)

    def advance(self, now_s: float) -> list[CarOutput]:
        """Moves the car on to `now_s` and returns what it sends."""
        self._inside.run(now_s)
        return self._uplink.take(now_s)

    def next_event_s(self) -> float | None:
        """When `advance` must be called next even without input."""
        alarm = self._inside.agenda.next_due_s()
        first = self._uplink.next_due_s()
        if alarm is None or first is None:
            return alarm if first is None else first
        return min(first, alarm)

    # what hands do

    def press_power_button(self, now_s: float) -> None:
        """The small white button under the rear: toggles the power."""
        self._inside.run(now_s)
        if self.power.state in {PowerState.OFF, PowerState.ASLEEP}:
            self._inside.boot(now_s)
        else:
            self._inside.go_dark(now_s, PowerState.OFF)

    def lift(self, now_s: float) -> None:
        """Takes the car off the track or the charger into a hand."""
        self._inside.run(now_s)
        self._inside.leave_charger(now_s)
        if self.driving.on_road:
            self.driving.leave_road(now_s)
        self._inside.see_road(now_s, seen=False)

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
        self._inside.run(now_s)
        self._inside.leave_charger(now_s)
        start = StartPlace("track", True, piece_index, fraction, lane_mm, backwards)
        self.driving.place(now_s, start)
        self._inside.await_road(now_s)

    def put_in_bay(self, now_s: float) -> None:
        """Puts the car in its bay: on rollers, its contacts on the bay's charger, live or not."""
        self.place(now_s)
        self.power.in_bay = True
        self._inside.charger_changed(now_s)

    @property
    def in_bay(self) -> bool:
        """Whether it stands in its bay, whose charger may be live or not."""
        return self.power.in_bay

    def set_bay_power(self, on: bool, now_s: float) -> None:
        """Switches the charger of this car's bay (a relay); felt when it stands there, or is put there."""
        self._inside.run(now_s)
        self.power.bay_live = on
        self._inside.charger_changed(now_s)

    def put_on_charger(self, now_s: float) -> None:
        """Puts the car on its charger; a live charger also wakes and unwedges it."""
        self.lift(now_s)
        self.driving.stop_motor(now_s)
        self.power.at_charger = True
        self._inside.charger_changed(now_s)

    def take_off_charger(self, now_s: float) -> None:
        """Takes the car off its charger and keeps it in the hand."""
        self._inside.run(now_s)
        self._inside.leave_charger(now_s)

    def set_charger_power(self, on: bool, now_s: float) -> None:
        """Switches the charger this car belongs to (a relay)."""
        self._inside.run(now_s)
        self.power.charger_live = on
        self._inside.charger_changed(now_s)

    def inject(self, fault: str, now_s: float, value: float = 1.0) -> None:
        """Makes a named fault happen (see `rig.sim.car.faults`); value 0 ends a lasting one.

        Raises:
            KeyError: no such fault.
        """
        self._inside.run(now_s)
        self._inside.inject(fault, now_s, value)

    def fault_level(self, fault: str) -> float:
        """How much of a lasting fault there is now, 0..1."""
        return self.driving.faults.get(fault, 0.0)


def _static_address(identifier: int) -> str:
    """A random static address: its two top bits are 1 and the rest is neither all 0 nor all 1."""
    octets = random.Random(f"address/{identifier:08x}").randbytes(6)
    return ":".join(f"{octet:02X}" for octet in bytes([octets[0] | 0xC0]) + octets[1:])
