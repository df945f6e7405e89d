"""What bleak itself says or does when the stack, D-Bus or the car fail it, and the error of ours it becomes."""

import asyncio
import contextlib

import pytest
from bleak.backends.bluezdbus.version import BlueZFeatures
from dbus_fast import Variant

from protocol import PingRequest
from rig.radio import errors
from rig.radio.radio import Radio
from rig.radio.translate import is_transient
from tests.bluez.adapter import ADAPTER
from tests.bluez.bluetoothd import ADAPTER_PATH, FakeBluetoothd
from tests.bluez.daemon import private_bus
from tests.bluez.script import Crash, Flash, Lose, Silence
from tests.bluez.stock_bleak import fresh_manager


async def failure_of(work):
    """The error of a coroutine that must fail."""
    with pytest.raises(Exception) as caught:
        await work
    return caught.value


# The adapter.


def test_a_machine_without_an_adapter(on_fake):
    async def scenario(stand):
        await stand.bluez.unplug()
        return await failure_of(stand.find())

    error = on_fake(scenario)
    assert type(error) is errors.AdapterMissing
    assert "No Bluetooth adapters found" in error.detail


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("Roles", Variant("as", ["peripheral"]), errors.AdapterMissing),
        ("Powered", Variant("b", False), errors.AdapterOff),
        ("Roles", None, errors.HostTrouble),
    ],
    ids=["no central role", "off", "roles not told"],
)
def test_an_adapter_that_will_not_do(on_fake, name, value, kind):
    async def scenario(stand):
        adapter = stand.bluez._tree.objects[ADAPTER_PATH][ADAPTER].properties
        if value is None:
            del adapter[name]
        else:
            adapter[name] = value
        return await failure_of(stand.find())

    error = on_fake(scenario)
    assert type(error) is kind
    assert not is_transient(error)


def test_a_named_adapter_that_is_not_there(on_fake):
    async def scenario(stand):
        return await failure_of(stand.find())

    error = on_fake(scenario, bluez={"adapter": "hci9"})
    assert type(error) is errors.AdapterMissing
    assert "adapter 'hci9' not found" in error.detail


def test_a_bluez_too_old(on_fake, monkeypatch):
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", True)
    monkeypatch.setattr(BlueZFeatures, "supported_version", False)

    async def scenario(stand):
        return await failure_of(stand.radio.connect(await stand.find()))

    assert type(on_fake(scenario)) is errors.StackMissing


# The car and its link.


def test_a_car_that_bluez_forgot_between_scan_and_connect(on_fake):
    async def scenario(stand):
        car = await stand.find()
        stand.bluez.adapter.forget(stand.bluez.adapter.device_of(car.handle.details["path"]))
        return await failure_of(stand.radio.connect(car)), await stand.find()

    error, again = on_fake(scenario)
    assert type(error) is errors.CarNotFound
    assert "device 'dev_" in error.detail
    assert again.firmware == 0x2774


def test_a_link_lost_in_discovery(on_fake):
    async def scenario(stand):
        car = await stand.find()
        stand.script.mute.add("ServicesResolved")
        connecting = asyncio.ensure_future(stand.radio.connect(car, timeout_s=10))
        device = stand.bluez.adapter.device_of(car.handle.details["path"])
        while not device.is_connected:
            await asyncio.sleep(0.01)
        await device.drop()
        return await failure_of(connecting)

    error = on_fake(scenario)
    assert type(error) is errors.EstablishmentFailed
    assert "failed to discover services, device disconnected" in error.detail


def test_a_car_removed_in_discovery(on_fake):
    async def scenario(stand):
        car = await stand.find()
        stand.script.mute |= {"ServicesResolved", "Connected"}
        connecting = asyncio.ensure_future(stand.radio.connect(car, timeout_s=10))
        device = stand.bluez.adapter.device_of(car.handle.details["path"])
        while not device.is_connected:
            await asyncio.sleep(0.01)
        stand.bluez.adapter.forget(device)
        error = await failure_of(connecting)
        await device.drop()
        return error

    assert type(on_fake(scenario)) in {errors.EstablishmentFailed, errors.CarNotFound}


