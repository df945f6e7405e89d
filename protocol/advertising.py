"""What a car says on the air before anyone connects: advert, scan response, and the name with bytes in it.

The advert carries who the car is (service UUID, model, identifier), the scan response how it is (state and
firmware inside the local name, TX power). Layouts: `anki/drive-sdk:src/advertisement.c` and
`include/ankidrive/advertisement.h`; both PDUs also stand in captures
(`opcau/anki:oracle/AnkiNodeDrive/logs/debug.bck`).

An operating system keeps names in caches: the state and the name it hands out may be older than the advert
they come with. Only `seen` times on the host's side can tell. A state of zero (off track, not full) puts a NUL
in front of the name, and a stack that cuts there hands out no name at all: firmware and state stay unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import construct as c

from protocol.dialect import Dialect, dialect_for
from protocol.errors import DecodeError, EncodeError
from protocol.gatt import SERVICE_UUID, uuid_bytes

PRODUCT_ID = 0xBEEF
"""First two bytes of the manufacturer data, big-endian."""

COMPANY_ID = 0xEFBE
"""The same two bytes as Bluetooth stacks read them, little-endian: 61374."""

AD_FLAGS = 0x01
AD_COMPLETE_UUID128 = 0x07
AD_SHORT_NAME = 0x08
AD_COMPLETE_NAME = 0x09
AD_TX_POWER = 0x0A
AD_MANUFACTURER = 0xFF

MAX_NAME_BYTES = 12

FLAGS_WIRE = c.Const(b"\x06")
"""LE general discoverable, no BR/EDR."""

MANUFACTURER_WIRE = c.Struct(
    "product_id" / c.Int16ub,
    "reserved" / c.Int8ub,
    "model_id" / c.Int8ub,
    "identifier" / c.Int32ub,
)
"""Big-endian, unlike everything else ("bytes stored on the vehicle in Big Endian order")."""

LOCAL_NAME_WIRE = c.Struct(
    "state" / c.Int8ul,
    "firmware" / c.Int16ul,
    "reserved" / c.Int8ul,
    "upgrades" / c.Bytes(4),
    "name" / c.GreedyBytes,
)
"""The local name: eight bytes, then what people call the name, NUL-terminated."""

AD_STRUCTURE_WIRE = c.Prefixed(c.Int8ub, c.Struct("type" / c.Int8ub, "data" / c.GreedyBytes))
TX_POWER_WIRE = c.Int8sl

_MANUFACTURER_BYTES = MANUFACTURER_WIRE.sizeof()
_UPGRADES_AT, _NAME_AT = 4, 8
_CONTROL_END = 0x20
_USUAL_RESERVED = 0x01
_STATE_BITS = 0x78  # bits 3 to 6, see NameState
_SPACE = b" "


@dataclass(frozen=True, slots=True)
class NameState:
    """The state byte of the local name, kept whole; unknown bits survive.

    Bits 4 to 6 are the vendor's (`anki/drive-sdk:include/ankidrive/advertisement.h`). Bit 3 is "reserved"
    there; that it means on track is inferred from captures, where 0x08, 0x10 and 0x18 all fit.
    """

    raw: int

    ON_TRACK = 0x08
    FULL_BATTERY = 0x10
    LOW_BATTERY = 0x20
    ON_CHARGER = 0x40

    @classmethod
    def of(
        cls,
        *,
        on_track: bool = False,
        full_battery: bool = False,
        low_battery: bool = False,
        on_charger: bool = False,
    ) -> NameState:
        """The state byte with exactly these bits."""
        return cls(
            on_track * cls.ON_TRACK
            | full_battery * cls.FULL_BATTERY
            | low_battery * cls.LOW_BATTERY
            | on_charger * cls.ON_CHARGER
        )

    @property
    def on_track(self) -> bool:
        """The car stands on track (inferred, see the class)."""
        return bool(self.raw & self.ON_TRACK)

    @property
    def full_battery(self) -> bool:
        """The battery is full."""
        return bool(self.raw & self.FULL_BATTERY)

    @property
    def low_battery(self) -> bool:
        """The battery is low; the threshold is the firmware's secret."""
        return bool(self.raw & self.LOW_BATTERY)

    @property
    def on_charger(self) -> bool:
        """The car sits on its charger."""
        return bool(self.raw & self.ON_CHARGER)


