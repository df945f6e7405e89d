"""A capture file -> the cars' frames in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rig.captures.att import AttFollower, AttValue
from rig.captures.btsnoop import is_btsnoop, read_btsnoop
from rig.captures.hci import h4_events, h4_with_direction_events, monitor_events
from rig.captures.link_layer import LinkLayer
from rig.captures.packets import LinkEvent, LinkType, NotACaptureError, Packet
from rig.captures.pcap import is_pcap, read_pcap
from rig.captures.pcapng import is_pcapng, read_pcapng

_CONTAINERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Iterator[Packet]]], ...] = (
    (is_btsnoop, read_btsnoop),
    (is_pcap, read_pcap),
    (is_pcapng, read_pcapng),
)


def looks_like_capture(data: bytes) -> bool:
    """Whether the bytes begin like one of the containers we read."""
    return any(fits(data) for fits, _ in _CONTAINERS)


def read_capture(data: bytes, name: str) -> Iterator[AttValue]:
    """The cars' frames in the bytes of a btsnoop, pcap or pcapng file, in its order; `name` is for messages.

    Raises:
        NotACaptureError: unknown container, or no packet of a link type we can follow.
        TruncatedCaptureError: after the last frame that could be read.
    """
    for fits, read in _CONTAINERS:
        if fits(data):
            yield from _values(read(data), name)
            return
    raise NotACaptureError(f"{name} is no btsnoop, pcap or pcapng capture")


def _values(packets: Iterator[Packet], name: str) -> Iterator[AttValue]:
    follower = AttFollower()
    link_layer = LinkLayer()
    strange: set[int] = set()
    followed = False
    for packet in packets:
        events = _events(packet, link_layer)
        if events is None:
            strange.add(packet.link_type)
            continue
        followed = True
        yield from follower.values(packet.time_s, events)
    if strange and not followed:
        numbers = ", ".join(str(number) for number in sorted(strange))
        known = ", ".join(str(number.value) for number in LinkType)
        raise NotACaptureError(f"{name} has link type {numbers}; Bluetooth LE ones are {known}")


def _events(packet: Packet, link_layer: LinkLayer) -> Iterator[LinkEvent] | None:
    """The link events of a packet; None for a link type that is not Bluetooth LE."""
    decoders: dict[int, Callable[[bytes], Iterator[LinkEvent]]] = {
        LinkType.HCI_H4: lambda data: h4_events(data, packet.way),
        LinkType.HCI_H4_WITH_PHDR: h4_with_direction_events,
        LinkType.LINUX_MONITOR: monitor_events,
        LinkType.LE_LL: link_layer.events,
        LinkType.LE_LL_WITH_PHDR: link_layer.events_with_phdr,
        LinkType.NORDIC_BLE: link_layer.events_of_nordic,
    }
    decoder = decoders.get(packet.link_type)
    return decoder(packet.data) if decoder else None
