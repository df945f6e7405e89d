"""Prepares the process that holds the control loop."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

from rig.control.priority import Priority, high_priority


@contextlib.contextmanager
def control_process() -> Iterator[Priority]:
    """High priority and a quiet garbage collector inside the block; enter it once everything is imported and
    set up, before the loop starts.

    Decoding and deciding make no cycles, so what the collector could find are the objects of the start-up: a
    full collection over a million of them takes 200 ms. They are set aside until the end of the block.
    """
    gc.collect()
    gc.freeze()
    try:
        with high_priority() as priority:
            yield priority
    finally:
        gc.unfreeze()
