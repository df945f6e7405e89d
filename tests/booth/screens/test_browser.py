"""The pages in real Chromium: what axe-core finds, what thumbs and keys do, what a screen does when somebody dies."""

import asyncio
from dataclasses import replace

from booth.pack.files import load_pack
from booth.show.commands import Beat, CallSwap, Join, Role, StopRace, Tick
from booth.show.view import Stage
from tests.booth.screens.browsers import PHONE, STAGE, TABLET, browser_at, page_as
from tests.booth.screens.gallery import Camera, shoot
from tests.booth.screens.made import BUSY, EVERY_STATE, PLAYER_STATES, a_race, running, snapshot
from tests.booth.show.toy_floor import ToyFloor

HOSTILE = {
    "p1": "<img src=x onerror=alert(1)>",
    "p2": '"><script>alert(1)</script>',
    "p3": "\u202eabc {t} ${x}",
    "p4": "=HYPERLINK(1)",
    "p5": "W" * 18,
    "p6": "'; DROP TABLE x",
}


def test_axe_finds_nothing_on_any_page_or_state(tmp_path):
    async def main():
        problems = []
        camera = Camera(keeps=False)
        async with browser_at(tmp_path) as (house, browser):
            await shoot(house, browser, camera, problems, sizes={"wide": STAGE})
        assert camera.found == []
        assert [one for one in problems if "422" not in one] == [], "what the browser complains about"
        assert len(camera.taken) > 40

    asyncio.run(main())


def test_thumbs_and_keys_drive(tmp_path):
    async def main():
        async with (
            browser_at(tmp_path, snapshot=PLAYER_STATES["drive-battle"]) as (house, browser),
            page_as(house, browser, PHONE, player="p1") as page,
        ):
            await page.goto(house.url)
            slider = page.get_by_role("slider", name="Speed")
            box = await slider.bounding_box()

            async def steered(**wanted):
                await house.race.until(
                    lambda race: (
                        race.steered and all(getattr(race.steered[-1], k) == v for k, v in wanted.items())
                    )
                )

            await page.touchscreen.tap(box["x"] + 40, box["y"] + 4)
            await steered(throttle=1.0)
            await page.get_by_role("button", name="Lane to the right").tap()
            await steered(throttle=1.0, lane=1 / 3)
            await page.get_by_role("button", name="Stop").tap()
            await steered(throttle=0.0)
            await page.keyboard.press("ArrowUp")
            await page.keyboard.press("ArrowUp")
            await steered(throttle=0.2)
            await page.keyboard.press("ArrowLeft")
            await page.keyboard.press("ArrowLeft")
            await steered(lane=-1.0)
            await page.get_by_role("button", name="Fire").tap()
            await house.race.until(lambda race: any(one.fire for one in race.steered))
            for target in await page.locator("button:visible").all():
                size = await target.bounding_box()
                assert min(size["width"], size["height"]) >= 44
            await page.goto(f"{house.url}/go/phone")
            await steered(throttle=0.0)

    asyncio.run(main())


def test_hostile_names_are_letters_and_nothing_else(tmp_path):
    async def main():
        problems = []
        async with browser_at(tmp_path, snapshot=BUSY) as (house, browser):
            house.call_players(HOSTILE)
            house.screens.touch()
            async with (
                page_as(house, browser, STAGE, problems=problems) as stage,
                page_as(house, browser, TABLET, role=Role.CREW, problems=problems) as crew,
            ):
                await crew.goto(f"{house.url}/crew/lead")
                await crew.goto(f"{house.url}/crew")
                await stage.goto(f"{house.url}/stage")
                for state in ("race", "line-up", "countdown", "result", "attract"):
                    house.race.show(EVERY_STATE[state])
                    await stage.wait_for_function(
                        "(n) => document.querySelector('#scene').className === n", arg=f"scene-{state}"
                    )
                    if state != "attract":
                        await stage.get_by_text(HOSTILE["p1"], exact=True).first.wait_for()
                    overflow = "document.documentElement.scrollWidth - innerWidth"
                    assert await stage.evaluate(overflow) <= 0, state
                assert await stage.locator("img[src='x'], main script").count() == 0
        assert problems == []

    asyncio.run(main())


def test_a_dead_race_process_is_a_calm_moment_and_comes_back_by_itself(tmp_path):
    async def main():
        async with browser_at(tmp_path) as (house, browser), page_as(house, browser, STAGE) as page:
            await page.goto(f"{house.url}/stage")
            await page.get_by_text("Scan and race").first.wait_for()
            house.race.deaf = True
            house.race.drop()
            await page.get_by_text("One moment, please").wait_for(timeout=8000)
            house.race.deaf = False
            house.race.show(EVERY_STATE["pit-stop"])
            await page.get_by_text("Pit stop").wait_for(timeout=8000)

    asyncio.run(main())


