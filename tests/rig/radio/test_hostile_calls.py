"""Every call the radio makes of bleak, in every way it can misbehave: a classified error within its bound, nothing
left behind, and the same radio works again. In virtual time."""

import asyncio
from dataclasses import replace

import pytest

from protocol import PingRequest
from rig.errors import RigError
from rig.radio.errors import (
    AdapterOff,
    CarFault,
    ConnectTimedOut,
    HostFault,
    HostTrouble,
    LinkLost,
    NoAnswer,
    RadioClosed,
    StackBusy,
)
from rig.radio.link import ANSWER_LIMIT_S, DISCONNECT_LIMIT_S, QUEUE_LIMIT_S
from rig.radio.milestones import LossReason
from rig.radio.radio import UNWIND_LIMIT_S
from rig.radio.scan import QUIET_LIMIT_S, RETRY_S, SCANNER_LIMIT_S, SWITCH_LIMIT_S
from rig.radio.teardown import LETTING_GO_S
from rig.virtual_time import run_virtual
from tests.rig.radio.hostile_backend import CALLS, ERRORS, IDENTIFIER, Hostile, hostile_radio

CONNECT_S = 5.0
BOUNDS = {
    "start scanning": SCANNER_LIMIT_S + LETTING_GO_S,
    "stop scanning": 2 * (SCANNER_LIMIT_S + LETTING_GO_S),
    "make the link": CONNECT_S + UNWIND_LIMIT_S,
    "discover": CONNECT_S + UNWIND_LIMIT_S,
    "subscribe": CONNECT_S + UNWIND_LIMIT_S,
    "write": QUEUE_LIMIT_S,
    "write with response": ANSWER_LIMIT_S,
    "disconnect": DISCONNECT_LIMIT_S + LETTING_GO_S,
}


async def use_everything(radio):
    """Scans, connects, writes in both ways and disconnects; returns what lost said, if it got that far."""
    car = await radio.find(IDENTIFIER)
    link = await radio.connect(car, timeout_s=CONNECT_S)
    try:
        await link.write(PingRequest())
        await link.write(PingRequest(), response=True)
    finally:
        loss = await link.disconnect()
    return loss


def suffer(temper, use=use_everything):
    """Uses a hostile radio once, then in peace. Gives the outcome, the seconds it took and the radio's tasks left."""

    async def main():
        loop = asyncio.get_running_loop()
        async with hostile_radio(temper) as radio:
            began_s = loop.time()
            try:
                outcome = await use(radio)
            except (RigError, asyncio.CancelledError) as error:
                outcome = error
            took_s = loop.time() - began_s
            assert not radio.links
            await asyncio.sleep(0)
            left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            assert not left, left
            temper.how, temper.link_is_up = "works", False
            assert (await use_everything(radio)).reason is LossReason.ASKED
        return outcome, took_s

    return run_virtual(main, limit_s=600)


def test_every_call_has_a_bound_and_peace_is_peaceful():
    assert set(BOUNDS) == set(CALLS)
    outcome, took_s = suffer(Hostile())
    assert outcome.reason is LossReason.ASKED
    assert took_s < 0.1


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_hangs_ends_within_its_bound_and_classified(call):
    temper = Hostile(call, "hangs")
    outcome, took_s = suffer(temper)
    assert temper.reached
    assert took_s <= BOUNDS[call] + 0.01
    expected = {
        "start scanning": StackBusy,
        "make the link": ConnectTimedOut,
        "discover": ConnectTimedOut,
        "subscribe": ConnectTimedOut,
        "write": NoAnswer,
        "write with response": NoAnswer,
    }
    if call in expected:
        assert type(outcome) is expected[call]
        assert "hostile" in str(outcome) or "Skull 0880eadb" in str(outcome)
    else:
        assert outcome.reason is LossReason.ASKED


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_raises_is_put_in_our_words_at_once(call, error):
    temper = Hostile(call, "raises", ERRORS[error])
    outcome, took_s = suffer(temper)
    assert temper.reached
    assert took_s < 0.1
    if call in {"stop scanning", "disconnect"}:
        assert outcome.reason is LossReason.ASKED, "what is given up anyway hurts nobody"
    else:
        assert isinstance(outcome, RigError), repr(outcome)
        assert isinstance(outcome, CarFault | HostFault), repr(outcome)


DYING = ("dies and hangs", "dies and raises", "dies and returns", "dies twice and returns")


@pytest.mark.parametrize(
    ("call", "how"),
    [(call, how) for call in ("subscribe", "write", "write with response") for how in DYING],
)
def test_a_link_that_dies_under_a_call_is_known_at_once(call, how):
    temper = Hostile(call, how, AssertionError)
    outcome, took_s = suffer(temper)
    assert temper.reached
    assert took_s < 0.1
    if call == "write with response" and how.endswith("returns"):
        assert outcome.reason is LossReason.LOST, "it was answered, and then the link died"
    else:
        assert type(outcome) is LinkLost, repr(outcome)


