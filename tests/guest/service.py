"""For tests inside the guest: ends, starts, freezes bluetoothd through PID 1, which supervises it.

`python -m tests.guest.service restart`, or `order("kill")` from a test. Orders: status, start, stop (SIGTERM), kill
(SIGKILL), restart, hang (SIGSTOP), resume (SIGCONT). PID 1 answers when the order is carried out: after `start` and
`restart` the daemon owns org.bluez again. An end that was not ordered so counts as a crash and fails the run.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

SOCKET = Path("/run/bluetoothd-service")
LIMIT_S = 75.0


def in_guest() -> bool:
    """Whether this process runs in the guest."""
    return SOCKET.is_socket()


def order(what: str) -> str:
    """Gives one order and returns the state after it: `running PID` or `stopped`.

    Raises:
        OSError: not in the guest, or PID 1 did not answer within 75 s.
        ValueError: there is no such order.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(LIMIT_S)
        line.connect(str(SOCKET))
        line.sendall(what.encode())
        answer = line.recv(200).decode().strip()
    if answer.startswith("unknown order"):
        raise ValueError(answer)
    return answer


if __name__ == "__main__":
    if len(sys.argv) != 2 or not in_guest():
        sys.exit("usage, inside the guest only: python -m tests.guest.service ORDER")
    print(order(sys.argv[1]))
