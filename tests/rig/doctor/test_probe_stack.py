"""D-Bus, bluetoothd and BlueZ's version: there, away, silent."""

import asyncio
import socket

from rig.doctor import probe_stack
from rig.doctor.facts import AdapterFacts, StackAdapterFacts, StackFacts, Unknown
from rig.doctor.probe import adapters
from rig.radio.bluez import DeviceFacts


def test_a_bus_that_listens(tmp_path):
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(path))
        bus.listen()
        found = probe_stack.bus_reachable({"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={path},guid=1;tcp:host=x"})
    assert found is True


def test_a_bus_that_died(tmp_path):
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(path))
    found = probe_stack.bus_reachable({"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={path}"})
    assert found == Unknown("connection refused")


def test_no_bus(tmp_path, monkeypatch):
    assert probe_stack.bus_reachable({"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path / 'none'}"}) is False
    monkeypatch.setattr(probe_stack, "_BUS_SOCKETS", (str(tmp_path / "none"),))
    assert probe_stack.bus_reachable({}) is False


def test_a_bus_address_of_another_kind():
    found = probe_stack.bus_reachable({"DBUS_SYSTEM_BUS_ADDRESS": "tcp:host=localhost,port=1"})
    assert "names no socket" in found.why


def program(folder, name, script):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def version(*programs):
    return asyncio.run(probe_stack.bluez_version(programs))


def test_the_first_program_that_tells_a_version(tmp_path):
    silent = program(tmp_path, "bluetoothd", "exit 1")
    control = program(tmp_path, "bluetoothctl", "echo 'bluetoothctl: 5.66'")
    assert version(silent, control) == "5.66"
    assert version(program(tmp_path, "daemon", "echo 5.82")) == "5.82"


def test_no_version(tmp_path):
    assert "neither" in version().why
    assert version(str(tmp_path / "none")) == Unknown("not there")
    assert "told none" in version(program(tmp_path, "odd", "echo hello")).why


def test_a_program_that_hangs_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(probe_stack, "VERSION_ANSWER_S", 0.05)
    assert "did not end" in version(program(tmp_path, "slow", "exec sleep 60")).why


def test_without_a_bus_nothing_is_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    facts, served = asyncio.run(probe_stack.stack_facts(tmp_path))
    assert (facts.bus_reachable, facts.answered, served) == (False, Unknown("no D-Bus to ask through"), {})


def test_a_bus_that_is_no_bus(tmp_path, monkeypatch):
    """Something accepts the connection and closes it, as a broken mount in a container may."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")

    async def main():
        async def hang_up(_reader, writer):
            writer.close()
            await writer.wait_closed()

        async with await asyncio.start_unix_server(hang_up, tmp_path / "bus"):
            return await probe_stack.stack_facts(tmp_path)

    facts, served = asyncio.run(main())
    assert facts.bus_reachable is True
    assert isinstance(facts.answered, Unknown)
    assert served == {}


def device(name, uuids=()):
    return DeviceFacts("/org/bluez/hci0/dev_1", "DB:7F:00:00:00:01", name, True, True, False, uuids)


def test_which_peers_are_cars():
    assert probe_stack._peer(device("\x10`0\x01    Drive\x00")).is_car
    assert probe_stack._peer(device("\x10`0\x01    Drive\x00")).name == "`0    Drive"
    assert probe_stack._peer(device("", ("be15beef-6186-407e-8381-0bd89c4d8df4",))).is_car
    assert not probe_stack._peer(device("Mouse", ("00001812-0000-1000-8000-00805f9b34fb",))).is_car


SIDE = StackAdapterFacts("hci1", "00:11:22:33:44:55", powered=True, discovering=False)


def test_adapters_that_only_the_service_shows_stand_at_the_end():
    stack = StackFacts(answered=True)
    found = adapters((AdapterFacts("hci0"),), stack, {"hci1": SIDE})
    assert [adapter.name for adapter in found] == ["hci0", "hci1"]
    assert found[0].stack == Unknown("BlueZ does not offer it")
    assert found[1].stack is SIDE
    assert adapters(Unknown("hidden"), stack, {"hci1": SIDE})[0].stack is SIDE


def test_no_adapters_anywhere():
    assert adapters((), StackFacts(answered=True), {}) == ()
    assert adapters(Unknown("none"), StackFacts(), {}) == Unknown("none")


def test_a_refusal_is_told_in_few_words():
    denial = "[org.freedesktop.DBus.Error.AccessDenied] Rejected send message, 2 matched rules; type=x"
    assert probe_stack._first_words(denial) == "Rejected send message"
    assert probe_stack._first_words("D-Bus: Permission denied") == "D-Bus: Permission denied"
