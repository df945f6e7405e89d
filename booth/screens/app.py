"""The ASGI application: every door behind its guard, the seats' socket, and the tasks that run beside them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import WebSocketRoute

from booth.errors import BoothError
from booth.screens.doors import Door, routes_of
from booth.screens.pages import draw, leads, players, public, staff
from booth.screens.safety import Safety
from booth.screens.state import Screens

_log = logging.getLogger("pitboard.booth.screens")


def all_doors(screens: Screens) -> list[Door]:
    """Every HTTP route there is, with who may pass it."""
    return [
        *public.doors(screens),
        *players.doors(screens),
        *leads.doors(screens),
        *staff.doors(screens),
        *draw.doors(screens),
    ]


def make_app(screens: Screens) -> Starlette:
    """The application; its lifespan keeps the link and the streams going."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        beside = [
            asyncio.create_task(task)
            for task in (
                screens.link.run(),
                screens.public.run(),
                screens.staff.run(),
                screens.draws.keep_declared(),
                screens.entries.run(),
            )
        ]
        screens.log.listen()
        try:
            yield
        finally:
            screens.log.stop()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            screens.people.close()

    async def broken(request: Request, error: Exception) -> Response:
        _log.warning("%s: %s", request.url.path, error)
        return screens.page(request, "broken.html.j2", status=503)

    app = Starlette(
        routes=[*routes_of(all_doors(screens), screens.roles), WebSocketRoute("/seat", screens.seats.serve)],
        middleware=[Middleware(Safety)],
        lifespan=lifespan,
        exception_handlers={BoothError: broken},
    )
    app.router.redirect_slashes = False
    return app
