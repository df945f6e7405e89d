"""The conversation with one connected car. Pure: `step(state, event) -> (state, actions)`.

Writes without response get lost and cars ignore an order now and then, so the machine holds what is wanted and
says it again until the car agrees: a wanted speed every 250 ms until an 0x36 echo or a position update names
it, a stop eight times a second's worth (the resend intervals of taoist80). Requests (ping, version, battery)
have deadlines; an unanswered one is asked again, then reported.

After the link is up, SDK mode and the offset are set and the version is asked for: without the first a car does
not drive as told, without the second it ignores lane changes. The car never corrects its believed offset from the
codes it reads, so the machine does: it tells the car where it is whenever a code says otherwise by more than 7 mm
(Partydrive's figure), except while a lane change is under way.

State diagram (phase):

    CONNECTING --LinkUp--> READY --Finish--> STOPPING --stop confirmed / given up--> DONE
        any phase --LinkDown--> CONNECTING (what was wanted is kept and said again)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from protocol import (
    BatteryLevelRequest,
    BatteryLevelResponse,
    Dialect,
    Message,
    OffsetUpdate,
    PingRequest,
    PingResponse,
    PositionUpdate,
    SetOffset,
    SpeedUpdate,
    SpeedUpdateLong,
    TransitionUpdate,
    VersionRequest,
    VersionResponse,
    VersionResponseShort,
    core_of,
    dialect_for,
)
from protocol.commands import USUAL_ACCEL_MM_S2, change_lane, sdk_mode, set_speed
from protocol.track import location_of
from rig.driving.session_events import (
    Action,
    Answered,
    Ask,
    Event,
    Finish,
    Finished,
    Heard,
    LinkDown,
    LinkUp,
    Phase,
    Request,
    Send,
    SpeedIgnored,
    SpeedTaken,
    Tick,
    Unanswered,
    WantLane,
    WantSpeed,
)

RESEND_S = 0.25  # wanted speed, until the car agrees
STOP_RESEND_S = 0.125  # eight stops a second
SPEED_TRIES = 20  # five seconds; then it is reported, and repeated at LATE_RESEND_S
LATE_RESEND_S = 2.0
STOP_LIMIT_S = 3.0  # a stop that is not confirmed by then is given up on and said so
OFFSET_TOLERANCE_MM = 7.0
LANE_CHANGE_S = 3.0  # the longest one: 135 mm at 100 mm/s, and a bit; then corrections resume
REQUEST_S = 1.5  # for an answer (super-anki); Aspern's tests assert pings below 0.3 s
REQUEST_TRIES = 3
_MOST_TAGS = 127  # lane change ids: 0xff means none, 0x81 was seen with uninitialised ones


@dataclass(frozen=True, slots=True)
class Speed:
    """A wanted speed and how far the car has agreed."""

    speed_mm_s: int
    accel_mm_s2: int
    since_s: float
    due_s: float
    tries: int = 0
    agreed: bool = False
    heard_mm_s: int | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A question under way."""

    asked_s: float
    due_s: float
    tries: int


@dataclass(frozen=True, slots=True)
class SessionState:
    """Everything the machine knows. Start from `SessionState()`."""

    phase: Phase = Phase.CONNECTING
    dialect: Dialect = Dialect.UNKNOWN
    firmware: int | None = None
    speed: Speed | None = None
    pending: Mapping[Request, Pending] = field(default_factory=lambda: MappingProxyType({}))
    give_up_s: float | None = None
    lane_tag: int = 0
    lane_until_s: float | None = None

    @property
    def next_s(self) -> float | None:
        """When the machine wants a `Tick` at the latest; None when only an event can change anything."""
        if self.phase not in {Phase.READY, Phase.STOPPING}:
            return None
        due = [question.due_s for question in self.pending.values()]
        if self.speed is not None and not self.speed.agreed:
            due.append(self.speed.due_s)
        if self.give_up_s is not None:
            due.append(self.give_up_s)
        return min(due, default=None)


_MESSAGES: Mapping[Request, Message] = MappingProxyType(
    {Request.PING: PingRequest(), Request.VERSION: VersionRequest(), Request.BATTERY: BatteryLevelRequest()}
)

