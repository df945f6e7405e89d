"""Every route is a door with a sign who may pass. One guard stands at all of them; no route can be without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from booth.screens.roles import PLAYER_COOKIE, STAFF_COOKIE, Roles, Staff
from booth.show.commands import Role

Handler = Callable[[Request], Awaitable[Response | ASGIApp]]


class Who(StrEnum):
    """Who may pass. IT may pass wherever the crew may."""

    ANYONE = "anyone"
    PLAYER = "player"
    CREW = "crew"
    IT = "it"


@dataclass(frozen=True, slots=True)
class Door:
    """A route. `method` GET, or POST for what changes something."""

    path: str
    handler: Handler
    who: Who = Who.ANYONE
    method: str = "GET"
    is_page: bool = True
    """Whether one who may not pass is sent to the sign-in page, instead of an answer for a script."""


def may_pass(who: Who, staff: Staff | None, player: str | None) -> bool:
    """Whether somebody may pass a door."""
    match who:
        case Who.ANYONE:
            return True
        case Who.PLAYER:
            return player is not None
        case Who.CREW:
            return staff is not None
        case Who.IT:
            return staff is not None and staff.role is Role.IT


def is_from_here(connection: HTTPConnection) -> bool:
    """Whether the page that asks is one of ours, by the Origin every browser sends with a POST or a WebSocket."""
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == connection.headers.get("host")


def routes_of(doors: Sequence[Door], roles: Roles) -> list[Route]:
    """The routes, each behind the guard."""
    return [Route(door.path, _guarded(door, roles), methods=[door.method]) for door in doors]


def _guarded(door: Door, roles: Roles) -> Callable[[Request], Awaitable[ASGIApp]]:
    async def guard(request: Request) -> ASGIApp:
        staff = roles.staff_of(request.cookies.get(STAFF_COOKIE))
        player = roles.player_of(request.cookies.get(PLAYER_COOKIE))
        if door.method == "POST" and not is_from_here(request):
            return JSONResponse({"refused": "this did not come from one of our pages"}, status_code=403)
        if not may_pass(door.who, staff, player):
            return _refusal(door)
        request.state.staff = staff
        request.state.player = player
        return await door.handler(request)

    return guard


def _refusal(door: Door) -> Response:
    if door.is_page and door.method == "GET":
        sign_in = "/join" if door.who is Who.PLAYER else f"/sign-in?to={door.path}"
        return RedirectResponse(sign_in, status_code=303)
    return JSONResponse({"refused": "sign in first"}, status_code=403)
