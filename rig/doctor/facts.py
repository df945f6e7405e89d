"""What the probes saw, as values. Pure.

Whatever could not be looked at is `Unknown` and says why: that, too, is a fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not known; `why` in the system's words, e.g. `not readable: permission denied`."""

    why: str

    def __str__(self) -> str:
        """For reports: `unknown (no such file)`."""
        return f"unknown ({self.why})"


NOT_ASKED = Unknown("not looked at")


def known(value: T | Unknown) -> T | None:
    """The value, or None when it is unknown."""
    return None if isinstance(value, Unknown) else value


def every(values: tuple[T, ...] | Unknown) -> Iterator[T]:
    """The known members, none when the whole is unknown."""
    return iter(()) if isinstance(values, Unknown) else iter(values)


@dataclass(frozen=True, slots=True)
class UsbFacts:
    """An adapter's USB side. Ids are 0..0xffff; `autosuspend` is True when the kernel may put it to sleep."""

    vendor_id: int
    product_id: int
    release: str = ""  # bcdDevice as sysfs shows it, e.g. "8891"
    product: str = ""
    control_path: str = ""
    autosuspend: bool | Unknown = NOT_ASKED

    @property
    def id(self) -> str:
        """As lsusb writes it: `0a12:0001`."""
        return f"{self.vendor_id:04x}:{self.product_id:04x}"


@dataclass(frozen=True, slots=True)
class LinkDefaults:
    """What the kernel asks for when it connects as a central. Milliseconds; latency counts skipped events."""

    interval_min_ms: float
    interval_max_ms: float
    latency: int
    supervision_timeout_ms: int


@dataclass(frozen=True, slots=True)
class ControllerFacts:
    """What the kernel says of a controller (mgmt: Read Controller Information, no privilege needed).

    `hci_version` is the Core Specification's number (6 = 4.0, 9 = 5.0), `manufacturer` the company number.
    """

    address: str
    hci_version: int
    manufacturer: int
    powered: bool
    low_energy: bool


@dataclass(frozen=True, slots=True)
class PeerFacts:
    """A device that BlueZ holds connected; `is_car` when its name or services say so."""

    path: str
    address: str
    name: str
    is_car: bool


@dataclass(frozen=True, slots=True)
class StackAdapterFacts:
    """An adapter as BlueZ presents it on D-Bus. `roles` is empty when BlueZ is too old to tell."""

    name: str
    address: str
    powered: bool
    discovering: bool
    roles: tuple[str, ...] = ()
    modalias: str = ""
    connected: tuple[PeerFacts, ...] | Unknown = NOT_ASKED


@dataclass(frozen=True, slots=True)
class AdapterFacts:
    """One adapter of this machine, from three sides: sysfs, the kernel's management socket, BlueZ."""

    name: str
    bus: str | Unknown = NOT_ASKED  # usb, serial, sdio, virtual …
    driver: str | Unknown = NOT_ASKED
    usb: UsbFacts | Unknown | None = None  # None: not on USB
    controller: ControllerFacts | Unknown = NOT_ASKED
    link: LinkDefaults | Unknown = NOT_ASKED
    stack: StackAdapterFacts | Unknown = NOT_ASKED

    @property
    def powered(self) -> bool | None:
        """Whether it is on; BlueZ's word before the kernel's; None when neither could be asked."""
        if isinstance(self.stack, StackAdapterFacts):
            return self.stack.powered
        return self.controller.powered if isinstance(self.controller, ControllerFacts) else None

    @property
    def address(self) -> str | None:
        """Its Bluetooth address as far as anybody could tell."""
        told = (self.stack, self.controller)
        return next((side.address for side in told if not isinstance(side, Unknown) and side.address), None)


@dataclass(frozen=True, slots=True)
class RfkillFacts:
    """A radio switch; `soft` can be undone by a command, `hard` is a key or a switch on the case."""

    name: str
    kind: str  # bluetooth, wlan …
    soft: bool
    hard: bool


@dataclass(frozen=True, slots=True)
class StackFacts:
    """The Bluetooth service. `refused` are the system's words when it denied this user."""

    bus_reachable: bool | Unknown = NOT_ASKED
    daemon_running: bool | Unknown = NOT_ASKED
    bluez_version: str | Unknown = NOT_ASKED
    answered: bool | Unknown = NOT_ASKED  # org.bluez gave its objects
    refused: str = ""
    link_settings: tuple[tuple[str, str], ...] | Unknown = NOT_ASKED  # of main.conf, what is set there


@dataclass(frozen=True, slots=True)
class KernelFacts:
    """`release` is `uname -r`, `build` is `uname -v`."""

    release: str
    build: str
    architecture: str = ""


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """The machine and the software around us. `packages` maps a distribution to its version."""

    platform: str  # sys.platform
    distribution: str | Unknown
    kernel: KernelFacts
    python: str
    model: str | Unknown = NOT_ASKED  # the board or laptop
    in_container: bool | Unknown = NOT_ASKED
    packages: tuple[tuple[str, str | Unknown], ...] = ()
    governors: tuple[str, ...] | Unknown = NOT_ASKED  # one per core; see probe_sysfs.governors
    realtime: str = ""  # what rig.control.priority got
    realtime_granted: bool | Unknown = NOT_ASKED
    wifi_up: tuple[str, ...] | Unknown = NOT_ASKED  # names of Wi-Fi interfaces that are up
    modem_manager: bool | Unknown = NOT_ASKED  # whether ModemManager runs


@dataclass(frozen=True, slots=True)
class UserFacts:
    """Who runs us. `may_administer_network` is CAP_NET_ADMIN."""

    name: str
    is_root: bool
    groups: tuple[str, ...]
    may_administer_network: bool | Unknown = NOT_ASKED


@dataclass(frozen=True, slots=True)
class SerialPortFacts:
    """A serial port that may be a dongle; `label` is its lasting name in /dev/serial/by-id."""

    path: str
    label: str = ""
    readable: bool | Unknown = NOT_ASKED
    group: str = ""


@dataclass(frozen=True, slots=True)
class OpenedFacts:
    """What opening a radio gave, in words, and what to do about it; only ever done when the user asks for it."""

    opened: bool
    words: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class VirtualControllerFacts:
    """/dev/vhci, through which the simulated fleet can meet this machine's own stack."""

    exists: bool
    writable: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the diagnosis looks at."""

    system: SystemFacts
    user: UserFacts
    stack: StackFacts = field(default_factory=StackFacts)
    adapters: tuple[AdapterFacts, ...] | Unknown = ()
    switches: tuple[RfkillFacts, ...] | Unknown = ()
    serial_ports: tuple[SerialPortFacts, ...] | Unknown = ()
    virtual_controller: VirtualControllerFacts | Unknown = NOT_ASKED
    opened: OpenedFacts | None = None
