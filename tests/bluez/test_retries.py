"""How often things are tried again: by bleak without a word, by the ladder with a journal, and by nobody."""

import asyncio
import itertools

import pytest

from protocol import PingRequest
from rig.driving.reach_car import connect_with_recovery
from rig.radio import errors, link
from rig.radio.recovery.executor import Patient
from rig.radio.recovery.policy import RecoveryPolicy
from tests.bluez.error_table import BZ, FD
from tests.bluez.script import Flash, Lose, Refuse

ABORTED = "le-connection-abort-by-local"
PING_LIMIT_S = 0.5
QUICK = RecoveryPolicy(first_pause_s=0.01, longest_pause_s=0.05, jitter=0)
MOST_TRIES = 1 + QUICK.retries + QUICK.back_offs
"""The first try and one after each rung that needs no remedy."""


# What bleak 3.1 repeats by itself, and how long a pause it makes.


def test_bleak_repeats_an_aborted_connect_as_soon_as_the_link_is_down(on_fake):
    async def scenario(stand):
        car = await stand.find()
        stand.script.on("Connect", Flash(ABORTED), times=3)
        ours = await stand.radio.connect(car, timeout_s=10)
        await ours.disconnect()
        return [call.at_s for call in stand.script.calls if call.member == "Connect"]

    asked_s = on_fake(scenario)
    assert len(asked_s) == 4
    pauses_s = [after - before for before, after in itertools.pairwise(asked_s)]
    assert max(pauses_s) < 0.25, "no pause of its own: only a new D-Bus connection"


def test_bleak_repeats_it_until_the_time_is_up_and_no_longer(on_fake):
    async def scenario(stand):
        car = await stand.find()
        stand.script.on("Connect", Flash(ABORTED), times=None)
        with pytest.raises(errors.ConnectTimedOut) as caught:
            await stand.radio.connect(car, timeout_s=0.5)
        tried = stand.script.count("Connect")
        await asyncio.sleep(0.3)
        return caught.value.phase, tried, stand.script.count("Connect")

    phase, tried, later = on_fake(scenario)
    assert phase == "link"
    assert tried > 3
    assert later == tried


def test_bleak_repeats_a_write_that_found_the_attribute_busy(on_fake):
    async def scenario(stand):
        ours = await stand.radio.connect(await stand.find())
        stand.script.on("WriteValue", Refuse(f"{BZ}.InProgress", "In Progress"), times=3)
        before = stand.script.count("WriteValue")
        await ours.write(PingRequest(), response=True)
        await ours.disconnect()
        return stand.script.count("WriteValue") - before

    assert on_fake(scenario) == 4


def test_a_write_that_stays_busy_ends_at_our_limit(on_fake, monkeypatch):
    monkeypatch.setattr(link, "QUEUE_LIMIT_S", PING_LIMIT_S)

    async def scenario(stand):
        ours = await stand.radio.connect(await stand.find())
        stand.script.on("WriteValue", Refuse(f"{BZ}.InProgress", "In Progress"), times=None)
        with pytest.raises(errors.NoAnswer):
            await ours.write(PingRequest())
        asked = stand.script.count("WriteValue")
        await asyncio.sleep(0.1)
        assert stand.script.count("WriteValue") <= asked + 1, "one may have been on its way"
        stand.script.clear()
        await ours.write(PingRequest())
        await ours.disconnect()
        return asked

    assert 5 < on_fake(scenario) <= PING_LIMIT_S / 0.01 + 2, "every 10 ms"


def test_bleak_clears_a_scan_whose_end_was_refused(on_fake):
    async def scenario(stand):
        stand.script.on("StopDiscovery", Refuse(f"{BZ}.InProgress", "Operation already in progress"))
        await stand.find()
        return [call.member for call in stand.script.calls if call.member.endswith("Discovery")]

    assert on_fake(scenario) == ["StartDiscovery", "StopDiscovery", "StartDiscovery"]


# What the ladder repeats, and what it does not.

