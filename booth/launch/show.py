"""Starts the processes of a show and keeps them alive: the demo's cars, the race, the screens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from booth.errors import BadInput, BoothBroken
from booth.launch.child import Child, Ended
from booth.pack.files import load_pack
from booth.pack.starting import folder_for
from booth.screens.address import public_url
from rig.store.home import make_folder, write_atomically

RACE, SCREENS, FLEET = "race", "screens", "cars"
_READY_LIMIT_S = 30.0
_LOOK_S = 0.05

Say = Callable[[dict[str, Any]], None]
"""Hears each event of the launcher: `event` is its name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `radio` empty: the simulated fleet, with its hands where `hands_drive`; `opens`: visitors are let in
    without a crew. `pins` are the crew's and IT's, made up where None."""

    pack: str
    home: Path
    radio: tuple[str, ...] = ()
    host: str = "0.0.0.0"  # noqa: S104 - phones come in from the stand's network
    port: int = 8080
    pins: tuple[str, str] | None = None
    hands_drive: bool = True
    opens: bool = True
    seed: int = 1
    world: str = "show"


class Launcher:
    """Runs one show until a signal says stop; `say` hears what happens."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self._plan = plan
        self._say = say
        pack = load_pack(plan.pack)
        self.folder = plan.home.absolute() / "booth" / folder_for(pack.name)
        make_folder(self.folder)
        self.children: dict[str, Child] = {}
        self._pin_file = self.folder / "pins.toml"

    async def run(self) -> None:
        """Starts everything, waits until it is asked to stop, stops everything.

        Raises:
            BadInput, BoothBroken: it cannot begin, or a process cannot go on.
        """
        if _is_taken(self._plan.host, self._plan.port):
            raise BoothBroken(
                f"port {self._plan.port} is taken by another program; close it, or name another with --port"
            )
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        crew, it = self._pins()
        self._make_children()
        keepers = {name: asyncio.create_task(child.keep()) for name, child in self.children.items()}
        try:
            await self._until_ready(keepers[SCREENS])
            url = public_url(self._plan.port)
            self._say(
                {
                    "event": "ready",
                    "stage": f"{url}/stage",
                    "players": f"{url}/",
                    "crew": f"{url}/crew",
                    "crew_pin": crew,
                    "it": f"{url}/it",
                    "it_pin": it,
                    "folder": str(self.folder),
                }
            )
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({stopping, *keepers.values()}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
        finally:
            await asyncio.gather(
                *(self.children[name].stop() for name in (SCREENS, RACE) if name in self.children)
            )
            if FLEET in self.children:
                await self.children[FLEET].stop()
            await asyncio.gather(*keepers.values(), return_exceptions=True)
        for child in self.children.values():
            if child.failed is not None:
                raise BadInput(child.failed.words or f"the {child.name} process cannot begin")

    def _make_children(self) -> None:
        plan, folder = self._plan, self.folder
        sock = folder / "control.sock"
        race = [
            "--pack",
            plan.pack,
            "--home",
            str(plan.home),
            "--socket",
            str(sock),
            "--seed",
            str(plan.seed),
        ]
        if plan.radio:
            race += [part for moniker in plan.radio for part in ("--radio", moniker)]
        else:
            port, hands = _free_port(), folder / "hands.sock"
            fleet = ["--port", str(port), "--hands", str(hands), "--world", plan.world]
            self._add(FLEET, "booth.launch.fleet", fleet)
            race += ["--radio", f"hci:tcp-client:127.0.0.1:{port}"]
            if plan.hands_drive:
                race += ["--hands", str(hands)]
        if plan.opens:
            race.append("--opens")
        self._add(RACE, "booth.control", race)
        screens = [
            "--pack",
            plan.pack,
            "--home",
            str(plan.home),
            "--socket",
            str(sock),
            "--port",
            str(plan.port),
        ]
        screens += ["--host", plan.host, "--pin-file", str(self._pin_file)]
        self._add(SCREENS, "booth.screens", screens)

    def _add(self, name: str, module: str, arguments: list[str]) -> None:
        self.children[name] = Child(
            name,
            [sys.executable, "-m", module, *arguments],
            on_line=self._heard,
            on_started=lambda who, pid: self._say({"event": "started", "process": who, "pid": pid}),
            on_ended=self._ended,
        )

    def _heard(self, name: str, line: str) -> None:
        with contextlib.suppress(ValueError, AttributeError):
            what = json.loads(line).get("restart")
            if what == SCREENS:
                self.children[SCREENS].kick()
            elif what == "radio":  # a radio in a process of its own is restarted with it
                self.children[RACE].kick()
            self._say({"event": "asked", "process": name, "restart": what})

    def _ended(self, ended: Ended) -> None:
        self._say({"event": "ended", "process": ended.name, "code": ended.code, "words": ended.words})

    def _pins(self) -> tuple[str, str]:
        pins = self._plan.pins
        if pins is None:
            crew = f"{secrets.randbelow(900_000) + 100_000}"
            it = crew
            while it == crew:
                it = f"{secrets.randbelow(900_000) + 100_000}"
            pins = (crew, it)
        write_atomically(self._pin_file, f'crew = "{pins[0]}"\nit = "{pins[1]}"\n', mode=0o600)
        return pins

    async def _until_ready(self, screens: asyncio.Task[None]) -> None:
        """Until the screens answer, or will not."""
        host = "127.0.0.1" if self._plan.host == "0.0.0.0" else self._plan.host  # noqa: S104 - not bound here
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_READY_LIMIT_S):
                while not screens.done():
                    try:
                        _, writer = await asyncio.open_connection(host, self._plan.port)
                    except OSError:
                        await asyncio.sleep(_LOOK_S)
                        continue
                    writer.close()
                    return


def _is_taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, port))
        except OSError:
            return True
    return False


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