def test_services_that_never_resolve(on_fake):
    async def scenario(stand):
        car = await stand.find()
        stand.script.mute.add("ServicesResolved")
        return await failure_of(stand.radio.connect(car, timeout_s=1.0)), stand.script.count("Disconnect")

    error, disconnects = on_fake(scenario)
    assert type(error) is errors.ConnectTimedOut
    assert error.phase == "services"
    assert disconnects == 1


def test_a_connect_that_is_never_answered_is_taken_back(on_fake):
    async def scenario(stand):
        car = await stand.find()
        stand.script.on("Connect", Silence())
        error = await failure_of(stand.radio.connect(car, timeout_s=0.5))
        return error, stand.script.count("Disconnect")

    error, disconnects = on_fake(scenario)
    assert type(error) is errors.ConnectTimedOut
    assert error.phase == "link"
    assert disconnects == 1


@pytest.mark.parametrize("call", ["StartNotify", "WriteValue"])
def test_a_link_lost_while_subscribing_or_writing(on_fake, call):
    async def scenario(stand):
        car = await stand.find()
        stand.script.on(call, Lose())
        if call == "StartNotify":
            return await failure_of(stand.radio.connect(car, timeout_s=5))
        link = await stand.radio.connect(car)
        error = await failure_of(link.write(PingRequest(), response=True))
        loss = await asyncio.wait_for(link.lost.wait(), 2)
        assert str(loss).startswith("link lost")
        await link.disconnect()
        return error

    assert type(on_fake(scenario)) is errors.LinkLost or call == "StartNotify"


def test_a_link_used_after_its_end(on_fake):
    async def scenario(stand):
        link = await stand.radio.connect(await stand.find())
        device = stand.bluez.adapter.device_of(link.sighting.handle.details["path"])
        client = link._client
        await device.drop()
        await link.lost.wait()
        below = await failure_of(client.write_gatt_char("be15bee1-6186-407e-8381-0bd89c4d8df4", b"x"))
        error = await failure_of(link.write(PingRequest()))
        await link.disconnect()  # bleak keeps a D-Bus connection per link until then
        return error, below

    error, below = on_fake(scenario)
    assert type(error) is errors.LinkLost
    assert "Service Discovery has not been performed yet" in str(below) or "Not connected" in str(below)


# bluetoothd.


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("StartDiscovery", errors.StackMissing),
        ("Connect", errors.StackMissing),
        ("StartNotify", errors.StackMissing),
        ("WriteValue", errors.StackMissing),
    ],
)
def test_bluetoothd_dies_while_it_is_asked_and_all_works_after_its_restart(on_fake, call, kind):
    async def scenario(stand):
        async def session():
            link = await stand.radio.connect(await stand.find(), timeout_s=5)
            try:
                await link.write(PingRequest(), response=True)
            finally:
                await link.disconnect()

        stand.script.on(call, Crash())
        began_s = asyncio.get_running_loop().time()
        error = await failure_of(session())
        took_s = asyncio.get_running_loop().time() - began_s
        assert not stand.radio.links
        await stand.bluez.stop()
        await stand.bluez.start()
        await session()
        return error, took_s

    error, took_s = on_fake(scenario)
    assert type(error) is kind
    assert took_s < 9


def test_of_bluetoothds_death_an_idle_link_hears_although_bleak_says_nothing(on_fake):
    """bleak 3.1 watches the D-Bus daemon, not who owns org.bluez: no callback comes, so the radio watches."""

    async def scenario(stand):
        link = await stand.radio.connect(await stand.find())
        await stand.bluez.stop()
        await asyncio.sleep(0.3)
        told = link.lost.is_set()
        error = await failure_of(link.write(PingRequest()))
        await link.disconnect()
        return told, error

    told, error = on_fake(scenario)
    assert told
    assert type(error) is errors.StackMissing


