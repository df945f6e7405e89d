"""The driving policy as a table, against hostile wishes, and the orders it may send."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.race import driving
from booth.race.driving import Intent, Said, drive, wished
from booth.race.wish import WIDEST_LANE_MM, Wish
from protocol import (
    ChangeLane,
    ChangeLaneDrive,
    Delocalized,
    Dialect,
    LightsPattern,
    OffsetUpdate,
    PingRequest,
    PositionUpdate,
    PositionUpdateDrive,
    SetOffset,
    SetSpeed,
    SetSpeedV4,
    SpeedUpdate,
)
from protocol.track import location_id_for
from rig.control.policy import Faded, Heard, Steered, Ticked
from rig.control.state import CarState
from rig.control.watchdog import Freshness
from rig.radio.transmit import TransmitPolicy, frame_to_send

CAR = CarState(1, Dialect.OVERDRIVE_266E)
STRAIGHT = 36
AGREED = Said(400, 10.0, 1, agreed=True)
ON_LANE = Said(-31.5, 10.0, 1, agreed=True)
DRIVING = Intent(Wish(400, -31.5), speed=AGREED, lane=ON_LANE, lane_tag=5, is_placed=True)


def read(*, row=4, believed_mm=-31.5, named_mm_s=400, executed=5):
    """Row 4 lies at -31.5 mm."""
    location = location_id_for(STRAIGHT, row, 1)
    return PositionUpdate(location, STRAIGHT, believed_mm, 400, 7, executed, executed, 300, named_mm_s)


def orders_of(intent, event, car=CAR):
    return drive(intent, car, event)[1]


@pytest.mark.parametrize(
    ("intent", "event", "orders"),
    [
        pytest.param(
            Intent(Wish(400, 10.0)), Steered(10.0), (SetSpeed(400, 1000),), id="first: speed; nobody knows where it is"
        ),
        pytest.param(
            Intent(Wish(400, 10.0), speed=AGREED), Heard(10.0, read()), (ChangeLane(300, 2500, 10.0, 0, 1),),
            id="it believes the truth: now the lane",
        ),
        pytest.param(
            Intent(Wish(400, 10.0), speed=AGREED), Heard(10.0, read(believed_mm=0.0)), (SetOffset(-31.5),),
            id="it does not: first it is told",
        ),
        pytest.param(Intent(), Steered(10.0), (SetSpeed(0, 1000),), id="standing: no lane while it stands"),
        pytest.param(DRIVING, Ticked(11.0), (), id="agreed: nothing to say"),
        pytest.param(wished(DRIVING, Wish(400, -30.5)), Steered(11.0), (), id="a lane that is the same to a hair"),
        pytest.param(
            wished(DRIVING, Wish(400, 20.0)), Steered(11.0), (ChangeLane(300, 2500, 20.0, 0, 6),), id="another lane"
        ),
        pytest.param(wished(DRIVING, Wish(400, 20.0)), Steered(10.1), (), id="another lane too soon: at a later tick"),
        pytest.param(wished(DRIVING, Wish(500, -31.5)), Steered(10.04), (), id="another speed too soon"),
        pytest.param(wished(DRIVING, Wish(0, -31.5)), Steered(10.04), (SetSpeed(0, 1000),), id="stop: at once"),
        pytest.param(
            DRIVING._replace(speed=Said(400, 10.0)), Ticked(10.26), (SetSpeed(400, 1000),), id="speed not named: again"
        ),
        pytest.param(
            DRIVING._replace(lane=Said(-31.5, 10.0)), Ticked(10.26), (ChangeLane(300, 2500, -31.5, 0, 5),),
            id="lane not begun: again, the same change",
        ),
        pytest.param(
            DRIVING._replace(lane=Said(-31.5, 10.0, driving.LANE_TRIES)), Ticked(12.0), (), id="lane: enough tries"
        ),
        pytest.param(DRIVING, Heard(11.0, read()), (), id="where it should be"),
        pytest.param(
            DRIVING, Heard(11.0, read(believed_mm=0.0)), (SetOffset(-31.5),), id="believes to be elsewhere: told"
        ),
        pytest.param(
            DRIVING._replace(changing_until_s=12.0), Heard(11.0, read(believed_mm=0.0)), (), id="under way: left alone"
        ),
        pytest.param(
            DRIVING, Heard(16.0, read(row=6, believed_mm=-13.5)), (ChangeLane(300, 2500, -31.5, 0, 6),), id="strayed"
        ),
        pytest.param(DRIVING, Heard(12.0, read(row=6, believed_mm=-13.5)), (), id="strayed, but only just told"),
        pytest.param(DRIVING, Heard(11.0, read(named_mm_s=300)), (), id="forgot its speed: not at once"),
        pytest.param(DRIVING, Heard(11.0, Delocalized()), (), id="off the road: nothing to add"),
        pytest.param(DRIVING, Faded(11.0, Freshness.FRESH), (), id="heard again after a moment: nothing new"),
        pytest.param(DRIVING, Faded(11.0, Freshness.QUIET), (PingRequest(),), id="quiet: asked"),
        pytest.param(DRIVING, Faded(12.0, Freshness.STALE), (SetSpeed(0, 1000), PingRequest()), id="stale: stop"),
        pytest.param(
            DRIVING._replace(silent_since_s=12.0), Steered(12.1), (), id="stale: whatever is wished stays unsaid"
        ),
        pytest.param(
            DRIVING._replace(silent_since_s=12.0), Ticked(13.0), (SetSpeed(0, 1000), PingRequest()), id="stale: again"
        ),
        pytest.param(
            DRIVING._replace(silent_since_s=12.0), Faded(13.0, Freshness.FRESH),
            (SetSpeed(400, 1000),), id="back: everything again",
        ),
    ],
)  # fmt: skip
def test_what_a_car_is_told(intent, event, orders):
    assert orders_of(intent, event) == orders


def test_it_says_a_forgotten_speed_again_a_moment_later():
    intent, _ = drive(DRIVING, CAR, Heard(11.0, read(named_mm_s=300)))
    assert orders_of(intent, Ticked(11.2)) == ()
    assert orders_of(intent, Ticked(11.25)) == (SetSpeed(400, 1000),)


@pytest.mark.parametrize("heard", [read(), SpeedUpdate(400)])
def test_a_car_agrees_by_naming_the_speed(heard):
    intent, _ = drive(DRIVING._replace(speed=Said(400, 10.0)), CAR, Heard(10.1, heard))
    assert intent.speed == AGREED


@pytest.mark.parametrize(("heard_mm_s", "agrees"), [(390, True), (200, False)])
def test_the_drive_generation_agrees_by_its_wheels(heard_mm_s, agrees):
    heard = Heard(10.1, PositionUpdateDrive(1, 2, 0.0, heard_mm_s, 1))
    intent, _ = drive(DRIVING._replace(speed=Said(400, 10.0)), CAR, heard)
    assert intent.speed is not None
    assert intent.speed.agreed is agrees


def test_the_end_of_a_lane_change_lets_offsets_be_corrected_again():
    changing = DRIVING._replace(changing_until_s=99.0, lane=Said(-31.5, 10.0))
    intent, _ = drive(changing, CAR, Heard(10.5, OffsetUpdate(-31.5, 5)))
    assert intent.changing_until_s is None
    assert intent.lane == ON_LANE


@pytest.mark.parametrize(
    ("dialect", "speed", "lane"),
    [(Dialect.DRIVE_2120, SetSpeed, ChangeLaneDrive), (Dialect.V4, SetSpeedV4, ChangeLane)],
)
def test_orders_are_in_the_form_the_car_speaks(dialect, speed, lane):
    orders = orders_of(Intent(Wish(400, 10.0), is_placed=True), Steered(0.0), CAR._replace(dialect=dialect))
    assert [type(order) for order in orders] == [speed, lane]


def test_lights_flash_while_wished_and_then_show_the_colour():
    intent = DRIVING._replace(colour=(0, 14, 0), lights=Said(0, 0.0, driving.LIGHTS_TRIES))
    intent, on = drive(wished(intent, DRIVING.wish._replace(flash=True)), CAR, Steered(11.0))
    assert [type(order) for order in on] == [LightsPattern]
    assert orders_of(intent, Ticked(11.1)) == ()
    intent, again = drive(intent, CAR, Ticked(11.3))
    assert again == on
    assert orders_of(intent, Ticked(12.0)) == ()
    _, off = drive(wished(intent, DRIVING.wish), CAR, Steered(12.0))
    assert [type(order) for order in off] == [LightsPattern]
    assert off != on


def test_a_car_that_lost_the_road_is_not_sent_across_it():
    intent, _ = drive(DRIVING, CAR, Heard(11.0, Delocalized()))
    intent, orders = drive(wished(intent, Wish(400, 20.0)), CAR, Steered(12.0))
    assert orders == ()
    assert orders_of(intent, Heard(13.0, read())) == (ChangeLane(300, 2500, 20.0, 0, 6),)


def test_the_latest_wish_wins():
    intent = DRIVING
    for lane in (10.0, 20.0, 30.0):
        intent, orders = drive(wished(intent, Wish(400, lane)), CAR, Steered(10.1))
        assert orders == ()
    assert orders_of(intent, Ticked(10.2)) == (ChangeLane(300, 2500, 30.0, 0, 6),)


ANY_NUMBER = st.one_of(
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 1e308]),
)
HOSTILE = st.builds(
    Wish,
    st.one_of(ANY_NUMBER, st.none(), st.text(max_size=3)),
    st.one_of(ANY_NUMBER, st.none()),
    ANY_NUMBER,
    st.one_of(st.booleans(), st.none(), st.text(max_size=3)),
)
HEARD = st.one_of(
    st.builds(
        PositionUpdate,
        st.integers(0, 255), st.sampled_from([36, 17, 33, 34, 10, 200]),
        st.floats(width=32), st.integers(0, 65535), st.integers(0, 255),
        st.integers(0, 255), st.integers(0, 255), st.integers(0, 65535), st.integers(0, 65535),
    ),
    st.builds(OffsetUpdate, st.floats(width=32), st.integers(0, 255)),
    st.builds(SpeedUpdate, st.integers(0, 32767)),
)  # fmt: skip


@given(
    st.integers(0, 1500),
    st.sampled_from(Dialect),
    st.lists(
        st.tuples(
            st.floats(0.0, 1.0),
            st.one_of(
                HOSTILE,
                HEARD,
                st.sampled_from([Freshness.QUIET, Freshness.STALE, Freshness.FRESH]),
                st.none(),
            ),
        ),
        max_size=40,
    ),
)
def test_no_wish_makes_it_send_what_a_car_may_not_get(cap, dialect, happenings):
    intent, now_s = Intent(cap_mm_s=cap), 0.0
    stale = False
    for wait_s, what in happenings:
        now_s += wait_s
        event = Ticked(now_s)
        if isinstance(what, Wish):
            intent, event = wished(intent, what), Steered(now_s)
        elif isinstance(what, Freshness):
            stale = what is Freshness.STALE or (stale and what is not Freshness.FRESH)
            event = Faded(now_s, what)
        elif what is not None and not stale:
            event = Heard(now_s, what)
        car = CAR._replace(dialect=dialect)
        assert repr(drive(intent, car, event)) == repr(drive(intent, car, event))
        intent, orders = drive(intent, car, event)
        assert len(orders) <= 8
        for order in orders:
            frame_to_send("car", order, dialect, TransmitPolicy.REAL_CARS)
            speed = getattr(order, "speed_mm_s", 0)
            if isinstance(order, SetSpeed | SetSpeedV4):
                assert 0 <= speed <= min(cap, 1200)
                assert not stale or speed == 0
            if isinstance(order, ChangeLane | ChangeLaneDrive):
                assert abs(order.offset_mm) <= WIDEST_LANE_MM
                assert not stale
