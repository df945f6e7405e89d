"""SIGTERM and a closed terminal while a radio is being opened: cleaned up as after Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys

import pytest

ABORTED = 130


@pytest.mark.skipif(sys.platform == "win32", reason="cannot run here: no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_unwinds_the_opening(number):
    """A controller that takes its first command and never answers keeps the opening busy for ten seconds."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        process = subprocess.Popen(
            [sys.executable, "-c", "from rig.cli.main import main; main()",
             "scan", "--radio", f"hci:tcp-client:127.0.0.1:{listener.getsockname()[1]}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            line = listener.accept()[0]
            with line:
                line.settimeout(60)
                assert line.recv(64), "the first command of the opening"
                os.kill(process.pid, number)
                while line.recv(64):
                    pass
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
            process.communicate()
    assert process.returncode == ABORTED
    assert "Traceback" not in err