@dataclass(frozen=True, slots=True)
class LocalName:
    """The local name of a scan response.

    `state` is None where the stack took it off the text; `firmware` is the u16 version, each byte 0x01..0x7f on the air; `reserved` is 1 in every capture;
    `upgrades` four bytes the game app keeps in the car, fewer where a stack cut the text within them; `name` at
    most 12 bytes of UTF-8, None where the text ends before it.
    """

    state: NameState | None
    firmware: int
    reserved: int = 1
    upgrades: bytes = b"    "
    name: str | None = "Drive"


@dataclass(frozen=True, slots=True)
class ManufacturerData:
    """The manufacturer data of an advert; `identifier` is unique per car, u32."""

    model_id: int
    identifier: int
    reserved: int = 0
    product_id: int = PRODUCT_ID


@dataclass(frozen=True, slots=True)
class AdStructure:
    """One length-type-value element of an advertising PDU, length left out."""

    type: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CarAdvert:
    """What is known of a car from the air alone.

    `firmware`, `state` and `name` are None while no scan response was heard (or a stack mangled it);
    `name` may be known without the other two.
    """

    identifier: int
    model_id: int
    firmware: int | None = None
    state: NameState | None = None
    name: str | None = None


def parse_ad_structures(pdu: bytes) -> tuple[AdStructure, ...]:
    """The elements of an advert or scan response, in order; a zero length ends them.

    Raises:
        DecodeError: an element claims more bytes than there are; `offset` is that of its length byte.
    """
    found = []
    offset = 0
    while offset < len(pdu) and pdu[offset]:
        try:
            element = AD_STRUCTURE_WIRE.parse(pdu[offset:])
        except c.StreamError:
            raise DecodeError(
                pdu, offset, f"an element of {pdu[offset]} bytes with {len(pdu) - offset - 1} left"
            ) from None
        found.append(AdStructure(element.type, element.data))
        offset += 1 + pdu[offset]
    return tuple(found)


def parse_manufacturer_data(data: bytes) -> ManufacturerData | None:
    """A car's manufacturer data from its eight (or more) bytes; None when it is not a car's."""
    if len(data) < _MANUFACTURER_BYTES:
        return None
    fields = MANUFACTURER_WIRE.parse(data)
    if fields.product_id != PRODUCT_ID:
        return None
    return ManufacturerData(fields.model_id, fields.identifier, fields.reserved)


def parse_local_name(name: bytes | str | None) -> LocalName | None:
    """The fields inside a local name, from raw bytes or from the text a stack made of them.

    None when there is no name or it is not laid out like a car's: too short, or its reserved byte is not a
    control byte. Text may have lost its end at a NUL. Where any byte is no UTF-8, or a NUL stands before the end,
    BlueZ also makes each byte from 0x80 on a space and strips white space at either edge (`src/eir.c`, name2utf8).
    So the state may be missing in front: 0x80 and more, or 0x20. Which, nobody can tell, and it is None: a guess
    would call a car's battery low. A firmware's low byte of 0x20 may go with it.
    Text in which a byte of the first three was replaced (U+FFFD) gives None: a guessed firmware is worse than none.

    Text is read as a car's only when the state uses no other bits than the four known, and then when the reserved
    byte is the 0x01 of every capture and nothing is missing, or the firmware belongs to a known family; of several
    such readings the one with both counts, then the one with 0x01, then the one with least missing. What remains:
    a stripped name of unknown firmware is no reading, a firmware number below 0x0200 may be taken for a stripped
    state and a later number, and text that another device chose to look like this is a reading.
    """
    if not name:
        return None
    if isinstance(name, bytes):
        return _from_layout(name) if len(name) >= _NAME_AT else None
    data = _bytes_of(name)
    readings = []
    for lost in range(3):
        whole = _SPACE * lost + data
        if len(whole) > 3 and 0 < whole[3] < _CONTROL_END and max(whole[:3]) < 0x80:
            usual = whole[3] == _USUAL_RESERVED
            known = dialect_for(int.from_bytes(whole[1:3], "little")) is not Dialect.UNKNOWN
            if not whole[0] & ~_STATE_BITS and (known or (usual and not lost)):
                readings.append((not (known and usual), not usual, lost, whole))
    if not readings:
        return None
    *_, lost, whole = min(readings)
    found = _from_layout(whole)
    return replace(found, state=None) if found is not None and lost else found


