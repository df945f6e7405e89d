"""Off, booting, on, asleep: the cell, the charger and the button behind a car's power."""

from __future__ import annotations

from enum import Enum

from rig.sim.car.battery import Battery, BatteryTraits


class PowerState(Enum):
    """What the processor is doing."""

    OFF = "off"
    BOOTING = "booting"
    ON = "on"
    ASLEEP = "asleep"
    WEDGED = "wedged"


class Power:
    """A car's power: its state, its cell, and whether a charger feeds it: the one for hands, or that of its bay."""

    __slots__ = ("_traits", "at_charger", "battery", "bay_live", "charger_live", "in_bay", "state")

    def __init__(
        self,
        traits: BatteryTraits,
        now_s: float,
        *,
        powered: bool,
        at_charger: bool,
        in_bay: bool = False,
    ) -> None:
        self._traits = traits
        self.battery = Battery(traits, now_s)
        self.at_charger = at_charger
        self.charger_live = True
        self.in_bay = in_bay
        self.bay_live = False
        starts = powered and (self.on_charger or self.battery.can_start)
        self.state = PowerState.ON if starts else PowerState.OFF

    @property
    def on(self) -> bool:
        """Whether the car does anything at all."""
        return self.state is PowerState.ON

    @property
    def on_charger(self) -> bool:
        """The car's own flag: it feels the charger's voltage."""
        return (self.at_charger and self.charger_live) or (self.in_bay and self.bay_live)

    @property
    def low(self) -> bool:
        """The low-battery flag."""
        return self.battery.low

    @property
    def full(self) -> bool:
        """The full-battery flag."""
        return self.battery.full

    def load_ma(self, *, connected: bool, wheel_mm_s: float) -> float:
        """What the car draws in its present state."""
        if self.state in {PowerState.OFF, PowerState.ASLEEP}:
            return 0.0
        load = self._traits.connected_ma if connected else self._traits.idle_ma
        if wheel_mm_s > 0.0 and self.on:
            load = max(load, self._traits.driving_base_ma + self._traits.driving_ma_per_mm_s * wheel_mm_s)
        return load

    def set_load(self, now_s: float, load_ma: float) -> None:
        """The draw (or the charger) has changed."""
        self.battery.set_load(now_s, load_ma, charging=self.on_charger)

    def survives_surge(self, accel_mm_s2: float) -> bool:
        """Whether the cell holds its voltage while the car accelerates."""
        surge_ma = self._traits.surge_ma_per_mm_s2 * accel_mm_s2
        return self.on_charger or self.battery.terminal_mv(surge_ma) >= self._traits.brownout_mv
