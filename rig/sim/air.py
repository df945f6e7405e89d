"""The air between the virtual controllers: who hears whom, how loud, and what gets lost.

Replaces bumble's `LocalLink`, which delivers everything at once and for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from bumble import hci, ll
from bumble.link import LocalLink

from rig.sim.seeds import child_random

if TYPE_CHECKING:
    from rig.sim.controller import AirController
    from rig.sim.link_layer import AirConnection

RSSI_RANGE_DBM = (-127, 20)


@dataclass(frozen=True, slots=True)
class AirParameters:
    """The air on a normal night. Probabilities are 0..1 per packet.

    Attributes:
        rssi_dbm: mean level at which a car is heard.
        rssi_noise_db: standard deviation from one packet to the next.
        advert_loss: chance that one advertisement, scan request or scan response is not heard.
        link_loss: chance that one packet of a connection is not heard.
        advertising_interval_ms: from one advertisement to the next, before the 0..10 ms of advDelay.
        pdus_per_event: packets each side may send in one connection event.
        connection_interval_ms: what the host asks for, 7.5..4000.
        supervision_timeout_ms: what the host asks for, 100..32000 (BlueZ 5.66 asks for 420).
        max_links: connections the adapter can hold.
        tx_buffers: notifications a car can hold before it drops new ones.
    """

    rssi_dbm: float = -55.0
    rssi_noise_db: float = 2.0
    advert_loss: float = 0.05
    link_loss: float = 0.0
    advertising_interval_ms: float = 100.0
    pdus_per_event: int = 4
    connection_interval_ms: float = 30.0
    supervision_timeout_ms: float = 2000.0
    max_links: int = 8
    tx_buffers: int = 16


@dataclass(slots=True)
class RadioConditions:
    """How one controller is doing on the air right now; faults change it.

    `fail_establish_next` and `ignore_connect_next` count down with each connect attempt; the probabilities
    act on every attempt.
    """

    in_range: bool = True
    rssi_dbm: float = -55.0
    advert_loss: float = 0.0
    link_loss: float = 0.0
    fail_establish_next: int = 0
    fail_establish_probability: float = 0.0
    ignore_connect_next: int = 0
    ignore_connect_probability: float = 0.0
    abort_connect_probability: float = 0.0


@dataclass(slots=True)
class _Streams:
    """The random streams of one advertiser, one per concern."""

    advert: Random
    rssi: Random
    establish: Random
    link: Random
    phase: Random


@dataclass(slots=True)
class AirStatistics:
    """What went over the air, for tests and reports."""

    adverts_sent: int = 0
    connections: int = 0
    failed_establishments: int = 0
    closed_by_reason: dict[int, int] = field(default_factory=dict)


class Air(LocalLink):
    """All controllers in one place. Iteration follows the order in which they were added."""

    def __init__(self, parameters: AirParameters, seed: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.parameters = parameters
        self.seed = seed
        self.statistics = AirStatistics()
        self.members: dict[AirController, RadioConditions] = {}
        self._streams: dict[str, _Streams] = {}
        self._connections: dict[AirConnection, tuple[AirController, AirController]] = {}
        self._listening = False

    # Membership; the base class keeps a set, whose order changes from run to run.

    def add_controller(self, controller: AirController) -> None:  # type: ignore[override]
        """Puts a controller on the air."""
        self.members[controller] = RadioConditions(
            rssi_dbm=self.parameters.rssi_dbm,
            advert_loss=self.parameters.advert_loss,
            link_loss=self.parameters.link_loss,
        )

    def remove_controller(self, controller: AirController) -> None:  # type: ignore[override]
        """Takes a controller off the air; its connections fall silent."""
        self.silence(controller)
        self.members.pop(controller, None)
        self.listeners_changed()

    def conditions(self, controller: AirController) -> RadioConditions:
        """The conditions of one controller; call `conditions_changed` after changing them."""
        return self.members[controller]

    def streams(self, address: hci.Address) -> _Streams:
        """The random streams of the car at `address`."""
        name = address.to_string(with_type_qualifier=False)
        found = self._streams.get(name)
        if found is None:
            found = self._streams[name] = _Streams(
                *(child_random(self.seed, "air", concern, name) for concern in _Streams.__slots__)
            )
        return found

    def conditions_changed(self) -> None:
        """Range or loss of some controller changed: running connections must know."""
        for connection in list(self._connections):
            connection.conditions_changed()

    # Advertising.

    @property
    def has_listeners(self) -> bool:
        """Whether anybody scans or initiates; if not, adverts need not be computed."""
        return any(member.is_listening for member in self.members)

    def listeners_changed(self) -> None:
        """Wakes the advertisers when somebody begins to listen, rests them when nobody does."""
        listening = self.has_listeners
        if listening != self._listening:
            self._listening = listening
            for member in self.members:
                member.advertiser.listeners_changed(listening)

    def send_advertising_pdu(self, sender_controller: AirController, packet: ll.AdvertisingPdu) -> None:  # type: ignore[override]
        """One advertising event: every listener hears it or does not."""
        if not isinstance(packet, ll.AdvInd):
            return
        self.statistics.adverts_sent += 1
        streams = self.streams(packet.advertiser_address)
        for member in list(self.members):
            if (
                member is not sender_controller
                and member.is_listening
                and self.in_reach(sender_controller, member)
            ):
                loss = _either(self.members[sender_controller].advert_loss, 1.0 - member.listening_duty)
                if streams.advert.random() >= loss:
                    answered = streams.advert.random() >= loss
                    member.on_advert_heard(
                        sender_controller, packet, self.rssi(sender_controller, streams), answered
                    )

    def rssi(self, sender: AirController, streams: _Streams) -> int:
        """One noisy reading in dBm."""
        level = self.members[sender].rssi_dbm + streams.rssi.gauss(0.0, self.parameters.rssi_noise_db)
        return max(RSSI_RANGE_DBM[0], min(RSSI_RANGE_DBM[1], round(level)))

    # Connections.

    def in_reach(self, one: AirController, other: AirController) -> bool:
        """Whether both are on the air and in range of each other."""
        ends = self.members.get(one), self.members.get(other)
        return all(end is not None and end.in_range for end in ends)

    def loss(self, one: AirController, other: AirController) -> float:
        """Chance that a packet between the two is lost."""
        ends = self.members.get(one), self.members.get(other)
        if ends[0] is None or ends[1] is None:
            return 1.0
        return _either(ends[0].link_loss, ends[1].link_loss)

    def register(self, connection: AirConnection, central: AirController, peripheral: AirController) -> None:
        """Keeps a connection until `forget`."""
        self._connections[connection] = (central, peripheral)
        self.statistics.connections += 1

    def forget(self, connection: AirConnection) -> None:
        """Both ends are closed."""
        self._connections.pop(connection, None)

    def silence(self, controller: AirController) -> None:
        """The controller's side of all its connections is gone without a word."""
        for connection, (central, peripheral) in list(self._connections.items()):
            if controller is central:
                connection.fall_silent(connection.central)
            if controller is peripheral:
                connection.fall_silent(connection.peripheral)

    def closed(self, reason: int) -> None:
        """Counts one end of a connection closing."""
        counts = self.statistics.closed_by_reason
        counts[reason] = counts.get(reason, 0) + 1


def _either(one: float, other: float) -> float:
    """Chance that at least one of two independent losses strikes."""
    return 1.0 - (1.0 - one) * (1.0 - other)
