"""Every driver with its twin, as the conformance suite sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from rig.bench.codecs.lcus import Dialect
from rig.bench.drivers.devantech import DevantechRelays
from rig.bench.drivers.lcus import LcusRelays
from rig.bench.drivers.modbus_relay import ModbusRelays
from rig.bench.drivers.numato import NumatoRelays
from rig.bench.ports.direct_port import DirectPort
from rig.bench.ports.serial_port import SerialPort
from rig.bench.twins.line import Line
from rig.bench.twins.pty_mount import on_pty
from rig.bench.twins.relay_bank import RelayBank
from rig.bench.twins.relays import DevantechTwin, LcusTwin, ModbusRelayTwin, NumatoTwin
from rig.virtual_time import run_virtual


@dataclass(frozen=True)
class Board:
    """One driver and how to make its twin."""

    name: str
    twin: Callable[..., Any]
    """Takes a RelayBank (or nothing, for what is no relay board)."""
    driver: Callable[..., Any]
    channels: int = 4


def _lcus(dialect):
    return Board(
        f"lcus-{dialect.value}",
        lambda bank: LcusTwin(bank, dialect=dialect),
        lambda port: LcusRelays(port, "relays", channels=4, dialect=dialect),
        1 if dialect is Dialect.D0 else 4,
    )


RELAYS = [
    Board("numato", NumatoTwin, lambda port: NumatoRelays(port, "relays", channels=4)),
    Board("devantech", DevantechTwin, lambda port: DevantechRelays(port, "relays", channels=4)),
    Board("modbus", ModbusRelayTwin, lambda port: ModbusRelays(port, "relays", channels=4)),
    Board(
        "modbus-timed", ModbusRelayTwin, lambda port: ModbusRelays(port, "relays", channels=4, holds_s=10.0)
    ),
    *[_lcus(dialect) for dialect in Dialect],
]


def bank(board: Board, **options: Any) -> RelayBank:
    return RelayBank(board.channels, **options)


class Direct:
    """The twin in this process, in virtual time."""

    name = "direct"

    @staticmethod
    def run(line: Line, driver: Callable[..., Any], scenario: Callable[..., Any]) -> Any:
        async def main():
            return await _with_driver(driver(DirectPort(line)), scenario)

        return run_virtual(main, limit_s=3600.0)


class Pty:
    """The twin behind a real pseudo-terminal, in real time."""

    name = "pty"

    @staticmethod
    def run(line: Line, driver: Callable[..., Any], scenario: Callable[..., Any]) -> Any:
        async def main(path):
            async with asyncio.timeout(30):
                fixture = driver(await SerialPort.open(path, name="bench"))
                _hurry(fixture)
                return await _with_driver(fixture, scenario)

        with on_pty(line) as path:
            return asyncio.run(main(path))


MOUNTS = [Direct, Pty]


def _hurry(fixture: Any) -> None:
    """Real boards want more patience than a twin without a late reply; what patience is for is tested in process."""
    talk = getattr(fixture, "_talk", None)
    if talk is not None:
        talk.timing = replace(talk.timing, pace_s=min(talk.timing.pace_s, 0.05), late_s=0.15)


async def _with_driver(fixture: Any, scenario: Callable[..., Any]) -> Any:
    try:
        return await scenario(fixture)
    finally:
        await fixture.close()
