"""The one command, `pitboard`: a click group that imports a command only when it is used."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from rig.cli.discover import command_tables

BAD_INPUT = 2
ABORTED = 130
WIDEST_HELP = 80


Table = Mapping[str, tuple[str, str]]
"""Command name -> where it lives (`module:attribute`) and its one-line help."""


class LazyGroup(click.Group):
    """Lists commands from a table, by default those of every installed package; imports the one that is called."""

    def __init__(self, *args: Any, table: Callable[[], Table] = command_tables, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._table = table

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """As click's, with the help's width measured here: click's own way imports shutil, bz2 and lzma."""
        extra.setdefault("terminal_width", help_width())
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name, in the table's order."""
        return list(self._table())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now; None when no table names it."""
        entry = self._table().get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry[0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        keep_line_breaks(command)
        if not gc.isenabled():  # started by rig.cli.start
            gc.freeze()
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command list of `--help`, from the tables alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._table().items()])


def keep_line_breaks(command: click.Command) -> None:
    r"""Turns the `\b` of a raw docstring into the backspace that click wants before a paragraph it must not wrap."""
    if command.help:
        command.help = command.help.replace(r"\b", "\b")
    if isinstance(command, click.Group):  # those of a lazy group come later
        for child in command.commands.values():
            keep_line_breaks(child)


def help_width() -> int:
    """Columns for help text, by click's rule: the terminal's, at most 80, a margin of 2, at least 50."""
    columns = os.environ.get("COLUMNS", "")
    try:
        width = int(columns) if columns.isdecimal() else os.get_terminal_size().columns
    except OSError:  # no terminal: a pipe, a file, CI
        width = WIDEST_HELP
    return max(min(width or WIDEST_HELP, WIDEST_HELP) - 2, 50)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pitboard")
def pitboard() -> None:
    r"""Soak-test a fleet of Anki Drive / OVERDRIVE cars by night, race them at a booth by day.

    \b
    Examples:
      pitboard soak                     a soak night of the simulated fleet, no hardware needed
      pitboard scan --radio ble         the cars this machine's Bluetooth can see
      pitboard decode 053f01000001      what a frame means

    Exit codes: 0 passed, 1 failed, 2 bad input, 3 broken bench, 4 inconclusive, 130 interrupted.
    """


keep_line_breaks(pitboard)


def main() -> None:
    """Console entry point: runs the group and turns every deliberate error into one sentence."""
    try:
        result = pitboard.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        sys.exit(ABORTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        code = getattr(error, "exit_code", None)
        if code is not None:
            _complain("; ".join([str(error), *getattr(error, "__notes__", ())]))
            sys.exit(code)
        if not isinstance(error, OSError) or error.errno is None:  # a TimeoutError of asyncio's has none
            raise
        _give_up_output()
        _complain(_sentence_of(error))
        sys.exit(BAD_INPUT)
    sys.exit(result if isinstance(result, int) else 0)


def _complain(sentence: str) -> None:
    with suppress(OSError):  # standard error may be what is full
        click.echo(f"pitboard: {sentence}", err=True)


def _sentence_of(error: OSError) -> str:
    where = "" if error.filename is None else f" at '{error.filename}'"
    return f"cannot go on{where}: {error.strerror or error}"


def _give_up_output() -> None:
    """Lets the interpreter end without flushing what could not be written."""
    with suppress(OSError, AttributeError):  # no standard output, or none with a descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
