"""Contact details over HTTP: nothing is thanked for that is not on the disk, nothing of it is readable there."""

import asyncio
import re

import httpx
import pytest

from booth.errors import BoothBroken
from booth.people.tickets import Reason
from booth.screens.roles import PLAYER_COOKIE, STAFF_COOKIE
from booth.show.commands import Join, Role
from tests.booth.screens.house import screens_up
from tests.booth.screens.made import a_race, finished, snapshot

FILLED = {
    "first_name": "Ada",
    "last_name": "Löwe",
    "email": "ada@example.com",
    "company": "<b>Engines</b> & Co",
    "q_role": "designs",
    "wants_draw": "on",
}


async def form(client, path="/lead"):
    page = await client.get(path)
    assert page.status_code == 200
    return re.search(r'name="submission" value="([\w-]{16,64})"', page.text)[1], page.text


async def joined(house, client, nickname="Ada"):
    player = await house.screens.people.join(nickname, "en")
    client.cookies.set(PLAYER_COOKIE, house.screens.roles.player_cookie(player))
    return player


def test_a_winner_leaves_details_and_gets_a_ticket(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house, house.client() as client:
            player = await joined(house, client)
            house.race.alias = {"p1": player}
            house.race.show(snapshot(last=finished()))
            await house.until(lambda: house.screens.entries._done)
            assert house.screens.entries._done == {(player, Reason.WON, 41)}
            assert (await client.get("/thanks")).headers["location"] == "/lead"
            submission, page = await form(client, "/lead?draw=1")
            assert page.count("checked") == 1, "the wish just tapped, and no consent"
            sent = await client.post("/lead", data={**FILLED, "submission": submission})
            assert (sent.status_code, sent.headers["location"]) == (303, "/thanks")
            thanks = (await client.get("/thanks")).text
            code = re.search(r'class="ticket">([0-9A-Z]{4}-\d\d)<', thanks)[1]
            again = await client.post("/lead", data={**FILLED, "submission": submission})
            assert again.status_code == 303
            assert code in (await client.get("/thanks")).text
            assert house.screens.people.not_copied == 1
            assert await house.screens.draws._tickets(house.screens.draws._day) == (code,)
            assert (await client.get("/lead")).headers["location"] == "/thanks"
            assert (await client.get("/lead?again=1")).status_code == 200
            left = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
            for secret in ("Löwe", "ada@example", "Engines"):
                assert secret.encode() not in left

    asyncio.run(main())


def test_what_is_wrong_is_marked_and_nothing_typed_is_lost(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house, house.client() as client:
            await joined(house, client)
            submission, _ = await form(client)
            wrong = {**FILLED, "email": "ada@", "phone": "12", "submission": submission}
            answer = await client.post("/lead?lang=de", data=wrong)
            assert answer.status_code == 422
            assert "keine vollständige E-Mail-Adresse" in answer.text
            assert "keine vollständige Telefonnummer" in answer.text
            assert 'value="ada@"' in answer.text
            assert "&lt;b&gt;Engines&lt;/b&gt; &amp; Co" in answer.text
            assert submission in answer.text
            assert re.search(r'value="designs" checked', answer.text)
            for bad in ({"q_role": "nonsense"}, {"submission": "x"}, {"email": "", "phone": ""}):
                refused = await client.post("/lead", data={**FILLED, "submission": submission, **bad})
                assert refused.status_code == 422, bad
            huge = await client.post(
                "/lead", data={**FILLED, "submission": submission, "first_name": "A" * 10_000}
            )
            assert huge.status_code == 422
            assert "zu lang" in huge.text
            assert house.screens.people.not_copied == 0

    asyncio.run(main())


def test_nobody_is_thanked_for_what_is_not_on_the_disk(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house, house.client() as client:
            await joined(house, client)
            submission, _ = await form(client)

            async def broken(*_, **__):
                raise BoothBroken("the disk is full; free some space")

            house.screens.people.capture = broken
            answer = await client.post("/lead", data={**FILLED, "submission": submission})
            assert answer.status_code == 503
            assert "the disk is full" in answer.text
            assert 'value="ada@example.com"' in answer.text
            assert "Thank you" not in answer.text
            assert (await client.get("/thanks")).status_code == 303

    asyncio.run(main())


def test_the_crew_takes_a_contact_for_a_player_or_for_somebody_else(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house, house.client() as client:
            player = await joined(house, client, "Grace <b>")
            client.cookies.clear()
            client.cookies.set(STAFF_COOKIE, house.screens.roles.staff_cookie(Role.CREW))
            house.race.alias = {"p1": player}
            house.race.show(snapshot(last=finished()))
            await house.until(lambda: house.screens.entries._done)
            submission, page = await form(client, "/crew/lead")
            assert "Grace &lt;b&gt;" in page
            fields = {**FILLED, "submission": submission, "player": player, "note": "wants a call"}
            sent = await client.post("/crew/lead", data=fields)
            assert re.fullmatch(r"/crew/thanks\?ticket=[0-9A-Z]{4}-\d\d", sent.headers["location"])
            assert house.screens.people.has_contact(player)
            submission, page = await form(client, "/crew/lead")
            assert "Grace" not in page, "the next one does not see who was there"
            assert "ada@example" not in page
            free = {
                **FILLED,
                "email": "eve@example.com",
                "submission": submission,
                "free_entry": "on",
                "player": "x",
            }
            sent = await client.post("/crew/lead", data=free)
            thanks = (await client.get(sent.headers["location"])).text
            assert re.search(r'class="ticket">[0-9A-Z]{4}-\d\d<', thanks)
            assert "eve@example" not in thanks
            assert 'class="ticket"' not in (await client.get("/crew/thanks?ticket=<script>")).text
            assert house.screens.people.not_copied == 2

    asyncio.run(main())


def test_a_show_that_asks_first_lets_nobody_queue_before(tmp_path):
    demo = __import__("booth.pack.files", fromlist=["x"]).pack_path("demo")
    folder = tmp_path / "pack"
    folder.mkdir()
    text = demo.read_text().replace('ask = "after"', 'ask = "before"')
    (folder / "show.toml").write_text(text)
    (folder / "demo.svg").write_bytes((demo.parent / "demo.svg").read_bytes())

    async def main():
        async with (
            screens_up(tmp_path, pack=str(folder / "show.toml"), snapshot=snapshot()) as house,
            house.client() as client,
        ):
            sent = await client.post("/join", data={"nickname": "Ada"})
            assert sent.headers["location"] == "/lead?draw=1"
            assert (await client.post("/again")).json() == {"to": "/lead?draw=1"}
            assert house.race.asked == []
            submission, _ = await form(client)
            sent = await client.post("/lead", data={**FILLED, "submission": submission})
            assert sent.headers["location"] == "/"
            assert [type(asked) for _, asked in house.race.asked] == [Join]

    asyncio.run(main())


def test_calls_to_action_are_counted_by_code(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house, house.client() as client:
            for code in ("stage", "stage", "phone", "nonsense"):
                assert (await client.get(f"/go/{code}")).status_code == 200
            store = house.screens.people._store
            assert store.counts(store.today()).calls_to_action == {"stage": 2, "phone": 1}

    asyncio.run(main())


def test_people_that_cannot_be_read_cost_names_and_nothing_else(tmp_path):
    async def main():
        async with (
            screens_up(tmp_path, snapshot=snapshot(last=finished())) as house,
            house.client() as client,
        ):
            player = await joined(house, client)

            class Broken:
                def __getattr__(self, name):
                    def fail(*_, **__):
                        raise BoothBroken("the people's database is damaged")

                    return fail

                def close(self):
                    pass

            house.screens.people._store.close()
            house.screens.people._store = Broken()
            assert (await client.get("/stage")).status_code == 200
            away = await client.get("/")
            assert away.status_code == 503
            assert "One moment" in away.text
            assert "damaged" not in away.text
            assert (await client.get("/health")).status_code == 200
            assert house.screens.people.names([player]) == {}
            client.cookies.clear()
            assert (await client.post("/join", data={"nickname": "Ada"})).status_code == 503

    asyncio.run(main())


@pytest.mark.parametrize("field", ["first_name", "company", "q_role", "note"])
def test_two_tabs_and_odd_forms_are_no_error(tmp_path, field):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot(race=a_race())) as house, house.client() as client:
            await joined(house, client)
            submission, _ = await form(client)
            odd = await client.post(
                "/lead", files={field: ("x.txt", b"\x00\xff" * 40), "submission": (None, submission)}
            )
            assert odd.status_code in {303, 422}
            broken = await client.post(
                "/lead", content=b"%%%=&&=%ff", headers={"content-type": "application/x-www-form-urlencoded"}
            )
            assert broken.status_code == 422
            assert isinstance(broken, httpx.Response)

    asyncio.run(main())
