"""`pitboard booth draw`: the daily draw from the command line; the crew's screen does the same."""

from __future__ import annotations

import json
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from booth.cli.draw_check import check_ticket, verify
from booth.cli.draw_table import Table, at_the_table
from booth.draw.acts import Announce, Correct, CorrectThrow, Decide, Freeze, TakeDrand, Throw
from booth.draw.bundle import bundle_id, bundled
from booth.draw.canonical import instant_text
from booth.draw.declaration import USUAL_THROWS, Terms
from booth.draw.drand import CHAINS, QUICKNET, chain_named, parse_beacon
from booth.draw.errors import Refused
from booth.draw.mirrors import fetch
from booth.draw.reasons import REASONS, Change, Correction, Outcome, Reason, Strike, VoidReason
from booth.errors import BadInput
from booth.pack.model import Randomness


def _choice(kind: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([each.value for each in kind])


@click.group()
def draw() -> None:
    r"""The daily draw: declare, freeze, throw dice or take drand, run, announce, decide; and prove it.

    \b
    Examples:
      pitboard booth draw declare
      pitboard booth draw freeze --tickets codes.txt --strike K7Q2-01=staff
      pitboard booth draw dice 3 6 1 1 5 2 4 4 6 2 3 5 1 6 2 2 4 1 5 5
      pitboard booth draw run
      pitboard booth draw verify draw-2026-11-22.zip
    """


def _closing(text: str | None, table: Table) -> datetime | None:
    if text is None or text == "now":
        return None if text is None else table.now
    try:
        at = time.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"--closes takes 'now' or a time such as 16:30, not '{text}'") from error
    return datetime.combine(table.today, at, ZoneInfo(table.pack.time_zone))


@draw.command()
@click.option("--closes", metavar="HH:MM|now", help="When entries close [default: the pack's].")
@click.option("--randomness", type=_choice(Randomness), help="Where it comes from [default: the pack's].")
@click.option("--chain", type=click.Choice(list(CHAINS)), default=QUICKNET.name, help="The drand chain.")
@click.option("--throws", type=int, default=USUAL_THROWS, show_default=True, help="Throws of a die at least.")
@click.option("--again", type=_choice(Change), help="Declare again before the freeze, for this reason.")
@at_the_table
def declare(
    table: Table,
    *,
    closes: str | None,
    randomness: str | None,
    chain: str,
    throws: int,
    again: str | None,
) -> None:
    r"""Begin today's draw: say what will be drawn, when and by what, and commit to the morning secret.

    \b
    Examples:
      pitboard booth draw declare
      pitboard booth draw declare --randomness drand
      pitboard booth draw declare --again time --closes now
    """
    terms = Terms(
        _closing(closes, table), None if randomness is None else Randomness(randomness), chain, throws
    )
    if again is not None:
        why = Change(again)
        table.tell(table.draws.redeclare(table.name, table.pack, terms, why=why, at=table.now, by=table.by))
        return
    name = table.draws.declare(table.pack, table.today, table.now, table.by, terms)
    table.tell(table.draws.load(name))


@draw.command("freeze")
@click.option(
    "--tickets",
    type=click.File("r", encoding="utf-8"),
    required=True,
    help="Ticket codes, one a line; - is standard input.",
)
@click.option(
    "--strike", "strikes", multiple=True, metavar="CODE=REASON", help=f"Out, visibly: {', '.join([*Strike])}."
)
@click.option("--correct", type=_choice(Correction), help="A corrected list, for this reason.")
@at_the_table
def freeze(table: Table, tickets: Any, strikes: tuple[str, ...], correct: str | None) -> None:
    r"""Close the list; from now on its SHA-256 is public and it does not change.

    A mistake is corrected with --correct, while no throw is entered and the drand round has not come.

    \b
    Examples:
      pitboard booth draw freeze --tickets codes.txt
      pitboard booth draw freeze --tickets codes.txt --strike K7Q2-01=staff --correct wrongly-in
    """
    try:
        codes = tuple(line.strip() for line in tickets if line.strip())
    except UnicodeDecodeError as error:
        raise BadInput(f"{tickets.name} is no text of ticket codes: {error.reason}") from error
    struck = dict(_strike(text) for text in strikes)
    if correct is None:
        table.do(Freeze(codes, struck))
    else:
        table.do(Correct(codes, struck, Correction(correct)))


def _strike(text: str) -> tuple[str, Strike]:
    code, _, why = text.partition("=")
    if why not in [*Strike]:
        raise BadInput(f"--strike takes CODE=REASON with one of {', '.join([*Strike])}, not '{text}'")
    return code, Strike(why)


