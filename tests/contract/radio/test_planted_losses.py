"""Each fault planted in our bleak backend is caught by the tests of losses: what they say is worth something."""

import contextlib

import pytest
from bleak.exc import BleakError

from rig.radio.backend import HostStackClient
from rig.sim.ambush import Moment
from tests.contract.radio import test_losses as suite
from tests.contract.radio.abilities import Ability, needs

pytestmark = needs(Ability.WRAP_BACKEND, Ability.KNOWS_WORLD, Ability.CAR_SIDE)


class NeverTellsOfALoss(HostStackClient):
    def _forget_link(self, *, tell):
        super()._forget_link(tell=False)


class TellsOfALossTwice(HostStackClient):
    def _forget_link(self, *, tell):
        super()._forget_link(tell=tell)
        if tell:
            self._disconnected_callback()


class LeavesTheLink(HostStackClient):
    async def _try_connect(self):
        link = None

        async def keep():
            return None

        connect = self._host.stack.connect

        async def kept(address, on_lost):
            nonlocal link
            link = await connect(address, on_lost)
            link.disconnect = keep
            return link

        self._host.stack.connect = kept
        try:
            return await super()._try_connect()
        finally:
            self._host.stack.connect = connect


class SwallowsErrors(HostStackClient):
    async def write_gatt_char(self, characteristic, data, response):
        with contextlib.suppress(BleakError):
            await super().write_gatt_char(characteristic, data, response)


class SaysConnectedWhenDiscoveryFailed(HostStackClient):
    async def _try_connect(self):
        try:
            return await super()._try_connect()
        except BleakError:
            return True


class HangsInDiscovery(HostStackClient):
    """Does not notice that the link it discovers over has gone."""

    async def _try_connect(self):
        try:
            return await super()._try_connect()
        except BleakError:
            return False


CAUGHT_BY = [
    (NeverTellsOfALoss, suite.test_an_idle_link_that_goes_is_lost_once_and_comes_back, ("terminated",)),
    (TellsOfALossTwice, suite.test_an_idle_link_that_goes_is_lost_once_and_comes_back, ("silent_end",)),
    (LeavesTheLink, suite.test_a_car_that_answers_nothing_leaves_no_link, (Moment.DISCOVERY,)),
    (
        SaysConnectedWhenDiscoveryFailed,
        suite.test_a_link_that_goes_in_discovery_fails_to_be_established,
        ("terminated", 4),
    ),
    (HangsInDiscovery, suite.test_a_link_that_goes_in_discovery_fails_to_be_established, ("out_of_range", 4)),
]


@pytest.mark.parametrize(
    ("backend", "test", "arguments"), CAUGHT_BY, ids=[row[0].__name__ for row in CAUGHT_BY]
)
def test_a_planted_fault_is_caught(bench, backend, test, arguments):
    def on_stand(scenario, **setup):
        return bench.run(scenario, client_backend=backend, **setup)

    test(bench.run, *arguments)
    with pytest.raises((AssertionError, TimeoutError, pytest.fail.Exception)):
        test(on_stand, *arguments)


def test_a_write_whose_error_is_swallowed_does_not_fool_the_radio(bench):
    def on_stand(scenario, **setup):
        return bench.run(scenario, client_backend=SwallowsErrors, **setup)

    suite.test_a_link_that_goes_under_a_write_with_response_fails_the_write(on_stand, "silent_end")
