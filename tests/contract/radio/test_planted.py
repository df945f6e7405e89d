"""The suite catches what it is for: a backend with a fault planted in it fails the test that is named beside it."""

import asyncio
import inspect

import pytest

from rig.radio.backend import HostStackClient, HostStackScanner
from tests.contract.radio import test_adverts as adverts
from tests.contract.radio import test_cancel as cancel
from tests.contract.radio import test_connect as connect
from tests.contract.radio import test_notifications as notifications
from tests.contract.radio import test_writes as writes
from tests.contract.radio.abilities import Ability, cars_promised, needs
from tests.contract.radio.sim_bench import SimBench

pytestmark = needs(Ability.WRAP_BACKEND)
EVERY = 40


class WrongNotifications(HostStackClient):
    """Hands each frame to `pass_on`, which does something wrong with one in `EVERY`."""

    count = 0

    async def start_notify(self, characteristic, callback, **kwargs):
        def counted(data):
            self.count += 1
            if self.count % EVERY:
                callback(data)
            else:
                self.pass_on(data, callback)

        await super().start_notify(characteristic, counted, **kwargs)


class OutOfOrder(WrongNotifications):
    def pass_on(self, data, callback):
        asyncio.get_running_loop().call_later(0.05, callback, data)


class Dropped(WrongNotifications):
    def pass_on(self, data, callback):
        """Never told."""


class Doubled(WrongNotifications):
    def pass_on(self, data, callback):
        callback(data)
        callback(data)


class Cut(WrongNotifications):
    def pass_on(self, data, callback):
        callback(data[:-14])


class TheSameBuffer(WrongNotifications):
    """Tells a frame with what the one before held."""

    earlier = b"\x01\x00"

    def pass_on(self, data, callback):
        callback(bytearray(self.earlier))
        type(self).earlier = bytes(data)


class FirstFrameMissed(HostStackClient):
    async def start_notify(self, characteristic, callback, **kwargs):
        heard = []

        def all_but_the_first(data):
            heard.append(data)
            if len(heard) > 1:
                callback(data)

        await super().start_notify(characteristic, all_but_the_first, **kwargs)


class SubscribesTwice(HostStackClient):
    async def start_notify(self, characteristic, callback, **kwargs):
        await super().start_notify(characteristic, callback, **kwargs)
        await super().stop_notify(characteristic)
        await super().start_notify(characteristic, callback, **kwargs)


class EarlierSubscriberStays(HostStackClient):
    """What stock bleak leaves behind after a lost link: BlueZ tells a frame once for each that ever subscribed."""

    subscribers = 0

    async def start_notify(self, characteristic, callback, **kwargs):
        EarlierSubscriberStays.subscribers += 1
        times = EarlierSubscriberStays.subscribers

        def told(data):
            for _ in range(times):
                callback(data)

        await super().start_notify(characteristic, told, **kwargs)


class WritesReordered(HostStackClient):
    """A write without response waits for the one after it."""

    held = None

    async def write_gatt_char(self, characteristic, data, response):
        if not response and self.held is None and len(data) == 5:
            self.held = bytes(data)
            return
        await super().write_gatt_char(characteristic, data, response)
        held, self.held = self.held, None
        if held is not None:
            await super().write_gatt_char(characteristic, held, False)


class WriteLost(HostStackClient):
    count = 0

    async def write_gatt_char(self, characteristic, data, response):
        self.count += 1
        if response or self.count % EVERY:
            await super().write_gatt_char(characteristic, data, response)


class WriteTwice(HostStackClient):
    async def write_gatt_char(self, characteristic, data, response):
        await super().write_gatt_char(characteristic, data, response)
        await super().write_gatt_char(characteristic, data, response)


class ResponseNotAwaited(HostStackClient):
    async def write_gatt_char(self, characteristic, data, response):
        await super().write_gatt_char(characteristic, data, False)


class LongWriteCut(HostStackClient):
    async def write_gatt_char(self, characteristic, data, response):
        await super().write_gatt_char(characteristic, bytes(data)[:20], response)


class DoesNotDisconnect(HostStackClient):
    async def disconnect(self):
        link, self._link = self._link, None
        self._disconnected_callback()
        type(self).kept = link


