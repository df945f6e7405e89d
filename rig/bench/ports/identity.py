"""Which port is which: stable identities, never ttyUSB numbers.

An identity is one of
    usb:VID:PID:SERIAL      four hex digits twice and the device's serial number
    usb:VID:PID             when only one such device is plugged in
    by-id:NAME              a name in /dev/serial/by-id
    by-path:NAME            a name in /dev/serial/by-path: the socket it is plugged into
    socket://, rfc2217://   any URL pyserial knows
    /dev/…                  a path that stays the same: a link of one's own, a built-in port, a pty
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports as pyserial_list

from rig.bench.errors import PortAmbiguous, PortMissing
from rig.bench.kinds import kinds_for_usb
from rig.errors import InputError

_NUMBERED = re.compile(r"/dev/tty(USB|ACM)\d+|COM\d+|/dev/cu\.usbserial-\d+")
_USB = re.compile(r"usb:([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::(.+))?")
_SERIAL_LINKS = Path("/dev/serial")


@dataclass(frozen=True, slots=True)
class PortFacts:
    """One serial port of this machine. `device` is its path of today; `by_id` and `by_path` are names in
    /dev/serial, empty where there is none."""

    device: str
    product: str = ""
    vid: int | None = None
    pid: int | None = None
    serial_number: str = ""
    by_id: str = ""
    by_path: str = ""

    @property
    def usb(self) -> str:
        """`1a86:7523`, or empty."""
        return "" if self.vid is None or self.pid is None else f"{self.vid:04x}:{self.pid:04x}"

    @property
    def identity(self) -> str:
        """The most stable identity it has. CH340 boards have no serial number: theirs is the socket they sit in."""
        if self.usb and self.serial_number:
            return f"usb:{self.usb}:{self.serial_number}"
        if self.by_path:
            return f"by-path:{self.by_path}"
        return f"usb:{self.usb}" if self.usb else self.device

    @property
    def kinds(self) -> tuple[str, ...]:
        """Fixture kinds known to come with its USB numbers."""
        return kinds_for_usb(self.vid, self.pid)


def list_ports() -> tuple[PortFacts, ...]:
    """The serial ports of this machine that could be a fixture's, sorted by identity."""
    by_id, by_path = _links("by-id"), _links("by-path")
    found = [
        PortFacts(
            device=port.device,
            product=port.product or (port.description if port.description != "n/a" else "") or "",
            vid=port.vid,
            pid=port.pid,
            serial_number=port.serial_number or "",
            by_id=by_id.get(str(Path(port.device).resolve()), ""),
            by_path=by_path.get(str(Path(port.device).resolve()), ""),
        )
        for port in pyserial_list.comports()
    ]
    return tuple(sorted(found, key=lambda facts: facts.identity))


def find_port(wanted: str, ports: Sequence[PortFacts], *, label: str = "") -> str:
    """What to open for an identity: a device path of today, or the URL itself. `label` names who asks.

    Raises:
        InputError: it is no stable identity.
        PortMissing: nothing plugged in has it.
        PortAmbiguous: several do.
    """
    if "://" in wanted:
        return wanted
    if _NUMBERED.fullmatch(wanted):
        now = next((port.identity for port in ports if port.device == wanted), "")
        hint = f"it is {now} today" if now else "see 'pitboard bench list'"
        raise InputError(
            f"'{wanted}' is a number that changes with every replug; name the port by identity, {hint}"
        )
    if wanted.startswith("/"):
        return wanted
    fits = [port for port in ports if _fits(wanted, port)]
    if len(fits) > 1:
        raise PortAmbiguous(wanted, [_distinct(port) for port in fits])
    if not fits:
        raise PortMissing(f"{label} ({wanted})" if label else wanted)
    return fits[0].device


def _fits(wanted: str, port: PortFacts) -> bool:
    kind, _, name = wanted.partition(":")
    if kind == "by-id":
        return port.by_id == name
    if kind == "by-path":
        return port.by_path == name
    usb = _USB.fullmatch(wanted)
    if usb is None:
        raise InputError(
            f"'{wanted}' is no port identity; write usb:VID:PID:SERIAL, by-id:…, by-path:… or socket://HOST:PORT"
        )
    vid, pid, serial_number = int(usb[1], 16), int(usb[2], 16), usb[3]
    return (port.vid, port.pid) == (vid, pid) and serial_number in (None, port.serial_number)


def _distinct(port: PortFacts) -> str:
    return f"by-path:{port.by_path}" if port.by_path and not port.serial_number else port.identity


def _links(kind: str) -> dict[str, str]:
    folder = _SERIAL_LINKS / kind
    return {str(link.resolve()): link.name for link in folder.iterdir()} if folder.is_dir() else {}
