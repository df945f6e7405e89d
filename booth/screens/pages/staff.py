"""The crew's and IT's pages: signing in by PIN, the crew screen, commands, the IT screen."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp

from booth.screens.doors import Door, Who
from booth.screens.events import Stream
from booth.screens.forms import form_of
from booth.screens.link import RaceAwayError
from booth.screens.roles import STAFF_AGE_S, STAFF_COOKIE, TooManyTriesError
from booth.screens.state import Screens
from booth.screens.texts import words_of
from booth.show.commands import BadCommand, Role, from_json

_STARTS = ("/crew", "/crew/lead", "/crew/draw", "/it")


def doors(screens: Screens) -> list[Door]:
    """The staff's routes."""
    page = _Staff(screens)
    return [
        Door("/sign-in", page.sign_in_form),
        Door("/sign-in", page.sign_in, method="POST"),
        Door("/sign-out", page.sign_out, Who.CREW, "POST"),
        Door("/crew", page.crew, Who.CREW),
        Door("/crew/stream", page.stream, Who.CREW, is_page=False),
        Door("/crew/do", page.do, Who.CREW, "POST", is_page=False),
        Door("/it", page.it, Who.IT),
        Door("/it/status", page.status, Who.IT, is_page=False),
    ]


class _Staff:
    def __init__(self, screens: Screens) -> None:
        self._screens = screens

    async def sign_in_form(self, request: Request) -> Response:
        return self._form(request)

    async def sign_in(self, request: Request) -> Response:
        roles = self._screens.roles
        form = await form_of(request)
        address = request.client.host if request.client else "?"
        try:
            role = roles.try_pin(address, form.get("pin", "")[:32])
        except TooManyTriesError:
            return self._form(request, "sign_in.wait", 429)
        if role is None:
            return self._form(request, "sign_in.wrong", 422)
        to = form.get("to", "")
        if to not in _STARTS:
            to = "/it" if role is Role.IT else "/crew"
        response = RedirectResponse(to, status_code=303)
        response.set_cookie(
            STAFF_COOKIE, roles.staff_cookie(role), max_age=STAFF_AGE_S, httponly=True, samesite="strict"
        )
        return response

    async def sign_out(self, request: Request) -> Response:
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(STAFF_COOKIE)
        return response

    async def crew(self, request: Request) -> Response:
        return self._screens.page(request, "crew.html.j2", data=self._data(request))

    async def stream(self, request: Request) -> ASGIApp:
        return Stream(self._screens.staff, self._screens.gate)

    async def do(self, request: Request) -> Response:
        staff = request.state.staff
        try:
            body = json.loads(await request.body())
            command = from_json({**body, "by": staff.by})
        except (ValueError, TypeError, RecursionError) as error:
            sentence = str(error) if isinstance(error, BadCommand) else "that is no command"
            return JSONResponse({"refused": sentence}, status_code=400)
        if staff.role not in type(command).roles:
            return JSONResponse({"refused": "only IT may do that"}, status_code=403)
        try:
            refused = await self._screens.link.ask(staff.role, command)
        except RaceAwayError:
            return JSONResponse({"away": True}, status_code=503)
        return JSONResponse({"refused": refused})

    async def it(self, request: Request) -> Response:
        return self._screens.page(request, "it.html.j2", data=self._data(request))

    async def status(self, request: Request) -> Response:
        return JSONResponse(self._screens.status())

    def _form(self, request: Request, problem: str | None = None, status: int = 200) -> Response:
        to = request.query_params.get("to", "")
        return self._screens.page(
            request, "sign_in.html.j2", status=status, problem=problem, to=to if to in _STARTS else ""
        )

    def _data(self, request: Request) -> dict[str, Any]:
        screens = self._screens
        language = screens.language_of(request)
        pack = screens.pack
        return {
            "build": screens.assets.build,
            "words": words_of(pack, language),
            "language": language,
            "role": request.state.staff.role.value,
            "modes": {
                mode.name: {"kind": mode.kind.value, "title": mode.title.get(language, mode.name)}
                for mode in pack.modes
            },
        }
