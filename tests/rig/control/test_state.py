"""What each message changes about a car, and nothing else."""

import pytest

from protocol import (
    BatteryLevelResponse,
    Delocalized,
    Dialect,
    Extended,
    PingResponse,
    PositionUpdate,
    PositionUpdateDrive,
    StatusUpdate,
    TransitionUpdate,
    TransitionUpdate17,
    TransitionUpdateDrive,
    Unknown,
)
from rig.control.state import CarState, observe, reckoned_mm, silent_s

POSITION = PositionUpdate(14, 17, 0.0, 300, 7, 0, 0, 0, 300)
POSITION_DRIVE = PositionUpdateDrive(14, 17, 0.0, 300, 1)
TRANSITIONS = [
    TransitionUpdate(0, 0, 0.0, 0, 0, 0, 0, 300, 0, 0, 55, 56),
    TransitionUpdate17(0, 0, 0.0, 0, 0, 0, 300, 0, 0, 55, 56),
    TransitionUpdateDrive(0, 0.0, 1),
]
STATUS = StatusUpdate(on_track=1, on_charger=0, low_battery=0, charged=1)
CAR = CarState(0xBEEF, Dialect.OVERDRIVE_266E)


def changed(before, after):
    return {name for name in CarState._fields if getattr(before, name) != getattr(after, name)}


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        (POSITION, {"position": POSITION, "position_s": 5.0}),
        (POSITION_DRIVE, {"position": POSITION_DRIVE, "position_s": 5.0}),
        (Extended(POSITION, b"\1\2"), {"position": POSITION, "position_s": 5.0}),
        *[(transition, {"transition": transition}) for transition in TRANSITIONS],
        (STATUS, {"status": STATUS}),
        (Delocalized(), {"delocalized_s": 5.0}),
        (BatteryLevelResponse(3920), {"battery_mv": 3920}),
        (PingResponse(), {}),
        (Unknown(0x41, b"abc"), {}),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, dict) else "",
)
def test_a_message_changes_what_it_speaks_of_and_when_the_car_was_heard(message, changes):
    after = observe(CAR, message, 5.0)
    assert changed(CAR, after) == {"heard_s", *changes}
    assert after.heard_s == 5.0
    assert {name: getattr(after, name) for name in changes} == changes


def test_a_step_does_not_touch_the_state_it_is_given():
    before = CAR._replace(position=POSITION, position_s=1.0, status=STATUS)
    copy = tuple(before)
    observe(before, POSITION_DRIVE, 2.0)
    assert tuple(before) == copy


@pytest.mark.parametrize("found", [POSITION, POSITION_DRIVE, Extended(POSITION, b"\0")])
def test_delocalized_keeps_the_first_instant_until_the_next_position(found):
    lost = observe(observe(CAR, Delocalized(), 5.0), Delocalized(), 5.3)
    assert lost.delocalized_s == 5.0
    assert observe(lost, found, 6.0).delocalized_s is None


@pytest.mark.parametrize(
    ("heard_s", "since_s", "silent"), [(None, 2.0, 8.0), (7.0, 2.0, 3.0), (1.0, 2.0, 8.0)]
)
def test_silence_counts_from_the_last_word_or_from_when_we_began_to_listen(heard_s, since_s, silent):
    assert silent_s(CAR._replace(heard_s=heard_s), since_s, 10.0) == silent


def test_dead_reckoning_goes_on_at_the_reported_speed():
    assert reckoned_mm(CAR, 1.0) is None
    driving = observe(CAR, POSITION, 10.0)
    assert reckoned_mm(driving, 10.5) == 150
    assert reckoned_mm(driving, 9.0) == 0
