"""An advert waits for its scan response, as in the Linux kernel. Pure.

An active scanner gets ADV_IND and SCAN_RSP as two reports. The kernel holds the first until the second has come
(`net/bluetooth/hci_event.c`, process_adv_report), so that nobody is told the new level with the old name. Here a
second ADV_IND of the same address frees the first; the kernel drops it.
"""

from __future__ import annotations

from rig.radio.host_stack import AdvertReport

Event = tuple[AdvertReport, ...]
"""One advertising event: an advert, the scan response to it, or both in this order."""


class AdvertPairs:
    """What one scanner has heard and not told yet."""

    def __init__(self) -> None:
        self._pending: AdvertReport | None = None

    def take(self, report: AdvertReport) -> list[Event]:
        """The events that this report completes, in order."""
        pending, self._pending = self._pending, None
        if report.is_scan_response and pending is not None and pending.address == report.address:
            return [(pending, report)]
        told: list[Event] = [] if pending is None else [(pending,)]
        if report.connectable and not report.is_scan_response:
            self._pending = report
            return told
        return [*told, (report,)]
