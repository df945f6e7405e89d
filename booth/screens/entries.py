"""Who may be in today's draw: the winner of each race, or everybody who drove, as the show pack says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from booth.errors import BoothError
from booth.pack.model import Enters
from booth.people.tickets import Reason
from booth.screens.people_desk import PeopleDesk

_AGAIN_S = 5.0

_log = logging.getLogger("pitboard.booth.screens")


def entrants(last: Mapping[str, Any], enters: Enters) -> list[tuple[str, Reason]]:
    """The players a race's result lets into the draw, and why. Pure."""
    seats = [seat for seat in last.get("seats", ()) if seat.get("player")]
    won = [(seat["player"], Reason.WON) for seat in seats if seat["seat"] == last.get("winner")]
    if enters is Enters.WINNERS:
        return won
    return won + [(seat["player"], Reason.PLAYED) for seat in seats if seat["seat"] != last.get("winner")]


class Entries:
    """Enters them as results come. A result seen twice changes nothing; a corrected one adds who was wronged."""

    def __init__(self, people: PeopleDesk, enters: Enters) -> None:
        self._people = people
        self._enters = enters
        self._news = asyncio.Event()
        self._last: Mapping[str, Any] | None = None
        self._done: set[tuple[str, Reason, int]] = set()

    def see(self, snapshot: Mapping[str, Any] | None) -> None:
        """The newest snapshot."""
        last = (snapshot or {}).get("last")
        if last is not None and last != self._last:
            self._last = last
            self._news.set()

    async def run(self) -> None:
        """Writes them down, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            last = self._last or {}
            for player, reason in entrants(last, self._enters):
                entry = (player, reason, last["race"])
                if entry in self._done:
                    continue
                try:
                    await self._people.enter(*entry)
                except BoothError as error:
                    _log.warning("an entry in the draw waits: %s", error)
                    await asyncio.sleep(_AGAIN_S)
                    self._news.set()
                else:
                    self._done.add(entry)
