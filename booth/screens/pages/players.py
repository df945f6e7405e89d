"""A visitor's phone: join, the place in the queue, the controller, the result."""

from __future__ import annotations

import contextlib
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from booth.errors import BoothError
from booth.pack.model import Ask
from booth.screens.doors import Door, Who
from booth.screens.forms import form_of
from booth.screens.link import RaceAwayError
from booth.screens.nicknames import BadNickname, nickname_of
from booth.screens.roles import PLAYER_AGE_S, PLAYER_COOKIE
from booth.screens.state import LANGUAGE_COOKIE, Screens
from booth.screens.texts import words_of
from booth.show.commands import Join, Leave, Role


def doors(screens: Screens) -> list[Door]:
    """The players' routes."""
    page = _Players(screens)
    return [
        Door("/join", page.join_form),
        Door("/join", page.join, method="POST"),
        Door("/", page.home, Who.PLAYER),
        Door("/again", page.again, Who.PLAYER, "POST", is_page=False),
        Door("/leave", page.leave, Who.PLAYER, "POST", is_page=False),
    ]


class _Players:
    def __init__(self, screens: Screens) -> None:
        self._screens = screens

    async def join_form(self, request: Request) -> Response:
        if request.state.player is not None:
            return RedirectResponse("/", status_code=303)
        return self._form(request)

    async def join(self, request: Request) -> Response:
        screens = self._screens
        form = await form_of(request)
        try:
            nickname = nickname_of(form.get("nickname", ""))
        except BadNickname as bad:
            return self._form(request, problem=bad.key, status=422)
        language = screens.language_of(request)
        try:
            player = request.state.player or await screens.people.join(nickname, language)
        except BoothError:
            return self._form(request, problem="player.try_again", status=503)
        asks_first = self._must_ask(player)
        response = RedirectResponse("/lead?draw=1" if asks_first else "/", status_code=303)
        response.set_cookie(
            PLAYER_COOKIE,
            screens.roles.player_cookie(player),
            max_age=PLAYER_AGE_S,
            httponly=True,
            samesite="strict",
        )
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=86400, httponly=True, samesite="strict")
        if not asks_first:
            with contextlib.suppress(RaceAwayError):  # their page asks again when the race process is back
                await screens.link.ask(Role.PLAYER, Join(player))
        return response

    async def home(self, request: Request) -> Response:
        return self._screens.page(request, "player.html.j2", data=self._data(request))

    async def again(self, request: Request) -> Response:
        if self._must_ask(request.state.player):
            return JSONResponse({"to": "/lead?draw=1"})
        return await self._answer(Join(request.state.player))

    async def leave(self, request: Request) -> Response:
        return await self._answer(Leave(request.state.player))

    async def _answer(self, command: Join | Leave) -> Response:
        try:
            refused = await self._screens.link.ask(Role.PLAYER, command)
        except RaceAwayError:
            return JSONResponse({"away": True}, status_code=503)
        return JSONResponse({"refused": refused})

    def _must_ask(self, player: str) -> bool:
        return self._screens.pack.leads.ask is Ask.BEFORE and not self._screens.people.has_contact(player)

    def _form(self, request: Request, problem: str | None = None, status: int = 200) -> Response:
        return self._screens.page(request, "join.html.j2", status=status, problem=problem)

    def _data(self, request: Request) -> dict[str, Any]:
        pack = self._screens.pack
        language = self._screens.language_of(request)
        mode = pack.default_mode
        play = pack.play
        return {
            "build": self._screens.assets.build,
            "me": request.state.player,
            "nickname": self._screens.people.names([request.state.player]).get(request.state.player, ""),
            "hasContact": self._screens.people.has_contact(request.state.player),
            "words": words_of(pack, language),
            "language": language,
            "seats": play.seats,
            "cycleS": play.line_up_s + play.countdown_s + play.result_s + mode.limit_s * 0.5,
            "modes": {
                mode.name: {
                    "kind": mode.kind.value,
                    "title": mode.title.get(language, mode.name),
                    "howTo": mode.how_to.get(language, ""),
                }
                for mode in pack.modes
            },
            "ask": pack.leads.ask.value,
            "enters": pack.draw.enters.value,
            "prize": pack.draw.prize,
        }
