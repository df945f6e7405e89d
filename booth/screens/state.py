"""Everything a route needs, in one place; made once at the start."""

from __future__ import annotations

import asyncio
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from booth.pack.model import ShowPack
from booth.screens.assets import Assets
from booth.screens.audience import players_in, public_part
from booth.screens.draw_desk import DrawDesk
from booth.screens.entries import Entries
from booth.screens.events import Channel, Gate
from booth.screens.link import RaceLink
from booth.screens.log_tail import LogTail
from booth.screens.people_desk import PeopleDesk
from booth.screens.roles import Roles
from booth.screens.seat_socket import SeatSockets
from booth.screens.texts import NAMES, chosen, words_of
from booth.show.commands import Role

LANGUAGE_COOKIE = "pitboard_language"
_MOST_STREAMS = 300
_MOST_PHONES = 120
_MOST_PER_ADDRESS = 64
_PUBLIC_GAP_S = 0.1
_STAFF_GAP_S = 0.25


@dataclass
class Screens:
    """The parts of the running process."""

    pack: ShowPack
    pack_path: Path
    url: str
    assets: Assets
    roles: Roles
    people: PeopleDesk
    draws: DrawDesk
    link: RaceLink
    log: LogTail = field(default_factory=LogTail)
    gate: Gate = field(default_factory=lambda: Gate(_MOST_STREAMS, _MOST_PER_ADDRESS))

    def __post_init__(self) -> None:
        self.public = Channel(lambda: self._text(Role.PLAYER), _PUBLIC_GAP_S)
        self._began_s = asyncio.get_running_loop().time()
        self.seats = SeatSockets(self.link, self.roles, Gate(_MOST_PHONES, _MOST_PER_ADDRESS))
        self.entries = Entries(self.people, self.pack.draw.enters)
        self.staff = Channel(lambda: self._text(Role.CREW), _STAFF_GAP_S)
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("booth.screens"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )

    def touch(self) -> None:
        """Something that screens show has changed."""
        self.entries.see(self.link.snapshot)
        self.public.touch()
        self.staff.touch()

    def language_of(self, request: Request) -> str:
        """The language one reader gets."""
        wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
        return chosen(self.pack, wanted, request.headers.get("accept-language", ""))

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page in the reader's language. In templates `t` is the words by key."""
        language = self.language_of(request)
        html = self._templates.get_template(template).render(
            t=words_of(self.pack, language),
            language=language,
            languages=[(code, NAMES.get(code, code)) for code in self.pack.languages],
            pack=self.pack,
            path=request.url.path,
            build=self.assets.build,
            static=f"/static/{self.assets.build}",
            staff=getattr(request.state, "staff", None),
            **values,
        )
        response = HTMLResponse(html, status_code=status)
        if request.query_params.get("lang") in self.pack.languages:
            response.set_cookie(LANGUAGE_COOKIE, language, max_age=86400, httponly=True, samesite="strict")
        return response

    def status(self) -> dict[str, Any]:
        """What IT asks about this process. Nothing personal."""
        loop = asyncio.get_running_loop()
        return {
            "versions": {
                "pitboard": metadata.version("pitboard"),
                "python": platform.python_version(),
                "pack": f"{self.pack.name} {self.pack.digest[:12]}",
                "screens build": self.assets.build,
            },
            "up_s": loop.time() - self._began_s,
            "race": {"up": self.link.is_up, "age_s": self.link.age_s(), "breaks": self.link.breaks},
            "streams": self.gate.total,
            "phones": self.seats.count,
            "latency": self.seats.latency.figures(),
            "not_copied": self.people.not_copied,
            "log": self.log.lines(),
        }

    def _text(self, role: Role) -> str:
        snapshot = self.link.snapshot
        shown: Mapping[str, Any] | None = snapshot
        if snapshot is not None and role is Role.PLAYER:
            shown = public_part(snapshot)
        body: dict[str, Any] = {
            "show": shown,
            "names": self.people.names(players_in(snapshot)) if snapshot else {},
            "age_s": self.link.age_s(),
            "up": self.link.is_up,
            "build": self.assets.build,
        }
        if role is not Role.PLAYER:
            body["not_copied"] = self.people.not_copied
        return json.dumps(body, separators=(",", ":"))
