"""`pitboard booth run`: the show."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import click

from booth.errors import BadInput
from booth.pack.files import DEMO
from rig.store.home import find_home

_LEAST_PIN, _MOST_PIN = 4, 12


@click.command()
@click.argument("show", default=DEMO)
@click.option(
    "--radio",
    envvar="PITBOARD_RADIO",
    multiple=True,
    metavar="RADIO",
    help="The cars' air, as of every command; without it the simulated fleet, in a process of its own.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port of the screens."
)
@click.option("--host", default="0.0.0.0", show_default=True, help="Address the screens listen on.")  # noqa: S104
@click.option("--home", metavar="FOLDER", help="Results folder [default: the user's application data].")
@click.option("--pin", metavar="DIGITS", help="The crew's PIN [default: made up and printed].")
@click.option("--it-pin", metavar="DIGITS", help="IT's PIN [default: made up and printed].")
@click.option(
    "--crew",
    type=click.Choice(["auto", "people"]),
    help="Who moves the cars and opens the show: a simulated crew, or people at the crew's screen "
    "[default: auto for the demo, else people].",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the AI drivers."
)
@click.option("--json", "as_json", is_flag=True, help="Print events as JSON lines.")
def run(
    *,
    show: str,
    radio: tuple[str, ...],
    port: int,
    host: str,
    home: str | None,
    pin: str | None,
    it_pin: str | None,
    crew: str | None,
    seed: int,
    as_json: bool,
) -> int:
    r"""Run a show: races, screens, players' phones, until Ctrl-C.

    SHOW is a show pack [default: demo, a made-up client with the simulated fleet: four cars race, the sets swap,
    all day]. The race and the screens are processes of their own; one that dies is back within seconds.

    \b
    Examples:
      pitboard booth run
      pitboard booth run spring-fair/show.toml --radio ble --port 80
      pitboard booth run --crew people --pin 2468 --it-pin 8642
    """
    from booth.launch.show import Launcher, Plan  # noqa: PLC0415 - asyncio and the packs load only here

    is_demo = show == DEMO and not radio
    auto = crew == "auto" or (crew is None and is_demo)
    if auto and radio:
        raise BadInput("--crew auto moves simulated cars only; drop it, or drop --radio")
    pins = _pins(pin, it_pin)
    plan = Plan(
        pack=show,
        home=find_home(home).path,
        radio=radio,
        host=host,
        port=port,
        pins=pins,
        hands_drive=auto,
        opens=auto,
        seed=seed,
    )
    asyncio.run(Launcher(plan, _json_line if as_json else _line).run())
    return 130


def _pins(crew: str | None, it: str | None) -> tuple[str, str] | None:
    if crew is None and it is None:
        return None
    if crew is None or it is None:
        raise BadInput("name both --pin and --it-pin, or neither")
    for pin in (crew, it):
        if not pin.isascii() or not pin.isdigit() or not _LEAST_PIN <= len(pin) <= _MOST_PIN:
            raise BadInput(f"a PIN has {_LEAST_PIN} to {_MOST_PIN} digits, not '{pin}'")
    if crew == it:
        raise BadInput("the crew's PIN and IT's must differ")
    return crew, it


def _json_line(event: dict[str, Any]) -> None:
    click.echo(json.dumps(event))


def _line(event: dict[str, Any]) -> None:
    match event["event"]:
        case "ready":
            click.echo(f"stage    {event['stage']}      (open it full-screen on the big display)")
            click.echo(f"players  {event['players']}      (the QR code on the stage)")
            click.echo(f"crew     {event['crew']}      PIN {event['crew_pin']}")
            click.echo(f"IT       {event['it']}      PIN {event['it_pin']}")
            click.echo(f"records  {event['folder']}")
            click.echo("Ctrl-C ends the show: every car is stopped.")
        case "ended":
            words = f": {event['words']}" if event["words"] else ""
            click.echo(
                f"the {event['process']} process ended ({event['code']}){words}; starting it again", err=True
            )
        case "asked":
            click.echo(f"the crew asked to restart: {event['restart']}", err=True)
        case _:
            pass
