"""What a host knows of an advertiser: all AD structures seen so far, the newest of each type."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

COMPLETE_LOCAL_NAME, SHORT_LOCAL_NAME, TX_POWER, MANUFACTURER = 0x09, 0x08, 0x0A, 0xFF
_UUID_LISTS = {0x02: 2, 0x03: 2, 0x04: 4, 0x05: 4, 0x06: 16, 0x07: 16}
_SERVICE_DATA = {0x16: 2, 0x20: 4, 0x21: 16}
_ASCII_END, _SPACE, _WHITE_SPACE = 0x80, 0x20, b" \t\n\v\f\r"
_BASE_UUID_TAIL = "-0000-1000-8000-00805f9b34fb"


@dataclass(slots=True)
class MergedAdvert:
    """ADV_IND and SCAN_RSP of one address together, read as BlueZ reads them.

    Field values follow bleak's `AdvertisementData`: UUIDs are 128-bit lower-case strings, manufacturer data
    is keyed by the little-endian company id.
    """

    local_name: str | None = None
    tx_power_dbm: int | None = None
    manufacturer_data: dict[int, bytes] = field(default_factory=dict)
    service_data: dict[str, bytes] = field(default_factory=dict)
    service_uuids: list[str] = field(default_factory=list)

    def add(self, pdu_data: bytes) -> None:
        """Takes in the AD structures of one PDU; what is malformed at the end is ignored, as hosts do."""
        position = 0
        while position + 1 < len(pdu_data) and (length := pdu_data[position]):
            value = pdu_data[position + 2 : position + 1 + length]
            if len(value) == length - 1:
                self._take(pdu_data[position + 1], value)
            position += 1 + length

    def _take(self, kind: int, value: bytes) -> None:
        if kind in (COMPLETE_LOCAL_NAME, SHORT_LOCAL_NAME):
            self.local_name = _text(value) or None
        elif kind == TX_POWER and value:
            self.tx_power_dbm = int.from_bytes(value[:1], "little", signed=True)
        elif kind == MANUFACTURER and len(value) > 1:
            self.manufacturer_data[int.from_bytes(value[:2], "little")] = value[2:]
        elif kind in _SERVICE_DATA:
            size = _SERVICE_DATA[kind]
            self.service_data[_uuid(value[:size])] = value[size:]
        elif kind in _UUID_LISTS:
            size = _UUID_LISTS[kind]
            for start in range(0, len(value) - size + 1, size):
                uuid = _uuid(value[start : start + size])
                if uuid not in self.service_uuids:
                    self.service_uuids.append(uuid)


def _text(name: bytes) -> str:
    """What BlueZ makes of a name (`src/eir.c`, name2utf8): NULs at its end do not count; if the rest is no UTF-8 or
    has a NUL in it, that ends it, every byte from 0x80 on is a space, and white space goes at both edges."""
    name = name.rstrip(b"\0")
    if 0 not in name:
        with contextlib.suppress(UnicodeDecodeError):
            return name.decode()
    ascii_only = bytes(byte if byte < _ASCII_END else _SPACE for byte in name.partition(b"\0")[0])
    return ascii_only.strip(_WHITE_SPACE).decode()


def _uuid(little_endian: bytes) -> str:
    text = little_endian[::-1].hex()
    if len(text) <= 8:
        return text.rjust(8, "0") + _BASE_UUID_TAIL
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
