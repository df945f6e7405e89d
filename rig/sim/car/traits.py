"""What sets one simulated car apart from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rig.sim.car.battery import BatteryTraits

LANES_MM = (-67.5, -22.5, 22.5, 67.5)
"""The four line-up lanes most hosts use (Partydrive)."""


@dataclass(frozen=True, slots=True)
class CarTraits:
    """A car's identity, build and habits. The defaults are the recorded Skull (opcau/anki, debug.bck)."""

    identifier: int
    model_id: int = 9
    firmware: int = 0x2774
    name: str = "Drive"
    trim: float = 1.0
    """Ground speed over reported speed where nothing slips; cars of one fleet differ by some per cent."""
    grip: float = 1.0
    """Tyres: 1 is the recorded car; less slips more, skids more and flies off earlier."""
    speed_noise: float = 1.0
    """Factor on the noise of reported speeds."""
    read_quality: float = 1.0
    """Factor on the probability that a printed code is read."""
    lane_drift: float = 1.0
    """Factor on how often the car slips to the next 9 mm row by itself."""
    top_speed_mm_s: float = 1600.0
    battery: BatteryTraits = field(default_factory=BatteryTraits)
    boot_s: float = 1.5
    """From power to the first advert."""
    readvertise_s: float = 0.01
    """From a clean disconnect to the first advert: the next captured packets, says opcau/anki."""
    readvertise_after_loss_s: float = 0.3
    """From the car noticing a lost link to the first advert; not measured by anyone."""
    auto_sleep_s: float = 0.0
    """Unconnected idle time after which the car falls asleep; 0 never, as no source gives a figure."""
    faults: Mapping[str, float] = field(default_factory=dict)
    """Lasting faults from the start, by name, with their value."""


@dataclass(frozen=True, slots=True)
class StartPlace:
    """Where a car is when the world begins."""

    on: str = "track"
    """`track`, `charger`, `bay` or `shelf` (off the track, off the charger). In a bay a car drives on the spot, as
    on the track, and its charge contacts lie on a charger that has no power at first."""
    powered: bool = True
    piece_index: int = 0
    fraction: float = 0.3
    lane_mm: float = 0.0
    """Distance from the road's centre, right positive in driving direction."""
    backwards: bool = False
