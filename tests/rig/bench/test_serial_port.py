"""The port through pyserial: sockets, locks, loss, and its refusal of virtual time."""

import asyncio
import socket
import threading
from types import SimpleNamespace

import pytest
import serial
from serial import rfc2217

from rig.bench.drivers.modbus_relay import ModbusRelays
from rig.bench.errors import PortBusy, PortGone, PortMissing
from rig.bench.ports.serial_port import SerialPort
from rig.bench.twins.line import Line
from rig.bench.twins.pty_mount import on_pty
from rig.bench.twins.relay_bank import RelayBank
from rig.bench.twins.relays import ModbusRelayTwin
from rig.clock import process_time_s
from rig.errors import InputError
from rig.virtual_time import run_virtual


def board():
    return Line(ModbusRelayTwin(RelayBank(4)), latency_s=0.0)


def serve_once(listener, line):
    """A serial server with a board behind it, for one client."""
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(5.0)
        while data := connection.recv(256):
            line.receive(data, process_time_s())
            connection.sendall(line.send(process_time_s()))


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)")  # pyserial 3.5, on RFC 2217
@pytest.mark.parametrize(("scheme", "serve"), [("socket", "serve_once"), ("rfc2217", "serve_rfc2217")])
def test_a_board_behind_a_serial_server(scheme, serve):
    line = board()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=globals()[serve], args=(listener, line))
        server.start()

        async def main():
            async with asyncio.timeout(20):
                port = await SerialPort.open(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")
                relays = ModbusRelays(port, "relays", channels=4)
                await relays.switch(3, on=True)
                await relays.close()

        asyncio.run(main())
        server.join(10)
    assert line.device.bank.states == (False, False, True, False)


def serve_rfc2217(listener, line):
    """The same behind pyserial's own RFC 2217 server side, which asks a loop:// port about its settings."""
    connection, _ = listener.accept()
    with connection, serial.serial_for_url("loop://", timeout=0) as settings:
        connection.settimeout(5.0)
        sender = SimpleNamespace(write=connection.sendall)
        manager = rfc2217.PortManager(settings, sender)
        while data := connection.recv(256):
            line.receive(b"".join(manager.filter(data)), process_time_s())
            reply = line.send(process_time_s())
            if reply:
                connection.sendall(b"".join(manager.escape(reply)))


def test_a_port_is_held_by_one_program_only():
    async def main(path):
        first = await SerialPort.open(path, name="bench")
        try:
            with pytest.raises(PortBusy, match="bench: its port cannot be opened"):
                await SerialPort.open(path, name="bench")
        finally:
            await first.close()

    with on_pty(board()) as path:
        asyncio.run(main(path))


def test_what_is_not_there():
    async def main():
        with pytest.raises(PortMissing, match="its port is not there"):
            await SerialPort.open("/dev/no-such-port")
        with pytest.raises(InputError, match="is no serial port"):
            await SerialPort.open("carrier-pigeon://roof")

    asyncio.run(main())


def test_a_closed_port_says_so_and_closes_twice():
    async def main(path):
        port = await SerialPort.open(path, name="bench")
        await port.close()
        await port.close()
        with pytest.raises(PortGone, match="it was closed"):
            await port.write(b"x")

    with on_pty(board()) as path:
        asyncio.run(main(path))


def test_a_cancelled_read_loses_nothing():
    line = board()

    async def main(path):
        port = await SerialPort.open(path, name="bench")
        try:
            reading = asyncio.create_task(port.read(5.0))
            await asyncio.sleep(0)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            line.say(b"still here", process_time_s())
            heard = b""
            async with asyncio.timeout(10):
                while len(heard) < 10:
                    heard += await port.read(1.0)
            return heard
        finally:
            await port.close()

    with on_pty(line) as path:
        assert asyncio.run(main(path)) == b"still here"


def test_the_loop_goes_on_while_a_port_waits():
    async def main(path):
        port = await SerialPort.open(path, name="bench")
        turns = 0
        try:
            reading = asyncio.create_task(port.read(0.3))
            while not reading.done():
                await asyncio.sleep(0.01)
                turns += 1
            return turns, await reading
        finally:
            await port.close()

    with on_pty(board()) as path:
        turns, heard = asyncio.run(main(path))
    assert heard == b""
    assert turns > 5


def test_no_real_port_in_virtual_time():
    async def main():
        with pytest.raises(InputError, match="a real port needs real time"):
            await SerialPort.open("/dev/ttyS0")

    run_virtual(main)
