"""Counts and times laps from what one car says. Pure: `step(state, event) -> (state, findings)`.

A lap ends where piece 34 (long, before the line) meets piece 33 (short, after it). Both give evidence, none of
it dependable alone: at racing speed codes are hardly read, at any speed transitions may be missed, and whoever
counts "33 or 34" counts twice. So everything heard on the start piece belongs to one *visit*, and a visit is
one crossing when

    (a) a code of 33 or 34 was read and the piece after the line was reached, or
    (b) the wheels counted a 34 and then a 33, or
    (c) one of them, and what was driven since the last crossing fits the known length of a lap,

and (d) enough was driven since the last crossing. Wheels and pieces measure that, so the answer does not
depend on speed. Duplicated or late events, reconnects and half-read pieces change nothing; a lap whose
crossing left no trace is inferred from the length of the next one and marked so.

Figures: `opcau/anki:oracle/AnkiNodeDrive/logs` (a slow and a fast run of the starter oval).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median

from protocol.track import (
    FINISH_SHORT,
    FINISH_SHORT_MM,
    START_LONG,
    START_LONG_MM,
    WheelSignature,
    wheel_signature,
)
from rig.driving.lap_events import (
    Confidence,
    Direction,
    Event,
    Evidence,
    Lap,
    Position,
    Started,
    Transition,
)

Finding = Started | Lap

_READS = frozenset({Evidence.READ_LONG, Evidence.READ_SHORT})
_WHEELS = frozenset({Evidence.WHEELS_LONG, Evidence.WHEELS_SHORT})
_BEFORE_LINE = {
    Direction.FORWARD: frozenset({Evidence.READ_LONG, Evidence.WHEELS_LONG}),
    Direction.REVERSE: frozenset({Evidence.READ_SHORT, Evidence.WHEELS_SHORT}),
}
_SHORT_CODE_MM = 196.0  # the one code of 33 is reported at 0.93 of the piece
_LONG_CODE_MM = (163.0, 9.0)  # those of 34 this far before the line
_MUCH_SHORTER = 0.6
_ENOUGH_TO_LEARN = 3  # laps before what was learned overrules what was given
_REMEMBERED = 7  # laps whose length is remembered
_MOST_INFERRED = 20  # beyond this a long silence is a silence, not laps
_GARBAGE_CM = 150  # no wheel counts more between two transitions that were read


@dataclass(frozen=True, slots=True)
class LapRules:
    """What counts as a lap.

    `min_lap_s`: no lap is shorter (the shortest layout is 2.9 m, no car does 2.9 m/s around it).
    `min_pieces`: pieces besides the start needed while no lap length is known (the shortest layout has five).
    `min_share`: share of the known length that must have been driven. `tolerance`: share by which a lap's
    measured length may differ from the known one and still fit. `lap_cm`, `lap_pieces`: the length if known
    beforehand, from a scanned track; otherwise it is learned.
    """

    min_lap_s: float = 1.0
    min_pieces: int = 4
    min_share: float = 0.75
    tolerance: float = 0.2
    lap_cm: float | None = None
    lap_pieces: int | None = None


@dataclass(frozen=True, slots=True)
class Driven:
    """What was driven since the last crossing; `broken` when part of it was not heard.

    `pieces` counts every piece that was read or ended, so that a missed transition still counts; `ended` the
    transitions alone, `others` the pieces that are not the start piece.
    """

    distance_cm: float = 0.0
    pieces: int = 0
    ended: int = 0
    others: int = 0
    broken: bool = False

    @property
    def is_measured(self) -> bool:
        """Whether the wheels' distance covers what was driven: no piece was read whose end was not heard."""
        return self.pieces - self.ended <= 1


@dataclass(frozen=True, slots=True)
class Visit:
    """The start piece under the car. `crossed_s` is the best estimate so far; lower `rank` is better.

    `from_nowhere`: nothing was heard before it, so the car may have been put down there.
    """

    evidence: frozenset[Evidence] = frozenset()
    direction: Direction | None = None
    crossed_s: float | None = None
    rank: int = 99
    past_line: bool = False
    counted: bool = False
    from_nowhere: bool = False


