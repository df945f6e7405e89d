"""What the outputs do when the host is killed: as the driver declares, proven on processes of their own."""

import select
import subprocess
import sys
from pathlib import Path

import pytest

from rig.bench.capabilities import WhenHostDies
from rig.bench.drivers.modbus_relay import ModbusRelays
from rig.bench.ports.direct_port import DirectPort
from rig.bench.twins.line import Line
from rig.bench.twins.relay_bank import RelayBank
from rig.bench.twins.relays import ModbusRelayTwin

ROOT = Path(__file__).parents[3]
HOLDS_S = 1.5


@pytest.fixture
def start():
    running = []

    def begin(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.rig.bench.host_and_twin", *arguments],
            cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait(10)
        process.stdout.close()


def line_of(process, within_s):
    ready, _, _ = select.select([process.stdout], [], [], within_s)
    return process.stdout.readline().strip() if ready else None


def declared(holds_s):
    twin = Line(ModbusRelayTwin(RelayBank(4)))
    return ModbusRelays(DirectPort(twin), "relays", channels=4, holds_s=holds_s).traits.when_host_dies


@pytest.mark.parametrize("holds_s", [HOLDS_S, 0.0], ids=["timed", "plain"])
def test_a_killed_host_leaves_the_relay_as_declared(start, holds_s):
    board = start("board")
    host = start("host", line_of(board, 30), str(holds_s))
    assert line_of(board, 30) == "1 on"
    assert line_of(host, 30) == "switched"
    if holds_s:
        assert line_of(board, 2 * holds_s) is None, "it fell off although the host renews it"
    host.kill()
    host.wait(10)
    after = line_of(board, holds_s + 3.0)
    if declared(holds_s) is WhenHostDies.FALLS_OFF:
        assert after == "1 off"
    else:
        assert declared(holds_s) is WhenHostDies.STAYS
        assert after is None
