"""The crew's page for the daily draw: one step after the other, each with what it waits for; shown on the stage."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from booth.draw.ceremony import Phase
from booth.draw.reasons import REASON_WORDS, REASONS, STRIKE_WORDS, VOID_WORDS
from booth.errors import BoothError
from booth.screens.doors import Door, Who
from booth.screens.draw_desk import Today, on_stage
from booth.screens.forms import form_of
from booth.screens.link import RaceAwayError
from booth.screens.state import Screens
from booth.show.commands import StageDraw


def doors(screens: Screens) -> list[Door]:
    """The draw's routes."""
    page = _DrawPage(screens)
    return [
        Door("/crew/draw", page.show, Who.CREW),
        Door("/crew/draw", page.do, Who.CREW, "POST", is_page=False),
    ]


class _DrawPage:
    def __init__(self, screens: Screens) -> None:
        self._screens = screens

    async def show(self, request: Request) -> Response:
        return await self._page(request)

    async def do(self, request: Request) -> Response:
        fields = await form_of(request)
        form = dict(fields)
        by = request.state.staff.by
        refused = None
        try:
            match form.get("act"):
                case "stage":
                    refused = await self._stage(request, on_stage(await self._screens.draws.today()))
                case "unstage":
                    refused = await self._stage(request, ("", {}))
                case _:
                    await self._screens.draws.do(form, by)
                    if self._is_on_stage:
                        refused = await self._stage(request, on_stage(await self._screens.draws.today()))
        except BoothError as error:
            refused = str(error)
        if refused is not None:
            return await self._page(request, refused, 409)
        return RedirectResponse("/crew/draw", status_code=303)

    @property
    def _is_on_stage(self) -> bool:
        snapshot = self._screens.link.snapshot
        return snapshot is not None and bool((snapshot.get("draw") or {}).get("step"))

    async def _stage(self, request: Request, step_and_body: tuple[str, dict[str, str]]) -> str | None:
        staff = request.state.staff
        try:
            return await self._screens.link.ask(staff.role, StageDraw(staff.by, *step_and_body))
        except RaceAwayError:
            return "the race computer does not answer, so the stage does not show this step yet; show it again in a moment"

    async def _page(self, request: Request, refused: str | None = None, status: int = 200) -> Response:
        screens = self._screens
        try:
            today: Today | None = await screens.draws.today()
        except BoothError as error:
            today, refused = None, str(error)
        zone = ZoneInfo(screens.pack.time_zone)
        return screens.page(
            request,
            "draw.html.j2",
            status=status,
            today=today,
            ceremony=None if today is None else today.ceremony,
            phases=Phase,
            refused=refused,
            is_on_stage=self._is_on_stage,
            local=lambda at: f"{at.astimezone(zone):%H:%M}",
            strikes=STRIKE_WORDS,
            reasons=REASONS,
            reason_words=REASON_WORDS,
            voids=VOID_WORDS,
        )
