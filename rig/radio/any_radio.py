"""What everything above the radio layer may ask of a radio, be it one adapter or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from rig.radio.link import CarLink, Received
from rig.radio.scan import Scan
from rig.radio.sighting import Sighting
from rig.radio.transmit import TransmitPolicy


@dataclass(frozen=True, slots=True)
class RadioCapabilities:
    """What is known of a radio beforehand; `max_links` None: as many as the adapter allows."""

    is_simulated: bool = False
    max_links: int | None = None


class AnyRadio(Protocol):
    """`rig.radio.radio.Radio` for one adapter, `rig.radio.radio_group.RadioGroup` for several."""

    @property
    def name(self) -> str:
        """Its moniker; of several radios, theirs joined by ` + `."""
        ...

    @property
    def adapters(self) -> tuple[str, ...]:
        """The names of its adapters: one, or one for each radio of a group."""
        ...

    @property
    def transmit(self) -> TransmitPolicy:
        """What may be sent."""
        ...

    @property
    def capabilities(self) -> RadioCapabilities:
        """What is known beforehand."""
        ...

    @property
    def links(self) -> Mapping[int, CarLink]:
        """The open links by car identifier."""
        ...

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses of the cars it holds a link to, or is connecting."""
        ...

    def scan(self) -> AbstractAsyncContextManager[Scan]:
        """A scan for the length of the context."""
        ...

    async def find(self, identifier: int, timeout_s: float = 10.0) -> Sighting:
        """Scans until this car is heard."""
        ...

    async def connect(
        self,
        sighting: Sighting,
        *,
        timeout_s: float = 10.0,
        on_frame: Callable[[Received], None] | None = None,
    ) -> CarLink:
        """Connects and returns once the car has sent fresh data."""
        ...

    async def close(self) -> None:
        """Ends what is being connected, then every link."""
        ...
