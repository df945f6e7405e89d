"""The screens' desk for people: nicknames, contacts, tickets and calls to action, kept by `booth.people`. What waits for
the disk runs in a thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from booth.errors import BoothBroken
from booth.people.form import Captured, Form
from booth.people.store import PeopleStore
from booth.people.tickets import Reason, Ticket

T = TypeVar("T")

_log = logging.getLogger("pitboard.booth.screens")


class PeopleDesk:
    """`on_change` is called when the number of contacts not yet copied may have changed."""

    def __init__(self, store: PeopleStore, on_change: Callable[[], None]) -> None:
        self._store = store
        self._on_change = on_change
        self._not_copied = 0
        self._is_broken = False

    def close(self) -> None:
        """Lets go of the store."""
        self._store.close()

    @property
    def not_copied(self) -> int:
        """How many contacts are on this machine only; what was known last while the store cannot be read."""
        self._not_copied = self._read(self._store.not_copied, self._not_copied)
        return self._not_copied

    def names(self, players: Iterable[str]) -> dict[str, str]:
        """What these players call themselves; erased and unknown ones are absent, all while the store cannot be read."""
        return self._read(lambda: self._store.nicknames(players), {})

    def has_contact(self, player: str) -> bool:
        """Whether a player left contact details."""
        return self._store.has_contact(player)

    def ticket_of(self, player: str) -> Ticket | None:
        """A player's ticket of today."""
        return self._store.ticket_of(player)

    async def join(self, nickname: str, language: str) -> str:
        """A new player's id."""
        return await asyncio.to_thread(self._store.add_player, nickname, language)

    async def capture(
        self, submission: str, form: Form, *, player: str | None, entry: Reason | None, corrects: bool
    ) -> Captured:
        """Contact details, on the disk when this returns.

        Raises:
            BadInput: they cannot be taken; BoothBroken: they cannot be written.
        """
        captured = await asyncio.to_thread(
            self._store.capture, submission, form, player=player, entry=entry, corrects=corrects
        )
        self._on_change()
        return captured

    async def enter(self, player: str, reason: Reason, race: int) -> None:
        """A player may be in today's draw.

        Raises:
            BoothBroken: it cannot be written.
        """
        await asyncio.to_thread(self._store.enter_draw, player, reason, race=race)

    async def count_call(self, code: str) -> None:
        """Somebody followed a call to action.

        Raises:
            BoothBroken: it cannot be written.
        """
        await asyncio.to_thread(self._store.count_call_to_action, code)

    async def tickets(self, day: date) -> tuple[str, ...]:
        """The codes of a day's tickets, but for those of erased people."""
        return tuple(ticket.code for ticket in self._store.tickets_of(day) if not ticket.is_erased)

    def _read(self, read: Callable[[], T], otherwise: T) -> T:
        # the stage goes on without names; the log tells once, not ten times a second
        try:
            found = read()
        except BoothBroken as error:
            if not self._is_broken:
                _log.warning("people cannot be read: %s", error)
            self._is_broken = True
            return otherwise
        self._is_broken = False
        return found
