import asyncio
import contextlib
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from booth.screens.roles import PLAYER_COOKIE
from booth.screens.seat_socket import BURST, REPLACED, TOO_MUCH, Bucket, Latency
from booth.show.commands import Beat
from tests.booth.screens.house import screens_up
from tests.booth.screens.made import snapshot


def phone(house, player="p1", *, origin=None, cookie=None):
    cookie = cookie or house.screens.roles.player_cookie(player)
    return connect(
        house.url.replace("http", "ws") + "/seat",
        origin=origin or house.url,
        additional_headers={"cookie": f"{PLAYER_COOKIE}={cookie}"},
        proxy=None,
    )


def steer(throttle=0.5, lane=0.0, *, fire=False):
    return json.dumps({"k": "s", "t": throttle, "l": lane, "f": fire})


def test_a_phone_steers_beats_and_stops_its_car_when_it_goes(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house:
            async with phone(house) as socket:
                await socket.send(steer(0.5, -1, fire=True))
                await socket.send(steer(1))
                await house.race.until(lambda race: len(race.steered) == 2)
                first, second = house.race.steered
                assert (first.player, first.throttle, first.lane, first.fire) == ("p1", 0.5, -1.0, True)
                assert second.number > first.number
                await socket.send('{"k": "p", "n": 7, "ms": null}')
                assert json.loads(await socket.recv()) == {"n": 7}
                await socket.send('{"k": "p", "n": 8, "ms": 4.5}')
                await socket.recv()
                assert house.race.asked[0] == ("player", Beat("p1"))
                assert house.screens.seats.count == 1
            await house.race.until(lambda race: len(race.steered) == 3)
            assert house.race.steered[-1].throttle == 0
            assert house.race.steered[-1].number > second.number
            assert house.screens.seats.count == 0

    asyncio.run(main())


NO_MESSAGES = [
    "", "x", "[]", "null", '"s"', "{}", '{"k": "x"}', '{"k": "s"}', '{"k": []}',
    '{"k": "s", "t": 2, "l": 0, "f": false}', '{"k": "s", "t": NaN, "l": 0, "f": false}',
    '{"k": "s", "t": true, "l": 0, "f": false}', '{"k": "s", "t": 0, "l": 0, "f": 1}',
    '{"k": "s", "t": 0, "l": -1.01, "f": false}', '{"k": "p"}', '{"k": "p", "n": 1e300}',
    '{"k": "p", "n": 1, "ms": -1}', "[" * 190, " " * 300, "A" * 600, b"\x00\xff",
]  # fmt: skip


def test_what_is_no_message_closes_that_socket_and_no_other(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house, phone(house, "p2") as other:
            for message in NO_MESSAGES:
                async with phone(house) as socket:
                    await socket.send(message)
                    with pytest.raises(ConnectionClosed):
                        await socket.recv()
            await other.send(steer(0.9))
            await house.race.until(lambda race: any(one.throttle == 0.9 for one in race.steered))

    asyncio.run(main())


def test_who_sends_too_fast_is_closed(tmp_path):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house, phone(house) as socket:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await socket.send(steer())
                    await asyncio.sleep(0)
            assert socket.close_code == TOO_MUCH
            assert len(house.race.steered) <= BURST * 2

    asyncio.run(main())


def test_the_newest_phone_of_a_player_wins(tmp_path):
    async def main():
        async with (
            screens_up(tmp_path, snapshot=snapshot()) as house,
            phone(house) as older,
            phone(house) as newer,
        ):
            with pytest.raises(ConnectionClosed):
                await older.recv()
            assert older.close_code == REPLACED
            await newer.send(steer(0.7))
            await house.race.until(lambda race: race.steered)
            assert [one.throttle for one in house.race.steered] == [0.7], "the old one stops nobody's car"

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["no cookie", "forged", "staff", "elsewhere"])
def test_only_a_players_own_page_may_connect(tmp_path, kind):
    async def main():
        async with screens_up(tmp_path, snapshot=snapshot()) as house:
            from booth.show.commands import Role

            cookie = {
                "no cookie": "x",
                "forged": "InAxIg.x.y",
                "staff": house.screens.roles.staff_cookie(Role.IT),
            }
            origin = "http://elsewhere.example" if kind == "elsewhere" else None
            with pytest.raises(InvalidStatus):
                async with phone(house, origin=origin, cookie=cookie.get(kind)):
                    pass

    asyncio.run(main())


def test_the_bucket_refills():
    now = [0.0]
    bucket = Bucket(lambda: now[0])
    assert [bucket.take() for _ in range(int(BURST) + 1)] == [True] * int(BURST) + [False]
    now[0] += 1
    assert bucket.take()


def test_latency_in_figures():
    latency = Latency()
    assert latency.figures() is None
    for ms in range(101):
        latency.add(ms)
    assert latency.figures() == {"count": 101, "p50_ms": 50, "p99_ms": 99}
