"""`pitboard sim`: other people's programs meet the fleet. Real time, because their loops are real."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rig.cli.sim import sim
from rig.compose import open_radio
from rig.errors import BenchError, InputError
from rig.sim.dongle import open_dongle
from rig.sim.serve import serving
from rig.sim.worlds import world_by_name

APP = Path(__file__).with_name("stock_bleak_app.py")
COMMAND = [sys.executable, "-c", "from rig.cli.main import main; main()"]


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


async def visit(moniker):
    """Scans for a car, connects, pings and disconnects; returns what the adverts said."""
    async with open_radio(moniker) as station:
        async with station.radio.scan() as scan:
            async for sighting in scan:
                if sighting.firmware is not None:
                    break
        link = await station.radio.connect(sighting)
        assert link.milestones.first_data_s is not None
        await link.disconnect()
        return sighting


def test_an_unmodified_program_runs_against_the_fleet_and_keeps_its_arguments_and_exit_code():
    done = subprocess.run(
        [*COMMAND, "sim", "run", "--world", "one-car", str(APP), "--verbose", "x"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == ["connected True pong ['--verbose', 'x']", "disconnected True"]
    assert done.returncode == 7
    assert done.stderr == ""


BROKEN = """import asyncio, bleak
async def main():
    async with bleak.BleakScanner():
        open("/no/such/file")
