"""A single lithium cell: charge kept in milliampere-hours, voltage from charge and load.

No source publishes a discharge curve, a capacity or the firmware's thresholds; the curve is that of an ordinary
LiPo cell and every figure is a parameter. Anchors from public sources: about 20 minutes of driving and 8 of
charging (golem.de, curved.de), 4.10 to 4.20 V full and 3.92 V in use (IBM node-mqtt sample), the full flag still
set after 5 minutes at 300 mm/s and gone within 7 minutes at 1000 to 1500 mm/s (opcau/anki).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

_OPEN_CIRCUIT = (  # share of charge -> mV at rest
    (0.00, 3000.0),
    (0.02, 3350.0),
    (0.05, 3500.0),
    (0.10, 3610.0),
    (0.20, 3700.0),
    (0.30, 3750.0),
    (0.40, 3790.0),
    (0.50, 3830.0),
    (0.60, 3880.0),
    (0.70, 3930.0),
    (0.80, 3990.0),
    (0.90, 4070.0),
    (1.00, 4180.0),
)
_SHARES = tuple(share for share, _ in _OPEN_CIRCUIT)
_LEVELS = tuple(level for _, level in _OPEN_CIRCUIT)
_TAPER_FROM = 0.9
_TAPER_RATE = 1.0 / 3.0
CHARGER_LIMIT_MV = 4200.0


@dataclass(frozen=True, slots=True)
class BatteryTraits:
    """What sets one cell apart from another; defaults are a healthy cell."""

    capacity_mah: float = 100.0
    health: float = 1.0
    """Share of the capacity an aged cell still holds, 0.05 to 1; its resistance rises by the inverse."""
    charge: float = 1.0
    """Share of the (aged) capacity at the start, 0 to 1."""
    resistance_ohm: float = 0.25
    low_mv: float = 3600.0
    """Below this under load the low flag comes on."""
    cutoff_mv: float = 3300.0
    """Below this under load the car goes dead."""
    restart_mv: float = 3450.0
    """A dead car starts again only from this at rest; a cell recovers a little by itself."""
    brownout_mv: float = 3000.0
    """Below this during a hard acceleration the processor resets."""
    not_full_below: float = 0.85
    """The full flag goes out below this share of charge."""
    charge_minutes: float = 8.0
    """Minutes on the charger from empty to full."""
    idle_ma: float = 5.0
    connected_ma: float = 8.0
    driving_base_ma: float = 40.0
    driving_ma_per_mm_s: float = 0.26
    surge_ma_per_mm_s2: float = 0.15


def open_circuit_mv(share: float) -> float:
    """Voltage at rest for a share of charge from 0 to 1."""
    if share >= 1.0:
        return _LEVELS[-1]
    at = max(1, bisect_right(_SHARES, share))
    low, high = at - 1, at
    slope = (_LEVELS[high] - _LEVELS[low]) / (_SHARES[high] - _SHARES[low])
    return _LEVELS[low] + (max(0.0, share) - _SHARES[low]) * slope


def share_at_open_circuit(level_mv: float) -> float:
    """The share of charge at which the cell shows `level_mv` at rest, kept within 0 and 1."""
    if level_mv <= _LEVELS[0]:
        return 0.0
    if level_mv >= _LEVELS[-1]:
        return 1.0
    at = bisect_right(_LEVELS, level_mv)
    low, high = at - 1, at
    slope = (_SHARES[high] - _SHARES[low]) / (_LEVELS[high] - _LEVELS[low])
    return _SHARES[low] + (level_mv - _LEVELS[low]) * slope


class Battery:
    """One cell, its charge brought forward only when something about the load changes.

    `load_ma` is drawn from the cell; with `charging` the charger feeds the car and the cell.
    """

    __slots__ = (
        "_at_s",
        "_charged_flag",
        "_charging",
        "_low_flag",
        "_ohm",
        "capacity_mah",
        "drawn_mah",
        "fed_mah",
        "load_ma",
        "start_mah",
        "stored_mah",
        "traits",
    )

    def __init__(self, traits: BatteryTraits, now_s: float) -> None:
        self.traits = traits
        self.capacity_mah = traits.capacity_mah * traits.health
        self._ohm = traits.resistance_ohm / traits.health
        self.start_mah = self.stored_mah = self.capacity_mah * traits.charge
        self.drawn_mah = 0.0
        self.fed_mah = 0.0
        self.load_ma = 0.0
        self._charging = False
        self._at_s = now_s
        self._charged_flag = traits.charge >= traits.not_full_below
        self._low_flag = False
        self._refresh_flags()

    @property
    def share(self) -> float:
        """Share of the capacity that is left, 0 to 1."""
        return self.stored_mah / self.capacity_mah

    @property
    def charging(self) -> bool:
        """Whether the charger feeds the cell."""
        return self._charging

    @property
    def charging_ma(self) -> float:
        """What the charger feeds into the cell, 0 without a charger and in a full cell; as of the last call with a time."""
        return self._charge_ma() if self._charging else 0.0

    @property
    def low(self) -> bool:
        """The car's low-battery flag."""
        return self._low_flag

    @property
    def full(self) -> bool:
        """The car's "charged" flag: set when charging ends, out once enough was used."""
        return self._charged_flag

    @property
    def flat(self) -> bool:
        """Whether the cell can no longer feed the car."""
        return not self._charging and self.terminal_mv() <= self.traits.cutoff_mv + 1e-6

    @property
    def can_start(self) -> bool:
        """Whether there is enough to boot."""
        return self._charging or open_circuit_mv(self.share) >= self.traits.restart_mv

    def terminal_mv(self, extra_ma: float = 0.0) -> float:
        """Voltage at the cell's terminals under its present load (plus `extra_ma`)."""
        rest = open_circuit_mv(self.share)
        if self._charging:
            fed_ma = self._charge_ma()
            return min(CHARGER_LIMIT_MV, rest + fed_ma * self._ohm)
        return rest - (self.load_ma + extra_ma) * self._ohm

    def set_load(self, now_s: float, load_ma: float, *, charging: bool) -> None:
        """From now on the car draws `load_ma` from the cell, or the charger feeds it."""
        self.bring_forward(now_s)
        self.load_ma = 0.0 if charging else load_ma
        self._charging = charging
        self._refresh_flags()

    def bring_forward(self, now_s: float) -> None:
        """Counts the charge moved since the last call."""
        hours = (now_s - self._at_s) / 3600.0
        if hours <= 0.0:
            return
        self._at_s = now_s
        if self._charging:
            self._feed(hours)
        else:
            moved = min(self.stored_mah, self.load_ma * hours)
            self.stored_mah -= moved
            self.drawn_mah += moved
        self._refresh_flags()

    def empty(self, now_s: float) -> None:
        """All charge is suddenly gone (a fault); counted as drawn."""
        self.bring_forward(now_s)
        self.drawn_mah += self.stored_mah
        self.stored_mah = 0.0
        self._refresh_flags()

    def next_change_s(self) -> float | None:
        """When a flag will change (or the cell go flat) if the load stays; None when nothing will."""
        if self._charging:
            return self._next_while_charging()
        if self.load_ma <= 0.0:
            return None
        sag_mv = self.load_ma * self._ohm
        floor = share_at_open_circuit(self.traits.cutoff_mv + sag_mv)
        candidates = [floor]
        if self._charged_flag:
            candidates.append(self.traits.not_full_below)
        if not self._low_flag:
            candidates.append(share_at_open_circuit(self.traits.low_mv + sag_mv))
        target = (
            max(share for share in candidates if share <= self.share + 1e-12)
            if self.share >= floor
            else self.share
        )
        return self._at_s + max(0.0, self.share - target) * self.capacity_mah / self.load_ma * 3600.0 + 1e-3

    def _charge_ma(self) -> float:
        """What flows into the cell: constant current, then a taper."""
        if self.share >= 1.0:
            return 0.0
        full_rate = self._full_rate_ma()
        return full_rate if self.share < _TAPER_FROM else full_rate * _TAPER_RATE

    def _full_rate_ma(self) -> float:
        effective = _TAPER_FROM + (1.0 - _TAPER_FROM) / _TAPER_RATE
        return self.capacity_mah * effective / (self.traits.charge_minutes / 60.0)

    def _feed(self, hours: float) -> None:
        rate = self._full_rate_ma()
        taper_at = _TAPER_FROM * self.capacity_mah
        before = self.stored_mah
        if self.stored_mah < taper_at:
            needed = (taper_at - self.stored_mah) / rate
            used = min(hours, needed)
            self.stored_mah += rate * used
            hours -= used
        if hours > 0.0:
            self.stored_mah = min(self.capacity_mah, self.stored_mah + rate * _TAPER_RATE * hours)
        self.fed_mah += self.stored_mah - before

    def _next_while_charging(self) -> float | None:
        missing = self.capacity_mah - self.stored_mah
        if missing <= 0.0:
            return None
        rate = self._full_rate_ma()
        taper_at = _TAPER_FROM * self.capacity_mah
        fast = max(0.0, taper_at - self.stored_mah)
        slow = missing - fast
        return self._at_s + (fast / rate + slow / (rate * _TAPER_RATE)) * 3600.0 + 1e-3

    def _refresh_flags(self) -> None:
        if self._charging:
            if self.stored_mah >= self.capacity_mah * (1.0 - 1e-9):
                self._charged_flag = True
            if self.share > share_at_open_circuit(self.traits.low_mv):
                self._low_flag = False
            return
        if self.share < self.traits.not_full_below:
            self._charged_flag = False
        if self.terminal_mv() < self.traits.low_mv:
            self._low_flag = True
