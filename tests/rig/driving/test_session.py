import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from protocol import (
    BatteryLevelResponse,
    ChangeLane,
    CollisionDetected,
    Dialect,
    OffsetUpdate,
    PingRequest,
    PingResponse,
    PositionUpdate,
    SdkMode,
    SdkModeDrive,
    SetOffset,
    SetSpeed,
    SetSpeedV4,
    SpeedUpdate,
    SpeedUpdateLong,
    VersionRequest,
    VersionResponse,
    VersionResponseShort,
)
from rig.driving.session import (
    LATE_RESEND_S,
    REQUEST_S,
    REQUEST_TRIES,
    RESEND_S,
    SPEED_TRIES,
    STOP_LIMIT_S,
    STOP_RESEND_S,
    SessionState,
    step,
)
from rig.driving.session_events import (
    Answered,
    Ask,
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


def position(speed=300, offset=0.0, location=21, piece=36):
    return PositionUpdate(location, piece, offset, speed, 7, 255, 255, 0, speed)


class Talk:
    """A session told one event after another."""

    def __init__(self, *events):
        self.state = SessionState()
        self.actions = []
        for event in events:
            self.tell(event)

    def tell(self, event):
        self.state, actions = step(self.state, event)
        self.actions.append(actions)
        return actions

    def sent(self):
        return [a.message for actions in self.actions for a in actions if isinstance(a, Send)]

    def run_until(self, until_s):
        """Ticks whenever the machine asks; returns (time, actions) of each tick."""
        told = []
        while (due_s := self.state.next_s) is not None and due_s <= until_s:
            told.append((due_s, self.tell(Tick(due_s))))
        return told


def up(firmware=0x2774):
    talk = Talk(LinkUp(0.0, firmware))
    talk.tell(Heard(0.05, VersionResponse(firmware or 0x2774)))
    return talk


def test_after_the_link_the_car_is_set_up_with_acknowledged_writes():
    (actions,) = Talk(LinkUp(0.0, 0x2774)).actions
    assert actions[:2] == (Send(SdkMode(), response=True), Send(SetOffset(0.0), response=True))
    assert actions[2] == Send(VersionRequest())


def test_a_drive_car_gets_its_own_sdk_mode():
    assert SdkModeDrive() in Talk(LinkUp(0.0, 0x2120)).sent()


def test_nothing_is_said_before_the_link_is_up():
    talk = Talk(WantSpeed(0.0, 300), Ask(0.0, Request.PING), WantLane(0.0, 23.0), Tick(5.0))
    assert talk.sent() == []
    assert talk.state.next_s is None
    assert SetSpeed(300, 1000) in [a.message for a in talk.tell(LinkUp(6.0, 0x2774)) if isinstance(a, Send)]


def test_a_wanted_speed_is_said_every_quarter_second_until_the_echo():
    talk = up()
    talk.tell(WantSpeed(1.0, 300))
    times = [at_s for at_s, actions in talk.run_until(2.0) if Send(SetSpeed(300, 1000)) in actions]
    assert times == pytest.approx([1.0 + RESEND_S * n for n in range(1, 5)])
    assert talk.tell(Heard(2.02, SpeedUpdate(300))) == (SpeedTaken(300, pytest.approx(1.02), 5),)
    assert talk.run_until(60.0) == []


@pytest.mark.parametrize("agreement", [SpeedUpdate(300), SpeedUpdateLong(300, 1000, 12), position(300)])
def test_echoes_and_positions_agree(agreement):
    talk = up()
    talk.tell(WantSpeed(1.0, 300))
    assert any(isinstance(action, SpeedTaken) for action in talk.tell(Heard(1.1, agreement)))


def test_an_echo_of_another_speed_is_no_agreement():
    talk = up()
    talk.tell(WantSpeed(1.0, 300))
    assert talk.tell(Heard(1.1, SpeedUpdate(200))) == ()
    assert talk.run_until(1.3)


def test_a_car_that_falls_back_to_another_speed_is_told_again():
    talk = up()
    talk.tell(WantSpeed(1.0, 300))
    talk.tell(Heard(1.1, SpeedUpdate(300)))
    talk.tell(Heard(5.0, position(0)))
    assert [at_s for at_s, _ in talk.run_until(5.3)] == [5.0 + RESEND_S]


def test_an_ignored_speed_is_reported_and_then_said_seldom():
    talk = up()
    talk.tell(WantSpeed(1.0, 300))
    talk.tell(Heard(1.1, SpeedUpdate(200)))
    told = talk.run_until(30.0)
    reports = [action for _, actions in told for action in actions if isinstance(action, SpeedIgnored)]
    assert reports == [SpeedIgnored(300, SPEED_TRIES, 200)]
    assert told[-1][0] - told[-2][0] == pytest.approx(LATE_RESEND_S)


def test_the_newest_speed_wins():
    talk = up()
    talk.tell(WantSpeed(1.0, 300))
    talk.tell(WantSpeed(1.1, 700, 2500))
    assert talk.tell(Heard(1.2, SpeedUpdate(300))) == ()
    assert [a for _, actions in talk.run_until(1.4) for a in actions] == [Send(SetSpeed(700, 2500))]


def test_a_stop_is_said_eight_times_a_second_and_ends_with_the_cars_agreement():
    talk = up()
    talk.tell(WantSpeed(1.0, 300))
    talk.tell(Heard(1.1, SpeedUpdate(300)))
    assert talk.tell(Finish(5.0)) == (Send(SetSpeed(0, 1000)),)
    assert len(talk.run_until(5.99)) == 7
    assert talk.tell(Heard(6.0, SpeedUpdate(0)))[-1] == Finished(stopped=True)
    assert talk.state.phase is Phase.DONE
    assert talk.state.next_s is None
    assert pytest.approx(1 / 8) == STOP_RESEND_S


def test_a_stop_nobody_confirms_is_given_up_in_bounded_time():
    talk = up()
    talk.tell(Finish(5.0))
    told = talk.run_until(60.0)
    assert told[-1] == (5.0 + STOP_LIMIT_S, (Finished(stopped=False),))


def test_a_link_lost_while_stopping_is_no_confirmed_stop():
    talk = up()
    talk.tell(Finish(5.0))
    assert talk.tell(LinkDown(5.1)) == (Finished(stopped=False),)
    assert talk.tell(LinkUp(9.0)) == ()


def test_after_a_reconnect_what_was_wanted_is_said_again():
    talk = up()
    talk.tell(WantSpeed(1.0, 300))
    talk.tell(Heard(1.1, SpeedUpdate(300)))
    talk.tell(LinkDown(2.0))
    assert talk.state.next_s is None
    assert Send(SetSpeed(300, 1000)) in talk.tell(LinkUp(9.0, None))


@pytest.mark.parametrize(
    ("request_", "answer", "value"),
    [
        (Request.PING, PingResponse(), None),
        (Request.BATTERY, BatteryLevelResponse(3920), 3920),
    ],
)
def test_an_answer_is_matched_and_timed(request_, answer, value):
    talk = up()
    talk.tell(Ask(1.0, request_))
    assert talk.tell(Ask(1.1, request_)) == ()
    assert talk.tell(Heard(1.2, answer)) == (Answered(request_, value, pytest.approx(0.2)),)
    assert talk.tell(Heard(1.3, answer)) == ()


@pytest.mark.parametrize("answer", [VersionResponse(0x3062), VersionResponseShort(0x3062)])
def test_the_version_decides_the_dialect(answer):
    talk = Talk(LinkUp(0.0, None))
    assert talk.state.dialect is Dialect.UNKNOWN
    talk.tell(Heard(0.1, answer))
    assert talk.state.dialect is Dialect.V4
    assert Send(SetSpeedV4(300, 1000)) in talk.tell(WantSpeed(1.0, 300))


def test_an_unanswered_question_is_repeated_then_reported():
    talk = up()
    talk.tell(Ask(1.0, Request.PING))
    told = talk.run_until(60.0)
    assert [at_s for at_s, _ in told] == pytest.approx(
        [1.0 + REQUEST_S * n for n in range(1, REQUEST_TRIES + 1)]
    )
    assert [actions for _, actions in told] == [(Send(PingRequest()),)] * 2 + [(Unanswered(Request.PING),)]


def test_the_car_is_told_where_it_is_when_a_code_says_otherwise():
    talk = up()
    assert talk.tell(Heard(1.0, position(offset=54.0))) == (Send(SetOffset(pytest.approx(-4.5))),)
    assert talk.tell(Heard(1.1, position(offset=-4.5))) == ()
    assert talk.tell(Heard(1.2, position(offset=654321.0))) != ()
    assert talk.tell(Heard(1.3, position(offset=54.0, location=200))) == ()


def test_the_offset_is_left_alone_during_a_lane_change():
    talk = up()
    (order,) = talk.tell(WantLane(1.0, 22.5))
    assert isinstance(order.message, ChangeLane)
    assert order.message.tag == 1
    assert talk.tell(Heard(1.5, position(offset=22.5))) == ()
    talk.tell(Heard(1.9, OffsetUpdate(22.5, 1)))
    assert talk.tell(Heard(2.0, position(offset=22.5))) != ()
    assert talk.tell(WantLane(3.0, 0.0))[0].message.tag == 2


def test_other_messages_change_nothing():
    talk = up()
    before = talk.state
    assert talk.tell(Heard(3.0, CollisionDetected(0, 1))) == ()
    assert talk.state == before


_MESSAGES = st.sampled_from(
    [
        SpeedUpdate(0), SpeedUpdate(300), SpeedUpdateLong(700, 1000, 0), PingResponse(), VersionResponse(0x2774),
        VersionResponse(0x3062), BatteryLevelResponse(4000), position(0), position(300, offset=40.0),
        CollisionDetected(0, 1), OffsetUpdate(0.0, 1),
    ]
)  # fmt: skip


class AnyConversation(RuleBasedStateMachine):
    """Whatever happens in whatever order: the machine never floods, always ends a stop, and does nothing after."""

    @initialize()
    def begin(self):
        self.state = SessionState()
        self.now_s = 0.0
        self.sends = []
        self.finishing_s = None

    def tell(self, event):
        done = self.state.phase is Phase.DONE
        self.state, actions = step(self.state, event)
        if done:
            assert actions == ()
        self.sends += [self.now_s for action in actions if isinstance(action, Send)]
        for action in actions:
            if isinstance(action, Finished):
                assert self.state.phase is Phase.DONE

    @rule(wait=st.floats(0, 2), firmware=st.sampled_from([None, 0x2120, 0x2774, 0x3062]))
    def link_up(self, wait, firmware):
        self.now_s += wait
        self.tell(LinkUp(self.now_s, firmware))

    @rule(wait=st.floats(0, 2))
    def link_down(self, wait):
        self.now_s += wait
        self.tell(LinkDown(self.now_s))

    @rule(wait=st.floats(0, 1), message=_MESSAGES)
    def hears(self, wait, message):
        self.now_s += wait
        self.tell(Heard(self.now_s, message))

    @rule(speed=st.sampled_from([0, 300, 700]))
    def wants(self, speed):
        self.tell(WantSpeed(self.now_s, speed))

    @rule(request=st.sampled_from(Request))
    def asks(self, request):
        self.tell(Ask(self.now_s, request))

    @rule()
    def finishes(self):
        if self.state.phase is Phase.READY:
            self.finishing_s = self.now_s
        self.tell(Finish(self.now_s))

    @rule(ticks=st.integers(1, 30))
    def time_passes(self, ticks):
        for _ in range(ticks):
            if self.state.next_s is None:
                return
            self.now_s = max(self.now_s, self.state.next_s)
            before = self.state
            self.tell(Tick(self.now_s))
            assert self.state != before, "a tick that was asked for changes something"

    @precondition(lambda self: getattr(self, "finishing_s", None) is not None)
    @invariant()
    def a_stop_ends(self):
        if self.state.phase is Phase.STOPPING:
            assert self.state.next_s <= self.finishing_s + STOP_LIMIT_S

    @invariant()
    def what_is_due_is_not_long_past(self):
        state = getattr(self, "state", None)
        if state is not None and state.next_s is not None and state.speed is not None and state.speed.tries:
            assert state.next_s > self.now_s - 10


AnyConversation.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestAnyConversation = AnyConversation.TestCase
