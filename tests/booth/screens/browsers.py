"""Debian's Chromium on the screens: pages of every role and size, and what axe-core finds on them."""

from __future__ import annotations

import contextlib

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright

from booth.screens.roles import PLAYER_COOKIE, STAFF_COOKIE
from tests.booth.screens.house import screens_up
from tests.booth.screens.made import EVERY_STATE, NAMES

STAGE = (1920, 1080)
PHONE = (390, 844)
TABLET = (1024, 768)


@contextlib.asynccontextmanager
async def browser_at(folder, *, snapshot=EVERY_STATE["attract"]):
    """A house with known players, and a browser."""
    async with screens_up(folder, snapshot=snapshot) as house, async_playwright() as playwright:
        house.call_players(NAMES)
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield house, browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def page_as(house, browser, size, *, role=None, player=None, locale="en", problems=None, still=True):
    """A page in a browser of its own, signed in; what it complains about goes to `problems`."""
    roles = house.screens.roles
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=locale,
        has_touch=size == PHONE,
        reduced_motion="reduce" if still else "no-preference",
    )
    cookies = []
    if role is not None:
        cookies.append({"name": STAFF_COOKIE, "value": roles.staff_cookie(role), "url": house.url})
    if player is not None:
        cookies.append({"name": PLAYER_COOKIE, "value": roles.player_cookie(player), "url": house.url})
    await context.add_cookies(cookies)
    page = await context.new_page()
    told = problems if problems is not None else []
    page.on(
        "console", lambda message: told.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: told.append(str(error)))
    try:
        yield page
    finally:
        await context.close()


async def violations(page):
    """What axe-core finds on the page as it is, a line each."""
    found = (await Axe().run(page, options={"resultTypes": ["violations"]})).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found
        for node in one["nodes"]
    ]