def build_local_name(local_name: LocalName) -> bytes:
    """The bytes of a local name as a car sends them, NUL included.

    Raises:
        EncodeError: a field is out of its range.
    """
    low, high = local_name.firmware & 0xFF, local_name.firmware >> 8
    if not (0 < low < 0x80 and 0 < high < 0x80):
        raise EncodeError("LocalName", "firmware", local_name.firmware, "two bytes of 0x01..0x7f each")
    state = None if local_name.state is None else local_name.state.raw
    if state is None or not 0 <= state < 0x80:
        raise EncodeError("LocalName", "state", state, "0..127: the name is UTF-8")
    if not 0 <= local_name.reserved < _CONTROL_END:
        raise EncodeError("LocalName", "reserved", local_name.reserved, "0..31")
    if len(local_name.upgrades) != 4 or not local_name.upgrades.isascii():
        raise EncodeError("LocalName", "upgrades", local_name.upgrades, "exactly 4 bytes of 0..127")
    text = _utf8(local_name.name)
    if text is None or len(text) > MAX_NAME_BYTES or 0 in text:
        raise EncodeError(
            "LocalName", "name", local_name.name, f"at most {MAX_NAME_BYTES} bytes of UTF-8, no NUL"
        )
    return LOCAL_NAME_WIRE.build(
        {
            "state": state,
            "firmware": local_name.firmware,
            "reserved": local_name.reserved,
            "upgrades": local_name.upgrades,
            "name": text + b"\0",
        }
    )


def build_advertising_data(model_id: int, identifier: int) -> bytes:
    """The 31 bytes of a car's ADV_IND: flags, service UUID, manufacturer data; always the same for one car.

    Raises:
        EncodeError: `model_id` is not a u8 or `identifier` not a u32.
    """
    _require_byte("ManufacturerData", "model_id", model_id)
    if not 0 <= identifier <= 0xFFFFFFFF:
        raise EncodeError("ManufacturerData", "identifier", identifier, "0..0xffffffff")
    manufacturer = MANUFACTURER_WIRE.build(
        {"product_id": PRODUCT_ID, "reserved": 0, "model_id": model_id, "identifier": identifier}
    )
    return (
        _ad_structure(AD_FLAGS, FLAGS_WIRE.build(None))
        + _ad_structure(AD_COMPLETE_UUID128, uuid_bytes(SERVICE_UUID))
        + _ad_structure(AD_MANUFACTURER, manufacturer)
    )


def build_scan_response(local_name: LocalName, tx_power_dbm: int = 0) -> bytes:
    """A car's SCAN_RSP: complete local name, then TX power (0 dBm in every capture).

    Raises:
        EncodeError: a field of the name is out of range, or `tx_power_dbm` is not in -127..127.
    """
    if not -127 <= tx_power_dbm <= 127:
        raise EncodeError("ScanResponse", "tx_power_dbm", tx_power_dbm, "-127..127")
    return _ad_structure(AD_COMPLETE_NAME, build_local_name(local_name)) + _ad_structure(
        AD_TX_POWER, TX_POWER_WIRE.build(tx_power_dbm)
    )