class CannotBeCancelled(HostStackClient):
    """A connect goes on behind the back of the one who took it back."""

    async def connect(self, pair, **kwargs):
        await asyncio.shield(super().connect(pair, **kwargs))

    async def disconnect(self):
        """Looks only at its own link, which is not there yet."""


class HalvesApart(HostStackScanner):
    """Tells an advert before its scan response has come."""

    def _on_report(self, report):
        self._tell((report,))


class DeafAfterAPause(HostStackScanner):
    """Hears nothing when it is started a second time on one adapter."""

    async def start(self):
        await super().start()
        if getattr(self._host, "was_started", False):
            await self.stop()
        self._host.was_started = True


PLANTED = [
    (OutOfOrder, notifications.test_a_stream_arrives_whole_and_in_order),
    (OutOfOrder, notifications.test_ten_thousand_notifications_arrive_whole_and_in_order),
    (Dropped, notifications.test_a_stream_arrives_whole_and_in_order),
    (Dropped, notifications.test_four_streams_at_once_arrive_whole_and_in_order),
    (Doubled, notifications.test_a_stream_arrives_whole_and_in_order),
    (Cut, notifications.test_a_stream_arrives_whole_and_in_order),
    (TheSameBuffer, notifications.test_a_stream_arrives_whole_and_in_order),
    (FirstFrameMissed, notifications.test_the_first_frame_after_the_subscription_is_not_missed),
    (SubscribesTwice, connect.test_connecting_subscribes_once_and_disconnecting_frees_the_car),
    (EarlierSubscriberStays, notifications.test_nothing_arrives_twice_after_a_reconnect),
    (EarlierSubscriberStays, notifications.test_nothing_arrives_twice_after_a_lost_link),
    (WritesReordered, writes.test_writes_without_response_arrive_whole_and_in_order),
    (WritesReordered, writes.test_mixed_writes_keep_their_order),
    (WriteLost, writes.test_writes_without_response_arrive_whole_and_in_order),
    (WriteTwice, writes.test_a_write_with_response_is_there_when_it_returns),
    (WriteTwice, writes.test_writes_without_response_arrive_whole_and_in_order),
    (ResponseNotAwaited, writes.test_a_write_with_response_is_there_when_it_returns),
    (LongWriteCut, writes.test_twenty_one_bytes_never_reach_the_car_and_the_link_lives),
    (DoesNotDisconnect, connect.test_connecting_subscribes_once_and_disconnecting_frees_the_car),
    (CannotBeCancelled, cancel.test_a_connect_cancelled_at_some_moment_leaves_the_car_free),
    (HalvesApart, adverts.test_a_new_scan_tells_the_state_of_now_not_of_the_scan_before),
    (DeafAfterAPause, connect.test_a_scan_pauses_for_a_connect_and_goes_on),
]


ARGUMENTS = {"response": True, "delay_s": 0.15}
"""What parametrised tests are given here."""


def run_contract(test, backend=None):
    """The test as the suite runs it, on a backend with a fault planted in it."""
    promised = frozenset(
        ability for mark in getattr(test, "pytestmark", ()) if mark.name == "needs" for ability in mark.args
    )
    kind = "scanner_backend" if backend and issubclass(backend, HostStackScanner) else "client_backend"

    def on_stand(scenario, **setup):
        return SimBench().run(scenario, **{"cars": cars_promised(promised), kind: backend} | setup)

    wanted = inspect.signature(test).parameters
    test(on_stand, **{name: value for name, value in ARGUMENTS.items() if name in wanted})


@pytest.fixture(autouse=True)
def _no_plant_remembers():
    yield
    EarlierSubscriberStays.subscribers = 0
    TheSameBuffer.earlier = b"\x01\x00"


@pytest.mark.parametrize(
    ("backend", "test"), PLANTED, ids=[f"{backend.__name__}-{test.__name__}" for backend, test in PLANTED]
)
def test_a_planted_fault_is_caught(backend, test):
    with pytest.raises((AssertionError, TimeoutError)):
        run_contract(test, backend)


@pytest.mark.parametrize("test", dict.fromkeys(test for _, test in PLANTED), ids=lambda test: test.__name__)
def test_without_a_plant_the_same_test_passes(test):
    run_contract(test)
