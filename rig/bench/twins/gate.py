"""Simulated lap gates, in both dialects."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from rig.bench.codecs import gate as codec
from rig.bench.codecs.gate import GateFrame, Kind, LapLine

_US = 1_000_000


class GateTwin:
    """Our gate. Its clock stood at `started_us` when the host's stood at 0; `dumb` stops its heartbeat."""

    def __init__(self, *, started_us: int = 0) -> None:
        self.dumb = False
        self._started_us = started_us
        self._sequence = 0
        self._beat_s: float | None = None
        self._edges: list[tuple[float, int, bool]] = []
        self._blocked: set[int] = set()

    def car_passes(self, beam: int, now_s: float, *, takes_s: float = 0.04) -> None:
        """A car breaks a beam (from 1) at `now_s`, for `takes_s`."""
        heapq.heappush(self._edges, (now_s, beam, True))
        heapq.heappush(self._edges, (now_s + takes_s, beam, False))

    def receive(self, data: bytes, now_s: float) -> Sequence[bytes]:
        """The host's only word asks for a heartbeat."""
        return [self._frame(Kind.HEARTBEAT, 0, bool(self._blocked), now_s)] if b"?" in data else ()

    def tick(self, now_s: float) -> Sequence[bytes]:
        """Edges and heartbeats up to now, in order of time."""
        said: list[bytes] = []
        if self._beat_s is None:
            self._beat_s = now_s + codec.HEARTBEAT_S
        while (due_s := self.due_s()) is not None and due_s <= now_s:
            if self._edges and self._edges[0][0] == due_s:
                at_s, beam, blocked = heapq.heappop(self._edges)
                (self._blocked.add if blocked else self._blocked.discard)(beam)
                said.append(self._frame(Kind.EDGE, beam, blocked, at_s))
            else:
                if not self.dumb:
                    said.append(self._frame(Kind.HEARTBEAT, 0, bool(self._blocked), self._beat_s))
                self._beat_s += codec.HEARTBEAT_S
        return said

    def due_s(self) -> float | None:
        """The next edge or heartbeat."""
        times = [self._edges[0][0]] if self._edges else []
        if self._beat_s is not None:
            times.append(self._beat_s)
        return min(times, default=None)

    def restart(self, now_s: float) -> None:
        """Its clock and its sequence begin anew; what it saw and had not told yet is lost."""
        self._started_us = -round(now_s * _US)
        self._sequence = 0
        self._edges.clear()
        self._blocked.clear()

    def moves_s(self) -> float | None:
        """Never: it only watches."""
        return None

    def _frame(self, kind: Kind, beam: int, blocked: bool, at_s: float) -> bytes:
        at_us = (self._started_us + round(at_s * _US)) % codec.WRAP_US
        frame = GateFrame(kind, self._sequence, beam, blocked, at_us)
        self._sequence = (self._sequence + 1) % codec.WRAP_SEQUENCE
        return frame.encode()


class LapLinesTwin:
    """A PC Lap Counter sketch: a line per passage, the first one of a lane counted from power-up."""

    def __init__(self) -> None:
        self._cars: list[tuple[float, int]] = []
        self._last_s: dict[int, float] = {}

    def car_passes(self, lane: int, now_s: float) -> None:
        """A car passes a lane's sensor at `now_s`."""
        heapq.heappush(self._cars, (now_s, lane))

    def receive(self, data: bytes, now_s: float) -> Sequence[bytes]:
        """It hears nothing that matters here."""
        return ()

    def tick(self, now_s: float) -> Sequence[bytes]:
        """Lines of the cars that have passed."""
        said: list[bytes] = []
        while self._cars and self._cars[0][0] <= now_s:
            at_s, lane = heapq.heappop(self._cars)
            said.append(LapLine(lane, round((at_s - self._last_s.get(lane, 0.0)) * 1000)).encode())
            self._last_s[lane] = at_s
        return said

    def due_s(self) -> float | None:
        """The next car."""
        return self._cars[0][0] if self._cars else None

    def restart(self, now_s: float) -> None:
        """What it saw and had not told yet is lost."""
        self._cars.clear()
        self._last_s.clear()

    def moves_s(self) -> float | None:
        """Never: it only watches."""
        return None
