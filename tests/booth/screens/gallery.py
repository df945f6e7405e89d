"""Pictures of every page and state: `python -m tests.booth.screens.gallery [WORD …]` writes build/screens/*.png.

`shoot` goes through all of them; the test beside it does the same with axe-core instead of a person's eye.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from booth.people.tickets import Reason
from booth.show.commands import Role
from tests.booth.screens.browsers import PHONE, STAGE, TABLET, browser_at, page_as, violations
from tests.booth.screens.made import BUSY, EVERY_STATE, PLAYER_STATES

INTO = Path(__file__).parents[3] / "build" / "screens"
PORTRAIT = (1080, 1920)
TICKETS = ("B3XD-02", "K7Q2-01", "Z9PM-03")
DICE = "3611524462351622415"


class Camera:
    """Takes a picture of each page wanted, or only looks at it (`keeps` False); `found` is what axe-core found on it."""

    def __init__(self, wanted=(), *, keeps=True):
        self.wanted = wanted
        self.keeps = keeps
        self.found = []
        self.taken = []
        INTO.mkdir(parents=True, exist_ok=True)

    def wants(self, name):
        return not self.wanted or any(word in name for word in self.wanted)

    async def take(self, page, name, **more):
        if self.wants(name):
            if self.keeps:
                await page.screenshot(path=INTO / f"{name}.png", **more)
            self.taken.append(name)
            self.found += [f"{name}: {line}" for line in await violations(page)]


async def shoot(house, browser, camera, problems, *, sizes=None):
    """Every page and state there is."""
    for size, box in (sizes or {"wide": STAGE, "tall": PORTRAIT}).items():
        await stages(house, browser, camera, problems, (size, box))
    await phones(house, browser, camera, problems)
    await tablets(house, browser, camera, problems)


async def stages(house, browser, camera, problems, named_size):
    size, box = named_size
    if not any(camera.wants(f"stage-{name}-{size}") for name in (*EVERY_STATE, "action")):
        return
    async with page_as(house, browser, box, problems=problems) as page:
        await page.goto(f"{house.url}/stage")
        for name, shown in EVERY_STATE.items():
            if camera.wants(f"stage-{name}-{size}"):
                await show(house, page, shown)
                await camera.take(page, f"stage-{name}-{size}")
    async with page_as(house, browser, box, problems=problems) as page:
        await page.clock.install()
        await page.goto(f"{house.url}/stage")
        await show(house, page, EVERY_STATE["result"])
        await page.clock.fast_forward(house.screens.pack.play.result_s * 1000)
        house.race.show(EVERY_STATE["result"])
        await page.wait_for_selector(".action")
        await camera.take(page, f"stage-action-{size}")


async def show(house, page, shown):
    """Puts a snapshot on and waits until the page has it."""
    house.race.show(shown)
    await page.wait_for_function(
        "(name) => document.querySelector('#scene').className === name", arg=f"scene-{shown.stage.value}"
    )
    await page.wait_for_timeout(120)


async def phones(house, browser, camera, problems):
    async with page_as(house, browser, PHONE, problems=problems) as page:
        for path, name in (("/join", "phone-join"), ("/go/stage", "phone-go"), ("/sign-in", "phone-sign-in")):
            await page.goto(house.url + path)
            await camera.take(page, name, full_page=True)
    me = await house.screens.people.join("Ada", "en")
    await house.screens.people.enter(me, Reason.WON, 41)
    house.race.alias = {"p1": me}
    async with page_as(house, browser, PHONE, player=me, problems=problems) as page:
        await page.goto(f"{house.url}/")
        for name, shown in PLAYER_STATES.items():
            house.race.show(shown)
            await page.wait_for_selector(f"main.{name.partition('-')[0]}")
            await page.wait_for_timeout(120)
            if name == "drive":
                box = await page.locator(".slider").bounding_box()
                await page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.35)
                await page.wait_for_timeout(120)
            await camera.take(page, f"phone-{name}")
        await page.goto(f"{house.url}/lead")
        await camera.take(page, "phone-lead", full_page=True)
        await page.get_by_label("E-mail", exact=True).fill("ada@nowhere")
        await page.get_by_role("button", name="Send").click()
        await page.get_by_role("alert").wait_for()
        await camera.take(page, "phone-lead-problem", full_page=True)
        await page.goto(f"{house.url}/lead?draw=1")
        await page.get_by_label("First name").fill("Ada")
        await page.get_by_label("E-mail", exact=True).fill("ada@example.com")
        await page.get_by_label("I design machines").check()
        await page.get_by_role("button", name="Send").click()
        await page.get_by_role("heading", name="Thank you!").wait_for()
        await camera.take(page, "phone-thanks")


async def tablets(house, browser, camera, problems):
    async with page_as(house, browser, TABLET, role=Role.IT, problems=problems) as page:
        house.race.show(BUSY)
        await page.goto(f"{house.url}/it")
        await page.get_by_text("Thermo A3 lost its link").wait_for()
        await page.wait_for_selector("#versions dd")
        await camera.take(page, "tablet-it", full_page=True)
    async with page_as(house, browser, TABLET, role=Role.CREW, problems=problems) as page:
        await crew_page(house, page, camera)
        await page.goto(f"{house.url}/crew/lead")
        await camera.take(page, "tablet-lead", full_page=True)
        await page.get_by_label("E-mail", exact=True).fill("grace@example.com")
        await page.get_by_label("Enters the draw without racing").check()
        await page.get_by_label("Put me in today").check()
        await page.get_by_role("button", name="Send").click()
        await page.get_by_role("heading", name="Thank you!").wait_for()
        await camera.take(page, "tablet-thanks")
        if camera.wants("tablet-draw"):
            await draw_page(house, page, camera)


async def crew_page(house, page, camera):
    await page.goto(f"{house.url}/crew")
    await page.get_by_text("Thermo A3", exact=True).wait_for()
    await camera.take(page, "tablet-crew", full_page=True)
    await page.get_by_role("button", name="Stop the race").click()
    await camera.take(page, "tablet-crew-why")
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_text("Thermo A3", exact=True).click()
    await page.get_by_text("Correct the result").click()
    house.race.refuse["MayCharge"] = BUSY.refusal
    await page.get_by_role("button", name="May I charge it?").filter(visible=True).click()
    await page.get_by_role("alert").wait_for()
    await camera.take(page, "tablet-crew-refused", full_page=True)
    house.race.show(EVERY_STATE["pit-stop"])
    await page.get_by_text("Swap: set A out").wait_for()
    await camera.take(page, "tablet-crew-swap")
    house.race.show(EVERY_STATE["closed"])
    await page.get_by_role("button", name="Open the stand").wait_for()
    await camera.take(page, "tablet-crew-closed")


async def draw_page(house, page, camera):
    async def told(day):
        return TICKETS

    house.screens.draws._tickets = told

    async def press(name):
        async with page.expect_navigation():
            await page.get_by_role("button", name=name, exact=True).click()

    await page.goto(f"{house.url}/crew/draw")
    await camera.take(page, "tablet-draw-declared")
    await press("Close entries now")
    await camera.take(page, "tablet-draw-freeze")
    await press("Freeze the list")
    for value in DICE:
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
            await shoot(house, browser, camera, problems)
    print(*camera.taken, sep="\n")
    print(*camera.found, *problems, sep="\nPROBLEM ")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