@draw.command()
@click.argument("values", nargs=-1, required=True, type=int)
@click.option("--correct", type=int, metavar="NUMBER", help="Throw NUMBER, from 1, was entered wrongly.")
@at_the_table
def dice(table: Table, values: tuple[int, ...], correct: int | None) -> None:
    r"""Enter what the visitor threw, in order.

    \b
    Examples:
      pitboard booth draw dice 3 6 1 1 5
      pitboard booth draw dice --correct 2 5        throw 2 was a 5
    """
    if correct is None:
        table.do(Throw(values))
    elif len(values) == 1:
        table.do(CorrectThrow(correct, values[0]))
    else:
        raise BadInput(f"--correct {correct} takes the one value the die showed, not {len(values)}")


@draw.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--online", is_flag=True, help="Ask two mirrors now, instead of reading FILES.")
@at_the_table
def drand(table: Table, files: tuple[Path, ...], online: bool) -> None:
    r"""Take the declared drand round: the answers of two mirrors as JSON files, or --online.

    The booth is offline: open MIRROR/<chain hash>/public/<round> on a telephone at two mirrors (api.drand.sh,
    drand.cloudflare.com), and save both answers. 'show' prints both addresses.

    \b
    Examples:
      pitboard booth draw drand first.json second.json
      pitboard booth draw drand --online
    """
    declared = table.draws.load(table.name).declaration
    if declared.drand_chain is None or declared.drand_round is None:
        raise Refused("dice were declared, not drand; 'pitboard booth draw dice' takes the throws")
    if online == bool(files) or len(files) not in {0, 2}:
        raise BadInput("give the answers of two mirrors as two files, or --online")
    comes_at = declared.drand_comes_at
    if comes_at is not None and table.now < comes_at:
        raise Refused(f"drand round {declared.drand_round} comes at {instant_text(comes_at)}; wait")
    if online:
        table.do(TakeDrand(fetch(chain_named(declared.drand_chain), declared.drand_round)))
    else:
        answers = (
            parse_beacon(path.read_text(encoding="utf-8", errors="replace"), path.name) for path in files
        )
        table.do(TakeDrand(tuple(answers)))


@draw.command("run")
@at_the_table
def run_draw(table: Table) -> None:
    r"""Reveal the morning secret and rank the tickets by RFC 3797.

    \b
    Examples:
      pitboard booth draw run
    """
    table.tell(table.draws.run(table.name, table.now, table.by))


@draw.command()
@at_the_table
def announce(table: Table) -> None:
    r"""Tell the next rank; its time to come forward begins.

    \b
    Examples:
      pitboard booth draw announce
    """
    table.do(Announce())


@draw.command()
@click.argument("outcome", type=_choice(Outcome))
@click.option("--reason", type=_choice(Reason), help="Why [default: the usual one].")
@at_the_table
def decide(table: Table, outcome: str, reason: str | None) -> None:
    r"""Say what became of the rank announced last.

    \b
    Examples:
      pitboard booth draw decide claimed
      pitboard booth draw decide unreachable
      pitboard booth draw decide ineligible --reason staff --by AB
    """
    chosen = Outcome(outcome)
    if chosen is Outcome.INELIGIBLE and reason is None:
        raise BadInput(f"say why with --reason: {', '.join(REASONS[chosen])}")
    table.do(Decide(chosen, REASONS[chosen][0] if reason is None else Reason(reason)))


@draw.command()
@click.argument("reason", type=_choice(VoidReason))
@at_the_table
def void(table: Table, reason: str) -> None:
    r"""Call the draw void, for everybody to see. Another may be declared the same day; it names this one.

    \b
    Examples:
      pitboard booth draw void nobody
    """
    table.tell(table.draws.void(table.name, VoidReason(reason), table.now, table.by))


@draw.command("show")
@at_the_table
def show_draw(table: Table) -> None:
    r"""How far the draw is, and what may be done next.

    \b
    Examples:
      pitboard booth draw show
      pitboard booth draw show --draw 2026-11-22 --json
    """
    table.tell(table.draws.load(table.name))


@draw.command()
@at_the_table
def bundle(table: Table) -> None:
    r"""Write the evidence of a draw that is over: one .zip without personal data, for anybody.

    \b
    Examples:
      pitboard booth draw bundle
    """
    path = table.draws.bundle(table.name)
    identity = bundle_id(bundled(table.draws.load(table.name)))
    if table.as_json:
        click.echo(json.dumps({"bundle": str(path), "bundle_id": identity}))
    else:
        click.echo(
            f"{path}\nbundle id {identity}\nshow the id on the stage, and give the file to whoever asks"
        )


draw.add_command(verify)
draw.add_command(check_ticket)
