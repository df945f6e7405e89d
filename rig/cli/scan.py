"""`pitboard scan`: the cars in reach, from their adverts alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import click

from protocol.models import model_name
from rig.cli.numbers import FiniteRange
from rig.cli.radio_options import radio_options, run_on_radio

if TYPE_CHECKING:
    from rich.table import Table

    from rig.compose import Station
    from rig.radio.sighting import Sighting

REFRESH_S = 0.25
NOTHING_FOUND = 1
_STRENGTHS = ((-60, "green"), (-75, "yellow"), (-128, "red"))


@click.command()
@click.option(
    "--seconds", type=FiniteRange(min=0.1), default=5.0, show_default=True, help="How long to scan."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON line for each car, at the end.")
@click.option("--follow", is_flag=True, help="With --json: a line for every advert heard, as it comes.")
@radio_options
def scan(
    *, seconds: float, as_json: bool, follow: bool, radio: tuple[str, ...], seed: int | None, fast: bool
) -> int:
    r"""List the cars in reach: identifier, model, name, firmware, charge, signal, last seen.

    Nothing is connected; adverts tell it all. Exit code 1 when no car was heard.

    \b
    Examples:
      pitboard scan
      pitboard scan --radio ble --seconds 20
      pitboard scan --json | jq -r .identifier
    """
    from rig.cli.car_words import sighting_record  # noqa: PLC0415 - rich and bleak load only here

    async def main(station: Station) -> int:
        began_s = asyncio.get_running_loop().time()
        if not as_json:
            return await _watch(station, seconds)
        cars = await _listen(station, seconds, began_s, follow=follow)
        for car in [] if follow else cars:
            click.echo(json.dumps(sighting_record(car, began_s)))
        return 0 if cars else NOTHING_FOUND

    return run_on_radio(radio, main, seed=seed, fast=fast, quiet=as_json)


async def _listen(station: Station, seconds: float, began_s: float, *, follow: bool) -> list[Sighting]:
    from rig.cli.car_words import sighting_record  # noqa: PLC0415 - as above

    async with station.radio.scan() as heard:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for car in heard:
                    if follow:
                        click.echo(json.dumps(sighting_record(car, began_s)))
    return sorted(heard.sightings.values(), key=lambda car: car.identifier)


async def _watch(station: Station, seconds: float) -> int:
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.live import Live  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    console = Console()
    until_s = loop.time() + seconds
    async with station.radio.scan() as heard:
        with Live(console=console, auto_refresh=False, transient=False) as live:
            while True:
                left_s = until_s - loop.time()
                cars = sorted(heard.sightings.values(), key=lambda car: car.identifier)
                if console.is_terminal or left_s <= 0:
                    live.update(_table(cars, loop.time(), left_s, station.radio.adapters), refresh=True)
                if left_s <= 0:
                    break
                await asyncio.sleep(min(REFRESH_S, left_s))
    if not cars:
        click.echo(
            "no car heard: switch one on and bring it near; nothing else may be connected to it", err=True
        )
    return 0 if cars else NOTHING_FOUND


def _table(cars: list[Sighting], now_s: float, left_s: float, adapters: tuple[str, ...]) -> Table:
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415

    from rig.cli.car_words import UNKNOWN, firmware_words, state_words  # noqa: PLC0415

    count = "1 car" if len(cars) == 1 else f"{len(cars)} cars"
    title = f"{count} in reach" if left_s <= 0 else f"{count} so far, {left_s:.0f} s to go"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    columns: tuple[tuple[str, dict[str, Any]], ...] = (
        ("identifier", {"style": "cyan", "no_wrap": True}),
        ("model", {"no_wrap": True}),
        ("name", {}),
        ("firmware", {"no_wrap": True}),
        ("state", {}),
        *((heading, {"justify": "right", "no_wrap": True}) for heading in _signal_headings(adapters)),
        ("last seen", {"justify": "right", "no_wrap": True}),
    )
    if len(adapters) > 1:
        table.caption_justify = "left"
        table.caption = "\n".join(f"radio {number}: {name}" for number, name in enumerate(adapters, start=1))
    for heading, look in columns:
        table.add_column(heading, **look)
    for car in cars:
        table.add_row(
            f"{car.identifier:08x}",
            model_name(car.model_id),
            car.name or UNKNOWN,
            firmware_words(car.firmware),
            state_words(car.state),
            *(_strength(level) for level in _levels(car, adapters)),
            f"{max(0.0, now_s - car.seen_s):.1f} s ago",
        )
    return table


def _signal_headings(adapters: tuple[str, ...]) -> list[str]:
    if len(adapters) == 1:
        return ["signal"]
    return [f"radio {number}" for number in range(1, len(adapters) + 1)]


def _levels(car: Sighting, adapters: tuple[str, ...]) -> list[int | None]:
    """dBm, a value for each adapter; None where it does not hear the car."""
    if len(adapters) == 1:
        return [car.rssi_dbm]
    heard = {hearing.radio: hearing.rssi_dbm for hearing in car.hearings}
    return [heard.get(adapter) for adapter in adapters]


def _strength(level_dbm: int | None) -> str:
    if level_dbm is None:
        return "-"
    colour = next(colour for least, colour in _STRENGTHS if level_dbm >= least)
    return f"[{colour}]{level_dbm} dBm[/]"
