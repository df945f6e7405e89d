"""The screens process in the test's own loop, with a fake race process and a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from dataclasses import dataclass

import httpx

from booth.screens.serving import Where, make_screens, server_of
from booth.screens.state import Screens
from tests.booth.screens.fake_race import FakeRace

PINS = 'crew = "4711"\nit = "081500"\n'


@dataclass
class House:
    screens: Screens
    race: FakeRace
    url: str

    def client(self):
        """A browser's worth of cookies and its Origin."""
        return httpx.AsyncClient(base_url=self.url, headers={"origin": self.url}, trust_env=False)

    def call_players(self, names):
        """Gives made-up players their names, beside those who joined."""
        joined = type(self.screens.people).names

        def both(players):
            players = set(players)
            made = {player: names[player] for player in players if player in names}
            return made | joined(self.screens.people, players - set(made))

        self.screens.people.names = both

    async def until(self, condition):
        """Waits for what the screens learn of by themselves."""
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def screens_up(folder, *, pack="demo", snapshot=None, race=True):
    (folder / "pins.toml").write_text(PINS)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    where = Where(
        folder / "control.sock", folder / "home", pack, port, folder / "pins.toml", "127.0.0.1", url
    )
    screens = make_screens(where)
    server = server_of(screens, "127.0.0.1", port)
    fake = FakeRace(where.socket)
    async with contextlib.AsyncExitStack() as stack:
        if race:
            await stack.enter_async_context(fake.run())
            if snapshot is not None:
                fake.show(snapshot)
        serving = asyncio.create_task(server._serve())
        try:
            house = House(screens, fake, url)
            await house.until(lambda: server.started)
            if snapshot is not None:
                await house.until(lambda: screens.link.is_up)
            yield house
        finally:
            server.should_exit = True
            await serving


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
