import asyncio
import contextlib
import json

import pytest

from booth.screens import link as link_module
from booth.screens.link import RaceAwayError, RaceLink
from booth.show.commands import Hold, Role, Steer
from tests.booth.screens.fake_race import FakeRace, served
from tests.booth.screens.made import snapshot


class Changes:
    def __init__(self):
        self.news = asyncio.Event()
        self.link = None

    def __call__(self):
        self.news.set()

    async def until(self, condition):
        async with asyncio.timeout(10):
            while not condition():
                self.news.clear()
                await self.news.wait()


@contextlib.asynccontextmanager
async def linked(tmp_path):
    changes = Changes()
    link = RaceLink(tmp_path / "s", changes)
    task = asyncio.create_task(link.run())
    try:
        yield link, changes, FakeRace(tmp_path / "s")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(link_module, "_AGAIN_S", 0.01)


def test_the_link_shows_asks_and_outlives_the_race_process(tmp_path):
    async def main():
        async with linked(tmp_path) as (link, changes, race):
            assert link.age_s() is None
            assert not link.is_up
            with pytest.raises(RaceAwayError):
                await link.ask(Role.CREW, Hold("crew 1"))
            link.tell(Role.PLAYER, Steer("p", 1, 0.5))  # lost, and no harm
            async with race.run():
                race.show(snapshot())
                await changes.until(lambda: link.is_up)
                assert link.snapshot["headline"] == snapshot().headline
                assert 0 <= link.age_s() < 5
                race.refuse["Hold"] = "no"
                assert await link.ask(Role.CREW, Hold("crew 1")) == "no"
                race.refuse.clear()
                assert await link.ask(Role.IT, Hold("it 1")) is None
                assert race.asked == [("crew", Hold("crew 1")), ("it", Hold("it 1"))]
                link.tell(Role.PLAYER, Steer("p", 2, 0.5))
                await race.until(lambda race: race.steered == [Steer("p", 2, 0.5)])
            await changes.until(lambda: not link.is_up)
            assert link.snapshot is not None, "the last one stays"
            again = FakeRace(tmp_path / "s")
            async with again.run():
                again.show(snapshot(headline="back"))
                await changes.until(lambda: link.is_up and link.snapshot["headline"] == "back")
            assert link.breaks >= 1

    asyncio.run(main())


def test_a_race_process_that_hangs_is_away(tmp_path, monkeypatch):
    monkeypatch.setattr(link_module, "SILENT_S", 0.05)
    monkeypatch.setattr(link_module, "ANSWER_S", 0.02)

    async def main():
        async with linked(tmp_path) as (link, changes, race):
            race.is_mute = True
            async with race.run():
                race.show(snapshot())
                await changes.until(lambda: link.is_up)
                with pytest.raises(RaceAwayError):
                    await link.ask(Role.CREW, Hold("crew 1"))
                await changes.until(lambda: link.breaks > 0)

    asyncio.run(main())


def test_whoever_waits_for_an_answer_when_the_link_breaks_is_told(tmp_path):
    async def main():
        async with linked(tmp_path) as (link, changes, race):
            race.is_mute = True
            async with race.run():
                race.show(snapshot())
                await changes.until(lambda: link.is_up)
                asking = asyncio.create_task(link.ask(Role.CREW, Hold("crew 1")))
                await race.until(lambda race: race.asked)
            with pytest.raises(RaceAwayError):
                await asking

    asyncio.run(main())


@pytest.mark.parametrize("noise", [b"\xff\xfe\n", b"[]\n", b"{\n", b"null\n"])
def test_what_is_no_message_begins_the_link_anew(tmp_path, noise):
    async def main():
        async def serve(_, writer):
            writer.write(noise)
            writer.write(json.dumps({"snapshot": {"headline": "x"}}).encode() + b"\n")
            await writer.drain()
            writer.close()

        async with served(tmp_path / "s", serve), linked(tmp_path) as (link, changes, _):
            await changes.until(lambda: link.breaks >= 2)
            assert link.snapshot is None

    asyncio.run(main())


def test_steering_is_dropped_when_nobody_takes_it(tmp_path):
    async def main():
        async def serve(_, __):
            pass

        async with served(tmp_path / "s", serve), linked(tmp_path) as (link, _, __):
            async with asyncio.timeout(5):
                while link._writer is None:
                    await asyncio.sleep(0)
            for number in range(20_000):
                link.tell(Role.PLAYER, Steer("p", number, 0.5))
            assert link._writer.transport.get_write_buffer_size() < 70_000
            link._writer.transport.abort()

    asyncio.run(main())
