"""Hands in another process: the one that holds the simulated cars. JSON in lines over a Unix socket, one act a line.

-> {"act": "press", "car": 142666459}
<- {"done": true}
"""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

_LIMIT_S = 60.0
_log = logging.getLogger("pitboard.booth")


class RemoteHands:
    """Hands behind a socket; an act that cannot be done is logged, and the adverts show that nothing came of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def press(self, car: int) -> bool:
        """Presses a car's power button once."""
        return await self._do({"act": "press", "car": car})

    async def charge(self, car: int, *, on: bool) -> bool:
        """Puts a car on its charger, or takes it off into the hand."""
        return await self._do({"act": "charge", "car": car, "on": on})

    async def place(self, car: int, *, on: bool) -> bool:
        """Puts a car on the track, ready to race, or lifts it off."""
        return await self._do({"act": "place", "car": car, "on": on})

    async def _do(self, act: dict[str, Any]) -> bool:
        try:
            async with asyncio.timeout(_LIMIT_S):
                reader, writer = await asyncio.open_unix_connection(str(self._path))
                try:
                    writer.write(json.dumps(act).encode() + b"\n")
                    answer = json.loads(await reader.readline() or b"{}")
                finally:
                    writer.close()
        except (OSError, TimeoutError, ValueError) as error:
            _log.warning("no hand did %s: %s", act["act"], error)
            return False
        if not answer.get("done"):
            _log.warning("no hand did %s: %s", act["act"], answer.get("why", "no answer"))
            return False
        return True
