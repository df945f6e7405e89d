"""Builds a track's map while a car drives it. Pure: `step(state, event) -> state`; look at `state.outcome`.

Between two visits of the start piece lies one lap of pieces. The first whole lap is a proposal, a second one that
agrees confirms it; where they differ, the later one is the new proposal. Codes give the ids, the reverse flag
the turn of a curve; a piece that was not read is known by its wheel distances (4 cm or more apart: a curve), and
a missed transition shows as a distance that is too long for one piece.

A scan always ends: it fails when the car localises nowhere (a known fault that hangs naive scans), when no two laps
agree, or when time is up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from protocol.track import (
    FINISH_SHORT,
    START_LONG,
    CurveDirection,
    PieceKind,
    WheelSignature,
    curve_direction,
    piece_kind,
    piece_length_mm,
    wheel_signature,
)
from rig.driving.lap_events import Direction, Event, Position, Transition
from rig.driving.track_map import TrackMap, TrackPiece, track_from_body

_CURVE_SPREAD_CM = 7.5  # what the outer wheel drives more than the inner on a 90 degree curve
_TOO_LONG = 1.35  # times its nominal length: the next piece's transition was missed
_START_IDS = frozenset({FINISH_SHORT, START_LONG})
_START_SIGNATURES = frozenset({WheelSignature.START_LONG, WheelSignature.FINISH_SHORT})


class Failure(Enum):
    """Why a scan gave up."""

    NEVER_LOCALISED = "the car read no code: put it on the track, clean its sensor, or turn it round"
    NO_START_PIECE = "no start piece was passed"
    NO_AGREEMENT = "no two laps agree: drive at about 300 mm/s and check the joints between the pieces"
    TIME_UP = "time is up"


@dataclass(frozen=True, slots=True)
class ScanRules:
    """When a scan gives up: time, transitions without one read code or without a start piece, laps."""

    limit_s: float = 90.0
    blind_s: float = 15.0
    most_pieces: int = 120
    most_laps: int = 8


@dataclass(frozen=True, slots=True)
class Found:
    """The track, confirmed by a second lap; `laps` is how many it took."""

    track: TrackMap
    laps: int


@dataclass(frozen=True, slots=True)
class Pass:
    """The piece under the car: what was read on it so far."""

    piece_id: int
    reverse: bool


@dataclass(frozen=True, slots=True)
class ScanState:
    """What is known so far. `body` holds the pieces since the start piece, None before it was first left."""

    rules: ScanRules = ScanRules()
    began_s: float | None = None
    now_s: float = float("-inf")
    under: Pass | None = None
    wheels_whole: bool = False
    at_start: bool = False
    direction: Direction = Direction.FORWARD
    body: tuple[TrackPiece, ...] | None = None
    proposal: tuple[TrackPiece, ...] | None = None
    laps: int = 0
    pieces: int = 0
    reads: int = 0
    outcome: Found | Failure | None = None


def step(state: ScanState, event: Event) -> ScanState:
    """The scan after one event. Late and repeated events change nothing once there is an outcome."""
    if state.outcome is not None or event.at_s < state.now_s:
        return state
    state = check(state, event.at_s)
    if state.outcome is not None:
        return state
    if isinstance(event, Position):
        state = _position(state, event)
    elif isinstance(event, Transition):
        state = _transition(state, event)
    else:  # off the road or a gap: the lap in progress is lost, what was proposed stays
        state = replace(state, under=None, wheels_whole=False, body=None, at_start=False)
    if state.outcome is None and state.pieces > state.rules.most_pieces:
        lost = Failure.NO_START_PIECE if not state.laps else Failure.NO_AGREEMENT
        state = replace(state, outcome=Failure.NEVER_LOCALISED if not state.reads else lost)
    return state


def check(state: ScanState, now_s: float) -> ScanState:
    """The scan at a moment without news: time may be up."""
    if state.outcome is not None:
        return state
    if state.began_s is None:
        return replace(state, began_s=now_s, now_s=now_s)
    elapsed_s = now_s - state.began_s
    state = replace(state, now_s=max(now_s, state.now_s))
    if not state.reads and elapsed_s >= state.rules.blind_s:
        return replace(state, outcome=Failure.NEVER_LOCALISED)
    if elapsed_s >= state.rules.limit_s:
        return replace(state, outcome=Failure.TIME_UP)
    return state


def _position(state: ScanState, event: Position) -> ScanState:
    if piece_kind(event.piece_id) is PieceKind.UNKNOWN:
        return state
    seen = Pass(event.piece_id, event.reverse)
    if state.under is not None and state.under.piece_id != event.piece_id:
        state = _passed(state, [_piece_of(state.under)])
    return replace(state, under=seen, reads=state.reads + 1)


def _transition(state: ScanState, event: Transition) -> ScanState:
    under, whole = state.under, state.wheels_whole
    state = replace(state, under=None, wheels_whole=True)
    if under is not None:
        found = [_piece_of(under)]
        if whole and (missed := _beyond(under, event)) is not None:
            found.append(missed)
        return _passed(state, found)
    if not whole:
        return state
    guessed = _from_wheels(event.left_cm, event.right_cm)
    return _passed(state, [guessed]) if guessed is not None else replace(state, body=None)


def _passed(state: ScanState, pieces: list[TrackPiece]) -> ScanState:
    for piece in pieces:
        state = replace(state, pieces=state.pieces + 1)
        if piece.kind in {PieceKind.FINISH_SHORT, PieceKind.START_LONG}:
            state = _start(state, piece)
        elif state.body is not None:
            state = replace(state, body=(*state.body, piece), at_start=False)
    return state


def _start(state: ScanState, piece: TrackPiece) -> ScanState:
    if state.at_start:
        return _facing(state, piece)
    state = _facing(state, piece)
    body, state = state.body, replace(state, body=(), at_start=True)
    return state if not body else _lap(state, body)


def _facing(state: ScanState, piece: TrackPiece) -> ScanState:
    if piece.piece_id is None:
        return state
    direction = Direction.REVERSE if piece.reverse else Direction.FORWARD
    if direction is state.direction:
        return state
    return replace(state, direction=direction, proposal=None, body=None)  # it turned round: begin again


def _lap(state: ScanState, body: tuple[TrackPiece, ...]) -> ScanState:
    state = replace(state, laps=state.laps + 1)
    agreed = _agreed(state.proposal, body) if state.proposal is not None else None
    if agreed is not None:
        return replace(state, outcome=Found(track_from_body(agreed, state.direction), state.laps))
    if state.laps >= state.rules.most_laps:
        return replace(state, outcome=Failure.NO_AGREEMENT)
    return replace(state, proposal=body)


def _agreed(one: tuple[TrackPiece, ...], other: tuple[TrackPiece, ...]) -> tuple[TrackPiece, ...] | None:
    """Two laps as one, each filling in what the other did not read; None when they contradict."""
    if len(one) != len(other):
        return None
    merged = []
    for a, b in zip(one, other, strict=True):
        if a.kind is not b.kind or a.turn is not b.turn:
            return None
        if a.piece_id is not None and b.piece_id is not None and a.piece_id != b.piece_id:
            return None
        merged.append(a if a.piece_id is not None else b)
    return tuple(merged)


def _piece_of(under: Pass) -> TrackPiece:
    kind = piece_kind(under.piece_id)
    turn = curve_direction(under.reverse) if kind is PieceKind.CURVE else None
    return TrackPiece(kind, under.piece_id, turn, under.reverse)


def _from_wheels(left_cm: float, right_cm: float) -> TrackPiece | None:
    signature = wheel_signature(round(left_cm), round(right_cm))
    return {
        WheelSignature.STRAIGHT: TrackPiece(PieceKind.STRAIGHT),
        WheelSignature.LEFT_CURVE: TrackPiece(PieceKind.CURVE, turn=CurveDirection.LEFT),
        WheelSignature.RIGHT_CURVE: TrackPiece(PieceKind.CURVE, turn=CurveDirection.RIGHT),
        WheelSignature.START_LONG: TrackPiece(PieceKind.START_LONG),
        WheelSignature.FINISH_SHORT: TrackPiece(PieceKind.FINISH_SHORT),
    }.get(signature)


def _beyond(under: Pass, event: Transition) -> TrackPiece | None:
    """The piece that was driven after the one read, when the transition between them was missed."""
    nominal_mm = piece_length_mm(under.piece_id)
    mean_cm = (event.left_cm + event.right_cm) / 2
    if nominal_mm is None or mean_cm <= _TOO_LONG * nominal_mm / 10 or mean_cm > 150:
        return None
    spread_cm = float(event.right_cm - event.left_cm)
    turn = _piece_of(under).turn
    if turn is not None:
        spread_cm -= _CURVE_SPREAD_CM if turn is CurveDirection.LEFT else -_CURVE_SPREAD_CM
    rest_cm = mean_cm - nominal_mm / 10
    return _from_wheels(rest_cm - spread_cm / 2, rest_cm + spread_cm / 2)
