"""What `pitboard compare` does once its options are read."""

from __future__ import annotations

import click
from rich.console import Console

from rig.errors import InputError
from rig.history.comparison import compare
from rig.history.comparison_words import comparison_renderables, render_comparison_json
from rig.history.figures import figures_of
from rig.store.home import find_home
from rig.store.queries import load_run


def show_comparison(before: str, after: str, home: str | None, *, as_json: bool) -> None:
    """Prints what is different between two runs.

    Raises:
        InputError: one is not stored, they are one and the same, or they have no figure in common.
    """
    database = find_home(home).database
    earlier, later = load_run(database, before), load_run(database, after)
    if earlier.run.run_id == later.run.run_id:
        raise InputError(f"'{before}' and '{after}' are both run {later.run.run_id}; name two runs")
    comparison = compare(figures_of(earlier), figures_of(later))
    if not comparison.differences:
        raise InputError(
            f"runs {earlier.run.run_id} and {later.run.run_id} have no figure of the same car in common;"
            " 'pitboard report --list' shows what there is"
        )
    if as_json:
        click.echo(render_comparison_json(comparison), nl=False)
        return
    console = Console(highlight=False)
    for part in comparison_renderables(comparison):
        console.print(part)
