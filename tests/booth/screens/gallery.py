"""Pictures of every page and state: `python -m tests.booth.screens.gallery [WORD …]` writes build/screens/*.png."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from booth.screens.roles import PLAYER_COOKIE, STAFF_COOKIE
from booth.show.commands import Role
from booth.show.view import Stage
from tests.booth.screens.house import screens_up
from tests.booth.screens.made import BUSY, EVERY_STATE, NAMES, a_race, battle, finished, running, snapshot

INTO = Path(__file__).parents[3] / "build" / "screens"
STAGE = {"wide": (1920, 1080), "tall": (1080, 1920)}
PHONE = (390, 844)
TABLET = (1024, 768)

PLAYER_STATES = {
    "queue": snapshot(queue=("p5", "p6", "p2", "p4", "p3", "p1"), next_race_s=50),
    "called": snapshot(Stage.LINE_UP, race=a_race(starts_in_s=9), called={"p1": 24.0}),
    "line-up": snapshot(Stage.LINE_UP, race=a_race(starts_in_s=9)),
    "drive": snapshot(Stage.RACE, race=a_race(seats=running(), ends_in_s=70)),
    "battle": snapshot(
        Stage.RACE, mode="battle", race=a_race(seats=battle(), mode="battle", kind="battle", laps=None, ends_in_s=70)
    ),
    "won": snapshot(Stage.RESULT, last=finished()),
    "idle": snapshot(),
}  # fmt: skip


@contextlib.asynccontextmanager
async def browser_at(folder, *, snapshot=EVERY_STATE["attract"]):
    """A house with known players, and a browser."""
    async with screens_up(folder, snapshot=snapshot) as house, async_playwright() as playwright:
        house.screens.people._names.update(NAMES)
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        try:
            yield house, browser
        finally:
            await browser.close()


async def page_as(house, browser, size, *, role=None, player=None, locale="en", problems=None):
    """A page of a browser of its own, signed in; what it complains about goes to `problems`."""
    roles = house.screens.roles
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=locale, has_touch=size == PHONE
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
    return page


class Camera:
    def __init__(self, wanted):
        self.wanted = wanted
        INTO.mkdir(parents=True, exist_ok=True)

    def wants(self, name):
        return not self.wanted or any(word in name for word in self.wanted)

    async def take(self, page, name, **more):
        await page.screenshot(path=INTO / f"{name}.png", **more)
        print(name)


async def stages(house, browser, camera, problems):
    for size, box in STAGE.items():
        page = await page_as(house, browser, box, problems=problems)
        await page.goto(f"{house.url}/stage")
        for name, shown in EVERY_STATE.items():
            if camera.wants(f"stage-{name}"):
                house.race.show(shown)
                await page.wait_for_timeout(1300)
                await camera.take(page, f"stage-{name}-{size}")
        if camera.wants("stage-action"):
            house.race.show(EVERY_STATE["result"])
            await page.wait_for_timeout(house.screens.pack.play.result_s * 500 + 1500)
            await camera.take(page, f"stage-action-{size}")
        await page.context.close()


async def phones(house, browser, camera, problems):
    page = await page_as(house, browser, PHONE, problems=problems)
    await page.goto(f"{house.url}/join")
    await camera.take(page, "phone-join")
    await page.context.close()
    page = await page_as(house, browser, PHONE, player="p1", problems=problems)
    await page.goto(f"{house.url}/")
    for name, shown in PLAYER_STATES.items():
        if camera.wants(f"phone-{name}"):
            house.race.show(shown)
            await page.wait_for_timeout(700)
            if name == "drive":
                box = await page.locator(".slider").bounding_box()
                await page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.35)
                await page.wait_for_timeout(200)
            await camera.take(page, f"phone-{name}")
    await page.context.close()


async def tablets(house, browser, camera, problems):
    page = await page_as(house, browser, TABLET, problems=problems)
    await page.goto(f"{house.url}/crew")
    await camera.take(page, "tablet-sign-in")
    await page.context.close()
    for role in (Role.CREW, Role.IT):
        page = await page_as(house, browser, TABLET, role=role, problems=problems)
        name = f"tablet-{role.value}"
        if camera.wants(name):
            house.race.show(BUSY)
            await page.goto(f"{house.url}/{role.value}")
            await page.wait_for_timeout(900)
            await camera.take(page, name)
            await camera.take(page, f"{name}-whole", full_page=True)
            if role is Role.CREW:
                await page.get_by_text("Thermo A3", exact=True).click()
                house.race.refuse["MayCharge"] = BUSY.refusal
                await page.get_by_role("button", name="May I charge it?").filter(visible=True).click()
                await page.get_by_role("alert").wait_for()
                await camera.take(page, f"{name}-refused")
                house.race.show(EVERY_STATE["pit-stop"])
                await page.wait_for_timeout(900)
                await camera.take(page, f"{name}-swap")
        if role is Role.CREW and camera.wants("tablet-draw"):
            await draw_page(house, page, camera)
        await page.context.close()


async def draw_page(house, page, camera):
    async def told(day):
        return ("K7Q2-01", "B3XD-02", "Z9PM-03")

    house.screens.draws._tickets = told

    async def press(name):
        await page.get_by_role("button", name=name, exact=True).click()

    await page.goto(f"{house.url}/crew/draw")
    await camera.take(page, "tablet-draw-declared")
    await press("Close entries now")
    await press("Freeze the list")
    for value in "3611524462351622415":
        await press(value)
    await camera.take(page, "tablet-draw-entering")
    await press("5")
    await press("Draw")
    await press("Announce rank 1")
    await camera.take(page, "tablet-draw-announced")
    await press("The winner is here")
    await camera.take(page, "tablet-draw-closed")


async def main(wanted):
    problems = []
    camera = Camera(wanted)
    with tempfile.TemporaryDirectory() as folder:
        async with browser_at(Path(folder)) as (house, browser):
            for take in (stages, phones, tablets):
                if not wanted or any(word.startswith(take.__name__[:-1]) for word in wanted):
                    await take(house, browser, camera, problems)
    for problem in problems:
        print("PROBLEM", problem)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
