"""Puts the screens together from their files and serves them until told to stop."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from booth.errors import BoothBroken
from booth.pack.files import load_pack, pack_path
from booth.pack.starting import folder_for
from booth.people.sealing import public_key_of
from booth.people.store import PeopleStore
from booth.screens.address import public_url
from booth.screens.app import make_app
from booth.screens.assets import read_assets
from booth.screens.draw_desk import DrawDesk
from booth.screens.link import RaceLink
from booth.screens.people_desk import PeopleDesk
from booth.screens.roles import Roles, read_pins, signing_key
from booth.screens.state import Screens
from rig.clock import SystemClock

_MOST_CONNECTIONS = 600
_MOST_SOCKET_MESSAGE = 512

_log = logging.getLogger("pitboard.booth.screens")


@dataclass(frozen=True, slots=True)
class Where:
    """What the command line says."""

    socket: Path
    home: Path
    pack: str
    port: int
    pin_file: Path
    host: str = "0.0.0.0"  # noqa: S104 - phones come in from the stand's network
    url: str | None = None


def make_screens(where: Where) -> Screens:
    """The parts, from files.

    Raises:
        BadInput: pack or PINs are unusable.
        BoothBroken: the folder cannot be written.
    """
    loop = asyncio.get_running_loop()
    pack = load_pack(where.pack)
    folder = where.home / "booth" / folder_for(pack.name)
    roles = Roles(read_pins(where.pin_file), signing_key(folder / "screens.key"), loop.time)
    clock = SystemClock()
    store = PeopleStore(
        folder / "people.db",
        clock,
        show=pack.name,
        time_zone=pack.time_zone,
        public_key=public_key_of(pack.leads.public_key, where.home),
    )
    people = PeopleDesk(store, lambda: screens.touch())  # noqa: PLW0108 - as below
    # the link speaks of changes only once it runs, and then `screens` is there
    link = RaceLink(where.socket, lambda: screens.touch())  # noqa: PLW0108
    screens = Screens(
        pack=pack,
        pack_path=pack_path(where.pack),
        url=public_url(where.port, where.url),
        assets=read_assets(pack.digest),
        roles=roles,
        people=people,
        draws=DrawDesk(folder / "draws", pack, clock, people.tickets),
        link=link,
    )
    return screens


class _Server(uvicorn.Server):
    """Lets the streams go first: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, screens: Screens) -> None:
        super().__init__(config)
        self._screens = screens

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._screens.public.end()
        self._screens.staff.end()
        await super().shutdown(sockets)


def server_of(screens: Screens, host: str, port: int) -> uvicorn.Server:
    """The web server, not yet running."""
    config = uvicorn.Config(
        make_app(screens),
        host=host,
        port=port,
        loop="asyncio",
        http="h11",
        ws="websockets-sansio",
        ws_max_size=_MOST_SOCKET_MESSAGE,
        ws_max_queue=4,
        ws_per_message_deflate=False,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=1,
        log_config=None,
    )
    return _Server(config, screens)


async def serve(where: Where) -> None:
    """Serves until a signal says stop.

    Raises:
        BadInput: as `make_screens`.
        BoothBroken: the port is taken.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    screens = make_screens(where)
    server = server_of(screens, where.host, where.port)
    try:
        await server.serve()
    except SystemExit as error:  # how uvicorn says that it could not bind
        raise BoothBroken(
            f"cannot serve the screens on port {where.port}; end what uses it or choose another port"
        ) from error
