import asyncio
import contextlib
import itertools

from booth.screens.events import Channel, Gate, Stream


class Reader:
    """An ASGI client of a stream; it takes an event only when told to."""

    def __init__(self, channel, gate, address="10.0.0.1"):
        self.sent = asyncio.Queue(maxsize=1)
        self.gone = asyncio.Event()
        scope = {"type": "http", "client": (address, 1)}
        self.task = asyncio.ensure_future(Stream(channel, gate)(scope, self._receive, self.sent.put))

    async def _receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def start(self):
        return (await self.sent.get())["status"]

    async def body(self):
        async with asyncio.timeout(5):
            return (await self.sent.get())["body"]

    async def leave(self):
        self.gone.set()
        await self.task


@contextlib.asynccontextmanager
async def running(compose, gap_s=0):
    channel = Channel(compose, gap_s)
    task = asyncio.create_task(channel.run())
    try:
        yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_a_reader_gets_the_state_at_once_then_the_newest():
    async def main():
        numbers = itertools.count(1)
        async with running(lambda: str(next(numbers))) as channel:
            reader = Reader(channel, Gate(9, 9))
            assert await reader.start() == 200
            assert await reader.body() == b"retry: 1000\n\n"
            assert await reader.body() == b"data: 1\n\n"
            for _ in range(50):  # the reader sleeps meanwhile
                channel.touch()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            seen = [await reader.body()]
            newest = f"data: {channel.composed}\n\n".encode()
            while seen[-1] != newest:
                seen.append(await reader.body())
            assert len(seen) <= 3, "what it slept through is skipped"
            await reader.leave()
            assert channel.readers == 0

    asyncio.run(main())


def test_one_text_is_made_for_all_readers_and_none_without():
    async def main():
        async with running(lambda: "x") as channel:
            channel.touch()
            await asyncio.sleep(0.01)
            assert channel.composed == 0
            readers = [Reader(channel, Gate(99, 99)) for _ in range(30)]
            for reader in readers:
                await reader.start(), await reader.body(), await reader.body()
            made = channel.composed
            assert made <= 2
            channel.touch()
            for reader in readers:
                await reader.body()
            assert channel.composed == made + 1
            for reader in readers:
                await reader.leave()

    asyncio.run(main())


def test_a_stream_that_has_nothing_to_say_beats(monkeypatch):
    monkeypatch.setattr("booth.screens.events.BEAT_S", 0.01)

    async def main():
        async with running(lambda: "x") as channel:
            reader = Reader(channel, Gate(9, 9))
            await reader.start(), await reader.body(), await reader.body()
            assert await reader.body() == b"event: beat\ndata: \n\n"
            await reader.leave()

    asyncio.run(main())


def test_a_stuck_reader_is_let_go(monkeypatch):
    monkeypatch.setattr("booth.screens.events.STUCK_S", 0.02)

    async def main():
        async with running(lambda: "x") as channel:
            gate = Gate(9, 9)
            reader = Reader(channel, gate)
            async with asyncio.timeout(5):
                await reader.task
            assert gate.total == channel.readers == 0

    asyncio.run(main())


def test_crowds_are_refused_per_address_and_in_all():
    async def main():
        async with running(lambda: "x") as channel:
            gate = Gate(3, 2)
            readers = [Reader(channel, gate, address) for address in ("a", "a", "a", "b", "c")]
            assert [await reader.start() for reader in readers] == [200, 200, 503, 200, 503]
            await readers[0].body(), await readers[0].body()
            await readers[0].leave()
            again = Reader(channel, gate, "c")
            assert await again.start() == 200
            for reader in readers:
                reader.task.cancel()
            again.task.cancel()
            await asyncio.gather(again.task, *(reader.task for reader in readers), return_exceptions=True)
            assert gate.total == 0

    asyncio.run(main())
