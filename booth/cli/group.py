"""`pitboard booth`: the group; each command is imported only when it is called."""

from __future__ import annotations

import click

from booth.cli.commands import COMMANDS
from rig.cli.main import LazyGroup


@click.group(cls=LazyGroup, table=lambda: COMMANDS)
def booth() -> None:
    r"""Run the show: races on two sets, branded screens, leads and the daily draw.

    \b
    Examples:
      pitboard booth run                    a demo show on the simulated fleet
      pitboard booth new my-show            a show pack to fill in
      pitboard booth draw verify BUNDLE     recompute a draw from its evidence alone
    """
