"""The draw from the crew's tablet: every step in order, each on the stage, proved by its bundle alone."""

import asyncio
import contextlib
import re

from booth.draw.folders import read_bundle
from booth.draw.verify import verify
from booth.screens.roles import STAFF_COOKIE
from booth.show.commands import Role, StageDraw
from booth.show.view import Stage
from tests.booth.screens.house import screens_up
from tests.booth.screens.made import snapshot

CODES = ("K7Q2-01", "B3XD-02", "Z9PM-03", "A1TC-04")
THROWS = "36115244623516224155"


@contextlib.asynccontextmanager
async def at_the_draw(folder, tickets=CODES):
    async with screens_up(folder, snapshot=snapshot()) as house, house.client() as crew:

        async def told(day):
            return tickets

        house.screens.draws._tickets = told
        crew.cookies.set(STAFF_COOKIE, house.screens.roles.staff_cookie(Role.CREW))

        async def do(act, status=303, **fields):
            answer = await crew.post("/crew/draw", data={"act": act, **fields})
            assert answer.status_code == status, answer.text
            return answer.text

        yield house, crew, do


def test_a_whole_draw_on_tablet_and_stage(tmp_path):
    async def main():
        async with at_the_draw(tmp_path) as (house, crew, do):
            assert "4 tickets so far" in (await crew.get("/crew/draw")).text
            await do("stage")
            house.race.show(snapshot(Stage.DRAW, draw={"step": "declared"}))
            await house.until(lambda: house.screens.link.snapshot["draw"])
            assert "Freeze the list" not in (await crew.get("/crew/draw")).text
            await do("close")
            await do("freeze", **{"strike Z9PM-03": "staff"})
            for value in THROWS:
                await do("throw", value=value)
            await do("correct-throw", number="1", value="4")
            await do("run")
            await do("announce")
            await do("decide", decision="declined/not-wanted")
            await do("announce")
            await do("decide", decision="claimed/came")
            page = (await crew.get("/crew/draw")).text
            steps = [asked.step for _, asked in house.race.asked if isinstance(asked, StageDraw)]
            assert steps == [
                "declared", "declared", "frozen", *["entering"] * 19, "ready", "ready", "drawn", "announced", "drawn",
                "announced", "closed",
            ]  # fmt: skip
            last = house.race.asked[-1][1].body
            assert last["bundle_id"] in page
            assert last["outcome"] == "claimed"
            assert last["code"] in page
            draws = house.screens.draws
            bundle = draws._store.bundle((await draws.today()).name)
            assert verify(read_bundle(bundle)).is_good
            await do("unstage")
            assert house.race.asked[-1][1].step == ""

    asyncio.run(main())


def test_what_may_not_be_is_refused_in_words_and_changes_nothing(tmp_path):
    async def main():
        async with at_the_draw(tmp_path) as (house, _, do):
            for act, fields in (
                ("run", {}),
                ("freeze", {}),
                ("throw", {"value": "7"}),
                ("throw", {"value": "x"}),
                ("throw", {}),
                ("decide", {"decision": "won/because"}),
                ("void", {"why": "<b>"}),
                ("announce", {}),
                ("drand", {}),
                ("declare", {}),
                ("nonsense", {}),
            ):
                text = await do(act, 409, **fields)
                sentence = re.search(r'class="word">Not now</span><span>([^<]+)</span>', text)
                assert sentence, act
            assert (await house.screens.draws.today()).ceremony.phase == "declared"

    asyncio.run(main())


def test_a_draw_nobody_is_in_is_called_off_and_another_declared(tmp_path):
    async def main():
        async with at_the_draw(tmp_path, tickets=()) as (house, crew, do):
            await do("close")
            await do("freeze")
            await do("void", why="nobody")
            assert "nobody is on the list" in (await crew.get("/crew/draw")).text
            await do("declare")
            assert (await house.screens.draws.today()).name.endswith("-2")

    asyncio.run(main())


def test_without_the_race_process_the_draw_goes_on_and_the_crew_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("booth.screens.link.ANSWER_S", 0.05)

    async def main():
        async with at_the_draw(tmp_path) as (house, _, do):
            house.race.show(snapshot(Stage.DRAW, draw={"step": "declared"}))
            await house.until(lambda: house.screens.link.snapshot["draw"])
            house.race.is_mute = True
            text = await do("close", 409)
            assert "the race computer does not answer" in text
            assert "Freeze the list" in text, "the act itself was done"

    asyncio.run(main())
