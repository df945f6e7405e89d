"""The option of every command that may use a bench beside its radio."""

from __future__ import annotations

import click

bench_option = click.option(
    "--bench",
    envvar="PITBOARD_BENCH",
    metavar="NAME|FILE",
    help="Wiring map of the bench (docs/bench.md), instead of the simulated world's own; or set PITBOARD_BENCH.",
)
"""Adds `--bench`: hand its value to `rig.compose.run_with_radio(..., uses_bench=True, bench=value)`."""
