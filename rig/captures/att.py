"""Link events -> what cars and hosts said: L2CAP reassembly, discovery, the two characteristics' values."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from protocol import DecodeError, VersionResponse, VersionResponseShort, core_of, decode
from protocol.advertising import parse_ad_structures, parse_advert
from protocol.gatt import TO_CAR_HANDLE, TO_CAR_UUID, TO_HOST_HANDLE, TO_HOST_UUID, uuid_bytes
from rig.captures.packets import Connected, Fragment, Heard, LinkEvent, Way

_ATT_CHANNEL = 4
_READ_BY_TYPE_RESPONSE = 0x09
_WRITE_REQUEST, _WRITE_COMMAND = 0x12, 0x52
_NOTIFICATION = 0x1B
_DECLARATION_WITH_UUID128 = 21

_OURS = {uuid_bytes(TO_CAR_UUID): TO_CAR_HANDLE, uuid_bytes(TO_HOST_UUID): TO_HOST_HANDLE}
_L2CAP = struct.Struct("<HH")


@dataclass(frozen=True, slots=True)
class AttValue:
    """One frame as ATT carried it.

    `time_s` is the capture's, seconds since 1970; `to_car` tells a write from a notification; `firmware` is what
    the car said of itself so far, in a version response or its scan response, None when neither was heard; `peer`
    the car's address.
    """

    time_s: float
    to_car: bool
    handle: int
    frame: bytes
    firmware: int | None = None
    peer: str | None = None


@dataclass(slots=True)
class _Link:
    """What is known of one connection: its car, the characteristics' real handles, half-read frames."""

    peer: str | None = None
    firmware: int | None = None
    handles: dict[int, int] = field(default_factory=dict)  # value handle -> documented one, 0 for strangers
    halves: dict[Way, bytes] = field(default_factory=dict)


class AttFollower:
    """Follows the link events of one capture and picks out the cars' frames.

    A connection whose discovery was captured is read by the handles found there; any other by the handles of
    captured cars (0x0b, 0x0d), unless it is known to lead to a device that did not advertise as a car.
    """

    def __init__(self) -> None:
        self._links: dict[int, _Link] = {}
        self._heard: dict[str, dict[bool, bytes]] = {}
        self._cars: dict[str, int | None] = {}

    def values(self, time_s: float, events: Iterable[LinkEvent]) -> Iterator[AttValue]:
        """The frames that become complete with these events."""
        for event in events:
            match event:
                case Heard():
                    self._hear(event)
                case Connected():
                    self._links[event.connection] = _Link(event.peer)
                case Fragment():
                    yield from self._fragment(time_s, event)

    def _hear(self, heard: Heard) -> None:
        halves = self._heard.setdefault(heard.address, {})
        if halves.get(heard.is_scan_response) == heard.data:
            return
        try:
            parse_ad_structures(heard.data)
        except DecodeError:  # received with errors: it takes nothing from what was heard before
            return
        halves[heard.is_scan_response] = heard.data
        advert = parse_advert(halves.get(False), halves.get(True))
        if advert:
            self._cars[heard.address] = advert.firmware

    def _fragment(self, time_s: float, fragment: Fragment) -> Iterator[AttValue]:
        link = self._links.setdefault(fragment.connection, _Link())
        begun = link.halves.pop(fragment.way, None)
        if fragment.first:
            begun = b""
        elif begun is None:  # its beginning was not captured
            return
        data = begun + fragment.data
        if len(data) < _L2CAP.size or len(data) < _L2CAP.size + _L2CAP.unpack_from(data)[0]:
            link.halves[fragment.way] = data
            return
        length, channel = _L2CAP.unpack_from(data)
        if channel == _ATT_CHANNEL:
            yield from self._att(time_s, link, data[_L2CAP.size : _L2CAP.size + length])

    def _att(self, time_s: float, link: _Link, pdu: bytes) -> Iterator[AttValue]:
        if pdu[:1] == bytes([_READ_BY_TYPE_RESPONSE]):
            _learn(link, pdu)
        if len(pdu) < 3 or pdu[0] not in {_WRITE_REQUEST, _WRITE_COMMAND, _NOTIFICATION}:
            return
        to_car = pdu[0] != _NOTIFICATION
        (handle,) = struct.unpack_from("<H", pdu, 1)
        if self._role(link, handle) == (TO_CAR_HANDLE if to_car else TO_HOST_HANDLE):
            if not to_car:
                link.firmware = _version_in(pdu[3:]) or link.firmware
            yield AttValue(time_s, to_car, handle, pdu[3:], self._firmware(link), link.peer)

    def _role(self, link: _Link, handle: int) -> int:
        """The documented handle that `handle` stands for; 0 when it is none of a car's."""
        if any(link.handles.values()):
            return link.handles.get(handle, 0)
        stranger = link.peer is not None and bool(self._cars) and link.peer not in self._cars
        return 0 if stranger else link.handles.get(handle, handle)

    def _firmware(self, link: _Link) -> int | None:
        """What the car answered; by address; where the link's start was missed, the only firmware heard."""
        if link.firmware is not None:
            return link.firmware
        if link.peer is not None:
            return self._cars.get(link.peer)
        heard = set(self._cars.values())
        return heard.pop() if len(heard) == 1 else None


def _version_in(frame: bytes) -> int | None:
    """The firmware number of a version response; None for any other frame."""
    if frame[1:2] != bytes([VersionResponse.MSG_ID]):
        return None
    try:
        message = core_of(decode(frame))
    except DecodeError:
        return None
    return message.version if isinstance(message, VersionResponse | VersionResponseShort) else None


def _learn(link: _Link, pdu: bytes) -> None:
    """Characteristic declarations with 128-bit UUIDs: handle, properties, value handle, UUID."""
    if pdu[1:2] != bytes([_DECLARATION_WITH_UUID128]):
        return
    for at in range(2, len(pdu) - _DECLARATION_WITH_UUID128 + 1, _DECLARATION_WITH_UUID128):
        (value_handle,) = struct.unpack_from("<H", pdu, at + 3)
        link.handles[value_handle] = _OURS.get(pdu[at + 5 : at + 21], 0)
