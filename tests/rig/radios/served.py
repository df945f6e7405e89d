"""A fleet served by another process, and what is attached to it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

PITBOARD = [sys.executable, "-c", "from rig.cli.main import main; main()"]
CABLE = Path(__file__).with_name("cable.py")
SET_A = SKULL, SHOCK, THERMO, NUKE = 0x0880EADB, 0x0A41C37E, 0x1B52D09F, 0x2C63E1A4
SET_B = 0x3D74F2B5, 0x4E850AC6, 0x5F961BD7, 0x60A72CE8


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def kill(process):
    """Ends it at once, as a power cut does."""
    process.kill()
    process.communicate(timeout=10)


@contextlib.contextmanager
def started(*command):
    """A process that has said its first line."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line, process.communicate(timeout=10)[1]
        yield process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGINT)
            try:
                process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                kill(process)


def serving(transports, world="two-sets"):
    """`pitboard sim serve`, up."""
    each = [word for transport in transports for word in ("--transport", transport)]
    return started(*PITBOARD, "sim", "serve", "--world", str(world), *each)


@contextlib.contextmanager
def two_controllers(kind, folder, world="two-sets"):
    """Two controllers of one world, `tcp` or `pty`; gives the serving process and the two monikers."""
    if kind == "tcp":
        ports = free_port(), free_port()
        transports = [f"tcp-server:127.0.0.1:{port}" for port in ports]
        monikers = [f"hci:tcp-client:127.0.0.1:{port}" for port in ports]
    else:
        paths = [folder / f"dongle{number}" for number in (1, 2)]
        transports = [f"pty:{path}" for path in paths]
        monikers = [f"hci:serial:{path}" for path in paths]
    with serving(transports, world) as server:
        yield server, monikers


@contextlib.contextmanager
def two_cables(kind, folder):
    """Two controllers of one world, each on a cable; gives the cables, one of which may be killed, and the monikers."""
    with two_controllers("tcp", folder) as (_, direct), contextlib.ExitStack() as stack:
        cables, monikers = [], []
        for number, moniker in enumerate(direct, start=1):
            end = str(free_port() if kind == "tcp" else folder / f"dongle{number}")
            command = sys.executable, str(CABLE), moniker.rpartition(":")[2], kind, end
            cables.append(stack.enter_context(started(*command)))
            monikers.append(f"hci:tcp-client:127.0.0.1:{end}" if kind == "tcp" else f"hci:serial:{end}")
        yield cables, monikers
