"""A Bluetooth LE host below bleak: what `rig.radio.backend` needs of one.

`rig.sim.host` implements it on a bumble host, over virtual controllers (`sim:`) or a real HCI transport
(`hci:`). Keeping the seam here lets bleak stay inside `rig.radio` and bumble inside `rig.sim`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AdvertReport:
    """One advertising report as the controller gave it: a single PDU, not merged.

    `data` holds raw AD structures; `is_scan_response` tells SCAN_RSP from ADV_IND; `rssi_dbm` -127..20.
    """

    address: str
    data: bytes
    is_scan_response: bool
    connectable: bool
    rssi_dbm: int


@dataclass(frozen=True, slots=True)
class GattDescriptor:
    """A descriptor found by discovery; `uuid` is the 128-bit lower-case string."""

    handle: int
    uuid: str


@dataclass(frozen=True, slots=True)
class GattCharacteristic:
    """A characteristic found by discovery; `handle` is its declaration + 1, i.e. the value handle;
    `properties` is the GATT property byte."""

    handle: int
    uuid: str
    properties: int
    descriptors: tuple[GattDescriptor, ...]


@dataclass(frozen=True, slots=True)
class GattService:
    """A primary service found by discovery."""

    handle: int
    uuid: str
    characteristics: tuple[GattCharacteristic, ...]


class HostFailure(Enum):
    """Why the host could not do what was asked, as far as a host can know."""

    NOT_CONNECTED = "not connected"
    DEVICE_NOT_FOUND = "device not found"
    ESTABLISHMENT_FAILED = "connection failed to be established (HCI 0x3e)"
    CONNECT_ABORTED = "connect aborted by the local side"
    CONNECT_TIMEOUT = "connect timed out"
    LINK_LIMIT = "connection limit exceeded (HCI 0x09)"
    BUSY = "operation already in progress"
    ADAPTER_OFF = "adapter is off"
    ADAPTER_GONE = "adapter is gone"
    ATT_ERROR = "ATT error"
    TIMEOUT = "no answer"


class HostError(Exception):
    """Raised by a host stack; `att_error` is the ATT error code when `failure` is ATT_ERROR."""

    def __init__(self, failure: HostFailure, detail: str = "", att_error: int | None = None) -> None:
        super().__init__(f"{failure.value}{': ' if detail else ''}{detail}")
        self.failure = failure
        self.att_error = att_error


class HostLink(Protocol):
    """One LE connection seen from the central."""

    @property
    def address(self) -> str:
        """The peer's address."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether the host believes the link is up."""
        ...

    @property
    def att_mtu(self) -> int:
        """Negotiated ATT MTU in bytes; 23 with a car."""
        ...

    async def discover(self) -> list[GattService]:
        """All primary services with their characteristics and descriptors."""
        ...

    async def read(self, handle: int) -> bytes:
        """Attribute value by handle."""
        ...

    async def write(self, handle: int, data: bytes, with_response: bool) -> None:
        """Attribute write; returns when answered, or when queued without response."""
        ...

    async def subscribe(self, handle: int, callback: Callable[[bytes], None]) -> None:
        """Writes the CCCD of the characteristic and delivers its notifications to `callback`."""
        ...

    async def unsubscribe(self, handle: int) -> None:
        """Undoes `subscribe`."""
        ...

    async def disconnect(self) -> None:
        """Ends the link; returns once it is down. Harmless on a dead link."""
        ...


class HostStack(Protocol):
    """One adapter with its host. All methods may raise HostError."""

    @property
    def name(self) -> str:
        """Adapter name as users see it, e.g. `sim0` or the transport moniker."""
        ...

    @property
    def is_powered(self) -> bool:
        """Whether the adapter is on."""
        ...

    async def start_scanning(self, on_report: Callable[[AdvertReport], None], active: bool) -> None:
        """Delivers every advertising report until `stop_scanning`; several callbacks may be registered."""
        ...

    async def stop_scanning(self, on_report: Callable[[AdvertReport], None]) -> None:
        """Removes one callback; the controller stops scanning with the last."""
        ...

    async def connect(self, address: str, on_lost: Callable[[int], None]) -> HostLink:
        """Connects as central and returns when the link layer is up; cancelling cancels the attempt for
        real. `on_lost` is called once with the HCI reason when the link goes down, whoever ended it."""
        ...
