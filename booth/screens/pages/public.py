"""What anybody may open: the stage, its stream, the brand's files, QR codes, and the probe."""

from __future__ import annotations

import logging
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp

from booth.errors import BoothError
from booth.pack.files import logo_of
from booth.screens.colours import SHAPES, style_sheet
from booth.screens.doors import Door
from booth.screens.events import Stream
from booth.screens.qr import qr_svg
from booth.screens.state import Screens
from booth.screens.texts import in_language, words_of
from booth.screens.track_drawing import TrackDrawing, draw_track
from rig.builtin_data import find_data_file
from rig.toml_tables import parse_toml

_FOR_EVER = "public, max-age=31536000, immutable"
_MOST_STAGE_LANGUAGES = 2
_CALLS = frozenset({"stage", "phone"})
"""Where the calls to action stand that are counted."""
_LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


_log = logging.getLogger("pitboard.booth.screens")


def doors(screens: Screens) -> list[Door]:
    """The public routes."""
    page = _Public(screens)
    return [
        Door("/stage", page.stage),
        Door("/stream", page.stream, is_page=False),
        Door("/static/{build}/{path:path}", page.static, is_page=False),
        Door("/brand.css", page.brand, is_page=False),
        Door("/logo", page.logo, is_page=False),
        Door("/qr/{what}.svg", page.qr, is_page=False),
        Door("/go/{code}", page.go),
        Door("/health", page.health, is_page=False),
    ]


class _Public:
    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self._track = _drawing_of(screens.pack.track)

    async def stage(self, request: Request) -> Response:
        return self._screens.page(request, "stage.html.j2", data=self._stage_data())

    async def stream(self, request: Request) -> ASGIApp:
        return Stream(self._screens.public, self._screens.gate)

    async def static(self, request: Request) -> Response:
        asset = self._screens.assets.by_path.get(request.path_params["path"])
        if asset is None:
            return Response("no such file", status_code=404)
        is_current = request.path_params["build"] == self._screens.assets.build
        return Response(
            asset.body,
            media_type=asset.kind,
            headers={"cache-control": _FOR_EVER if is_current else "no-store"},
        )

    async def brand(self, request: Request) -> Response:
        return Response(style_sheet(self._screens.pack.brand), media_type="text/css")

    async def logo(self, request: Request) -> Response:
        logo = self._screens.pack.brand.logo
        if logo is None:
            return Response("this brand has no logo", status_code=404)
        body, kind = logo_of(self._screens.pack_path, logo)
        return Response(body, media_type=kind, headers={"content-security-policy": _LOGO_POLICY})

    async def qr(self, request: Request) -> Response:
        path = {"join": "/join?from=stage", "action": "/go/stage"}.get(request.path_params["what"])
        if path is None:
            return Response("no such code", status_code=404)
        return Response(qr_svg(self._screens.url + path), media_type="image/svg+xml")

    async def go(self, request: Request) -> Response:
        code = request.path_params["code"]
        brand = self._screens.pack.brand
        if code in _CALLS:
            try:
                await self._screens.people.count_call(code)
            except BoothError as error:
                _log.warning("a call to action is not counted: %s", error)
        if brand.call_to_action_url.startswith(("https://", "http://")):
            return RedirectResponse(brand.call_to_action_url, status_code=303)
        language = self._screens.language_of(request)
        return self._screens.page(
            request,
            "go.html.j2",
            message=in_language(brand.message, language),
            call=in_language(brand.call_to_action, language) if brand.call_to_action else "",
        )

    async def health(self, request: Request) -> Response:
        link = self._screens.link
        is_well = link.is_up
        body = {"screens": "up", "race": "up" if is_well else "away", "snapshot_age_s": link.age_s()}
        return JSONResponse(body, status_code=200 if is_well else 503)

    def _stage_data(self) -> dict[str, Any]:
        pack = self._screens.pack
        languages = pack.languages[:_MOST_STAGE_LANGUAGES]
        brand = pack.brand
        return {
            "build": self._screens.assets.build,
            "url": self._screens.url.partition("://")[2],
            "languages": languages,
            "words": {language: words_of(pack, language) for language in languages},
            "client": brand.client,
            "hasLogo": brand.logo is not None,
            "message": {language: in_language(brand.message, language) for language in languages},
            "action": {
                language: in_language(brand.call_to_action, language) if brand.call_to_action else ""
                for language in languages
            },
            "hashtag": brand.hashtag,
            "prize": pack.draw.prize,
            "rules": {language: in_language(pack.draw.rules, language) for language in languages},
            "modes": {
                mode.name: {
                    "kind": mode.kind.value,
                    "title": dict(mode.title),
                    "howTo": dict(mode.how_to),
                    "energy": mode.energy,
                }
                for mode in pack.modes
            },
            "hours": [
                {
                    "opens": f"{hours.opens:%H:%M}",
                    "closes": f"{hours.closes:%H:%M}",
                    "day": hours.day.isoformat() if hours.day else None,
                }
                for hours in pack.hours
            ],
            "shapes": SHAPES,
            "resultS": pack.play.result_s,
            "track": None
            if self._track is None
            else {
                "path": self._track.path,
                "viewBox": self._track.view_box,
                "lapMm": self._track.lap_mm,
                "roadMm": self._track.road_mm,
            },
        }


def _drawing_of(track: str) -> TrackDrawing | None:
    path = find_data_file("tracks", track)
    pieces = parse_toml(path.read_text(encoding="utf-8"), source=path.name).texts("pieces")
    return draw_track(pieces)