@dataclass(frozen=True, slots=True)
class LapState:
    """Everything the detector knows of one car. Start from `LapState(rules)`."""

    rules: LapRules = LapRules()
    number: int = 0
    crossed_s: float | None = None
    direction: Direction = Direction.FORWARD
    driven: Driven = Driven()
    visit: Visit | None = None
    piece_id: int | None = None
    wheels_whole: bool = False
    speed_mm_s: float = 300.0
    known: tuple[tuple[float, int, float], ...] = ()
    now_s: float = float("-inf")
    heard_now: frozenset[Event] = field(default_factory=frozenset)

    @property
    def lap_cm(self) -> float | None:
        """The length of a lap as the wheels count it, learned or given."""
        return median(cm for cm, _, _ in self.known) if self._knows_better else self.rules.lap_cm

    @property
    def lap_others(self) -> float | None:
        """Pieces a lap besides the two of the start, learned or given."""
        if self._knows_better:
            return median(others for _, others, _ in self.known)
        return None if self.rules.lap_pieces is None else self.rules.lap_pieces - 2

    @property
    def _knows_better(self) -> bool:
        """Laps driven tell more than a map (lanes differ by up to 15 %), but not the first of them."""
        return len(self.known) >= (1 if self.rules.lap_cm is None else _ENOUGH_TO_LEARN)

    @property
    def lap_s(self) -> float | None:
        """The usual lap time so far, seconds."""
        return median(time_s for _, _, time_s in self.known) if self.known else None


def lined_up(rules: LapRules | None = None) -> LapState:
    """The detector of a car that stands lined up on piece 34, its nose towards the line.

    One that knows nothing cannot tell that car from one put down behind the line, and may miss the first crossing.
    """
    standing = Visit(evidence=frozenset({Evidence.READ_LONG}), direction=Direction.FORWARD)
    return LapState(rules or LapRules(), driven=Driven(pieces=1), visit=standing, piece_id=START_LONG)


def step(state: LapState, event: Event) -> tuple[LapState, tuple[Finding, ...]]:
    """The detector after one event, and what it found. Events older than the last, and repeats, are ignored."""
    if event.at_s < state.now_s or event in state.heard_now:
        return state, ()
    heard = state.heard_now if event.at_s == state.now_s else frozenset[Event]()
    state = replace(state, now_s=event.at_s, heard_now=heard | {event})
    if isinstance(event, Position):
        return _position(state, event)
    if isinstance(event, Transition):
        return _transition(state, event)
    state, found = _leave(state)
    broken = replace(state.driven, broken=True)
    return replace(state, driven=broken, piece_id=None, wheels_whole=False), found


def _position(state: LapState, event: Position) -> tuple[LapState, tuple[Finding, ...]]:
    if event.speed_mm_s > 0:
        state = replace(state, speed_mm_s=float(event.speed_mm_s))
    visit = _visit(state)
    other = event.piece_id not in {FINISH_SHORT, START_LONG}
    found: tuple[Finding, ...] = ()
    if other:
        state, found = _leave(state)
    if event.piece_id != state.piece_id:
        driven = state.driven
        driven = replace(driven, pieces=driven.pieces + 1, others=driven.others + other)
        state = replace(state, driven=driven)
    if other:
        return replace(state, piece_id=event.piece_id), found
    direction = Direction.REVERSE if event.reverse else Direction.FORWARD
    visit = replace(visit, direction=direction)
    forward = direction is Direction.FORWARD
    is_short = event.piece_id == FINISH_SHORT
    past = is_short if forward else not is_short
    kind = Evidence.READ_SHORT if is_short else Evidence.READ_LONG
    visit = replace(visit, evidence=visit.evidence | {kind}, past_line=visit.past_line or past)
    if is_short:
        since_mm = _SHORT_CODE_MM if forward else _SHORT_CODE_MM - FINISH_SHORT_MM
    else:
        before_mm = _LONG_CODE_MM[event.location_id % 2]
        since_mm = -before_mm if forward else before_mm
    visit = _estimate(visit, event.at_s - since_mm / state.speed_mm_s, 1 if past else 3)
    return _judge(replace(state, visit=visit, piece_id=event.piece_id))


