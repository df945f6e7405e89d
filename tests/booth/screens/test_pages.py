"""Pages over real sockets: the stage's stream, joining, what every answer carries."""

import asyncio
import contextlib
import json

import pytest

from booth.show.commands import Join
from tests.booth.screens.house import screens_up
from tests.booth.screens.made import EVERY_STATE, snapshot


@contextlib.asynccontextmanager
async def events(client, path="/stream"):
    async with client.stream("GET", path) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.aiter_lines()

        async def following():
            async with asyncio.timeout(10):
                async for line in lines:
                    if line.startswith("data: {"):
                        return json.loads(line.removeprefix("data: "))
            raise AssertionError("the stream ended")

        yield following


def test_the_stage_follows_the_show_and_says_when_the_race_process_is_away(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=EVERY_STATE["attract"]) as house, house.client() as client:
            page = await client.get("/stage")
            assert page.status_code == 200
            async with events(client) as following:
                first = await following()
                assert first["show"]["stage"] == "attract"
                assert first["up"]
                assert first["build"] in page.text
                house.race.show(EVERY_STATE["race"])
                while (now := await following())["show"]["stage"] != "race":
                    pass
                assert [seat["number"] for seat in now["show"]["race"]["seats"]] == [1, 2, 3, 4]
                house.race.drop()
                while (now := await following())["up"]:
                    pass
                assert now["show"]["stage"] == "race", "the last one stays, marked as old"
                while not (now := await following())["up"]:
                    pass

    asyncio.run(main())


def test_the_public_never_hears_of_batteries_tasks_or_incidents(tmp_path):
    from tests.booth.screens.made import BUSY

    async def main():
        async with (
            screens_up(tmp_path, snapshot=BUSY) as house,
            house.client() as client,
            events(client) as following,
        ):
            text = json.dumps(await following())
            for staff_only in (
                "battery",
                "Thermo A3",
                "incidents",
                "refusal",
                "tasks",
                "uptime",
                "checklists",
            ):
                assert staff_only not in text

    asyncio.run(main())


def test_joining_gives_a_place_in_the_queue_and_a_name_on_the_screens(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house, house.client() as client:
            assert (await client.get("/")).headers["location"] == "/join"
            page = await client.get("/join?lang=de")
            assert "Mitfahren" in page.text
            assert (await client.post("/join", data={"nickname": " \u202e "})).status_code == 422
            nickname = "<img src=x>"
            joined = await client.post("/join", data={"nickname": nickname})
            assert (joined.status_code, joined.headers["location"]) == (303, "/")
            role, command = house.race.asked[0]
            assert (role, type(command)) == ("player", Join)
            home = await client.get("/")
            assert home.status_code == 200
            assert command.player in home.text
            assert 'lang="de"' in home.text
            house.race.show(snapshot(queue=(command.player,)))
            async with events(client) as following:
                while not (now := await following())["show"]["queue"]:
                    pass
                assert now["names"] == {command.player: nickname}
            await client.post("/again")
            await client.post("/leave")
            assert [type(asked).__name__ for _, asked in house.race.asked] == ["Join", "Join", "Leave"]
            assert (await client.get("/join")).headers["location"] == "/"

    asyncio.run(main())


def test_what_every_answer_carries(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house, house.client() as client:
            page = await client.get("/stage")
            policy = page.headers["content-security-policy"]
            assert "script-src 'self';" in policy
            assert "unsafe" not in policy
            assert f"ws://{house.url.partition('//')[2]} " in policy
            assert page.headers["cache-control"] == "no-store"
            assert "http://" not in page.text.replace(house.url, "").replace("http://www.w3.org", "")
            build = house.screens.assets.build
            kept = await client.get(f"/static/{build}/stage.js")
            assert "immutable" in kept.headers["cache-control"]
            assert (await client.get("/static/old/stage.js")).headers["cache-control"] == "no-store"
            assert (await client.get("/static/x/../app.py")).status_code == 404
            assert "--accent: #ffb81c" in (await client.get("/brand.css")).text
            logo = await client.get("/logo")
            assert logo.headers["content-type"] == "image/svg+xml"
            assert "sandbox" in logo.headers["content-security-policy"]
            assert (await client.get("/qr/join.svg")).text.startswith("<svg")
            assert (await client.get("/qr/none.svg")).status_code == 404
            assert (await client.get("/health")).json()["race"] == "up"

    asyncio.run(main())


@pytest.mark.parametrize(
    "headers", [{"content-length": "9999999"}, {"content-length": "-1"}, {"transfer-encoding": "chunked"}]
)
def test_a_body_that_is_too_much_is_refused_unread(tmp_path, headers):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house:
            _, _, address = house.url.partition("//")
            host, _, port = address.partition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            lines = [
                "POST /join HTTP/1.1",
                f"host: {address}",
                *(f"{k}: {v}" for k, v in headers.items()),
                "",
                "",
            ]
            writer.write("\r\n".join(lines).encode())
            async with asyncio.timeout(5):
                status = await reader.readline()
            writer.close()
            await writer.wait_closed()
            assert status.split()[1] in {b"413", b"400"}

    asyncio.run(main())


def test_without_a_race_process_the_pages_are_there_and_say_so(tmp_path):
    async def main():
        async with screens_up(tmp_path, race=False) as house, house.client() as client:
            assert (await client.get("/stage")).status_code == 200
            health = await client.get("/health")
            assert (health.status_code, health.json()["race"]) == (503, "away")
            async with events(client) as following:
                assert await following() | {"build": ""} == {
                    "show": None, "names": {}, "age_s": None, "up": False, "build": "",
                }  # fmt: skip
            assert (await client.post("/join", data={"nickname": "Ada"})).status_code == 303
            assert (await client.post("/again")).status_code == 503

    asyncio.run(main())