Result = tuple[SessionState, tuple[Action, ...]]


def step(state: SessionState, event: Event) -> Result:
    """The conversation after one event, and what to do about it."""
    if state.phase is Phase.DONE:
        return state, ()
    match event:
        case LinkUp():
            result = _link_up(state, event)
        case LinkDown():
            result = _link_down(state)
        case Heard():
            result = _heard(state, event)
        case WantSpeed():
            result = _want(state, event)
        case WantLane():
            result = _change_lane(state, event)
        case Ask():
            result = _ask(state, event)
        case Finish():
            result = _finish(state, event)
        case Tick():
            result = _tick(state, event.at_s)
    return result


def _link_up(state: SessionState, event: LinkUp) -> Result:
    firmware = event.firmware if event.firmware is not None else state.firmware
    dialect = dialect_for(firmware)
    speed = state.speed
    if speed is not None:
        speed = replace(speed, since_s=event.at_s, due_s=event.at_s, tries=0, agreed=False)
    state = replace(
        state,
        phase=Phase.READY,
        firmware=firmware,
        dialect=dialect,
        speed=speed,
        pending=MappingProxyType({}),
    )
    set_up = (Send(sdk_mode(dialect), response=True), Send(SetOffset(0.0), response=True))
    state, asked = _ask(state, Ask(event.at_s, Request.VERSION))
    state, due = _tick(state, event.at_s)
    return state, set_up + asked + due


def _link_down(state: SessionState) -> Result:
    if state.phase is Phase.STOPPING:
        return replace(state, phase=Phase.DONE), (Finished(stopped=False),)
    return replace(state, phase=Phase.CONNECTING, pending=MappingProxyType({})), ()


def _want(state: SessionState, event: WantSpeed) -> Result:
    if state.phase is Phase.STOPPING:
        return state, ()
    speed = Speed(event.speed_mm_s, event.accel_mm_s2, since_s=event.at_s, due_s=event.at_s)
    state = replace(state, speed=speed)
    return _tick(state, event.at_s) if state.phase is Phase.READY else (state, ())


def _change_lane(state: SessionState, event: WantLane) -> Result:
    if state.phase is not Phase.READY:
        return state, ()
    tag = state.lane_tag % _MOST_TAGS + 1
    state = replace(state, lane_tag=tag, lane_until_s=event.at_s + LANE_CHANGE_S)
    return state, (Send(change_lane(state.dialect, event.offset_mm, tag=tag)),)


def _finish(state: SessionState, event: Finish) -> Result:
    if state.phase is Phase.CONNECTING:
        return replace(state, phase=Phase.DONE), (Finished(stopped=False),)
    if state.phase is Phase.STOPPING:
        return state, ()
    accel = state.speed.accel_mm_s2 if state.speed else USUAL_ACCEL_MM_S2
    stop = Speed(0, accel, since_s=event.at_s, due_s=event.at_s)
    state = replace(
        state,
        phase=Phase.STOPPING,
        speed=stop,
        pending=MappingProxyType({}),
        give_up_s=event.at_s + STOP_LIMIT_S,
    )
    return _tick(state, event.at_s)


def _ask(state: SessionState, event: Ask) -> Result:
    if state.phase is not Phase.READY or event.request in state.pending:
        return state, ()
    question = Pending(event.at_s, event.at_s + REQUEST_S, tries=1)
    pending = MappingProxyType({**state.pending, event.request: question})
    return replace(state, pending=pending), (Send(_MESSAGES[event.request]),)


def _tick(state: SessionState, now_s: float) -> Result:
    if state.phase not in {Phase.READY, Phase.STOPPING}:
        return state, ()
    if state.give_up_s is not None and now_s >= state.give_up_s:
        return replace(state, phase=Phase.DONE), (Finished(stopped=False),)
    state, asked = _ask_again(state, now_s)
    state, said = _say_speed(state, now_s)
    return state, asked + said


