"""The cruise policy as a table: intent, car and event in; intent and orders out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import (
    Delocalized,
    Dialect,
    Extended,
    PingRequest,
    PositionUpdate,
    PositionUpdateDrive,
    SetSpeed,
    SetSpeedV4,
    SpeedUpdate,
    SpeedUpdateLong,
)
from rig.control.policy import RESEND_S, Cruise, Faded, Heard, Steered, Ticked, cruise
from rig.control.state import CarState
from rig.control.watchdog import Freshness, Watchdog

CAR = CarState(1, Dialect.OVERDRIVE_266E)
WANTED = Cruise(speed_mm_s=400, accel_mm_s2=800, tolerance_mm_s=50)
ASKED = WANTED._replace(asked_s=10.0)
AGREED = ASKED._replace(agreed=True)
ORDER = SetSpeed(400, 800)


def position(speed_mm_s, named_mm_s=400):
    return PositionUpdate(14, 17, 0.0, speed_mm_s, 7, 0, 0, 0, named_mm_s)


@pytest.mark.parametrize(
    ("intent", "event", "kept", "orders"),
    [
        pytest.param(WANTED, Steered(10.0), ASKED, (ORDER,), id="steered: say it"),
        pytest.param(ASKED, Heard(11.0, position(300)), ASKED._replace(asked_s=11.0), (ORDER,), id="too slow"),
        pytest.param(AGREED, Heard(11.0, position(460)), ASKED._replace(asked_s=11.0), (ORDER,), id="too fast"),
        pytest.param(ASKED, Heard(11.0, position(450)), AGREED, (), id="within tolerance and named"),
        pytest.param(ASKED, Heard(11.0, position(350, 300)), ASKED, (), id="fits, but names another speed"),
        pytest.param(ASKED, Heard(11.0, PositionUpdateDrive(1, 2, 0.0, 400, 1)), AGREED, (), id="gen 1 names none"),
        pytest.param(ASKED, Heard(11.0, Extended(position(420), b"x")), AGREED, (), id="longer than known"),
        pytest.param(AGREED, Heard(11.0, position(400)), AGREED, (), id="agreed stays agreed"),
        pytest.param(ASKED, Heard(11.0, SpeedUpdate(400)), AGREED, (), id="echo"),
        pytest.param(ASKED, Heard(11.0, SpeedUpdateLong(400, 800, 0)), AGREED, (), id="long echo"),
        pytest.param(ASKED, Heard(11.0, SpeedUpdate(300)), ASKED, (), id="echo of an older order"),
        pytest.param(ASKED, Heard(11.0, Delocalized()), ASKED, (), id="nothing to do with speed"),
        pytest.param(ASKED, Ticked(10.0 + RESEND_S / 2), ASKED, (), id="too early to repeat"),
        pytest.param(ASKED, Ticked(11.0), ASKED._replace(asked_s=11.0), (ORDER,), id="repeat"),
        pytest.param(AGREED, Ticked(99.0), AGREED, (), id="nothing to repeat"),
        pytest.param(WANTED, Ticked(99.0), WANTED, (), id="never ordered, nothing to repeat"),
        pytest.param(AGREED, Faded(11.0, Freshness.QUIET), AGREED, (PingRequest(),), id="quiet: ask"),
        pytest.param(
            AGREED, Faded(12.0, Freshness.STALE), AGREED._replace(asked_s=None), (SetSpeed(0, 800),), id="stale: stop"
        ),
        pytest.param(AGREED, Faded(13.0, Freshness.FRESH), ASKED._replace(asked_s=13.0), (ORDER,), id="back"),
    ],
)  # fmt: skip
def test_cruise(intent, event, kept, orders):
    assert cruise(intent, CAR, event) == (kept, orders)


def test_orders_are_in_the_form_the_car_speaks():
    _, orders = cruise(WANTED, CAR._replace(dialect=Dialect.V4), Steered(0.0))
    assert isinstance(orders[0], SetSpeedV4)


EVENTS = st.one_of(
    st.builds(Ticked, st.floats(0, 1e6)),
    st.builds(Steered, st.floats(0, 1e6)),
    st.builds(Faded, st.floats(0, 1e6), st.sampled_from(Freshness)),
    st.builds(Heard, st.floats(0, 1e6), st.builds(position, st.integers(0, 65535), st.integers(0, 65535))),
)


@given(
    st.builds(Cruise, st.integers(0, 1500), st.integers(1, 30000), st.integers(0, 500)),
    st.lists(EVENTS, max_size=30),
)
def test_cruise_is_a_function_that_never_forgets_the_speed_and_says_little(intent, events):
    wanted = intent[:3]
    for event in events:
        again = cruise(intent, CAR, event)
        intent, orders = cruise(intent, CAR, event)
        assert again == (intent, orders)
        assert intent[:3] == wanted
        assert len(orders) <= 1


@pytest.mark.parametrize(
    ("silent_s", "judged"),
    [
        (0.0, Freshness.FRESH), (0.99, Freshness.FRESH), (1.0, Freshness.QUIET), (1.99, Freshness.QUIET),
        (2.0, Freshness.STALE), (1e9, Freshness.STALE),
    ],
)  # fmt: skip
def test_the_watchdog_judges_silence(silent_s, judged):
    assert Watchdog(1.0, 2.0).judge(silent_s) is judged


@pytest.mark.parametrize(("quiet_s", "stale_s"), [(0, 1), (2, 1), (-1, 1), (float("nan"), 1)])
def test_limits_that_make_no_sense_are_refused(quiet_s, stale_s):
    with pytest.raises(ValueError, match="watchdog"):
        Watchdog(quiet_s, stale_s)
