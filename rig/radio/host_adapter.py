"""What the backend keeps per adapter, as a Bluetooth service does for all its programs."""

from __future__ import annotations

import asyncio

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from rig.radio.advert_merge import MergedAdvert
from rig.radio.host_stack import AdvertReport, HostStack

FORGET_AFTER_S = 30.0
"""BlueZ drops a device nobody connected to this long after discovery (TemporaryTimeout)."""


class HostAdapter:
    """What a Bluetooth service keeps per adapter: one initiator at a time, and the adverts it has merged."""

    def __init__(self, stack: HostStack) -> None:
        self.stack = stack
        self.connecting = asyncio.Lock()
        self._known: dict[str, tuple[MergedAdvert, float]] = {}

    def merge(self, report: AdvertReport) -> MergedAdvert:
        """Adds one report to what is known of its address."""
        now_s = asyncio.get_running_loop().time()
        known = self._known.get(report.address)
        merged = known[0] if known is not None and now_s - known[1] < FORGET_AFTER_S else MergedAdvert()
        merged.add(report.data)
        self._known[report.address] = (merged, now_s)
        return merged

    def remembers(self, address: str) -> bool:
        """Whether there is still an object for this address to connect to."""
        known = self._known.get(address)
        return known is not None and asyncio.get_running_loop().time() - known[1] < FORGET_AFTER_S

    def touch(self, address: str) -> None:
        """A link began or ended: remembered for as long again."""
        known = self._known.get(address)
        if known is not None:
            self._known[address] = (known[0], asyncio.get_running_loop().time())


def required(host: HostAdapter | None) -> HostAdapter:
    """The adapter a backend was given; bleak's own error where there is none."""
    if host is None:
        raise BleakBluetoothNotAvailableError(
            "No Bluetooth adapters found.", BleakBluetoothNotAvailableReason.NO_BLUETOOTH
        )
    return host
