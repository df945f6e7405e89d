"""Turns the frames of a run into telemetry rows."""

from __future__ import annotations

from pathlib import Path

from protocol import core_of
from rig.radio.link import Received
from rig.soak.recorder import LegRecorder
from rig.store.telemetry import TelemetryRow, TelemetryWriter
from rig.virtual_time import in_virtual_time


class FrameLog:
    """Writes every frame of every car; close it to have the last ones written."""

    def __init__(self, database: Path, run: int, recorder: LegRecorder) -> None:
        self._writer = TelemetryWriter(database, run, threaded=not in_virtual_time())
        self._recorder = recorder
        self._last: dict[int, tuple[int, int]] = {}

    def add(self, identifier: int, received: Received) -> None:
        """Takes one frame; bytes that are no valid frame are kept by their first two."""
        t_us = round(self._recorder.run_s(received.mono_s) * 1e6)
        before_us, count = self._last.get(identifier, (-1, 0))
        n = count + 1 if before_us == t_us else 0
        self._last[identifier] = (t_us, n)
        message = None if received.message is None else core_of(received.message)
        self._writer.add(
            TelemetryRow(
                identifier,
                t_us,
                n,
                msg_id=received.frame[1] if len(received.frame) > 1 else None,
                piece=getattr(message, "piece_id", None),
                offset_mm=getattr(message, "offset_mm", None),
                speed_mm_s=getattr(message, "speed_mm_s", None),
                battery_mv=getattr(message, "battery_mv", None),
            )
        )

    def close(self) -> None:
        """Writes what is left.

        Raises:
            BenchError: a batch could not be written.
        """
        self._writer.close()
