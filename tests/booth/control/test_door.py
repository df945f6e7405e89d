"""The race process's door against whoever knocks: floods, garbage, clients that do not read."""

from __future__ import annotations

import asyncio
import contextlib
import json
import stat

import pytest

from booth.control.server import MOST_CLIENTS, MOST_LINE, ControlServer
from booth.errors import BoothBroken
from booth.show.commands import Beat, Role

BEAT = {"role": "player", "number": 1, "command": {"do": "Beat", "player": "p"}}


class Shown:
    def __init__(self, body):
        self._body = body

    def to_json(self):
        return self._body


class Plays:
    """What the door needs of a runner."""

    def __init__(self):
        self.turn = object()
        self.body = {"number": 1}
        self.taken = []
        self.failures = []

    def snapshot(self):
        if isinstance(self.body, Exception):
            raise self.body
        return Shown(self.body)

    def put(self, role, command, answered):
        self.taken.append((role, command))
        answered(None)

    def fail(self, error):
        self.failures.append(error)


def knocked(tmp_path, main):
    async def run():
        plays = Plays()
        path = tmp_path / "control.sock"
        async with asyncio.timeout(20), ControlServer(plays, path):
            await main(plays, path)
        assert not path.exists()
        return plays

    return asyncio.run(run())


@contextlib.asynccontextmanager
async def client(path):
    reader, writer = await asyncio.open_unix_connection(str(path), limit=4_000_000)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def line(body):
    return json.dumps(body).encode() + b"\n"


async def answered(reader):
    while "answer" not in (body := json.loads(await reader.readline())):
        pass
    return body


def test_a_client_is_shown_what_is_at_once_and_answered_by_number(tmp_path):
    async def main(plays, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        async with client(path) as (reader, writer):
            assert json.loads(await reader.readline()) == {"snapshot": {"number": 1}}
            writer.write(line(BEAT | {"number": 7}))
            assert await answered(reader) == {"answer": 7, "refused": None}

    assert knocked(tmp_path, main).taken == [(Role.PLAYER, Beat("p"))]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\n",
        b"nothing\n",
        b"[" * 20_000 + b"\n",
        b"7" * 5_000 + b"\n",
        b"x" * (MOST_LINE + 10),
        b"\xff\xfe\n",
        b'{"role": "crew"}\n',
        line(BEAT | {"number": True}),
        line(BEAT | {"role": "boss"}),
        line(BEAT | {"role": None}),
        line(BEAT | {"command": {"do": "Beat"}}),
        line(BEAT | {"command": {"do": "Beat", "player": "\ud800"}}),
        line(BEAT | {"command": {"do": "Beat", "player": 5}}),
    ],
)
def test_a_line_that_is_none_ends_its_connection_and_no_other(tmp_path, rubbish):
    async def main(plays, path):
        async with client(path) as (reader, writer), client(path) as (their_reader, their_writer):
            writer.write(rubbish)
            with contextlib.suppress(ConnectionError):
                while await reader.readline():
                    pass
            their_writer.write(line(BEAT))
            assert await answered(their_reader) == {"answer": 1, "refused": None}

    assert len(knocked(tmp_path, main).taken) == 1


def test_a_flood_takes_its_turn_with_everybody_else(tmp_path):
    async def main(plays, path):
        async with client(path) as (_, flooding), client(path) as (_, patient):
            flooding.write(line(BEAT) * 900)
            patient.write(line(BEAT | {"command": {"do": "Beat", "player": "patient"}}))
            async with asyncio.timeout(10):
                while len(plays.taken) < 901:
                    await asyncio.sleep(0.01)
        assert plays.taken.index((Role.PLAYER, Beat("patient"))) < 100

    knocked(tmp_path, main)


def test_who_does_not_read_is_dropped_and_the_rest_is_told_on(tmp_path):
    async def main(plays, path):
        async with client(path) as (reader, _), client(path) as (_, deaf):
            deaf.transport.pause_reading()
            number = 0
            seen = 0
            while number < 8 or seen < number:
                number += 1
                plays.body, plays.turn = {"number": number, "padding": "x" * 1_000_000}, object()
                while (seen := json.loads(await reader.readline())["snapshot"]["number"]) < number:
                    pass
            assert len(plays.server._clients) == 1

    async def run():
        plays = Plays()
        path = tmp_path / "control.sock"
        async with asyncio.timeout(30), ControlServer(plays, path) as server:
            plays.server = server
            await main(plays, path)

    asyncio.run(run())


def test_no_more_than_so_many_clients_and_the_next_one_gets_in_when_one_leaves(tmp_path):
    async def main(plays, path):
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(MOST_CLIENTS):
                reader, _ = await stack.enter_async_context(client(path))
                assert await reader.readline()
            with contextlib.suppress(ConnectionError):
                async with client(path) as (reader, _):
                    assert not await reader.readline()
        async with asyncio.timeout(5):
            while True:
                async with client(path) as (reader, _):
                    with contextlib.suppress(ConnectionError):
                        if await reader.readline():
                            return

    knocked(tmp_path, main)


def test_what_cannot_be_shown_fails_the_show(tmp_path):
    async def main(plays, path):
        plays.body, plays.turn = ArithmeticError("a bug"), object()
        async with asyncio.timeout(5):
            while not plays.failures:
                await asyncio.sleep(0.01)

    (failure,) = knocked(tmp_path, main).failures
    assert isinstance(failure, ArithmeticError)


def test_a_path_too_long_for_a_socket_is_told_in_one_sentence(tmp_path):
    async def run():
        async with ControlServer(Plays(), tmp_path / ("long" * 30)):
            pass

    with pytest.raises(BoothBroken, match="too long"):
        asyncio.run(run())