asyncio.run(main())
"""


@pytest.mark.parametrize("text", [BROKEN, "raise ValueError('mine')", "not python at all"])
def test_a_program_that_fails_is_told_as_python_tells_it(text, tmp_path):
    app = tmp_path / "broken.py"
    app.write_text(text, encoding="utf-8")
    alone = subprocess.run(
        [sys.executable, str(app)], capture_output=True, text=True, timeout=60, check=False
    )
    done = subprocess.run(
        [*COMMAND, "sim", "run", "--world", "one-car", str(app)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert alone.returncode == 1
    if text is not BROKEN:  # without a radio it fails earlier
        assert done.stderr == alone.stderr
    assert done.stderr.startswith(("Traceback", f'  File "{app}"'))
    assert "rig/cli" not in done.stderr
    assert "runpy" not in done.stderr


def test_a_program_that_is_not_there_or_an_unknown_world_is_bad_input(tmp_path):
    assert CliRunner().invoke(sim, ["run", str(tmp_path / "none.py")]).exit_code == 2
    refused = CliRunner().invoke(sim, ["run", "--world", "atlantis", str(APP)])
    assert isinstance(refused.exception, InputError)
    assert "atlantis" in str(refused.exception)


def test_a_world_without_a_bench_cannot_serve_one(tmp_path):
    refused = CliRunner().invoke(
        sim,
        [
            "serve",
            "--world",
            "one-car",
            "--transport",
            f"pty:{tmp_path / 'fleet'}",
            "--bench",
            str(tmp_path / "b"),
        ],
    )
    assert isinstance(refused.exception, InputError)
    assert "world 'one-car' has no bench; write bench = " in str(refused.exception)
    assert not (tmp_path / "b").exists()


def test_another_process_meets_the_served_fleet_over_tcp():
    transport = f"tcp-server:127.0.0.1:{free_port()}"
    server = subprocess.Popen(
        [*COMMAND, "sim", "serve", "--world", "two-sets", "--transport", transport],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout.readline().startswith("8 cars on the air at tcp-server:")
        sighting = asyncio.run(visit("hci:" + transport.replace("server", "client")))
        assert sighting.name is not None
    finally:
        os.kill(server.pid, signal.SIGINT)
        _, errors = server.communicate(timeout=20)
    assert server.returncode == 130
    assert errors.strip() == "interrupted"


def test_a_host_meets_the_served_fleet_over_a_pty_even_where_a_dead_server_left_its_link(tmp_path):
    link = tmp_path / "fleet"
    link.symlink_to("/dev/pts/no-such-terminal")

    async def scenario():
        async with serving(world_by_name("one-car", adapter=False), [f"pty:{link}"]):
            return await visit(f"hci:serial:{link}")

    assert asyncio.run(scenario()).identifier
    assert not link.is_symlink()


def test_two_hosts_share_one_fleet_and_a_taken_car_is_not_on_the_air(tmp_path):
    ports = [free_port(), free_port()]

    async def scenario():
        servers = [f"tcp-server:127.0.0.1:{port}" for port in ports]
        monikers = [f"hci:tcp-client:127.0.0.1:{port}" for port in ports]
        async with (
            serving(world_by_name("one-car", adapter=False), servers) as world,
            open_radio(monikers[0]) as first,
            open_radio(monikers[1]) as second,
        ):
            identifier = next(iter(world.cars))
            link = await first.radio.connect(await first.radio.find(identifier))
            with contextlib.suppress(Exception):
                await second.radio.find(identifier, timeout_s=0.5)
                pytest.fail("the car advertises although it is connected")
            await link.disconnect()
            return (await second.radio.find(identifier, timeout_s=5)).identifier == identifier

    assert asyncio.run(scenario())


def test_a_served_port_takes_one_host_and_is_free_when_that_one_hangs_up():
    port = free_port()
    moniker = f"hci:tcp-client:127.0.0.1:{port}"

    async def scenario():
        async with serving(
            world_by_name("one-car", adapter=False), [f"tcp-server:127.0.0.1:{port}"]
        ) as world:
            async with open_radio(moniker) as station:
                with pytest.raises(BenchError, match="no Bluetooth controller answers"):
                    async with open_radio(moniker):
                        pytest.fail("two hosts on one controller")
                identifier = next(iter(world.cars))
                await station.radio.connect(await station.radio.find(identifier))
            return (await visit(moniker)).identifier == identifier

    assert asyncio.run(scenario())


def test_a_served_pty_never_replaces_a_file(tmp_path):
    path = tmp_path / "precious"
    path.write_text("keep me")

    async def scenario():
        async with serving(world_by_name("one-car", adapter=False), [f"pty:{path}"]):
            pytest.fail("served over a file")

    with pytest.raises(InputError, match="a file is there"):
        asyncio.run(scenario())
    assert path.read_text() == "keep me"


@pytest.mark.parametrize(
    ("transport", "error"),
    [
        ("carrier-pigeon:7", InputError),
        ("tcp-client:nowhere", InputError),
        ("tcp-client:127.0.0.1:{port}", BenchError),
        ("serial:/dev/no-such-tty", BenchError),
        ("serial:", InputError),
        ("usb:99", BenchError),
        ("unix-client:/nowhere/at/all", BenchError),
        ("file:/nowhere/at/all", BenchError),
    ],
)
def test_a_transport_that_cannot_be_opened_is_one_sentence(transport, error):
    name = transport.format(port=free_port())

    async def scenario():
        async with open_dongle(name):
            pytest.fail("opened")

    with pytest.raises(error) as caught:
        asyncio.run(scenario())
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_a_port_where_nothing_speaks_hci_is_a_broken_bench(monkeypatch):
    monkeypatch.setattr("rig.sim.dongle.ANSWER_WITHIN_S", 0.2)

    async def scenario():
        server = await asyncio.start_server(lambda _r, writer: writer.close(), "127.0.0.1", 0)
        name = f"tcp-client:127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, open_dongle(name):
            pytest.fail("opened")

    with pytest.raises(BenchError):
        asyncio.run(scenario())


def test_a_dongle_that_is_unplugged_is_gone(tmp_path):
    port = free_port()

    async def scenario():
        async with (
            serving(world_by_name("one-car", adapter=False), [f"tcp-server:127.0.0.1:{port}"]) as world,
            open_dongle(f"tcp-client:127.0.0.1:{port}") as host,
        ):
            address = next(iter(world.cars.values())).address
            lost = asyncio.get_running_loop().create_future()
            await host.connect(address, lost.set_result)
            host.device.host.on_transport_lost()
            host.power_lost()
            return await lost, host.is_powered

    reason, powered = asyncio.run(scenario())
    assert reason == 0x16
    assert not powered
