"""Every answer of the table, given to stock bleak by the fake, becomes the right error of ours."""

import asyncio

import pytest

from protocol import PingRequest
from rig.errors import BenchError, RigError
from rig.radio.translate import is_transient
from tests.bluez.error_table import DISCONNECT, FIRST_CALL, SCAN, TABLE, Row
from tests.bluez.script import Refuse
from tests.bluez.stand import run_stand

PROMPT_S = 2.0
"""No refusal may take longer to reach the caller: nothing is retried in silence."""


@pytest.fixture(scope="module")
def outcomes(session_bus):
    """What each row led to: the exception or None, and how long that took."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", session_bus.address)
        return run_stand(provoke_all)


async def provoke_all(stand):
    found = {}
    car = None
    for row in (*FIRST_CALL, *SCAN):
        await provoke(stand, row, stand.find, found)
    car = await stand.find()

    async def connect():
        return await stand.radio.connect(car, timeout_s=5)

    async def connect_and_leave():
        await (await connect()).disconnect()

    for row in TABLE:
        if row.call in ("Connect", "StartNotify"):
            await provoke(stand, row, connect, found)
    for row in DISCONNECT:
        await provoke(stand, row, connect_and_leave, found)
    link = await connect()
    for row in TABLE:
        if row.call == "WriteValue":
            await provoke(stand, row, lambda: link.write(PingRequest()), found)
    await link.disconnect()
    return found


async def provoke(stand, row: Row, ask, found):
    began_s = asyncio.get_running_loop().time()
    stand.script.on(row.call, Refuse(row.name, row.words))
    asked = stand.script.count(row.call)
    try:
        await ask()
        error = None
    except Exception as raised:  # noqa: BLE001 - the table says which it must be
        error = raised
    assert stand.script.count(row.call) > asked, f"{row}: bleak never called {row.call}"
    stand.script.clear()
    if row.call == "StopDiscovery":  # else the session stands, and BlueZ refuses the next one
        await stand.bluez.adapter.end_discovery()
    found[row] = error, asyncio.get_running_loop().time() - began_s


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_an_answer_becomes_our_error_at_once(outcomes, row):
    error, took_s = outcomes[row]
    if row.kind is None:
        assert error is None
        return
    assert type(error) is row.kind, f"{error!r} from {error.__cause__!r}"
    assert isinstance(error, RigError)
    assert took_s < PROMPT_S
    sentence = str(error)
    assert sentence.startswith("ble: " if isinstance(error, BenchError) else "Skull 0880eadb: ")
    assert "\n" not in sentence


def test_the_table_has_no_row_twice():
    assert len(set(TABLE)) == len(TABLE)
    keys = [(row.call, row.name, row.words) for row in TABLE]
    assert len(set(keys)) == len(keys)


TRANSIENT = {
    "StackBusy", "CarNotFound", "ConnectTimedOut", "EstablishmentFailed", "LinkLost", "NoFreshData", "NoAnswer",
}  # fmt: skip


def test_transient_is_what_may_pass_by_itself(outcomes):
    for row, (error, _) in outcomes.items():
        if error is not None:
            assert is_transient(error) is (type(error).__name__ in TRANSIENT), row
