"""The battery lives that soaks on this machine have watched, for the forecast."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from booth.floor.forecast import Life
from rig.errors import RigError
from rig.soak.battery.ends import End
from rig.store.database import open_database, translated
from rig.store.lives import LifeRow
from rig.store.queries import list_runs, units_of

_MOST_RUNS = 30
"""The latest: a cell of last season is another cell."""
_log = logging.getLogger("pitboard.booth")


def lives_of(database: Path, cars: Iterable[int]) -> dict[int, list[Life]]:
    """Lives by car, seconds driven from full, of the latest runs. Empty where nothing was soaked or nothing can be read:
    the forecast has a default, and a show must not fail over it."""
    wanted = frozenset(cars)
    found: dict[int, list[Life]] = {}
    try:
        runs = [run.number for run, _ in list_runs(database)[:_MOST_RUNS]]
        db = open_database(database, create=False)
        try:
            with translated(database):
                for run in runs:
                    for row in units_of(db, run, LifeRow):
                        if row.identifier in wanted and row.start_full and row.end != End.NOT_STARTED.value:
                            life = Life(row.drive_s, row.end == End.BATTERY.value)
                            found.setdefault(row.identifier, []).append(life)
        finally:
            db.close()
    except RigError as error:
        _log.info("no battery lives to forecast from: %s", error)
    return found