def parse_advert(adv: bytes | None, scan_response: bytes | None = None) -> CarAdvert | None:
    """The car behind raw PDUs; None when they are another device's. Only whole PDUs: one that is cut takes the
    other with it, so whoever hears them apart asks `parse_ad_structures` first which of them is.

    The advert names the car, so a scan response alone gives None; use `parse_ad_structures` and
    `parse_local_name` for its half.

    Raises:
        DecodeError: an element claims more bytes than there are.
    """
    elements = parse_ad_structures(adv or b"") + parse_ad_structures(scan_response or b"")
    cars = (parse_manufacturer_data(e.data) for e in elements if e.type == AD_MANUFACTURER)
    car = next((found for found in cars if found), None)
    if car is None:
        return None
    names = [e.data for e in elements if e.type in {AD_COMPLETE_NAME, AD_SHORT_NAME}]
    raw_name = names[0] if names else None
    local = parse_local_name(raw_name)
    text = raw_name.decode(errors="replace") if raw_name else None
    return _car_advert(car, local, text)


def advert_from_host(
    local_name: str | None, manufacturer_data: Mapping[int, bytes], service_uuids: Sequence[str] = ()
) -> CarAdvert | None:
    """The car behind what bleak hands out (`AdvertisementData`); None when it is another device.

    The manufacturer data decides, as it alone tells which car it is: company 61374 and six bytes or more. A
    list of services that lacks the car's own means a foreign device; an empty list means that the stack has
    not heard that PDU. Never raises: anything is normal input here.
    """
    data = manufacturer_data.get(COMPANY_ID)
    if data is None or (service_uuids and SERVICE_UUID not in {u.lower() for u in service_uuids}):
        return None
    car = parse_manufacturer_data(PRODUCT_ID.to_bytes(2, "big") + bytes(data))
    if car is None:
        return None
    return _car_advert(car, parse_local_name(local_name), local_name)


def _car_advert(car: ManufacturerData, local: LocalName | None, text: str | None) -> CarAdvert:
    if local is None:
        return CarAdvert(car.identifier, car.model_id, name=_printable_tail(text))
    return CarAdvert(car.identifier, car.model_id, local.firmware, local.state, local.name)


def _from_layout(data: bytes) -> LocalName | None:
    fields = LOCAL_NAME_WIRE.parse(data.ljust(_NAME_AT))
    if fields.reserved >= _CONTROL_END:
        return None
    text = fields.name.partition(b"\0")[0].decode(errors="replace") if len(data) >= _NAME_AT else None
    return LocalName(
        NameState(fields.state), fields.firmware, fields.reserved, data[_UPGRADES_AT:_NAME_AT], text
    )


def _utf8(text: str | None) -> bytes | None:
    """None for what has no UTF-8: a name not known, a lone surrogate."""
    try:
        return None if text is None else text.encode()
    except UnicodeEncodeError:
        return None


def _bytes_of(text: str) -> bytes:
    """The bytes a stack decoded, with 0xff where it could not."""
    return b"\xff".join(part.encode(errors="surrogatepass") for part in text.split("\ufffd"))


def _printable_tail(text: str | None) -> str | None:
    """The user's name out of a local name that lost its front: what follows the last control byte and the
    four spaces of the upgrades."""
    kept = (text or "").partition("\0")[0]
    for at in range(len(kept), 0, -1):
        if ord(kept[at - 1]) < _CONTROL_END or kept[at - 1] == "\ufffd":
            kept = kept[at:]
            break
    return kept.rpartition("    ")[2].strip() or None


def _ad_structure(kind: int, data: bytes) -> bytes:
    return AD_STRUCTURE_WIRE.build({"type": kind, "data": data})


def _require_byte(message: str, field: str, value: int) -> None:
    if not 0 <= value <= 0xFF:
        raise EncodeError(message, field, value, "0..255")
