"""The policy that drives a car to its wish, for `rig.control.ControlLoop`. Pure.

    loop = ControlLoop(drive)
    loop.add(port, Intent(cap_mm_s=900, colour=(0, 14, 0)))
    loop.steer(car, wished(loop.intent(car), Wish(600, -30.0)))     # the latest wish wins

Writes without response get lost, so a speed is said again until the car names it, and a lane change until the car
says it has begun it. A car goes by the offset it believes in and never corrects that by itself, so it is told
where it is whenever a code shows otherwise. It changes lanes only once a code has shown that it believes the truth, or
it might drive off the road; and again when a code shows that it strayed. Silence
stops it, whatever is wished, until it is heard again.

The link must be set up before (SDK mode on, an offset told): without the first a car does not drive as told.
"""

from __future__ import annotations

from typing import NamedTuple

from booth.race.wish import FASTEST_MM_S, STAND, Wish, safe
from protocol import (
    Delocalized,
    Dialect,
    LightChannel,
    LightChannelId,
    LightEffect,
    LightsPattern,
    LightsPatternDrive,
    OffsetUpdate,
    PingRequest,
    PositionUpdate,
    PositionUpdateDrive,
    SetOffset,
    SpeedUpdate,
    SpeedUpdateLong,
    core_of,
)
from protocol.commands import change_lane, engine_colour, set_speed
from protocol.dialect import DRIVE_DIALECTS
from protocol.track import location_of
from rig.control.policy import NO_ORDERS, Event, Faded, Heard, Orders, Ticked
from rig.control.state import CarState
from rig.control.watchdog import Freshness
from rig.driving.session import (
    LANE_CHANGE_S,
    LATE_RESEND_S,
    OFFSET_TOLERANCE_MM,
    RESEND_S,
    SPEED_TRIES,
    STOP_RESEND_S,
)

SPEED_EVERY_S = 0.05
LANE_EVERY_S = 0.15
"""A thumb on a slider asks with every pixel; a car is told this often at most, but to stop at once."""
LANE_TRIES = 8
"""In curves cars ignore lane changes now and then, and not every firmware says what it did; after so many tries the
codes must show that it strayed."""
LANE_STEP_MM = 2.0
STRAYED_MM = 6.0
"""Rows of codes are 9 mm apart: the next one is astray."""
STRAYED_AGAIN_S = LANE_CHANGE_S + 2.0
SILENT_RESEND_S = 1.0
LIGHTS_TRIES = 2
SPEED_TOLERANCE_MM_S = 150
"""The Drive generation does not name the speed it was told; a wheel's own wavers by 64 mm/s at 1300."""
_MOST_TAGS = 127
_FULL = 14
_CHANNELS = (LightChannelId.RED, LightChannelId.GREEN, LightChannelId.BLUE)
_FLASH_SLOTS = (0, 6)
_FLASHES_PER_S = 2


class Said(NamedTuple):
    """What a car was last told about one thing, when, how often, and whether it agreed."""

    value: float
    at_s: float
    tries: int = 1
    agreed: bool = False


class Intent(NamedTuple):
    """What is wanted of a car, and what it was told. `wished` replaces the wish; from `speed` on it is the policy's
    own. `colour` is the engine light while it does not flash, each part 0 to 14; None: left alone."""

    wish: Wish = STAND
    cap_mm_s: int = FASTEST_MM_S
    colour: tuple[int, int, int] | None = None
    speed: Said | None = None
    lane: Said | None = None
    lane_tag: int = 0
    is_placed: bool = False
    """Whether the last code it read lay where it believed to be."""
    changing_until_s: float | None = None
    silent_since_s: float | None = None
    """When it was last told to stop for its silence; None: it is heard."""
    lights: Said | None = None


def wished(intent: Intent, wish: Wish) -> Intent:
    """The intent with another wish, which replaces the one before."""
    return intent._replace(wish=wish)


