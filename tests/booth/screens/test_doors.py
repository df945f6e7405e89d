"""Nobody commands or reads without their role: every route against everybody who might knock."""

import asyncio

from booth.screens.app import all_doors
from booth.screens.doors import Who, may_pass
from booth.screens.roles import PLAYER_COOKIE, STAFF_COOKIE, Staff
from booth.show.commands import Hold, Join, Leave, Promote, Role
from tests.booth.screens.house import screens_up
from tests.booth.screens.made import BUSY

STAFF_ONLY = "Thermo A3"
CALLERS = ("nobody", "player", "crew", "it", "forger")
MAY = {
    Who.ANYONE: set(CALLERS),
    Who.PLAYER: {"player"},
    Who.CREW: {"crew", "it"},
    Who.IT: {"it"},
}
STREAMS = {"/stream", "/crew/stream"}


def cookies_of(house, caller):
    roles = house.screens.roles
    return {
        "nobody": {},
        "player": {PLAYER_COOKIE: roles.player_cookie("p1")},
        "crew": {STAFF_COOKIE: roles.staff_cookie(Role.CREW)},
        "it": {STAFF_COOKIE: roles.staff_cookie(Role.IT)},
        "forger": {STAFF_COOKIE: roles.player_cookie("p1"), PLAYER_COOKIE: roles.staff_cookie(Role.IT)},
    }[caller]


def test_every_route_against_every_caller(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=BUSY) as house:
            doors = all_doors(house.screens)
            assert {door.who for door in doors} == set(Who)
            for caller in CALLERS:
                async with house.client() as client:
                    for door in doors:
                        client.cookies.clear()
                        client.cookies.update(cookies_of(house, caller))
                        path = door.path.replace("{build}", "x").replace("{path:path}", "stage.js")
                        path = path.replace("{what}", "join").replace("{code}", "stage")
                        async with client.stream(door.method, path) as answer:
                            passed = answer.status_code != 403 and not (
                                answer.status_code == 303
                                and answer.headers["location"].startswith(("/join", "/sign-in?"))
                            )
                            assert passed == (caller in MAY[door.who]), (caller, door.method, door.path)
                            if not passed and path not in STREAMS:
                                assert STAFF_ONLY.encode() not in await answer.aread()
            mine = [("player", Join("p1")), ("player", Leave("p1"))]
            assert house.race.asked == mine, "an empty request of others commands nothing"

    asyncio.run(main())


def test_every_post_needs_a_page_of_ours(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=BUSY) as house, house.client() as client:
            client.cookies.update(cookies_of(house, "it") | cookies_of(house, "player"))
            for origin in ("http://elsewhere.example", "null", f"{house.url}.example", ""):
                for door in all_doors(house.screens):
                    if door.method == "POST":
                        answer = await client.post(door.path, headers={"origin": origin})
                        assert answer.status_code == 403, (origin, door.path)
            assert house.race.asked == []

    asyncio.run(main())


def test_the_crew_commands_in_its_own_name_and_only_what_is_the_crews(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=BUSY) as house, house.client() as client:
            client.cookies.update(cookies_of(house, "crew"))
            done = await client.post("/crew/do", json={"do": "Hold", "by": "somebody else"})
            assert done.json() == {"refused": None}
            role, command = house.race.asked.pop()
            assert role == "crew"
            assert isinstance(command, Hold)
            assert command.by.startswith("crew-")
            promote = {"do": "Promote", "mode": "race", "state": "default", "evidence": "x"}
            assert (await client.post("/crew/do", json=promote)).status_code == 403
            client.cookies.clear()
            client.cookies.update(cookies_of(house, "it"))
            assert (await client.post("/crew/do", json=promote)).status_code == 200
            assert isinstance(house.race.asked.pop()[1], Promote)
            house.race.refuse["Hold"] = "not while the moon is full"
            refused = await client.post("/crew/do", json={"do": "Hold"})
            assert refused.json() == {"refused": "not while the moon is full"}

    asyncio.run(main())


NO_COMMANDS = (
    b"", b"[]", b"null", b"{}", b"\xff", b'{"do": "Hold", "car": 1}', b'{"do": "Beep"}', b"[" * 50_000,
)  # fmt: skip


def test_what_is_no_command_is_refused(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=BUSY) as house, house.client() as client:
            client.cookies.update(cookies_of(house, "crew"))
            for body in NO_COMMANDS:
                answer = await client.post("/crew/do", content=body)
                assert answer.status_code == 400
                assert answer.json()["refused"]
            assert house.race.asked == []

    asyncio.run(main())


def test_a_player_speaks_for_nobody_else(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=BUSY) as house, house.client() as client:
            client.cookies.update(cookies_of(house, "player"))
            await client.post("/again", json={"player": "p2"})
            assert house.race.asked == [("player", Join("p1"))]

    asyncio.run(main())


def test_signing_in_and_out(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=BUSY) as house, house.client() as client:
            asked = await client.get("/crew")
            assert asked.headers["location"] == "/sign-in?to=/crew"
            assert (await client.post("/sign-in", data={"pin": "1234"})).status_code == 422
            signed = await client.post("/sign-in", data={"pin": "4711", "to": "//elsewhere.example"})
            assert signed.headers["location"] == "/crew"
            cookie = signed.headers["set-cookie"].lower()
            assert "httponly" in cookie
            assert "samesite=strict" in cookie
            assert (await client.get("/crew")).status_code == 200
            assert (await client.get("/it")).status_code == 303
            await client.post("/sign-out")
            assert (await client.get("/crew")).status_code == 303
            assert (await client.post("/sign-in", data={"pin": "081500"})).headers["location"] == "/it"
            status = (await client.get("/it/status")).json()
            assert status["race"]["up"]
            assert status["versions"]["pack"].startswith("pitboard demo show")
            client.cookies.clear()
            for _ in range(5):
                await client.post("/sign-in", data={"pin": "0"})
            waiting = await client.post("/sign-in", data={"pin": "4711"})
            assert waiting.status_code == 429
            assert "wait a minute" in waiting.text

    asyncio.run(main())


def test_it_may_pass_where_the_crew_may():
    assert may_pass(Who.CREW, Staff(Role.IT, "x"), None)
    assert not may_pass(Who.IT, Staff(Role.CREW, "x"), None)
