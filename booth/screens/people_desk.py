"""The screens' desk for people: nicknames, contacts and tickets, kept by `booth.people`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date


class PeopleDesk:
    """Names of players by their opaque ids."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.not_copied = 0

    def names(self, players: Iterable[str]) -> dict[str, str]:
        """What these players call themselves."""
        return {player: self._names[player] for player in players if player in self._names}

    async def join(self, nickname: str, language: str) -> str:
        """A new player's id."""
        player = secrets.token_urlsafe(9)
        self._names[player] = nickname
        return player

    async def tickets(self, day: date) -> tuple[str, ...]:
        """The codes of a day."""
        return ()
