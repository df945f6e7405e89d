"""What a drive looked like, in figures: the same arithmetic for a recording of a real car and for a simulated one.

`tests/rig/sim/test_calibration.py` compares the two, `docs/plot_lap_300.py` draws them. The twin of the recorded car stands here too.
"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from protocol import (
    CollisionDetected,
    Dialect,
    Direction,
    PositionUpdate,
    SdkMode,
    SetSpeed,
    TransitionUpdate,
    decode,
    encode,
)
from protocol.track import FINISH_SHORT, location_of
from rig.sim.car.contract import Notify
from rig.sim.car.model import CarModel
from rig.sim.car.traits import CarTraits, StartPlace

SPEED_BIN_MM_S = 5
_RECORDED_CAR = 0x0880EADB
_ROW_7_MM = -4.5
_WARM_UP_S = 6.0

_REAL_LAP = (0.8, 1.2)
"""Laps outside this share of the median missed a finish."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A handful of values, summed up."""

    count: int
    mean: float
    median: float
    sd: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(
            len(values), statistics.fmean(values), statistics.median(values), statistics.pstdev(values)
        )


@dataclass(frozen=True, slots=True)
class DriveFigures:
    """A drive at one commanded speed on one loop. Pieces are keyed by id, codes by (piece id, column)."""

    positions: int
    transitions: int
    skids: int
    speed_mm_s: Spread
    speed_counts: dict[int, int]
    """Reported speeds in bins of `SPEED_BIN_MM_S`, by their lower edge."""
    speed_lag1: float
    lap_s: Spread
    lap_times_s: tuple[float, ...]
    codes: dict[tuple[int, int], int]
    """How often each (piece id, location id) was read."""
    code_speed_mm_s: dict[tuple[int, int], Spread]
    code_after_s: dict[tuple[int, int], Spread]
    """From entering the piece to the code."""
    dwell_s: dict[int, Spread]
    wheels_cm: dict[int, dict[tuple[int, int], int]]
    """Pairs of wheel counters, by the piece they were counted on."""
    successors: dict[tuple[int, int], int]
    """Which piece was followed by which."""


@dataclass(slots=True)
class _Visit:
    """One stay on a piece: its reads and what its closing transition said."""

    reads: list[tuple[float, PositionUpdate]]
    entered_s: float | None = None
    left_s: float | None = None
    wheels_cm: tuple[int, int] | None = None

    @property
    def piece_id(self) -> int | None:
        pieces = {read.piece_id for _, read in self.reads}
        return pieces.pop() if len(pieces) == 1 else None


