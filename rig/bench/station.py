"""Opens the fixtures of a wiring map and holds them as one bench."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from rig.bench.capabilities import Fixture, MeasuresCharge, PressesButtons, SwitchesPower
from rig.bench.carried_through import carried_through
from rig.bench.drivers.devantech import DevantechRelays
from rig.bench.drivers.gate import LapGate, LapLines
from rig.bench.drivers.korad import KoradSupply
from rig.bench.drivers.lcus import LcusRelays
from rig.bench.drivers.maestro import MaestroButtons, Stroke
from rig.bench.drivers.modbus_relay import ModbusRelays
from rig.bench.drivers.numato import NumatoRelays
from rig.bench.drivers.riden import RidenSupply
from rig.bench.errors import FixtureFault, NoReply
from rig.bench.ports.direct_port import DirectPort
from rig.bench.ports.identity import PortFacts, find_port, list_ports
from rig.bench.ports.port import Port
from rig.bench.ports.serial_port import SerialPort
from rig.bench.twins.build import plant_of, twin_line
from rig.bench.twins.line import Line
from rig.bench.twins.plant import Plant
from rig.bench.wiring import TWIN, FixtureSpec, Wire, Wiring

SAFE_LIMIT_S = 60.0


class Bench:
    """The open fixtures of one wiring map, by name. `lines` are the twins among them, for tests and faults."""

    def __init__(self, wiring: Wiring, fixtures: Mapping[str, Fixture], lines: Mapping[str, Line]) -> None:
        self.wiring = wiring
        self.fixtures = fixtures
        self.lines = lines
        self.known_faulty: set[str] = set()
        """Labels of fixtures that failed and are reported already: that they cannot be made safe is no news."""
        self.left_out: dict[str, str] = {}
        """Bays that are not to be used, by name, each with why: those that a self-test found faulty."""

    def switch_of(self, wire: Wire) -> SwitchesPower:
        """The fixture behind a charger wire."""
        return cast("SwitchesPower", self.fixtures[wire.fixture])

    def meter_of(self, wire: Wire) -> MeasuresCharge:
        """The fixture behind a meter wire."""
        return cast("MeasuresCharge", self.fixtures[wire.fixture])

    def presser_of(self, wire: Wire) -> PressesButtons:
        """The fixture behind a button wire."""
        return cast("PressesButtons", self.fixtures[wire.fixture])

    async def safe(self) -> list[FixtureFault]:
        """Chargers off and servos at rest, each tried whatever the others do; what failed.

        A supply that also is a meter keeps its output on unless a bay names it as its charger: it feeds the rest.
        """
        chargers = {bay.charger.fixture for bay in self.wiring.bays if bay.charger is not None}
        failed: list[FixtureFault] = []
        for name, fixture in self.fixtures.items():
            if isinstance(fixture, PressesButtons) or name in chargers:
                try:
                    async with asyncio.timeout(SAFE_LIMIT_S):
                        await cast("PressesButtons | SwitchesPower", fixture).safe()
                except FixtureFault as error:
                    failed.append(error)
                except TimeoutError:
                    failed.append(NoReply(fixture.label, f"not made safe in {SAFE_LIMIT_S:g} s"))
        return failed


@asynccontextmanager
async def open_bench(
    wiring: Wiring,
    *,
    plant: Plant | None = None,
    twin: Callable[[FixtureSpec, Plant], Line] = twin_line,
    ports: Callable[[], tuple[PortFacts, ...]] = list_ports,
    leave_safe: bool = True,
) -> AsyncIterator[Bench]:
    """The bench, open for the block; at its end, also by an error, it is made safe and closed.

    `plant` is what simulated fixtures act upon, by default a plain load per bay: hand in the simulated world's
    here. `twin` makes their lines. With `leave_safe` off nothing is commanded at the end: for those who only ask.

    Raises:
        PortMissing, PortBusy, PortAmbiguous: a fixture's port.
        FixtureFault: the block went well, but the bench could not be made safe at its end, by a fixture of which
            that was not known.
    """
    plant = plant or plant_of(wiring)
    seen = ports() if not wiring.simulated else ()
    fixtures: dict[str, Fixture] = {}
    lines: dict[str, Line] = {}
    try:
        for spec in wiring.fixtures.values():
            port: Port
            if spec.port == TWIN:
                lines[spec.name] = twin(spec, plant)
                port = DirectPort(lines[spec.name])
            else:
                url = find_port(spec.port, seen, label=spec.name)
                port = await SerialPort.open(url, name=spec.port, baud=spec.baud)
            fixtures[spec.name] = make_driver(spec, port, strokes=_strokes(wiring, spec.name))
        bench = Bench(wiring, fixtures, lines)
        try:
            yield bench
        except BaseException as error:
            for failed in await carried_through(bench.safe()) if leave_safe else ():
                error.add_note(f"and the bench could not be made safe: {failed}")
            raise
        unsafe = [
            error
            for error in (await carried_through(bench.safe()) if leave_safe else ())
            if error.fixture not in bench.known_faulty
        ]
        if unsafe:
            raise unsafe[0]
    finally:
        for fixture in fixtures.values():
            await fixture.close()


def make_driver(spec: FixtureSpec, port: Port, *, strokes: Mapping[int, Stroke] | None = None) -> Fixture:
    """The driver of a fixture's kind on a port."""
    options: dict[str, Any] = dict(spec.options)
    name, channels = spec.name, spec.channels
    makers: dict[str, Callable[[], Fixture]] = {
        "numato": lambda: NumatoRelays(port, name, channels=channels),
        "devantech": lambda: DevantechRelays(port, name, channels=channels),
        "lcus": lambda: LcusRelays(port, name, channels=channels, **options),
        "modbus-relay": lambda: ModbusRelays(port, name, channels=channels, **options),
        "riden": lambda: RidenSupply(port, name, **options),
        "korad": lambda: KoradSupply(port, name, **options),
        "maestro": lambda: MaestroButtons(port, name, channels=channels, strokes=strokes, **options),
        "gate": lambda: LapGate(port, name),
        "pc-lap-counter": lambda: LapLines(port, name),
    }
    return makers[spec.kind.name]()


def _strokes(wiring: Wiring, fixture: str) -> dict[int, Stroke]:
    return {
        bay.button.wire.channel: Stroke(bay.button.rest_us, bay.button.press_us)
        for bay in wiring.bays
        if bay.button is not None and bay.button.wire.fixture == fixture
    }
