"""`python -m benchmarks.radios measure --radio sim --json sim.json`, on as many radios as there are;
then `python -m benchmarks.radios compare sim.json bluez.json --html page.html`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import click

from benchmarks.radio_over import radio_over
from benchmarks.radios.measure import Latencies, measure
from benchmarks.radios.page import page, text
from benchmarks.radios.stamping_car import StampingCar
from rig.doctor.probe_stack import bluez_version, version_programs
from rig.radio.radio import Radio
from rig.sim.air import AirParameters
from rig.sim.os_adapter import OsAdapter
from rig.sim.world import SimWorld


@click.group()
def main() -> None:
    """Latencies of radios side by side: to get a link back, and to say something over it."""


@main.command("measure")
@click.option("--radio", type=click.Choice(["sim", "vhci"]), default="sim", show_default=True)
@click.option("--cars", "count", default=4, show_default=True)
@click.option("--cycles", default=20, show_default=True, help="Lost links per car.")
@click.option("--seconds", default=15.0, show_default=True, help="Of streaming both ways.")
@click.option(
    "--rate", "rate_hz", default=30.0, show_default=True, help="Messages per second, car and direction."
)
@click.option("--interval-ms", default=30.0, show_default=True, help="Asked for by the simulated host.")
@click.option("--timeout-ms", default=2000.0, show_default=True, help="Supervision timeout it asks for.")
@click.option("--name", help="What to call it in the comparison.")
@click.option("--json", "path", type=click.Path(path_type=Path, dir_okay=False), required=True)
def measure_one(
    *,
    radio: str,
    count: int,
    cycles: int,
    seconds: float,
    rate_hz: float,
    interval_ms: float,
    timeout_ms: float,
    name: str | None,
    path: Path,
) -> None:
    """Measure one radio with simulated cars, in real time. BlueZ asks for what it likes: 50 ms and 420 ms."""
    cars = [StampingCar(number) for number in range(1, count + 1)]
    found = Latencies(
        name or radio, "", conditions=f"{count} cars at {rate_hz:g} messages a second each way."
    )

    async def run() -> None:
        found.stack = await _stack(radio)
        air = AirParameters(connection_interval_ms=interval_ms, supervision_timeout_ms=timeout_ms)
        async with _on_air(radio, cars, air) as (ours, world):
            await measure(
                ours, world, cars, found,
                cycles=cycles, seconds=seconds, rate_hz=rate_hz, say=lambda line: click.echo(line, err=True),
            )  # fmt: skip

    asyncio.run(run())
    path.write_text(json.dumps(found.as_document()), encoding="utf-8")
    click.echo(text([found]))


@asynccontextmanager
async def _on_air(
    radio: str, cars: list[StampingCar], air: AirParameters
) -> AsyncIterator[tuple[Radio, SimWorld]]:
    if radio == "vhci":
        async with SimWorld(cars, air, adapter=OsAdapter) as world:
            options = {"bluez": {"adapter": world.adapter.name}}
            async with Radio(name=radio, backend_options=options) as ours:
                yield ours, world
        return
    async with SimWorld(cars, air) as world, radio_over(world) as ours:
        yield ours, world


async def _stack(radio: str) -> str:
    if radio == "sim":
        return f"bleak on our backend, bumble {version('bumble')}"
    return f"bleak {version('bleak')}, BlueZ {await bluez_version(version_programs())}, Linux {os.uname().release}"


@main.command("compare")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--html", "page_path", type=click.Path(path_type=Path, dir_okay=False))
def compare(files: tuple[Path, ...], page_path: Path | None) -> None:
    """Show what was measured on several radios side by side."""
    found = [Latencies.of_document(json.loads(path.read_text(encoding="utf-8"))) for path in files]
    click.echo(text(found))
    if page_path is not None:
        page_path.write_text(page(found), encoding="utf-8")
        click.echo(f"page {page_path}")


if __name__ == "__main__":
    sys.exit(main())