def _transition(state: LapState, event: Transition) -> tuple[LapState, tuple[Finding, ...]]:
    cm = (event.left_cm + event.right_cm) / 2
    sane = max(event.left_cm, event.right_cm) < _GARBAGE_CM
    driven = state.driven
    driven = replace(
        driven,
        pieces=driven.pieces + (state.piece_id is None),
        ended=driven.ended + 1,
        distance_cm=driven.distance_cm + (cm if sane else 0.0),
    )
    visit = _visit(state)
    signature = (
        wheel_signature(event.left_cm, event.right_cm) if state.wheels_whole else WheelSignature.UNKNOWN
    )
    left_piece = state.piece_id
    state = replace(state, driven=driven, piece_id=None, wheels_whole=True)
    if left_piece == START_LONG or (left_piece is None and signature is WheelSignature.START_LONG):
        return _ended_long(state, visit, event, by_wheels=signature is WheelSignature.START_LONG)
    if left_piece == FINISH_SHORT or (left_piece is None and signature is WheelSignature.FINISH_SHORT):
        return _ended_short(state, visit, event, by_wheels=signature is WheelSignature.FINISH_SHORT)
    if left_piece is None:
        state = replace(state, driven=replace(driven, others=driven.others + 1))
        if signature is WheelSignature.UNKNOWN:
            return state, ()
    return _leave(state)


def _visit(state: LapState) -> Visit:
    return state.visit or Visit(from_nowhere=state.driven.pieces == 0)


def _ended_long(
    state: LapState, visit: Visit, event: Transition, *, by_wheels: bool
) -> tuple[LapState, tuple[Finding, ...]]:
    """Piece 34 ended: driving forward, the line is here; backwards, it was a 34 ago."""
    if visit.direction is None and Evidence.WHEELS_SHORT in visit.evidence:
        visit = replace(visit, direction=Direction.REVERSE)
    if by_wheels:
        visit = replace(visit, evidence=visit.evidence | {Evidence.WHEELS_LONG})
    if visit.direction is not Direction.REVERSE:
        visit = _estimate(visit, event.at_s, 0)
    else:
        visit = _estimate(visit, event.at_s - START_LONG_MM / state.speed_mm_s, 2)
    return _judge(replace(state, visit=replace(visit, past_line=True)))


def _ended_short(
    state: LapState, visit: Visit, event: Transition, *, by_wheels: bool
) -> tuple[LapState, tuple[Finding, ...]]:
    """Piece 33 ended: driving forward, the line was a 33 ago; backwards, it is here."""
    if by_wheels:
        if visit.direction is None and Evidence.WHEELS_LONG in visit.evidence:
            visit = replace(visit, direction=Direction.FORWARD)
        visit = replace(visit, evidence=visit.evidence | {Evidence.WHEELS_SHORT})
    if visit.direction is Direction.REVERSE:
        visit = _estimate(visit, event.at_s, 0)
    else:
        visit = _estimate(visit, event.at_s - FINISH_SHORT_MM / state.speed_mm_s, 2)
    return _judge(replace(state, visit=replace(visit, past_line=True)))


def _estimate(visit: Visit, crossed_s: float, rank: int) -> Visit:
    return replace(visit, crossed_s=crossed_s, rank=rank) if rank < visit.rank else visit


def _leave(state: LapState) -> tuple[LapState, tuple[Finding, ...]]:
    """Another piece: the visit is over, and a 34 that was read was crossed even if nothing after it was heard."""
    found: tuple[Finding, ...] = ()
    if state.visit is not None and not state.visit.counted and state.visit.evidence & _READS:
        state, found = _judge(replace(state, visit=replace(state.visit, past_line=True)))
    return replace(state, visit=None), found


