"""`pitboard bench`: the serial-attached fixtures: list, probe, selftest."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rig.errors import InputError

if TYPE_CHECKING:
    from rig.bench.probe import Answer
    from rig.bench.selftest import Step, WiggleReport
    from rig.bench.wiring import Wiring
    from rig.compose import Station

T = TypeVar("T")

FAILED = 1
DEFAULT_WIRING = "twin"

WIRING = click.option(
    "--wiring",
    metavar="NAME|FILE",
    help="The wiring map: a shipped one by name, or a TOML file (docs/bench.md). [default: twin, or that of --radio]",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")


@click.group()
def bench() -> None:
    r"""The bench's own hardware: charger relays, meters, button servos, lap gates on serial ports.

    A wiring map in TOML says which channel of which board serves which bay; docs/bench.md explains it. The
    shipped map 'twin' is a bench of simulated boards.

    \b
    Examples:
      pitboard bench list
      pitboard bench probe usb:1a86:7523
      pitboard bench selftest --wiring my-bench.toml
    """


@bench.command("list")
@AS_JSON
def list_command(*, as_json: bool) -> int:
    r"""List the serial ports of this machine by the identity a wiring map should use.

    ttyUSB numbers change with every replug and are refused in wiring maps. Boards without a serial number of
    their own (CH340) are known by the socket they sit in.

    JSON keys: ports (identity, device, usb, product, serial_number, by_id, by_path, kinds).

    \b
    Examples:
      pitboard bench list
      pitboard bench list --json | jq -r '.ports[].identity'
    """
    from rig.bench.ports.identity import list_ports  # noqa: PLC0415 - pyserial loads only here

    ports = list_ports()
    if as_json:
        rows = [
            {**asdict(port), "identity": port.identity, "usb": port.usb, "kinds": list(port.kinds)}
            for port in ports
        ]
        click.echo(json.dumps({"ports": rows}))
        return 0
    if not ports:
        click.echo(
            "no serial port here; plug a fixture in, or try 'pitboard bench selftest' on the simulated bench"
        )
    for port in ports:
        kinds = f"  perhaps {' or '.join(port.kinds)}" if port.kinds else ""
        click.echo(f"{port.identity}  now {port.device}  {port.product}{kinds}".rstrip())
    return 0


@bench.command()
@click.argument("port", required=False)
@click.option("--kind", "kinds", multiple=True, help="Ask only as this kind of board; repeatable.")
@WIRING
@AS_JSON
def probe(*, port: str | None, kinds: tuple[str, ...], wiring: str | None, as_json: bool) -> int:
    r"""Ask which board it is, with questions that switch nothing.

    With PORT (an identity from 'bench list', socket://HOST:PORT or a path) it is asked as one kind after the
    other, in an order in which no question is another board's command; USB numbers that tell narrow it down.
    Without PORT every fixture of the wiring map is asked as what the map says it is. A mute LCUS board and its
    D0 clone answer nothing: only the self-test's meter finds them.

    JSON keys: port, found, answers (kind, found, words); or wiring, found, answers (fixture, found, words).

    Exit code 0 when all were found, 1 when a board did not answer, 3 when a port cannot be opened.

    \b
    Examples:
      pitboard bench probe usb:1a86:7523
      pitboard bench probe socket://10.0.0.7:4001 --kind riden
      pitboard bench probe --wiring my-bench.toml
    """
    if port is None:
        return _probe_wiring(wiring or DEFAULT_WIRING, as_json=as_json)
    answers = _run(_probe_port(port, kinds), virtual=False)
    found = any(answer.found for answer in answers)
    if as_json:
        click.echo(json.dumps({"port": port, "found": found, "answers": [asdict(a) for a in answers]}))
    else:
        for answer in answers:
            click.echo(f"{'found ' if answer.found else 'no    '} {answer.kind}: {answer.words}")
        if not found:
            click.echo("no board known here answered; a mute LCUS board would not either")
    return 0 if found else FAILED


@bench.command()
@WIRING
@click.option(
    "--radio",
    multiple=True,
    metavar="RADIO",
    help="Watch the cars' adverts too, so that buttons are proven; a sim: radio brings the bench of its world.",
)
@click.option("--seed", type=int, help="Seed of the simulated world, instead of the world's own.")
@AS_JSON
def selftest(*, wiring: str | None, radio: tuple[str, ...], seed: int | None, as_json: bool) -> int:
    r"""Wiggle every wire of a bench and let another sensor see it.

    Asks every fixture for its name, switches every charger on and off under the eye of its meter, presses every
    power button (a car in that bay is really switched), and lets every dead-man timer run off. What nothing else
    can see is 'unproven', never 'pass'. However it ends, chargers are off and servos at rest.

    With --radio the cars are the other sensor: each button is pressed twice, and the car must leave the air and come
    back; a cell too full for its meter says in its adverts that it is on the charger.

    JSON keys: wiring, simulated, passed, failed, unproven, steps (subject, action, result, words, bay).

    Exit code 0 when nothing failed, 1 when a wire did, 2 for a bad map, 3 when a port cannot be opened.

    \b
    Examples:
      pitboard bench selftest
      pitboard bench selftest --radio sim:two-sets
      pitboard bench selftest --wiring my-bench.toml --radio ble --json > bench.json
    """
    from rig.bench.selftest import Result  # noqa: PLC0415 - as above
    from rig.bench.wiring import load_wiring  # noqa: PLC0415
    from rig.cli.bench_hold import bench_held  # noqa: PLC0415
    from rig.radio.moniker_list import parse_monikers  # noqa: PLC0415

    named = wiring or (None if radio else DEFAULT_WIRING)
    chart = None if named is None else load_wiring(named)
    show = _show_nothing if as_json else _show_step
    with bench_held("pitboard bench selftest", parse_monikers(radio) if radio else (), chart):
        if radio:
            report, simulated = _wiggle_with_radio(wiring, radio, seed, show)
        else:
            assert chart is not None
            report, simulated = _run(_wiggle(chart, show), virtual=chart.simulated), chart.simulated
    counts = {result.value: report.count(result) for result in Result}
    if as_json:
        rows = [{**asdict(step), "result": step.result.value} for step in report.steps]
        record = {
            "wiring": report.bench,
            "simulated": simulated,
            "passed": counts["pass"],
            "failed": counts["fail"],
            "unproven": counts["unproven"],
            "steps": rows,
        }
        click.echo(json.dumps(record))
    else:
        click.echo(
            f"{report.bench}: {counts['pass']} passed, {counts['fail']} failed, {counts['unproven']} unproven"
        )
    return FAILED if report.failed else 0


async def _wiggle(chart: Wiring, show: Callable[[Step], None]) -> WiggleReport:
    from rig.bench.selftest import wiggle  # noqa: PLC0415
    from rig.bench.station import open_bench  # noqa: PLC0415

    async with open_bench(chart, leave_safe=False) as opened:
        return await wiggle(opened, on_step=show)


def _wiggle_with_radio(
    wiring: str | None, radio: tuple[str, ...], seed: int | None, show: Callable[[Step], None]
) -> tuple[WiggleReport, bool]:
    from rig.bench.selftest import wiggle  # noqa: PLC0415
    from rig.compose import run_with_radio  # noqa: PLC0415

    async def main(station: Station) -> tuple[WiggleReport, bool]:
        if station.bench is None:
            raise InputError(
                f"radio '{station.radio.name}' brings no bench of its own; name its wiring map with --wiring"
            )
        report = await wiggle(station.bench, station.radio, on_step=show)
        return report, station.bench.wiring.simulated

    async def until_told_to_stop(station: Station) -> tuple[WiggleReport, bool]:
        return await _until_told_to_stop(main(station))

    return run_with_radio(radio, until_told_to_stop, seed=seed, uses_bench=True, bench=wiring)


def _show_nothing(_step: Step) -> None:
    pass


def _show_step(step: Step) -> None:
    click.echo(f"{step.result.value:<8}  {step.subject}  {step.action}: {step.words}")


async def _probe_port(port: str, kinds: tuple[str, ...]) -> list[Answer]:
    from rig.bench.kinds import KINDS  # noqa: PLC0415
    from rig.bench.ports.identity import find_port, list_ports  # noqa: PLC0415
    from rig.bench.ports.port import Port  # noqa: PLC0415
    from rig.bench.ports.serial_port import SerialPort  # noqa: PLC0415
    from rig.bench.probe import probe_port  # noqa: PLC0415

    unknown = next((kind for kind in kinds if kind not in KINDS), None)
    if unknown is not None:
        raise click.BadParameter(f"'{unknown}' is none of {', '.join(KINDS)}", param_hint="--kind")
    ports = list_ports()
    url = find_port(port, ports)
    hints = next((facts.kinds for facts in ports if facts.device == url), ())

    async def open_at(baud: int) -> Port:
        return await SerialPort.open(url, name=port, baud=baud)

    return await probe_port(open_at, kinds or hints)


def _probe_wiring(wiring: str, *, as_json: bool) -> int:
    from rig.bench.wiring import load_wiring  # noqa: PLC0415

    chart = load_wiring(wiring)
    answers = _run(_identify_all(chart), virtual=chart.simulated)
    found = all(answer["found"] for answer in answers)
    if as_json:
        click.echo(json.dumps({"wiring": chart.name, "found": found, "answers": answers}))
    else:
        for answer in answers:
            click.echo(f"{'found ' if answer['found'] else 'no    '} {answer['fixture']}: {answer['words']}")
    return 0 if found else FAILED


async def _identify_all(chart: Wiring) -> list[dict[str, Any]]:
    from rig.bench.errors import FixtureFault  # noqa: PLC0415
    from rig.bench.station import open_bench  # noqa: PLC0415

    answers: list[dict[str, Any]] = []
    async with open_bench(chart, leave_safe=False) as opened:
        for name, fixture in opened.fixtures.items():
            try:
                answers.append({"fixture": name, "found": True, "words": await fixture.identify()})
            except FixtureFault as error:
                answers.append({"fixture": name, "found": False, "words": str(error)})
    return answers


def _run(main: Coroutine[Any, Any, T], *, virtual: bool) -> T:
    from rig.virtual_time import run_virtual  # noqa: PLC0415

    return run_virtual(main) if virtual else asyncio.run(_until_told_to_stop(main))


async def _until_told_to_stop(main: Coroutine[Any, Any, T]) -> T:
    """Ctrl-C, SIGTERM and SIGHUP end the run by its own way out, which leaves the bench safe."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await main
    except asyncio.CancelledError:
        raise click.Abort from None
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