def drive(intent: Intent, car: CarState, event: Event) -> tuple[Intent, Orders]:
    """One step of the policy. Whatever the wish says, only what `safe` leaves of it reaches the car."""
    if isinstance(event, Faded):
        return _faded(intent, car, event)
    if intent.silent_since_s is not None:
        return _silent(intent, car, event)
    corrections: Orders = NO_ORDERS
    if isinstance(event, Heard):
        intent, corrections = _heard(intent, event)
    intent, orders = _say(intent, car, event.now_s)
    return intent, corrections + orders


def _faded(intent: Intent, car: CarState, event: Faded) -> tuple[Intent, Orders]:
    if event.freshness is Freshness.QUIET:
        return intent, (PingRequest(),)
    if event.freshness is Freshness.STALE:
        return intent._replace(silent_since_s=event.now_s), _stop(car)
    if intent.silent_since_s is None:  # it was only quiet
        return intent, NO_ORDERS
    back = Intent(intent.wish, intent.cap_mm_s, intent.colour, lane_tag=intent.lane_tag)
    return _say(back, car, event.now_s)


def _silent(intent: Intent, car: CarState, event: Event) -> tuple[Intent, Orders]:
    """Nothing but stop, now and then, and a question: whoever answers is heard again."""
    told_s = intent.silent_since_s
    if not isinstance(event, Ticked) or told_s is None or event.now_s - told_s < SILENT_RESEND_S:
        return intent, NO_ORDERS
    return intent._replace(silent_since_s=event.now_s), _stop(car)


def _stop(car: CarState) -> Orders:
    return set_speed(car.dialect, 0, STAND.accel_mm_s2), PingRequest()


def _heard(intent: Intent, event: Heard) -> tuple[Intent, Orders]:
    message = core_of(event.message)
    if isinstance(message, PositionUpdate):
        intent = _agree(intent, message.last_desired_speed_mm_s, event.now_s)
        if message.last_exec_lane_change_id == intent.lane_tag:
            intent = _lane_taken(intent)
        return _look_across(intent, message, event.now_s)
    if isinstance(message, PositionUpdateDrive):  # how its codes lie nobody has published
        intent, told = intent._replace(is_placed=True), intent.speed
        if told is not None and abs(message.speed_mm_s - told.value) <= SPEED_TOLERANCE_MM_S:
            intent = intent._replace(speed=told._replace(agreed=True))
    elif isinstance(message, SpeedUpdate | SpeedUpdateLong):
        intent = _agree(intent, message.desired_speed_mm_s, event.now_s)
    elif isinstance(message, OffsetUpdate) and message.lane_change_id == intent.lane_tag:
        intent = _lane_taken(intent)._replace(changing_until_s=None)
    elif isinstance(message, Delocalized):
        intent = intent._replace(is_placed=False)
    return intent, NO_ORDERS


def _agree(intent: Intent, named_mm_s: int, now_s: float) -> Intent:
    told = intent.speed
    if told is None or (named_mm_s == told.value) is told.agreed:
        return intent
    if told.agreed:  # it forgot, or hears somebody else
        return intent._replace(speed=told._replace(agreed=False, at_s=now_s, tries=1))
    return intent._replace(speed=told._replace(agreed=True))


def _lane_taken(intent: Intent) -> Intent:
    if intent.lane is None or intent.lane.agreed:
        return intent
    return intent._replace(lane=intent.lane._replace(agreed=True))


def _look_across(intent: Intent, message: PositionUpdate, now_s: float) -> tuple[Intent, Orders]:
    """Tells the car where it is when a code shows that it believes otherwise; forgets the lane it was sent to when
    the code shows that it strayed, so that it is sent there again."""
    if intent.changing_until_s is not None and now_s < intent.changing_until_s:
        return intent, NO_ORDERS
    place = location_of(message.piece_id, message.location_id, message.is_reverse_parsed)
    if place is None or place.offset_mm is None:
        return intent, NO_ORDERS
    if abs(place.offset_mm - message.offset_mm) > OFFSET_TOLERANCE_MM:
        return intent._replace(is_placed=False), (SetOffset(place.offset_mm),)
    intent = intent._replace(is_placed=True)
    lane = intent.lane
    strayed = lane is not None and abs(place.offset_mm - lane.value) > STRAYED_MM
    if lane is not None and strayed and now_s - lane.at_s >= STRAYED_AGAIN_S:
        intent = intent._replace(lane=None)
    return intent, NO_ORDERS