def _ask_again(state: SessionState, now_s: float) -> Result:
    actions: list[Action] = []
    pending = dict(state.pending)
    for request, question in state.pending.items():
        if now_s < question.due_s:
            continue
        if question.tries >= REQUEST_TRIES:
            del pending[request]
            actions.append(Unanswered(request))
        else:
            pending[request] = replace(question, due_s=now_s + REQUEST_S, tries=question.tries + 1)
            actions.append(Send(_MESSAGES[request]))
    return replace(state, pending=MappingProxyType(pending)), tuple(actions)


def _say_speed(state: SessionState, now_s: float) -> Result:
    speed = state.speed
    if speed is None or speed.agreed or now_s < speed.due_s:
        return state, ()
    actions: list[Action] = [
        Send(set_speed(state.dialect, speed.speed_mm_s, speed.accel_mm_s2, firmware=state.firmware))
    ]
    tries = speed.tries + 1
    if tries == SPEED_TRIES and state.phase is Phase.READY:
        actions.append(SpeedIgnored(speed.speed_mm_s, tries, speed.heard_mm_s))
    wait_s = STOP_RESEND_S if speed.speed_mm_s == 0 else RESEND_S
    if tries >= SPEED_TRIES and state.phase is Phase.READY:
        wait_s = LATE_RESEND_S
    return replace(state, speed=replace(speed, tries=tries, due_s=now_s + wait_s)), tuple(actions)


def _heard(state: SessionState, event: Heard) -> Result:
    message = core_of(event.message)
    result: Result = (state, ())
    match message:
        case PingResponse():
            result = _answer(state, Request.PING, None, event.at_s)
        case BatteryLevelResponse():
            result = _answer(state, Request.BATTERY, message.battery_mv, event.at_s)
        case VersionResponse() | VersionResponseShort():
            state = replace(state, firmware=message.version, dialect=dialect_for(message.version))
            result = _answer(state, Request.VERSION, message.version, event.at_s)
        case SpeedUpdate() | SpeedUpdateLong():
            result = _said_speed(state, message.desired_speed_mm_s, event.at_s)
        case PositionUpdate():
            state, said = _said_speed(state, message.last_desired_speed_mm_s, event.at_s)
            state, corrected = _correct_offset(state, message, event.at_s)
            result = (state, said + corrected)
        case TransitionUpdate():
            result = _said_speed(state, message.last_desired_speed_mm_s, event.at_s)
        case OffsetUpdate():
            result = (replace(state, lane_until_s=None), ())
        case _:
            pass
    return result


def _answer(state: SessionState, request: Request, value: int | None, now_s: float) -> Result:
    question = state.pending.get(request)
    if question is None:
        return state, ()
    pending = MappingProxyType({key: other for key, other in state.pending.items() if key is not request})
    return replace(state, pending=pending), (Answered(request, value, now_s - question.asked_s),)


def _said_speed(state: SessionState, heard_mm_s: int, now_s: float) -> Result:
    """The car named the speed it was last told. Agreement ends the resending; a later relapse starts it again."""
    speed = state.speed
    if speed is None or not speed.tries:
        return state, ()
    if heard_mm_s != speed.speed_mm_s:
        relapsed = replace(speed, agreed=False, heard_mm_s=heard_mm_s)
        if speed.agreed:
            relapsed = replace(relapsed, since_s=now_s, due_s=now_s + RESEND_S, tries=1)
        return replace(state, speed=relapsed), ()
    if speed.agreed:
        return state, ()
    taken = SpeedTaken(speed.speed_mm_s, now_s - speed.since_s, speed.tries)
    state = replace(state, speed=replace(speed, agreed=True, heard_mm_s=heard_mm_s))
    if state.phase is Phase.STOPPING:
        return replace(state, phase=Phase.DONE), (taken, Finished(stopped=True))
    return state, (taken,)


def _correct_offset(state: SessionState, message: PositionUpdate, now_s: float) -> Result:
    """Tells the car where it is across the road, when a code says so and no lane change is under way."""
    if state.lane_until_s is not None and now_s < state.lane_until_s:
        return state, ()
    place = location_of(message.piece_id, message.location_id, message.is_reverse_parsed)
    if place is None or place.offset_mm is None:
        return state, ()
    if abs(place.offset_mm - message.offset_mm) <= OFFSET_TOLERANCE_MM:
        return state, ()
    return state, (Send(SetOffset(place.offset_mm)),)
