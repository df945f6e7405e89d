"""The latest word goes out, not the history."""

from protocol import ChangeLane, PingRequest, SetLights, SetSpeed
from rig.control.outbox import Outbox


def drain(outbox):
    taken = []
    while (message := outbox.take()) is not None:
        taken.append(message)
    return taken


def test_a_newer_speed_replaces_one_that_waits():
    outbox = Outbox()
    for speed_mm_s in (100, 200, 300):
        outbox.put(SetSpeed(speed_mm_s, 1000))
    assert len(outbox) == 1
    assert outbox.superseded == 2
    assert drain(outbox) == [SetSpeed(300, 1000)]
    assert not outbox


def test_kinds_do_not_replace_each_other_and_keep_their_order():
    lane = ChangeLane(300, 2500, 22.5)
    outbox = Outbox()
    for message in (SetSpeed(100, 1000), SetLights(1), lane, SetLights(1), PingRequest(), SetSpeed(0, 1000)):
        outbox.put(message)
    assert drain(outbox) == [SetLights(1), lane, SetLights(1), PingRequest(), SetSpeed(0, 1000)]


def test_the_first_can_be_looked_at_and_stays():
    outbox = Outbox()
    assert outbox.first() is None
    outbox.put(SetLights(1))
    outbox.put(SetLights(2))
    assert outbox.first() == SetLights(1)
    assert drain(outbox) == [SetLights(1), SetLights(2)]


def test_what_waits_can_be_forgotten():
    outbox = Outbox()
    outbox.put(PingRequest())
    outbox.clear()
    assert outbox.take() is None