def _say(intent: Intent, car: CarState, now_s: float) -> tuple[Intent, Orders]:
    wish = safe(intent.wish, intent.cap_mm_s)
    orders: Orders = NO_ORDERS
    if _speed_is_due(intent.speed, wish.speed_mm_s, now_s):
        orders += (set_speed(car.dialect, wish.speed_mm_s, wish.accel_mm_s2),)
        intent = intent._replace(speed=_said(intent.speed, wish.speed_mm_s, now_s))
    if wish.speed_mm_s and intent.is_placed and _lane_is_due(intent.lane, wish.lane_mm, now_s):
        intent = _to_lane(intent, wish.lane_mm, now_s)
        orders += (change_lane(car.dialect, wish.lane_mm, tag=intent.lane_tag),)
    intent, lights = _light(intent, car.dialect, wish, now_s)
    return intent, orders + lights


def _said(before: Said | None, value: float, now_s: float) -> Said:
    again = before is not None and before.value == value
    return Said(value, now_s, before.tries + 1 if again and before is not None else 1)


def _speed_is_due(told: Said | None, wanted_mm_s: int, now_s: float) -> bool:
    if told is None:
        return True
    since_s = now_s - told.at_s
    if told.value != wanted_mm_s:
        return wanted_mm_s == 0 or since_s >= SPEED_EVERY_S
    again_s = STOP_RESEND_S if wanted_mm_s == 0 else RESEND_S
    return not told.agreed and since_s >= (LATE_RESEND_S if told.tries >= SPEED_TRIES else again_s)


def _lane_is_due(told: Said | None, wanted_mm: float, now_s: float) -> bool:
    if told is None:
        return True
    since_s = now_s - told.at_s
    if abs(told.value - wanted_mm) > LANE_STEP_MM:
        return since_s >= LANE_EVERY_S
    return not told.agreed and told.tries < LANE_TRIES and since_s >= RESEND_S


def _to_lane(intent: Intent, lane_mm: float, now_s: float) -> Intent:
    told = intent.lane
    same = told is not None and told.value == lane_mm
    tag = intent.lane_tag if same else intent.lane_tag % _MOST_TAGS + 1
    return intent._replace(
        lane=_said(told, lane_mm, now_s), lane_tag=tag, changing_until_s=now_s + LANE_CHANGE_S
    )


def _light(intent: Intent, dialect: Dialect, wish: Wish, now_s: float) -> tuple[Intent, Orders]:
    told = intent.lights
    if told is None and not wish.flash and intent.colour is None:
        return intent, NO_ORDERS
    is_same = told is not None and told.value == wish.flash
    if told is not None and is_same and (told.tries >= LIGHTS_TRIES or now_s - told.at_s < RESEND_S):
        return intent, NO_ORDERS
    orders = _flashing(dialect) if wish.flash else engine_colour(dialect, *(intent.colour or (0, 0, 0)))
    return intent._replace(lights=_said(told, wish.flash, now_s)), orders


def _flashing(dialect: Dialect) -> Orders:
    """The engine light in white, twice a second: at most three are allowed for people whom flashes harm."""
    start, end = _FLASH_SLOTS
    if dialect in DRIVE_DIALECTS:
        per_minute = 60 * _FLASHES_PER_S
        return tuple(LightsPatternDrive(c, LightEffect.THROB, 0, _FULL, per_minute) for c in _CHANNELS)
    lamps = (LightChannel(c, LightEffect.FLASH, start, end, 10 * _FLASHES_PER_S) for c in _CHANNELS)
    return (LightsPattern.padded(*lamps),)
