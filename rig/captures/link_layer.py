"""Link-layer packets of an air sniffer -> adverts, connections and L2CAP fragments (Core Specification, Vol 6 Part B)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from rig.captures.packets import Connected, Fragment, Heard, LinkEvent, Way, address_text

_ADVERTISING_ACCESS_ADDRESS = 0x8E89BED6
_ADV_IND, _SCAN_RSP, _CONNECT_IND = 0, 4, 5
_CONTINUATION, _START = 1, 2
_PHDR = struct.Struct("<BbbBIH")
_CRC_CHECKED, _CRC_VALID = 0x0400, 0x0800
_NORDIC_PACKET_IDS = (2, 6)
_NORDIC_HEADER = 7
_NORDIC_CRC_OK, _NORDIC_FROM_CENTRAL = 1, 2


class LinkLayer:
    """Follows the packets of one capture: connections by their access address, retransmissions dropped."""

    def __init__(self) -> None:
        self._last: dict[tuple[int, Way], tuple[int, bytes]] = {}

    def events(self, data: bytes, way: Way = Way.UNKNOWN) -> Iterator[LinkEvent]:
        """Events of one packet: access address, header, payload, CRC (LINKTYPE_BLUETOOTH_LE_LL)."""
        if len(data) < 9:
            return
        access_address, header, length = struct.unpack_from("<IBB", data)
        payload = data[6 : 6 + length]
        if len(payload) < length:
            return
        if access_address == _ADVERTISING_ACCESS_ADDRESS:
            yield from self._advertising(header & 0x0F, payload)
        else:
            yield from self._data(access_address, header, payload, way)

    def events_with_phdr(self, data: bytes) -> Iterator[LinkEvent]:
        """The same behind the ten-byte pseudo-header of LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR."""
        if len(data) < _PHDR.size:
            return
        flags = _PHDR.unpack_from(data)[-1]
        if flags & _CRC_CHECKED and not flags & _CRC_VALID:
            return
        way = {2: Way.SENT, 3: Way.RECEIVED}.get(flags >> 7 & 7, Way.UNKNOWN)
        yield from self.events(data[_PHDR.size :], way)

    def events_of_nordic(self, data: bytes) -> Iterator[LinkEvent]:
        """The same behind the header of Nordic's sniffer (`wireshark:epan/dissectors/packet-nordic_ble.c`):
        board, length, version, counter and packet id, then a block of flags, channel, RSSI, counter and time."""
        if len(data) < _NORDIC_HEADER + 2 or data[6] not in _NORDIC_PACKET_IDS:
            return
        flags, body_at = data[_NORDIC_HEADER + 1], _NORDIC_HEADER + data[_NORDIC_HEADER]
        if flags & _NORDIC_CRC_OK:
            way = Way.SENT if flags & _NORDIC_FROM_CENTRAL else Way.RECEIVED
            yield from self.events(data[body_at:], way)

    def _advertising(self, kind: int, payload: bytes) -> Iterator[LinkEvent]:
        if kind in {_ADV_IND, _SCAN_RSP} and len(payload) >= 6:
            yield Heard(address_text(payload[:6]), kind == _SCAN_RSP, payload[6:])
        elif kind == _CONNECT_IND and len(payload) >= 16:
            (access_address,) = struct.unpack_from("<I", payload, 12)
            self._last.pop((access_address, Way.SENT), None)
            self._last.pop((access_address, Way.RECEIVED), None)
            yield Connected(access_address, address_text(payload[6:12]))

    def _data(self, access_address: int, header: int, payload: bytes, way: Way) -> Iterator[LinkEvent]:
        kind, sequence = header & 3, header >> 3 & 1
        if kind not in {_CONTINUATION, _START} or not payload:
            return
        if way is not Way.UNKNOWN:
            before = self._last.get((access_address, way))
            self._last[access_address, way] = (sequence, payload)
            if before == (sequence, payload):
                return
        yield Fragment(access_address, way, kind == _START, payload)
