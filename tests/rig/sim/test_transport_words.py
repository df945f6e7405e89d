"""What a user reads when a transport cannot be opened: the words that were given, and the next step."""

import asyncio

import pytest

from rig.compose import open_radio
from rig.errors import BenchError, InputError
from rig.sim.transport import open_hci


async def enter(context):
    async with context:
        pass


def test_a_dongle_is_named_by_its_moniker_and_sent_to_the_doctor(tmp_path):
    moniker = f"hci:serial:{tmp_path}/none"
    with pytest.raises(BenchError) as caught:
        asyncio.run(enter(open_radio(moniker)))
    assert f"cannot open HCI transport '{moniker}'" in str(caught.value)
    assert f"run 'pitboard doctor --radio {moniker}'" in str(caught.value)


def test_a_transport_that_is_no_radio_is_named_as_it_was_given(tmp_path):
    with pytest.raises(BenchError) as caught:
        asyncio.run(enter(open_hci(f"serial:{tmp_path}/none")))
    assert f"cannot open HCI transport 'serial:{tmp_path}/none'" in str(caught.value)
    assert "doctor" not in str(caught.value)


def test_a_transport_of_no_kind_is_named_by_its_moniker():
    with pytest.raises(InputError, match="'hci:carrier-pigeon' is no HCI transport"):
        asyncio.run(enter(open_radio("hci:carrier-pigeon")))
