"""The screens' desk for the daily draw: today's ceremony, its acts by the crew's taps, and what goes on the stage.

The store writes to disk and may fetch a drand value, so every call runs in a thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from booth.draw.acts import Announce, CorrectThrow, Decide, Freeze, TakeDrand, Throw, What
from booth.draw.bundle import bundle_id, bundled
from booth.draw.ceremony import Ceremony, Phase
from booth.draw.declaration import Terms
from booth.draw.drand import chain_named
from booth.draw.errors import Refused
from booth.draw.mirrors import fetch
from booth.draw.reasons import Change, Outcome, Reason, Strike, VoidReason
from booth.draw.staging import may_do, staged
from booth.draw.store import DrawStore
from booth.errors import BoothError
from booth.pack.model import ShowPack
from rig.clock import Clock

_OVER = {Phase.CLOSED, Phase.VOID}
_DECLARED_BY = "booth"
_LOOK_S = 60.0

_log = logging.getLogger("pitboard.booth.screens")


@dataclass(frozen=True, slots=True)
class Today:
    """Today's draw: its name, how far it is, what may be done now (`booth.draw.staging.may_do`), and, before the
    freeze, today's tickets."""

    name: str
    ceremony: Ceremony
    may: tuple[str, ...]
    tickets: tuple[str, ...]
    at: datetime

    @property
    def bundle_id(self) -> str:
        """The id of its bundle, once it is over."""
        return bundle_id(bundled(self.ceremony)) if self.ceremony.phase in _OVER else ""


class DrawDesk:
    """`tickets` tells a day's ticket codes, in any order."""

    def __init__(
        self,
        folder: Path,
        pack: ShowPack,
        clock: Clock,
        tickets: Callable[[date], Awaitable[tuple[str, ...]]],
    ) -> None:
        self._store = DrawStore(folder, version("pitboard"))
        self._pack = pack
        self._clock = clock
        self._tickets = tickets
        self._declaring = asyncio.Lock()

    @property
    def _day(self) -> date:
        return self._clock.utc_now().astimezone(ZoneInfo(self._pack.time_zone)).date()

    async def keep_declared(self) -> None:
        """Declares each new day's draw by itself, until cancelled: the sooner, the less anybody could have known."""
        while True:
            try:
                await self.declare_today()
            except BoothError as error:
                _log.warning("today's draw is not declared: %s", error)
            await asyncio.sleep(_LOOK_S)

    async def declare_today(self) -> str:
        """Today's draw; declares it when there is none yet, so that its morning secret is committed to before any race.

        Raises:
            BoothError: it cannot be read or written.
        """
        async with self._declaring:
            return await asyncio.to_thread(self._declare_today)

    async def today(self) -> Today:
        """How far today's draw is.

        Raises:
            BoothError: it cannot be read or written.
        """
        name = await self.declare_today()
        ceremony = await asyncio.to_thread(self._store.load, name)
        tickets = await self._tickets(ceremony.declaration.day) if ceremony.phase is Phase.DECLARED else ()
        now = self._clock.utc_now()
        return Today(name, ceremony, may_do(ceremony, now), tuple(sorted(tickets)), now)

    async def do(self, form: Mapping[str, str], by: str) -> None:
        """Does what a form of the crew's page says.

        Raises:
            Refused: it may not be, or not now, or the form says nothing that can be done.
            BoothError: it cannot be read or written, or drand does not answer.
        """
        name = await self.declare_today()
        tickets: tuple[str, ...] = ()
        if form.get("act") == "freeze":
            tickets = await self._tickets(self._day)
        try:
            await asyncio.to_thread(self._do, name, form, tickets, by)
        except (ValueError, KeyError) as error:
            raise Refused("this page is out of date; open it again") from error

    def _declare_today(self) -> str:
        name = self._store.latest(self._day)
        if name is not None:
            return name
        return self._store.declare(self._pack, self._day, self._clock.utc_now(), _DECLARED_BY)

    def _do(self, name: str, form: Mapping[str, str], tickets: tuple[str, ...], by: str) -> None:
        now = self._clock.utc_now()
        match form["act"]:
            case "close":
                self._store.redeclare(name, self._pack, Terms(closes_at=now), why=Change.TIME, at=now, by=by)
            case "declare":
                self._store.declare(self._pack, self._day, now, by)
            case "run":
                self._store.run(name, now, by)
            case "void":
                self._store.void(name, VoidReason(form["why"]), now, by)
            case act:
                self._store.do(name, self._what(act, name, form, tickets), now, by)

    def _what(self, act: str, name: str, form: Mapping[str, str], tickets: tuple[str, ...]) -> What:
        if act == "freeze":
            return Freeze(
                tickets, {code: Strike(why) for code in tickets if (why := form.get(f"strike {code}"))}
            )
        if act == "drand":
            declared = self._store.load(name).declaration
            if declared.drand_chain is None or declared.drand_round is None:
                raise Refused("this draw takes dice, not drand")
            return TakeDrand(fetch(chain_named(declared.drand_chain), declared.drand_round))
        return _ACTS[act](form)


def _decision(form: Mapping[str, str]) -> Decide:
    outcome, _, reason = form["decision"].partition("/")
    return Decide(Outcome(outcome), Reason(reason))


_ACTS: dict[str, Callable[[Mapping[str, str]], What]] = {
    "throw": lambda form: Throw((int(form["value"]),)),
    "correct-throw": lambda form: CorrectThrow(int(form["number"]), int(form["value"])),
    "announce": lambda _: Announce(),
    "decide": _decision,
}


def on_stage(today: Today) -> tuple[str, dict[str, str]]:
    """Step and body of StageDraw for how far the draw is."""
    return staged(today.ceremony, today.bundle_id)
