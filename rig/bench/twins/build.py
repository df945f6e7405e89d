"""A twin for any fixture of a wiring map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rig.bench.codecs.lcus import Dialect
from rig.bench.twins.faults import FaultPlan
from rig.bench.twins.gate import GateTwin, LapLinesTwin
from rig.bench.twins.line import Device, Line
from rig.bench.twins.maestro import MaestroTwin
from rig.bench.twins.plant import BenchPlant, Plant, Wire
from rig.bench.twins.relay_bank import RelayBank
from rig.bench.twins.relays import DevantechTwin, LcusTwin, ModbusRelayTwin, NumatoTwin
from rig.bench.twins.supplies import KoradTwin, RidenTwin
from rig.bench.wiring import FixtureSpec, Wiring


def plant_of(wiring: Wiring) -> BenchPlant:
    """A plain load in every bay that has a charger and a meter."""
    return BenchPlant(
        {
            bay.name: Wire((bay.charger.fixture, bay.charger.channel), (bay.meter.fixture, bay.meter.channel))
            for bay in wiring.bays
            if bay.charger is not None and bay.meter is not None
        }
    )


def twin_line(
    spec: FixtureSpec, plant: Plant, *, plan: FaultPlan | None = None, stuck: frozenset[int] = frozenset()
) -> Line:
    """A fixture's twin at the end of a line. `stuck` channels of a relay board do not follow."""
    return Line(_device(spec, plant, stuck), plan=plan, baud=None if spec.kind.any_baud else spec.baud)


def _device(spec: FixtureSpec, plant: Plant, stuck: frozenset[int]) -> Device:
    options: dict[str, Any] = dict(spec.options)
    bank = RelayBank(spec.channels, fixture=spec.name, plant=plant, stuck=stuck)
    makers: dict[str, Callable[[], Device]] = {
        "numato": lambda: NumatoTwin(bank),
        "devantech": lambda: DevantechTwin(bank),
        "lcus": lambda: LcusTwin(bank, dialect=options.get("dialect", Dialect.FEEDBACK)),
        "modbus-relay": lambda: ModbusRelayTwin(bank, **_only(options, "unit")),
        "riden": lambda: RidenTwin(fixture=spec.name, plant=plant, on_at_power_up=True, **options),
        "korad": lambda: KoradTwin(fixture=spec.name, plant=plant, on_at_power_up=True, **options),
        "maestro": lambda: MaestroTwin(fixture=spec.name, plant=plant, channels=spec.channels, **options),
        "gate": GateTwin,
        "pc-lap-counter": LapLinesTwin,
    }
    return makers[spec.kind.name]()


def _only(options: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: options[key] for key in keys if key in options}
