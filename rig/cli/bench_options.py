"""The option of every command that may use a bench beside its radio."""

from __future__ import annotations

import click

from rig.builtin_data import builtin_names, find_data_file


def _anywhere(_context: click.Context, _parameter: click.Parameter, bench: str | None) -> str | None:
    """The same map by a name that holds in every folder, as a run that is resumed from elsewhere needs it: a file by
    its absolute path."""
    if bench is None or bench in builtin_names("benches"):
        return bench
    return str(find_data_file("benches", bench).resolve())


bench_option = click.option(
    "--bench",
    metavar="NAME|FILE",
    callback=_anywhere,
    help="Wiring map of the bench (docs/bench.md), instead of the simulated world's own.",
)
"""Adds `--bench`: hand its value to `rig.compose.run_with_radio(..., uses_bench=True, bench=value)`."""
