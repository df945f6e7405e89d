"""A player's phone as a controller: a WebSocket that takes steering and says how quick it is.

Messages are small JSON objects: `{"k": "s", "t": throttle 0 to 1, "l": lane -1 to 1, "f": fire}` steers, `{"k": "p",
"n": number, "ms": last round trip}` is the heartbeat and is answered with `{"n": number}`. Anything else, too much or
too fast closes this socket and nothing but this one. A player's newest socket closes the older one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable
from statistics import quantiles

from starlette.websockets import WebSocket, WebSocketDisconnect

from booth.screens.doors import is_from_here
from booth.screens.events import Gate
from booth.screens.link import RaceLink
from booth.screens.roles import PLAYER_COOKIE, Roles
from booth.show.commands import Beat, Role, Steer

TOO_MUCH = 1008
REPLACED = 4001
FULL = 1013
PER_S = 40.0
"""Messages a second a phone may send for long; a page of ours sends 25 at most."""
BURST = 60.0
_MOST_CHARACTERS = 200
_SLOWEST_MS = 60_000
_MOST_SAMPLES = 2_000


class Latency:
    """Round trips phone to screens and back that phones reported lately, in ms."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=_MOST_SAMPLES)

    def add(self, ms: float) -> None:
        """One more."""
        self._samples.append(ms)

    def figures(self) -> dict[str, float] | None:
        """Count, median and 99th percentile; None before the second."""
        if len(self._samples) < 2:
            return None
        cuts = quantiles(self._samples, n=100, method="inclusive")
        return {"count": len(self._samples), "p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1)}


class Bucket:
    """How fast somebody may go on: `PER_S` for long, `BURST` at once. `now_s` is loop time."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._left = BURST
        self._at_s = now_s()

    def take(self) -> bool:
        """Whether one more is within limits."""
        now = self._now_s()
        self._left = min(BURST, self._left + (now - self._at_s) * PER_S)
        self._at_s = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class SeatSockets:
    """All players' sockets."""

    def __init__(self, link: RaceLink, roles: Roles, gate: Gate) -> None:
        self._link = link
        self._roles = roles
        self._gate = gate
        self._open: dict[str, WebSocket] = {}
        self._numbers: dict[str, int] = {}
        self.latency = Latency()

    @property
    def count(self) -> int:
        """How many phones are connected."""
        return len(self._open)

    async def serve(self, socket: WebSocket) -> None:
        """One phone's socket, from its handshake to its end."""
        player = self._roles.player_of(socket.cookies.get(PLAYER_COOKIE))
        if player is None or not is_from_here(socket):
            await socket.close(TOO_MUCH)
            return
        with self._gate.enter(socket.client.host if socket.client else "?") as may:
            if not may:
                await socket.close(FULL)
                return
            await socket.accept()
            older = self._open.get(player)
            self._open[player] = socket
            if older is not None:
                await _close(older, REPLACED)
            try:
                await self._follow(socket, player)
            finally:
                if self._open.get(player) is socket:  # nobody drives on without a phone
                    del self._open[player]
                    self._steer(player, 0.0, 0.0, fire=False)

    async def _follow(self, socket: WebSocket, player: str) -> None:
        bucket = Bucket(asyncio.get_running_loop().time)
        try:
            while True:
                text = await socket.receive_text()
                if self._open.get(player) is not socket:
                    return
                if len(text) > _MOST_CHARACTERS or not bucket.take():
                    await _close(socket, TOO_MUCH)
                    return
                answer = self._take(player, json.loads(text))
                if answer is not None:
                    await socket.send_text(answer)
        except (ValueError, TypeError, KeyError, RecursionError):
            await _close(socket, TOO_MUCH)
        except WebSocketDisconnect:
            pass

    def _take(self, player: str, message: object) -> str | None:
        if not isinstance(message, dict):
            raise TypeError("messages are objects")
        match message["k"]:
            case "s":
                throttle, lane = _number(message["t"], 0, 1), _number(message["l"], -1, 1)
                if not isinstance(message["f"], bool):
                    raise TypeError("fire is true or false")
                self._steer(player, throttle, lane, fire=message["f"])
                return None
            case "p":
                self._link.tell(Role.PLAYER, Beat(player))
                if message.get("ms") is not None:
                    self.latency.add(_number(message["ms"], 0, _SLOWEST_MS))
                return json.dumps({"n": int(_number(message["n"], 0, 1e9))})
            case _:
                raise ValueError("no such message")

    def _steer(self, player: str, throttle: float, lane: float, *, fire: bool) -> None:
        # the machine's monotonic clock goes on when this process begins anew, and so do the numbers
        number = max(self._numbers.get(player, 0) + 1, int(asyncio.get_running_loop().time() * 1000))
        self._numbers[player] = number
        self._link.tell(Role.PLAYER, Steer(player, number, throttle, lane, fire))


def _number(value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError("out of range")
    return float(value)


async def _close(socket: WebSocket, code: int) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it may be closed already
        await socket.close(code)
