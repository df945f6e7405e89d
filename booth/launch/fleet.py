"""The demo's cars, in a process of their own: they go on living when the race process dies, as real cars do.

`python -m booth.launch.fleet --port 6402 --hands /run/hands.sock`: one HCI controller on a TCP port of this machine, and
hands on a Unix socket (booth.control.remote_hands says what they understand).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from booth.control.hands import WorldHands
from booth.race.grid import lane_of
from rig.errors import RigError
from rig.sim.serve import serving
from rig.sim.world import SimWorld
from rig.sim.worlds import world_by_name

WORLD = "show"
_MOST_LINE = 4096
_log = logging.getLogger("pitboard.booth")


async def serve(world: SimWorld, port: int, hands: Path) -> None:
    """Serves the world until a signal says stop.

    Raises:
        BenchError: the port or the socket cannot be had.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    async with serving(world, [f"tcp-server:127.0.0.1:{port}"]):
        does = WorldHands(world, {car: lane_of(seat) for seat, car in enumerate(world.cars, start=1)})
        _clear(hands)
        server = await asyncio.start_unix_server(
            lambda reader, writer: _lend(does, reader, writer), hands, limit=_MOST_LINE
        )
        hands.chmod(0o600)  # noqa: ASYNC240 - one system call before anything runs
        try:
            await stop.wait()
        finally:
            server.close()
            _clear(hands)


def _clear(path: Path) -> None:
    """A killed fleet leaves its socket behind."""
    path.unlink(missing_ok=True)


async def _lend(hands: WorldHands, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One visitor of the socket: an act a line."""
    with suppress(OSError, ValueError):  # a line too long, a reader that is gone
        while line := await reader.readline():
            writer.write(json.dumps(await _act(hands, line)).encode() + b"\n")
            await writer.drain()
    writer.close()


async def _act(hands: WorldHands, line: bytes) -> dict[str, Any]:
    try:
        body = json.loads(line)
        match body:
            case {"act": "press", "car": int(car)}:
                await hands.press(car)
            case {"act": "charge", "car": int(car), "on": bool(on)}:
                await hands.charge(car, on=on)
            case {"act": "place", "car": int(car), "on": bool(on)}:
                await hands.place(car, on=on)
            case _:
                return {"done": False, "why": "hands press, charge or place a car"}
    except (KeyError, ValueError) as error:
        return {"done": False, "why": str(error)}
    return {"done": True}


def main(arguments: list[str] | None = None) -> int:
    """Runs the fleet; the exit code says whose fault an end is (see rig.errors)."""
    parser = argparse.ArgumentParser(prog="python -m booth.launch.fleet", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="TCP port of this machine to serve at")
    parser.add_argument("--hands", type=Path, required=True, help="Unix socket of the hands")
    parser.add_argument("--world", default=WORLD, help="built-in world or world file")
    parser.add_argument("--seed", type=int, help="seed instead of the world's own")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        asyncio.run(serve(world_by_name(given.world, given.seed, adapter=False), given.port, given.hands))
    except RigError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a process of its own: it talks to whoever runs it
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
