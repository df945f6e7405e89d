"""The doctor meets a bluetoothd: what it sees of adapters, cars, refusals and silence."""

import asyncio
from pathlib import Path

import pytest

from rig.doctor import probe_stack
from rig.doctor.facts import Unknown
from tests.bluez.daemon import private_bus
from tests.bluez.script import Refuse, Silence
from tests.bluez.stand import run_stand

ROOT = Path("/")


def test_an_idle_adapter(on_fake):
    async def scenario(_stand):
        return await probe_stack.stack_facts(ROOT)

    facts, served = on_fake(scenario)
    assert (facts.bus_reachable, facts.answered, facts.daemon_running, facts.refused) == (
        True,
        True,
        True,
        "",
    )
    (side,) = served.values()
    assert (side.powered, side.discovering, side.connected) == (True, False, ())
    assert "central" in side.roles
    assert set(served) == {side.name}


def test_a_scan_and_a_car_that_is_held(on_fake):
    async def scenario(stand):
        link = await stand.radio.connect(await stand.find())
        async with stand.radio.scan():
            _, served = await probe_stack.stack_facts(ROOT)
        await link.disconnect()
        return served

    served = on_fake(scenario)
    (side,) = served.values()
    assert side.discovering
    (peer,) = side.connected
    assert peer.is_car
    assert "Drive" in peer.name
    assert peer.name.isprintable()


def test_an_adapter_that_is_off(on_fake):
    async def scenario(stand):
        await stand.bluez.adapter.switch(on=False)
        return await probe_stack.stack_facts(ROOT)

    _, served = on_fake(scenario)
    assert [side.powered for side in served.values()] == [False]


def test_no_bluetoothd(on_fake):
    async def scenario(stand):
        await stand.bluez.stop()
        return await probe_stack.stack_facts(ROOT)

    facts, served = on_fake(scenario)
    assert facts.bus_reachable is True
    assert isinstance(facts.answered, Unknown)
    assert served == {}


def test_a_bluetoothd_that_does_not_answer(on_fake, monkeypatch):
    monkeypatch.setattr(probe_stack, "STACK_ANSWER_S", 0.2)

    async def scenario(stand):
        stand.script.on("GetManagedObjects", Silence())
        return await probe_stack.stack_facts(ROOT)

    facts, _ = on_fake(scenario)
    assert facts.answered == Unknown("no answer in 0.2 s")


@pytest.mark.parametrize(
    ("name", "refused"),
    [("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message"), ("org.bluez.Error.Failed", "")],
)
def test_a_refusal(on_fake, name, refused):
    async def scenario(stand):
        stand.script.on("GetManagedObjects", Refuse(name, "Rejected send message, 2 matched rules; type=x"))
        return await probe_stack.stack_facts(ROOT)

    facts, served = on_fake(scenario)
    assert facts.refused == refused
    assert isinstance(facts.answered, Unknown)
    assert served == {}


def test_the_bus_itself_denies(monkeypatch):
    interface = "org.freedesktop.DBus.ObjectManager"
    deny = f'<deny send_interface="{interface}" send_member="GetManagedObjects"/>'
    with private_bus(policy=deny) as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)

        async def scenario(_stand):
            return await probe_stack.stack_facts(ROOT)

        facts, _ = run_stand(scenario)
    assert facts.refused == "Rejected send message"


def test_a_bus_without_anybody(session_bus, monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", session_bus.address)
    facts, served = asyncio.run(probe_stack.stack_facts(ROOT))
    assert isinstance(facts.answered, Unknown)
    assert served == {}