ONCE_MORE = [
    Refuse(f"{BZ}.Failed", "br-connection-canceled"),
    Refuse(f"{BZ}.Failed", "le-connection-abort-by-remote"),
    Refuse(f"{BZ}.Failed", "le-connection-unknown"),
    Refuse(f"{BZ}.Failed", "Software caused connection abort"),
    Refuse(f"{BZ}.InProgress", "Operation already in progress"),
    Refuse(f"{BZ}.Failed", "le-connection-timeout"),
    Refuse(f"{FD}.UnknownObject", 'Method "Connect" with signature "" on interface "org.bluez.Device1"'),
]
"""Each class of fault of a connect that may pass by itself."""


def climb(stand, **options):
    return connect_with_recovery(stand.radio, "0880eadb", QUICK, connect_s=3.0, **options)


@pytest.mark.parametrize("fault", ONCE_MORE, ids=lambda fault: (fault.words or "")[:30])
def test_a_fault_that_passes_is_tried_again_until_it_has(on_fake, fault):
    async def scenario(stand):
        stand.script.on("Connect", fault, times=2)
        ours = await climb(stand, patient=Patient(worked=True))
        await ours.disconnect()
        return stand.script.count("Connect")

    assert on_fake(scenario) == 3


@pytest.mark.parametrize("fault", ONCE_MORE, ids=lambda fault: (fault.words or "")[:30])
def test_a_fault_that_stays_is_given_up_after_a_bounded_number_of_tries(on_fake, fault):
    async def scenario(stand):
        stand.script.on("Connect", fault, times=None)
        with pytest.raises((errors.CarFault, errors.HostFault)):
            await climb(stand, patient=Patient(worked=True))
        assert not stand.radio.links
        return stand.script.count("Connect")

    assert 2 <= on_fake(scenario) <= MOST_TRIES


@pytest.mark.parametrize(
    ("call", "fault", "kind"),
    [
        ("StartDiscovery", Refuse(f"{FD}.AccessDenied", "Rejected send message"), errors.NotPermitted),
        ("StartDiscovery", Refuse(f"{BZ}.NotReady", "Resource Not Ready"), errors.AdapterOff),
        (
            "StartDiscovery",
            Refuse(f"{FD}.ServiceUnknown", "The name is not activatable"),
            errors.StackMissing,
        ),
        ("Connect", Refuse(f"{BZ}.NotAuthorized", "Operation Not Authorized"), errors.NotPermitted),
    ],
    ids=lambda value: getattr(value, "words", None) or getattr(value, "__name__", value),
)
def test_a_fault_that_only_a_person_can_end_is_not_tried_again(on_fake, call, fault, kind):
    async def scenario(stand):
        stand.script.on(call, fault, times=None)
        with pytest.raises(kind):
            await climb(stand)
        return stand.script.count(call)

    assert on_fake(scenario) == 1


def test_a_link_lost_while_it_comes_up_is_tried_again(on_fake):
    async def scenario(stand):
        stand.script.on("StartNotify", Lose())
        ours = await climb(stand)
        await ours.disconnect()
        return stand.script.count("StartNotify")

    assert on_fake(scenario) == 2


@pytest.mark.parametrize("attempts", [1, 5])
def test_radio_itself_tries_once(on_fake, attempts):
    async def scenario(stand):
        car = await stand.find()
        stand.script.on("Connect", Refuse(f"{BZ}.Failed", "br-connection-canceled"), times=None)
        for _ in range(attempts):
            with pytest.raises(errors.EstablishmentFailed):
                await stand.radio.connect(car)
        return stand.script.count("Connect")

    assert on_fake(scenario) == attempts


def test_a_link_that_bluez_would_not_end_is_taken_over_by_the_next_connect(on_fake):
    async def scenario(stand):
        first = await stand.radio.connect(await stand.find())
        stand.script.on("Disconnect", Refuse(f"{BZ}.InProgress", "Operation already in progress"))
        await first.disconnect()
        second = await stand.radio.connect(first.sighting, timeout_s=5)
        await second.write(PingRequest(), response=True)
        await second.disconnect()
        return stand.script.count("Connect")

    assert on_fake(scenario) == 1