@pytest.mark.parametrize(
    ("call", "how", "expected"),
    [
        ("make the link", "dies and hangs", ConnectTimedOut),  # bleak may be making it again by itself
        ("discover", "dies and hangs", ConnectTimedOut),
        ("make the link", "dies and raises", HostTrouble),
        ("discover", "dies and raises", HostTrouble),
        ("discover", "dies and returns", LinkLost),
    ],
)
def test_while_bleak_connects_its_connect_tells_how_it_went(call, how, expected):
    temper = Hostile(call, how, AssertionError)
    outcome, _ = suffer(temper)
    assert temper.reached
    assert type(outcome) is expected, repr(outcome)


@pytest.mark.parametrize("how", DYING)
def test_a_link_that_dies_while_it_is_ended_was_ended_by_us(how):
    outcome, took_s = suffer(Hostile("disconnect", how, AssertionError))
    assert outcome.reason is LossReason.ASKED
    assert took_s <= BOUNDS["disconnect"]


def test_an_attempt_that_bleak_makes_again_by_itself_is_no_loss():
    outcome, _ = suffer(Hostile("make the link", "dies and returns"))
    assert outcome.reason is LossReason.ASKED


@pytest.mark.parametrize("call", CALLS)
def test_a_caller_cancelled_in_a_hanging_call_gets_its_cancellation_and_leaves_nothing(call):
    async def cancelled_after_a_second(radio):
        task = asyncio.ensure_future(use_everything(radio))
        await asyncio.sleep(1.0)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task
        raise asyncio.CancelledError

    temper = Hostile(call, "hangs")
    outcome, took_s = suffer(temper, cancelled_after_a_second)
    assert isinstance(outcome, asyncio.CancelledError)
    assert took_s <= 1.0 + max(BOUNDS[call], UNWIND_LIMIT_S)


@pytest.mark.parametrize("call", ["make the link", "discover", "subscribe", "disconnect"])
def test_a_radio_closes_in_time_over_a_hanging_call(call):
    async def close_after_a_second(radio):
        task = asyncio.ensure_future(use_everything(radio))
        await asyncio.sleep(1.0)
        began_s = asyncio.get_running_loop().time()
        await radio.close()
        assert asyncio.get_running_loop().time() - began_s <= UNWIND_LIMIT_S + SWITCH_LIMIT_S
        return await task

    outcome, _ = suffer(Hostile(call, "hangs"), close_after_a_second)
    assert isinstance(outcome, RadioClosed) or outcome.reason is LossReason.ASKED


def test_those_who_wait_behind_hanging_connects_wait_no_longer_than_these_may_take():
    async def four_at_once(radio):
        car = await radio.find(IDENTIFIER)
        cars = [replace(car, identifier=number) for number in range(4)]
        results = await asyncio.gather(
            *(radio.connect(each, timeout_s=CONNECT_S) for each in cars), return_exceptions=True
        )
        assert [type(result) for result in results] == [ConnectTimedOut] * 4
        raise results[0]

    _, took_s = suffer(Hostile("make the link", "hangs"), four_at_once)
    assert took_s <= 4 * (CONNECT_S + UNWIND_LIMIT_S)


def test_a_task_that_survived_a_cancellation_is_told_of_timeouts_like_any_other():
    async def survive_and_connect(radio):
        car = await radio.find(IDENTIFIER)

        async def survivor():
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return await radio.connect(car, timeout_s=CONNECT_S)

        task = asyncio.ensure_future(survivor())
        await asyncio.sleep(1)
        task.cancel()
        return await task

    outcome, _ = suffer(Hostile("make the link", "hangs"), survive_and_connect)
    assert type(outcome) is ConnectTimedOut


def test_a_scanner_that_dies_without_a_word_is_begun_anew_and_its_readers_hear_of_failure():
    temper = Hostile("start scanning", "works", ERRORS["adapter off"])

    async def read(radio):
        loop = asyncio.get_running_loop()
        async with radio.scan() as scan:
            await anext(scan)
            first_s = loop.time()
            await anext(scan)  # the fake tells of a car at each start only: the scan was begun anew
            assert loop.time() - first_s == pytest.approx(QUIET_LIMIT_S)
            temper.how = "raises"
            with pytest.raises(AdapterOff):
                await anext(scan)
            with pytest.raises(AdapterOff):
                await anext(scan)
            temper.how = "works"
            await anext(scan)
            return loop.time() - first_s

    took_s, _ = suffer(temper, read)
    assert took_s == pytest.approx(2 * QUIET_LIMIT_S + 2 * RETRY_S)


def test_leaving_a_scan_while_it_is_begun_anew_leaves_nothing():
    temper = Hostile("start scanning", "works")

    async def read(radio):
        async with radio.scan() as scan:
            await anext(scan)
            temper.how = "hangs"
            await asyncio.sleep(QUIET_LIMIT_S + 1.0)
            assert temper.reached
        raise asyncio.CancelledError

    _, took_s = suffer(temper, read)
    assert took_s <= QUIET_LIMIT_S + SWITCH_LIMIT_S