# D-Bus.


async def ask_without_bluez():
    async with fresh_manager(), Radio(name="ble") as radio:
        return await failure_of(radio.find(1, 2))


def test_no_d_bus_at_all(monkeypatch, tmp_path):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    error = asyncio.run(ask_without_bluez())
    assert type(error) is errors.StackMissing
    assert error.detail == "no system D-Bus"


def test_a_d_bus_that_died_and_left_its_socket(monkeypatch):
    with private_bus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        bus.stop()
        error = asyncio.run(ask_without_bluez())
    assert type(error) is errors.StackMissing
    assert "Connection refused" in error.detail


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({}, errors.StackMissing, "org.freedesktop.DBus.Error.ServiceUnknown"),
        ({"services": {"org.bluez": "/bin/false"}}, errors.StackMissing, "Error.Spawn.ChildExited"),
        ({"services": {"org.bluez": "/nowhere/bluetoothd"}}, errors.StackMissing, "Error.Spawn.ExecFailed"),
        (
            {"services": {"org.bluez": "/bin/sh -c 'kill -6 $$'"}},
            errors.StackMissing,
            "Error.Spawn.ChildSignaled",
        ),
        (
            {"services": {"org.bluez": "/bin/sleep 3"}, "start_limit_ms": 300},
            errors.StackMissing,
            "Error.TimedOut",
        ),
        ({"policy": '<deny user="*"/>'}, errors.StackMissing, ""),
    ],
    ids=["nobody", "exits", "not there", "aborts", "never comes up", "no login"],
)
def test_what_the_daemon_itself_answers(monkeypatch, options, kind, words):
    with private_bus(**options) as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        error = asyncio.run(ask_without_bluez())
    assert type(error) is kind, repr(error)
    assert words in error.detail


def test_a_policy_that_lets_nobody_ask_bluez(monkeypatch):
    async def main():
        async with FakeBluetoothd(None):
            return await ask_without_bluez()

    with private_bus(policy='<deny send_destination="org.bluez"/>') as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        error = asyncio.run(main())
    assert type(error) is errors.NotPermitted, repr(error)
    assert "org.freedesktop.DBus.Error.AccessDenied] Rejected send message" in error.detail


@pytest.mark.parametrize("doing", ["scanning", "connecting", "talking"])
def test_the_d_bus_dies_in_use(monkeypatch, doing):
    with private_bus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)

        async def main():
            from tests.bluez.stand import stand as open_stand

            async with asyncio.timeout(40), open_stand() as stand:
                car = await stand.find()
                if doing == "connecting":
                    stand.script.on("Connect", Silence())
                    connecting = asyncio.ensure_future(stand.radio.connect(car, timeout_s=5))
                    while not stand.script.count("Connect"):
                        await asyncio.sleep(0.01)
                    bus.stop()
                    return await failure_of(connecting)
                if doing == "scanning":
                    bus.stop()
                    await asyncio.sleep(0.05)
                    return await failure_of(stand.find())
                link = await stand.radio.connect(car)
                bus.stop()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(2):
                        await link.lost.wait()
                assert link.lost.is_set()
                error = await failure_of(link.write(PingRequest()))
                await link.disconnect()
                return error

        error = asyncio.run(main())
    assert type(error) is (errors.LinkLost if doing == "talking" else errors.StackMissing), repr(error)


def test_a_link_that_flashes_without_telling_times_out(on_fake):
    async def scenario(stand):
        car = await stand.find()
        stand.script.on("Connect", Flash(shown=False))
        return await failure_of(stand.radio.connect(car, timeout_s=1.0)), stand.script.count("Connect")

    error, connects = on_fake(scenario)
    assert type(error) is errors.ConnectTimedOut
    assert connects == 1