def _judge(state: LapState) -> tuple[LapState, tuple[Finding, ...]]:
    visit = state.visit
    if visit is None or visit.counted or not visit.past_line or visit.crossed_s is None:
        return state, ()
    fits = _fits(state)
    read = bool(visit.evidence & _READS)
    pair = visit.evidence >= _WHEELS
    if not (read or pair or (fits and visit.evidence)):
        return state, ()
    direction = visit.direction or state.direction
    counted = replace(visit, counted=True)
    if state.crossed_s is None and visit.from_nowhere and not visit.evidence & _BEFORE_LINE[direction]:
        return state, ()
    if state.crossed_s is None or direction is not state.direction:
        started = Started(visit.crossed_s, direction)
        fresh = replace(state, visit=counted, crossed_s=visit.crossed_s, direction=direction, driven=Driven())
        return fresh, (started,)
    if not _far_enough(state, visit.crossed_s):
        return state, ()
    return _count(replace(state, visit=counted), visit, fits=fits)


def _fits(state: LapState) -> bool:
    """Whether what was driven is a whole number of known laps, by the wheels or by the pieces."""
    return not state.driven.broken and any(
        round(share) >= 1 and abs(share - round(share)) <= state.rules.tolerance for share in _shares(state)
    )


def _shares(state: LapState) -> list[float]:
    """Laps driven since the last crossing, by distance, and by pieces where the distance misses some; empty while
    the length of a lap is unknown."""
    shares = []
    if state.lap_cm:
        shares.append(state.driven.distance_cm / state.lap_cm)
    if state.lap_others and not state.driven.is_measured:
        shares.append(state.driven.others / state.lap_others)
    return shares


def _far_enough(state: LapState, crossed_s: float) -> bool:
    assert state.crossed_s is not None
    elapsed_s = crossed_s - state.crossed_s
    if elapsed_s < state.rules.min_lap_s:
        return False
    shares = _shares(state)
    if state.driven.broken and state.lap_s is not None:
        shares.append(elapsed_s / state.lap_s)
    if shares and max(shares) >= state.rules.min_share:
        return True
    if state.rules.lap_cm is None and len(state.known) < _ENOUGH_TO_LEARN:
        return state.driven.broken or state.driven.others >= state.rules.min_pieces
    return False


def _count(state: LapState, visit: Visit, *, fits: bool) -> tuple[LapState, tuple[Finding, ...]]:
    assert state.crossed_s is not None
    assert visit.crossed_s is not None
    laps = _laps_driven(state, visit.crossed_s - state.crossed_s)
    evidence = visit.evidence | ({Evidence.LAP_LENGTH} if fits else frozenset[Evidence]())
    sure = len(evidence) >= 2 and not state.driven.broken
    time_s = (visit.crossed_s - state.crossed_s) / laps
    found = tuple(
        Lap(
            number=state.number + n,
            at_s=state.crossed_s + n * time_s if n < laps else visit.crossed_s,
            time_s=time_s,
            direction=state.direction,
            confidence=_confidence(last=n == laps, sure=sure),
            evidence=evidence if n == laps else frozenset({Evidence.LAP_LENGTH}),
            distance_cm=state.driven.distance_cm / laps,
            pieces=round(state.driven.pieces / laps),
        )
        for n in range(1, laps + 1)
    )
    known = state.known
    if laps == 1 and not state.driven.broken and state.driven.is_measured:
        if any(state.driven.distance_cm < _MUCH_SHORTER * cm for cm, _, _ in known):
            known = ()  # the first laps were two in one: their crossing went unnoticed
        known = (*known, (state.driven.distance_cm, state.driven.others, time_s))[-_REMEMBERED:]
    state = replace(
        state, number=state.number + laps, crossed_s=visit.crossed_s, driven=Driven(), known=known
    )
    return state, found


def _confidence(*, last: bool, sure: bool) -> Confidence:
    if not last:
        return Confidence.INFERRED
    return Confidence.SURE if sure else Confidence.LIKELY


def _laps_driven(state: LapState, elapsed_s: float) -> int:
    """How many laps lie between two crossings that were noticed; one unless the length clearly says more."""
    by_time = [elapsed_s / state.lap_s] if state.lap_s else []
    shares = by_time if state.driven.broken else _shares(state)
    counts = {round(s) for s in shares if abs(s - round(s)) <= state.rules.tolerance}
    if len(counts) != 1 or (laps := counts.pop()) < 2:
        return 1
    return min(laps, _MOST_INFERRED)