def figures_of(
    frames: Iterable[tuple[float, bytes]], dialect: Dialect = Dialect.OVERDRIVE_266E
) -> DriveFigures:
    """The figures of a drive, from (seconds, frame) in order."""
    messages = [(at_s, decode(frame, Direction.TO_HOST, dialect)) for at_s, frame in frames]
    reads = [(at_s, message) for at_s, message in messages if isinstance(message, PositionUpdate)]
    visits = _visits(messages)
    known = [(visit, visit.piece_id) for visit in visits]
    speeds = [float(read.speed_mm_s) for _, read in reads]
    laps = _laps([at_s for at_s, read in reads if read.piece_id == FINISH_SHORT])
    code_speed: dict[tuple[int, int], list[float]] = defaultdict(list)
    for _, read in reads:
        code_speed[_code(read)].append(read.speed_mm_s)
    dwell: dict[int, list[float]] = defaultdict(list)
    code_after: dict[tuple[int, int], list[float]] = defaultdict(list)
    wheels: dict[int, Counter[tuple[int, int]]] = defaultdict(Counter)
    for visit, piece_id in known:
        if piece_id is None or visit.left_s is None or visit.wheels_cm is None or visit.entered_s is None:
            continue
        dwell[piece_id].append(visit.left_s - visit.entered_s)
        wheels[piece_id][visit.wheels_cm] += 1
        for at_s, read in visit.reads:
            code_after[_code(read)].append(at_s - visit.entered_s)
    return DriveFigures(
        positions=len(reads),
        transitions=sum(isinstance(message, TransitionUpdate) for _, message in messages),
        skids=sum(isinstance(message, CollisionDetected) for _, message in messages),
        speed_mm_s=Spread.of(speeds),
        speed_counts=dict(sorted(Counter(int(v // SPEED_BIN_MM_S) * SPEED_BIN_MM_S for v in speeds).items())),
        speed_lag1=_lag1(speeds),
        lap_s=Spread.of(laps),
        lap_times_s=tuple(laps),
        codes=dict(Counter((read.piece_id, read.location_id) for _, read in reads)),
        code_speed_mm_s={code: Spread.of(values) for code, values in sorted(code_speed.items())},
        code_after_s={code: Spread.of(values) for code, values in sorted(code_after.items())},
        dwell_s={piece: Spread.of(values) for piece, values in sorted(dwell.items())},
        wheels_cm={piece: dict(pairs.most_common()) for piece, pairs in sorted(wheels.items())},
        successors=dict(
            Counter((a, b) for (_, a), (_, b) in itertools.pairwise(known) if a is not None and b is not None)
        ),
    )


def as_table(figures: DriveFigures) -> dict[str, Any]:
    """The figures as JSON knows them: keys of two numbers become `34/0`, numbers get four decimals."""
    table: dict[str, Any] = _plain(asdict(figures))
    return table


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return round(value, 4) if isinstance(value, float) else value


def _key(key: object) -> str:
    return "/".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _visits(messages: Sequence[tuple[float, object]]) -> list[_Visit]:
    visits = [_Visit([])]
    for at_s, message in messages:
        if isinstance(message, PositionUpdate):
            visits[-1].reads.append((at_s, message))
        elif isinstance(message, TransitionUpdate):
            visits[-1].left_s = at_s
            visits[-1].wheels_cm = (message.left_wheel_cm, message.right_wheel_cm)
            visits.append(_Visit([], entered_s=at_s))
    return visits


def _code(read: PositionUpdate) -> tuple[int, int]:
    found = location_of(read.piece_id, read.location_id, bool(read.parsing_flags & 0x40))
    return read.piece_id, found.column if found else -1


def _laps(finishes_s: Sequence[float]) -> list[float]:
    gaps = [later - earlier for earlier, later in itertools.pairwise(finishes_s)]
    usual = statistics.median(gaps)
    return [gap for gap in gaps if _REAL_LAP[0] * usual < gap < _REAL_LAP[1] * usual]


def _lag1(values: Sequence[float]) -> float:
    mean = statistics.fmean(values)
    products = sum((a - mean) * (b - mean) for a, b in itertools.pairwise(values))
    return products / sum((value - mean) ** 2 for value in values)


def simulated_drive(speed_mm_s: int, seconds: float, seed: int) -> list[tuple[float, bytes]]:
    """The frames of the recorded car's twin on the recorded oval, from its first seconds at speed on.

    It starts on row 7 as the recording does; the warm-up that is left out holds the ramp and the garbage of
    the first transition.
    """
    car = CarModel(CarTraits(_RECORDED_CAR), start=StartPlace(lane_mm=_ROW_7_MM), seed=seed)
    car.link_up(0.0)
    car.subscribed(0.0, True)
    car.written(encode(SdkMode(), Dialect.OVERDRIVE_266E), 0.0)
    car.written(encode(SetSpeed(speed_mm_s, 1000), Dialect.OVERDRIVE_266E), 0.0)
    frames: list[tuple[float, bytes]] = []
    while (due_s := car.next_event_s()) is not None and due_s <= _WARM_UP_S + seconds:
        frames += [(due_s, output.frame) for output in car.advance(due_s) if isinstance(output, Notify)]
    return [(at_s, frame) for at_s, frame in frames if at_s > _WARM_UP_S]