def test_the_crew_commands_with_taps(tmp_path):
    async def main():
        async with (
            browser_at(tmp_path, snapshot=BUSY) as (house, browser),
            page_as(house, browser, TABLET, role=Role.CREW) as page,
        ):
            await page.goto(f"{house.url}/crew")
            await page.get_by_role("alert").get_by_text(BUSY.refusal).wait_for()
            await page.get_by_role("button", name="Understood").click()
            await page.locator("#tasks").get_by_role("button", name="Swap after this race").click()
            await house.race.until(lambda race: isinstance(race.asked[-1][1], CallSwap))
            await page.get_by_role("button", name="Stop the race").click()
            await page.get_by_label("Another reason").fill("somebody leans on the track")
            await page.keyboard.press("Enter")
            await house.race.until(lambda race: isinstance(race.asked[-1][1], StopRace))
            assert house.race.asked[-1][1].why == "somebody leans on the track"
            await page.locator("summary", has_text="Opening").click()
            await page.get_by_label("The clock is right").check()
            await house.race.until(lambda race: isinstance(race.asked[-1][1], Tick))
            assert house.race.asked[-1][1].item == "clock"

    asyncio.run(main())


def test_four_phones_join_by_the_code_and_see_their_turn(tmp_path):
    async def main():
        async with browser_at(tmp_path, snapshot=snapshot()) as (house, browser):
            del house.screens.people.names
            async with page_as(house, browser, PHONE, locale="de-DE") as page:
                await page.goto(f"{house.url}/join?from=stage")
                await page.get_by_label("Ihr Name auf dem großen Bildschirm").fill("Ada")
                await page.keyboard.press("Enter")
                await house.race.until(lambda race: race.asked)
                me = house.race.asked[0][1].player
                assert house.race.asked[0] == ("player", Join(me))
                house.race.show(snapshot(queue=("x", "y", me)))
                await page.get_by_text("Sie sind im nächsten Rennen").wait_for()
                mine = replace(running()[1], player=me)
                race = a_race(seats=(*running()[:1], mine, *running()[2:]), starts_in_s=20)
                house.race.show(snapshot(Stage.LINE_UP, race=race, called={me: 20.0}))
                await page.get_by_role("heading", name="Sie sind dran!").wait_for()
                await house.race.until(lambda race: any(isinstance(asked, Beat) for _, asked in race.asked))
                house.race.show(snapshot(Stage.RACE, race=race))
                await page.get_by_role("slider").wait_for()
                race = replace(race, winner=2)
                house.race.show(snapshot(Stage.RESULT, last=race))
                await page.get_by_text("Gewonnen!").wait_for()
                house.race.show(snapshot(Stage.RESULT, last=a_race(race=42)))
                await page.get_by_text("An der Verlosung teilnehmen").wait_for()

    asyncio.run(main())


def test_a_shared_tablet_forgets_what_was_typed(tmp_path):
    async def main():
        async with (
            browser_at(tmp_path) as (house, browser),
            page_as(house, browser, TABLET, role=Role.CREW) as page,
        ):
            await page.clock.install()
            await page.goto(f"{house.url}/crew/lead")
            await page.get_by_label("E-mail", exact=True).fill("ada@example.com")
            await page.clock.fast_forward(59_000)
            assert await page.get_by_label("E-mail", exact=True).input_value() == "ada@example.com"
            async with page.expect_navigation():
                await page.clock.fast_forward(2_000)
            assert await page.get_by_label("E-mail", exact=True).input_value() == ""
            await page.get_by_label("E-mail", exact=True).fill("ada@example.com")
            await page.goto(f"{house.url}/crew")
            await page.go_back()
            assert await page.get_by_label("E-mail", exact=True).input_value() == ""

    asyncio.run(main())


def test_the_pages_show_what_the_show_machine_says(tmp_path):
    """A stretch of a day on the toy stand, with two players and a swap, each new stage on every page."""

    async def main():
        problems = []
        stand = ToyFloor(load_pack()).open()
        async with browser_at(tmp_path, snapshot=stand.snapshot()) as (house, browser):
            me = await house.screens.people.join("Ada", "en")
            stand.join(me)
            async with (
                page_as(house, browser, STAGE, problems=problems) as stage,
                page_as(house, browser, TABLET, role=Role.CREW, problems=problems) as crew,
                page_as(house, browser, PHONE, player=me, problems=problems) as phone,
            ):
                await stage.goto(f"{house.url}/stage")
                await crew.goto(f"{house.url}/crew")
                await phone.goto(house.url)
                seen, told = [], set()
                for _ in range(2_000):
                    stand.tick()
                    if seen and stand.show.stage is seen[-1]:
                        continue
                    stand.run(1.0)
                    now = stand.snapshot()
                    seen.append(now.stage)
                    house.race.show(now)
                    scene = f"scene-{now.stage.value}"
                    await stage.wait_for_selector(f"#scene.{scene}")
                    await crew.get_by_role("heading", name=now.headline).wait_for()
                    told.add(await phone.evaluate("document.querySelector('#player').className"))
                    if Stage.PIT_STOP in seen and now.stage is Stage.RACE:
                        break
                    if now.stage is Stage.RESULT:
                        stand.ask(CallSwap("crew"))
        assert {Stage.LINE_UP, Stage.COUNTDOWN, Stage.RACE, Stage.RESULT, Stage.PIT_STOP} <= set(seen)
        assert {"called", "drive", "result"} <= told
        assert problems == []

    asyncio.run(main())
