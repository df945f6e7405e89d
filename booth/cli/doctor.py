"""`pitboard booth doctor`: may this booth open?"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version

import click

from booth.cli.show_folder import show_folder
from booth.doctor import probe_machine, probe_show
from booth.doctor.facts import BoothFacts
from booth.doctor.findings import Colour, Finding, exit_code, worst
from booth.doctor.judge import judged
from booth.pack.advice import advice_on
from booth.pack.files import DEMO, load_pack
from rig.clock import SystemClock

_STYLE = {Colour.GREEN: "green", Colour.YELLOW: "yellow", Colour.RED: "red"}
_VERDICT = {
    Colour.GREEN: "The booth may open.",
    Colour.YELLOW: "The booth may open; some things will cost time or people.",
    Colour.RED: "Do not open like this.",
}


@click.command()
@click.argument("show", default=DEMO)
@click.option(
    "--radio", envvar="PITBOARD_RADIO", default="sim", show_default=True, help="The radio of the show."
)
@click.option("--port", default=8080, show_default=True, help="Port of the screens.")
@click.option("--home", envvar="PITBOARD_HOME", help="Results folder; also set by PITBOARD_HOME.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(show: str, radio: str, port: int, home: str | None, as_json: bool) -> int:
    r"""Say what is wrong with this booth: three colours, whose move it is, the one thing to do.

    Begins with the two oldest questions: are updates installed, when was it last restarted. Changes nothing.
    Exit code 0 when the booth may open, 3 when something is red.

    \b
    Examples:
      pitboard booth doctor
      pitboard booth doctor spring-fair/show.toml --radio ble --port 80
    """
    pack = load_pack(show)
    folder = show_folder(home, pack)
    clock = SystemClock()
    is_running = probe_show.runs(folder)
    findings = judged(
        BoothFacts(
            version=version("pitboard"),
            updates=probe_machine.updates(clock.utc_now()),
            up_s=clock.uptime().seconds,
            pack_advice=advice_on(pack),
            free_mb=probe_machine.free_mb(folder),
            writable=probe_machine.why_not_writable(folder),
            on_mains=probe_machine.on_mains(),
            clock_synchronised=probe_machine.clock_synchronised(),
            addresses=probe_machine.addresses(),
            port=port,
            port_taken=probe_machine.port_taken(port),
            runs=is_running,
            files=probe_show.show_files(folder, clock),
            radio=probe_show.radio_facts(radio),
        )
    )
    if as_json:
        colour = worst(findings)
        told = {"colour": colour, "verdict": _VERDICT[colour], "findings": [asdict(one) for one in findings]}
        click.echo(json.dumps(told, indent=2))
    else:
        for finding in findings:
            _show(finding)
        click.echo(f"\n{_VERDICT[worst(findings)]}")
    return exit_code(findings)


def _show(finding: Finding) -> None:
    badge = click.style(f"{finding.colour.value:<6}", fg=_STYLE[finding.colour])
    click.echo(f"{badge} {finding.subject:<10} {finding.found}")
    if finding.action:
        click.echo(f"{'':17} {finding.owner.value}: {finding.action}")
