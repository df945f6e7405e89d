"""Contact details: the form on a visitor's own phone and on the crew's tablet, and the thanks, said only when they are
on the disk. The crew's form forgets what is in it when nobody touches it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from booth.errors import BadInput, BoothBroken
from booth.pack.model import Ask, Enters
from booth.people.answers import is_qualified, read_answers
from booth.people.consent import How, shown
from booth.people.contact import FIELDS, BadContact, read_contact
from booth.people.form import Captured, Form
from booth.people.tickets import Reason, read_code
from booth.screens.doors import Door, Who
from booth.screens.forms import form_of
from booth.screens.link import RaceAwayError
from booth.screens.state import Screens
from booth.screens.texts import in_language
from booth.show.commands import Join, Role


def doors(screens: Screens) -> list[Door]:
    """The routes of contact details."""
    page = _Leads(screens)
    return [
        Door("/lead", page.own_form, Who.PLAYER),
        Door("/lead", page.own, Who.PLAYER, "POST", is_page=False),
        Door("/thanks", page.own_thanks, Who.PLAYER),
        Door("/crew/lead", page.crew_form, Who.CREW),
        Door("/crew/lead", page.crew, Who.CREW, "POST", is_page=False),
        Door("/crew/thanks", page.crew_thanks, Who.CREW),
    ]


@dataclass(frozen=True)
class _Filled:
    """What stands in the form when it is shown."""

    submission: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    typed: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, list[str]] = field(default_factory=dict)
    ticked: frozenset[str] = frozenset()
    wants_draw: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


class _Leads:
    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self._pack = screens.pack

    async def own_form(self, request: Request) -> Response:
        player = request.state.player
        query = request.query_params
        if self._screens.people.has_contact(player) and "again" not in query:
            return RedirectResponse("/thanks", status_code=303)
        return self._form(request, _Filled(wants_draw="draw" in query))

    async def own(self, request: Request) -> Response:
        player = request.state.player
        is_first = not self._screens.people.has_contact(player)
        captured = await self._capture(request, How.OWN_PHONE, player, corrects=not is_first)
        if isinstance(captured, Response):
            return captured
        if is_first and self._pack.leads.ask is Ask.BEFORE:
            with contextlib.suppress(RaceAwayError):  # their page asks again when the race process is back
                await self._screens.link.ask(Role.PLAYER, Join(player))
            return RedirectResponse("/", status_code=303)
        return RedirectResponse("/thanks", status_code=303)

    async def own_thanks(self, request: Request) -> Response:
        player = request.state.player
        if not self._screens.people.has_contact(player):
            return RedirectResponse("/lead", status_code=303)
        ticket = self._screens.people.ticket_of(player)
        return self._thanks(request, "" if ticket is None else ticket.code)

    async def crew_form(self, request: Request) -> Response:
        return self._form(request, _Filled())

    async def crew(self, request: Request) -> Response:
        fields = await form_of(request)
        player = fields.get("player", "") or None
        if player is not None and player not in dict(self._last_players()):
            player = None
        captured = await self._capture(request, How.CREW_TABLET, player)
        if isinstance(captured, Response):
            return captured
        code = "" if captured.ticket is None else captured.ticket.code
        return RedirectResponse(f"/crew/thanks?ticket={code}", status_code=303)

    async def crew_thanks(self, request: Request) -> Response:
        return self._thanks(request, read_code(request.query_params.get("ticket", "")) or "")

    async def _capture(
        self, request: Request, how: How, player: str | None, *, corrects: bool = False
    ) -> Captured | Response:
        fields = await form_of(request)
        leads = self._pack.leads
        typed = {name: fields.get(name, "") for name in FIELDS}
        given = {each.key: fields.getlist(f"q_{each.key}") for each in leads.qualifiers}
        ticked = frozenset(each.purpose for each in leads.consents if f"c_{each.purpose}" in fields)
        filled = _Filled(
            submission=fields.get("submission", ""),
            typed={**typed, "note": fields.get("note", "")},
            answers=given,
            ticked=ticked,
            wants_draw="wants_draw" in fields,
        )
        try:
            answers = read_answers(given, leads.qualifiers)
            form = Form(
                contact=read_contact(typed, region=leads.region),
                how=how,
                language=self._screens.language_of(request),
                consents=shown(leads.consents, language=self._screens.language_of(request), ticked=ticked),
                answers=answers,
                is_qualified=is_qualified(answers, leads.qualifiers),
                note=filled.typed["note"] if how is How.CREW_TABLET else "",
                wants_draw=filled.wants_draw,
            )
            entry = Reason.FREE_ENTRY if how is How.CREW_TABLET and "free_entry" in fields else None
            return await self._screens.people.capture(
                filled.submission, form, player=player, entry=entry, corrects=corrects
            )
        except BadContact as bad:
            problems = {name: problem.value for name, problem in bad.problems.items()}
            return self._form(request, _with(filled, problems=problems), 422)
        except BadInput as bad:
            return self._form(request, _with(filled, problem=str(bad)), 422)
        except BoothBroken as broken:
            return self._form(request, _with(filled, problem=str(broken)), 503)

    def _form(self, request: Request, filled: _Filled, status: int = 200) -> Response:
        leads = self._pack.leads
        language = self._screens.language_of(request)
        is_crew = request.url.path.startswith("/crew")
        return self._screens.page(
            request,
            "lead.html.j2",
            status=status,
            filled=filled,
            action=request.url.path,
            is_crew=is_crew,
            again="again" in request.query_params,
            players=self._last_players() if is_crew else [],
            qualifiers=[
                {
                    "key": each.key,
                    "kind": each.kind,
                    "question": in_language(each.question, language),
                    "options": [(key, in_language(words, language)) for key, words in each.options.items()],
                }
                for each in leads.qualifiers
            ],
            consents=[(each.purpose, in_language(each.text, language)) for each in leads.consents],
            privacy=in_language(leads.privacy, language),
            rules=in_language(self._pack.draw.rules, language),
            all_enter=self._pack.draw.enters is Enters.ALL,
        )

    def _thanks(self, request: Request, code: str) -> Response:
        language = self._screens.language_of(request)
        brand = self._pack.brand
        return self._screens.page(
            request,
            "thanks.html.j2",
            code=code,
            is_crew=request.url.path.startswith("/crew"),
            closes=f"{self._pack.draw.closes:%H:%M}",
            call=in_language(brand.call_to_action, language) if brand.call_to_action else "",
        )

    def _last_players(self) -> list[tuple[str, str]]:
        """Who drove last and has left no contact yet, the winner first."""
        last = (self._screens.link.snapshot or {}).get("last") or {}
        seats = sorted(last.get("seats", ()), key=lambda seat: seat.get("position") or 99)
        people = self._screens.people
        players = [seat["player"] for seat in seats if seat.get("player")]
        names = people.names(players)
        return [(one, names[one]) for one in players if one in names and not people.has_contact(one)]


def _with(filled: _Filled, *, problems: Mapping[str, str] | None = None, problem: str = "") -> _Filled:
    return _Filled(
        filled.submission,
        filled.typed,
        filled.answers,
        filled.ticked,
        filled.wants_draw,
        problems or {},
        problem,
    )
