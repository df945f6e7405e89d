"""The rows of battery lives, their charges and their readings. Instants named `_s` are run seconds, ages and spans are
seconds too; the fields are those of `rig.soak.battery.events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class LifeRow:
    """One finished life. `distance_m` is what the wheels turned, `speed_held` the share of the ordered speed that the
    car reported; `temperature_c` needs a sensor."""

    TABLE: ClassVar[str] = "lives"

    leg: int
    identifier: int
    life: int
    set_name: str
    end: str
    began_s: float
    ended_s: float
    start_mv: int | None
    end_mv: int | None
    start_full: bool
    drive_s: float
    rest_s: float
    low_s: float | None
    gaps: int
    gap_s: float
    stalls: int
    off_tracks: int
    distance_m: float
    speed_held: float | None
    temperature_c: float | None
    bay: str | None
    error: str | None

    @property
    def key(self) -> tuple[int, ...]:
        """Car and number."""
        return self.identifier, self.life

    @property
    def life_s(self) -> float:
        """Its age when it ended."""
        return self.drive_s + self.rest_s


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge after a life; charge, energy and current are None where nothing measured them."""

    TABLE: ClassVar[str] = "life_charges"

    leg: int
    identifier: int
    life: int
    end: str
    began_s: float
    ended_s: float
    charge_mah: float | None
    energy_mwh: float | None
    peak_ma: float | None
    bay: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One look at a battery. `doing` is `drive`, `rest` or `charge`; `age_s` is the age of the life, or of the
    charge."""

    TABLE: ClassVar[str] = "life_readings"

    leg: int
    identifier: int
    life: int
    at_s: float
    age_s: float
    doing: str
    mv: int | None
    speed_mm_s: int | None
    ma: float | None
    low: bool
    charged: bool
