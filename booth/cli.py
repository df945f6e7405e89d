"""`pitboard booth`: says honestly what is not there yet."""

from __future__ import annotations

import click


@click.command()
def booth() -> None:
    r"""Run the show: races on two sets, branded screens, leads and the daily draw.

    The booth runner is not part of this release. What it will stand on is: `pitboard soak` verifies
    the cars, `pitboard drive` and `pitboard lap` drive and time them.

    \b
    Example:
      pitboard booth
    """
    click.echo(
        "The booth runner is not built yet. This release verifies the fleet (pitboard soak) and drives "
        "single cars (pitboard drive, pitboard lap)."
    )
    raise SystemExit(2)
