"""Where phones find the screens: the address of this machine in the stand's network."""

from __future__ import annotations

import contextlib
import socket


def own_address() -> str:
    """The IPv4 address other machines reach this one at; 127.0.0.1 without a network. Sends nothing."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # a documentation address (RFC 5737): only the route is looked up
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def public_url(port: int, given: str | None = None) -> str:
    """What QR codes begin with, without a slash at the end: `given`, else this machine's address."""
    if given:
        return given.rstrip("/")
    host = own_address()
    return f"http://{host}" if port == 80 else f"http://{host}:{port}"
