"""The keys that a world file and its `[[change]]` tables share: their bounds, and how they are read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from rig.sim.car.faults import LASTING_FAULTS
from rig.toml_tables import Table

Bounds = Mapping[str, tuple[float, float]]

AIR_BOUNDS: Bounds = {
    "rssi_dbm": (-127.0, 20.0),
    "rssi_noise_db": (0.0, 40.0),
    "advert_loss": (0.0, 1.0),
    "link_loss": (0.0, 1.0),
    "advertising_interval_ms": (20.0, 10_240.0),
    "pdus_per_event": (1.0, 100.0),
    "connection_interval_ms": (7.5, 4000.0),
    "supervision_timeout_ms": (100.0, 32_000.0),
    "max_links": (1.0, 100.0),
    "tx_buffers": (1.0, 1000.0),
}
CAR_AIR_BOUNDS: Bounds = {
    "connect_failure": (0.0, 1.0),
    "rssi_dbm": (-127.0, 20.0),
    "advert_loss": (0.0, 1.0),
    "link_loss": (0.0, 1.0),
}
TRAIT_BOUNDS: Bounds = {
    "trim": (0.5, 1.5),
    "grip": (0.05, 5.0),
    "speed_noise": (0.0, 10.0),
    "read_quality": (0.0, 1.05),
    "lane_drift": (0.0, 20.0),
    "top_speed_mm_s": (100.0, 3000.0),
    "boot_s": (0.0, 60.0),
    "readvertise_s": (0.0, 3600.0),
    "readvertise_after_loss_s": (0.0, 3600.0),
    "auto_sleep_s": (0.0, 1e6),
}
BATTERY_BOUNDS: Bounds = {
    "capacity_mah": (0.1, 5000.0),
    "health": (0.05, 1.0),
    "charge": (0.0, 1.0),
    "resistance_ohm": (0.0, 5.0),
    "low_mv": (3000.0, 4200.0),
    "cutoff_mv": (2500.0, 4000.0),
    "restart_mv": (2500.0, 4200.0),
    "brownout_mv": (2000.0, 4000.0),
    "not_full_below": (0.0, 1.0),
    "charge_minutes": (0.1, 1000.0),
    "idle_ma": (0.0, 1000.0),
    "connected_ma": (0.0, 1000.0),
    "driving_base_ma": (0.0, 5000.0),
    "driving_ma_per_mm_s": (0.0, 10.0),
    "surge_ma_per_mm_s2": (0.0, 10.0),
}
START_BOUNDS: Bounds = {"fraction": (0.0, 1.0), "lane_mm": (-80.0, 80.0)}


def numbers_in(table: Table, kind: Any, bounds: Bounds) -> dict[str, Any]:
    """The numbers of a dataclass that stand in a table, whole where its default is."""
    whole = {entry.name for entry in fields(kind) if type(entry.default) is int}
    values: dict[str, Any] = bounded_numbers_in(
        table, {key: ends for key, ends in bounds.items() if key not in whole}
    )
    for key in whole & bounds.keys():
        if table.has(key):
            least, most = bounds[key]
            values[key] = table.integer(key, least=int(least), most=int(most))
    return values


def firmware_in(table: Table) -> int:
    """The key `firmware`: the recorded one unless the file names another."""
    firmware = table.integer("firmware", 0x2774, least=0x0101, most=0x7F7F)
    low, high = firmware & 0xFF, firmware >> 8
    if not (0 < low < 0x80 and 0 < high < 0x80):
        table.refuse(
            "firmware", f"must be two bytes of 0x01 to 0x7f each, as cars advertise it, not 0x{firmware:04x}"
        )
    return firmware


def lasting_faults_in(table: Table) -> dict[str, float]:
    """A table of faults that a car has from the start, by name, with their value."""
    values = {fault: table.number(fault, least=0.0, most=1.0) for fault in LASTING_FAULTS if table.has(fault)}
    table.finish()
    return values


def bounded_numbers_in(table: Table, bounds: Bounds) -> dict[str, float]:
    """Those of the numbers that stand in a table, where none of them has to be whole."""
    return {
        key: table.number(key, least=least, most=most)
        for key, (least, most) in bounds.items()
        if table.has(key)
    }
