"""`pitboard doctor`: what is wrong with this machine's radios, and what to do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from rig.errors import RigError
from rig.radio.moniker_list import parse_monikers

if TYPE_CHECKING:
    from rig.doctor.diagnosis import Diagnosis
    from rig.doctor.facts import Facts, OpenedFacts
    from rig.radio.moniker import Moniker

PROBE_SCAN_S = 3.0
PROBE_LIMIT_S = 30.0


@click.command()
@click.option(
    "--radio",
    envvar="PITBOARD_RADIO",
    multiple=True,
    default=("ble",),
    show_default=True,
    metavar="RADIO",
    help="The radio to look at: ble (every adapter), ble:hci1, hci:<bumble transport>, vhci, sim. Repeat it to "
    "look at several; or set PITBOARD_RADIO, with spaces between them.",
)
@click.option(
    "--cars",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="How many cars the radios should carry together.",
)
@click.option("--probe", is_flag=True, help="Also open each radio and scan for 3 s; nothing is connected.")
@click.option("--json", "as_json", is_flag=True, help="Findings and facts as one JSON object.")
def doctor(*, radio: tuple[str, ...], cars: int, probe: bool, as_json: bool) -> int:
    r"""Say what is wrong with this machine's Bluetooth, and what to do about it.

    Looks at adapters, drivers, radio switches, kernel, BlueZ, D-Bus, permissions, power saving and serial
    dongles, and knows combinations that fail. Nothing is changed, and without --probe nothing is opened.
    Needs no root; what could not be looked at is said. docs/doctor.md explains every finding.

    JSON keys: usable, exit_code, radios (each with radio, usable, exit_code, findings, opened), facts;
    findings have id, level, subject, found, remedy, sources;
    levels are ok, note, warn and bad; commands in a remedy stand in backticks; what is unknown is {"unknown": why}.

    Exit code 0 when every radio can be used, 3 when one cannot.

    \b
    Examples:
      pitboard doctor
      pitboard doctor --radio ble:hci1 --cars 8
      pitboard doctor --radio ble:hci0 --radio ble:hci1 --cars 8
      pitboard doctor --radio hci:serial:/dev/ttyACM0 --probe
      pitboard doctor --json | jq -r '.radios[].findings[] | select(.level == "bad") | .remedy'
    """
    monikers = parse_monikers(radio)
    from rig.cli.doctor_text import facts_record, radio_record, report_lines  # noqa: PLC0415 - as below

    facts = asyncio.run(_collect())
    share = -(-cars // len(monikers))
    looked = [_looked_at(moniker, facts, share, probe=probe) for moniker in monikers]
    diagnoses = [diagnosis for diagnosis, _ in looked]
    exit_code = max(diagnosis.exit_code for diagnosis in diagnoses)
    if as_json:
        record: dict[str, Any] = {
            "usable": all(diagnosis.usable for diagnosis in diagnoses),
            "exit_code": exit_code,
            "radios": [
                radio_record(str(moniker), diagnosis, opened)
                for moniker, (diagnosis, opened) in zip(monikers, looked, strict=True)
            ],
            "facts": facts_record(facts),
        }
        click.echo(json.dumps(record))
    else:
        for line in report_lines(facts, diagnoses):
            click.echo(line)
    return exit_code


def _looked_at(
    moniker: Moniker, facts: Facts, cars: int, *, probe: bool
) -> tuple[Diagnosis, OpenedFacts | None]:
    """One radio's diagnosis, and how opening it went if it was opened."""
    from rig.doctor.diagnosis import Asked, diagnose  # noqa: PLC0415 - loaded only here

    opened = _open(str(moniker)) if probe else None
    target = "" if moniker.has_world else moniker.target
    return diagnose(replace(facts, opened=opened), Asked(moniker.kind, target, cars)), opened


async def _collect() -> Facts:
    from rig.doctor.probe import collect  # noqa: PLC0415 - brings D-Bus and bleak

    return await collect()


def _open(radio: str) -> OpenedFacts:
    """Opens the radio and scans: whether that worked, and how many cars were heard."""
    from rig.compose import Station, run_with_radio  # noqa: PLC0415 - bumble loads only for --probe
    from rig.doctor.facts import OpenedFacts  # noqa: PLC0415

    async def listen(station: Station) -> int:
        async with asyncio.timeout(PROBE_LIMIT_S), station.radio.scan() as heard:
            await asyncio.sleep(PROBE_SCAN_S)
            return len(heard.sightings)

    try:
        count = run_with_radio(radio, listen)
    except RigError as error:
        advice = str(error).removeprefix(error.what_happened).removeprefix("; ")
        advice = advice.partition(", or run 'pitboard doctor")[0]  # whoever reads this has
        return OpenedFacts(opened=False, words=error.what_happened, advice=advice)
    except TimeoutError:
        return OpenedFacts(
            opened=False, words=f"{radio}: no scan within {PROBE_LIMIT_S:g} s", advice="replug it"
        )
    cars = "1 car" if count == 1 else f"{count} cars"
    return OpenedFacts(opened=True, words=f"opened, and {cars} heard in {PROBE_SCAN_S:g} s")
