"""Nights of a simulated world: `--night` makes it that old, `--nights` runs one night after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from rig.errors import InputError
from rig.radio.moniker import Moniker
from rig.soak.schedule import derived_seed

if TYPE_CHECKING:
    from rig.cli.soak_run import Request


def seed_of_night(seed: int, night: int | None) -> int:
    """The seed of a night: every night is another sample. Without a night, the seed as it is."""
    return seed if night is None else derived_seed(seed, "night", night)


def refuse_old_reality(moniker: Moniker, night: int | None) -> None:
    """Refuses to make a real radio older than it is.

    Raises:
        InputError: the radio has no simulated world.
    """
    if night is not None and not moniker.has_world:
        raise InputError(
            f"--night says how old a simulated world is, and radio '{moniker}' is real; leave it out: the nights of"
            " real cars are told by their dates"
        )


def run_nights(request: Request, nights: int, start: Callable[[Request], int]) -> int:
    """Runs nights 1 to `nights`, a line for each; returns the exit code of the worst, and stops when a night was
    stopped. The reports of a night are made by `pitboard report RUN` when somebody wants them.

    Raises:
        InputError: a real radio, or options that are for one run.
    """
    for given, option in (
        (request.night, "--night"),
        (request.out, "--out"),
        (request.as_json or None, "--json"),
        (request.prometheus, "--prometheus"),
    ):
        if given is not None:
            raise InputError(
                f"--nights runs many nights and {option} is for one; 'pitboard trend' tells of them all"
            )
    refuse_old_reality(request.moniker, 1)
    worst = 0
    for night in range(1, nights + 1):
        click.echo(f"night {night:3} of {nights}: ", nl=False)
        code = start(replace(request, night=night, brief=True))
        if code == _STOPPED:
            return code
        worst = max(worst, code, key=_SEVERITY.index)
    return worst


_STOPPED = 130
_SEVERITY = (0, 4, 1, 3)
"""Exit codes from the mildest: passed, inconclusive, failed, the bench broke."""
