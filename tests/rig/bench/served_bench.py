"""`pitboard sim serve --bench` as a process of its own, for tests that stop or kill the program on the bench."""

import contextlib
import select
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[3]
PITBOARD = [sys.executable, "-c", "from rig.cli.start import main; main()"]


class Running:
    """A process whose lines are read one by one. `said` keeps what was read."""

    def __init__(self, *command, errors=None):
        self.said = []
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, bufsize=0)

    def line(self, within_s):
        """Its next line; None when it says nothing in this time, "" at its end."""
        ready, _, _ = select.select([self.process.stdout], [], [], within_s)
        if not ready:
            return None
        self.said.append(self.process.stdout.readline().decode().strip())
        return self.said[-1]

    def end(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        return self.process.wait(30)


@dataclass
class Served:
    """A served world: the radio and the bench to use, and what happens to its cars, line by line."""

    world: Running
    radio: str
    chart: str
    others: list = field(default_factory=list)

    def start(self, *command, **options):
        self.others.append(Running(*command, **options))
        return self.others[-1]


@contextlib.contextmanager
def served(world, folder):
    """Serves a world file with its bench in `folder`; ends every process that was started."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    transport = f"tcp-server:127.0.0.1:{port}"
    server = Running(*PITBOARD, "sim", "serve", "--world", world, "--transport", transport, "--bench", folder)
    running = Served(server, f"hci:tcp-client:127.0.0.1:{port}", "")
    try:
        running.chart = server.line(30).split("--bench ")[1]
        assert "on the air" in server.line(30)
        yield running
    finally:
        for one in (*running.others, server):
            with contextlib.suppress(ProcessLookupError):
                one.process.kill()
            one.process.wait(10)
            one.process.stdout.close()
