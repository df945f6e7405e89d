"""Writes what the show wants written, in order, and waits with the rest while the disk will not take it."""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime

from booth.errors import BoothBroken
from booth.log.store import ShowLog
from booth.show.records import Record
from rig.clock import Clock

_log = logging.getLogger("pitboard.booth")
MOST_WAITING = 10_000


class Scribe:
    """The race process's pen. A disk that is full must not end the race: what could not be written waits in memory, in
    order and with its own time, and `failure` says so until it is on disk."""

    def __init__(self, log: ShowLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._waiting: deque[tuple[Record, datetime]] = deque(maxlen=MOST_WAITING)
        self.failure: str | None = None

    @property
    def waiting(self) -> int:
        """Records that are not on disk yet."""
        return len(self._waiting)

    def write(self, record: Record) -> None:
        """Writes one record, behind those that wait."""
        self._waiting.append((record, self._clock.utc_now()))
        self.catch_up()

    def catch_up(self) -> None:
        """Tries what waits."""
        while self._waiting:
            record, at = self._waiting[0]
            try:
                self._log.append(record, at)
            except BoothBroken as error:
                if self.failure is None:
                    _log.error("%s", error)
                self.failure = str(error)
                return
            self._waiting.popleft()
        self.failure = None
