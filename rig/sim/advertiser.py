"""Advertising as the air knows it: interval plus advDelay, computed only while somebody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from bumble import ll
from bumble.controller import LegacyAdvertiser

if TYPE_CHECKING:
    from rig.sim.controller import AirController

UNIT_S = 0.625e-3
ADV_DELAY_S = 0.010
"""Every advertising event comes 0..10 ms late at random (Core 5.4, Vol 6, Part B, 4.4.2.2)."""


class AirAdvertiser(LegacyAdvertiser):
    """ADV_IND at the interval the host set.

    `content`, when set, is asked at every advertising event for the advertising data and scan response of
    that moment, or None to stay silent: in a car, firmware and controller are one chip, and the local name
    follows the car's state without any host command.
    """

    content: Callable[[float], tuple[bytes, bytes] | None] | None = None

    def __init__(self, controller: AirController) -> None:
        super().__init__(controller)
        self._controller = controller

    def start(self) -> None:
        """Enables advertising."""
        self.stop()
        self.enabled = True
        if self._controller.air.has_listeners:
            self._schedule_first()

    def listeners_changed(self, listening: bool) -> None:
        """Somebody began to listen, or nobody does any more."""
        if self.timer_handle is not None and not listening:
            self.timer_handle.cancel()
            self.timer_handle = None
        elif self.enabled and listening and self.timer_handle is None:
            self._schedule_first()

    def _schedule_first(self) -> None:
        """A listener meets the advertiser at a random point of its interval."""
        phase = self._controller.air.streams(self.address).phase
        self._schedule(phase.random() * self._interval_s)

    def _schedule(self, delay_s: float) -> None:
        self.timer_handle = asyncio.get_running_loop().call_later(delay_s, self._on_timer_fired)

    @property
    def _interval_s(self) -> float:
        return max(self.advertising_interval_min * UNIT_S, 0.020)

    def _on_timer_fired(self) -> None:
        self.timer_handle = None
        jitter = self._controller.air.streams(self.address).phase
        self._schedule(self._interval_s + jitter.random() * ADV_DELAY_S)
        self.send_advertising_data()

    def send_advertising_data(self) -> None:
        """One advertising event."""
        if self.content is not None:
            now = self.content(asyncio.get_running_loop().time())
            if now is None:
                return
            self.advertising_data, self.scan_response_data = now
        self._controller.air.send_advertising_pdu(
            self._controller, ll.AdvInd(advertiser_address=self.address, data=self.advertising_data)
        )
