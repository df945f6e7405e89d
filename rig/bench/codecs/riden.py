"""Riden RD60xx supplies: registers and per-model scaling on top of Modbus RTU (115200 8N1, unit 1).

Source: Baldanos/rd6006 registers.md and ShayBox/Riden. Their maps differ at register 12, which is why power is
not read here at all, and scaling differs per model, which is why an unknown model is refused, not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import construct as c

BAUD = 115200


class Register(IntEnum):
    """Holding registers used here."""

    MODEL = 0
    FIRMWARE = 3
    V_SET = 8
    I_SET = 9
    V_OUT = 10
    I_OUT = 11
    PROTECTION = 16
    OUTPUT = 18
    CHARGE = 38
    ENERGY = 40


@dataclass(frozen=True, slots=True)
class Scale:
    """Counts per volt and per ampere."""

    name: str
    per_volt: int
    per_ampere: int


MODELS: Mapping[range, Scale] = {
    range(60060, 60065): Scale("RD6006", 100, 1000),
    range(60065, 60066): Scale("RD6006P", 1000, 10000),
    range(60120, 60125): Scale("RD6012", 100, 100),
    range(60180, 60190): Scale("RD6018", 100, 100),
}
"""Values of register MODEL whose scaling is known. The RD6012P is missing on purpose: its scaling changes with
its range."""

_COUNTERS = c.Struct("charge_mah" / c.Int32ub, "energy_mwh" / c.Int32ub)
_REGISTERS = c.GreedyRange(c.Int16ub)


def scale_of(model: int) -> Scale | None:
    """The scaling of a model; None when it is not known."""
    return next((scale for models, scale in MODELS.items() if model in models), None)


def counters(registers: Sequence[int]) -> tuple[int, int]:
    """(mAh, mWh) from the four registers from CHARGE on."""
    parsed: Any = _COUNTERS.parse(_REGISTERS.build(list(registers)))
    return parsed.charge_mah, parsed.energy_mwh


def counter_registers(charge_mah: int, energy_mwh: int) -> tuple[int, ...]:
    """The other way."""
    return tuple(_REGISTERS.parse(_COUNTERS.build({"charge_mah": charge_mah, "energy_mwh": energy_mwh})))
