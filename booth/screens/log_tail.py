"""The last lines of this process's log, for IT's screen. Nothing personal is ever logged."""

from __future__ import annotations

import logging
from collections import deque

_MOST = 200
_NAMES = ("pitboard", "uvicorn.error")


class LogTail(logging.Handler):
    """Keeps the newest lines."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._lines: deque[str] = deque(maxlen=_MOST)

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one more; a traceback is told by its last line only."""
        line = self.format(record).splitlines()
        self._lines.append(line[0] if len(line) == 1 else f"{line[0]} … {line[-1]}")

    def lines(self) -> list[str]:
        """Oldest first."""
        return list(self._lines)

    def listen(self) -> None:
        """Begins to keep lines."""
        for name in _NAMES:
            logging.getLogger(name).addHandler(self)

    def stop(self) -> None:
        """Keeps no more."""
        for name in _NAMES:
            logging.getLogger(name).removeHandler(self)
