"""The console script's first step: start without the garbage collector.

Imports make many objects and no garbage; collecting among them costs a quarter of a bare interpreter start.
The collector is switched on again once the command is imported (`rig.cli.main.LazyGroup`).
"""

from __future__ import annotations

import gc


def main() -> None:
    """Console entry point of `pitboard`."""
    gc.disable()
    from rig.cli.main import main as run  # noqa: PLC0415 - the point of this module

    run()
