"""Adverts and scan responses as records and as lines for people."""

from __future__ import annotations

from collections.abc import Sequence

from protocol import dialect_for
from protocol.advertising import (
    AD_COMPLETE_NAME,
    AD_MANUFACTURER,
    AD_SHORT_NAME,
    AD_TX_POWER,
    LocalName,
    parse_ad_structures,
    parse_local_name,
    parse_manufacturer_data,
)
from protocol.models import model_name

_LABELS = {"tx_power_dbm": "dBm"}


def advert_record(pdus: Sequence[bytes]) -> dict[str, object]:
    """What the PDUs of one device say together; `car` is false for a device that is none of ours.

    Raises:
        DecodeError: an element claims more bytes than there are.
    """
    elements = [element for pdu in pdus for element in parse_ad_structures(pdu)]
    record: dict[str, object] = {"advert": [pdu.hex() for pdu in pdus], "car": False}
    for element in elements:
        if element.type == AD_MANUFACTURER and (maker := parse_manufacturer_data(element.data)):
            record |= {
                "car": True,
                "identifier": f"{maker.identifier:08x}",
                "model_id": maker.model_id,
                "model": model_name(maker.model_id),
            }
        elif element.type in {AD_COMPLETE_NAME, AD_SHORT_NAME} and (local := parse_local_name(element.data)):
            record |= {"car": True} | _name_record(local)
        elif element.type == AD_TX_POWER and len(element.data) == 1:
            record["tx_power_dbm"] = int.from_bytes(element.data, signed=True)
    return record


def advert_lines(record: dict[str, object]) -> list[str]:
    """A record of `advert_record` as lines, one fact each."""
    hidden = {"advert", "car"}
    facts = {key: value for key, value in record.items() if key not in hidden and value is not None}
    title = "Advert of a car" if record["car"] else "Advert of another device, not a car"
    width = max((len(name) for name in facts), default=0)
    return [
        title,
        *(f"  {n:<{width}}  {_shown(n, v)} {_LABELS.get(n, '')}".rstrip() for n, v in facts.items()),
    ]


def _name_record(local: LocalName) -> dict[str, object]:
    state = local.state
    return {
        "name": local.name,
        "firmware": local.firmware,
        "dialect": dialect_for(local.firmware).value,
        "on_track": state and state.on_track,
        "full_battery": state and state.full_battery,
        "low_battery": state and state.low_battery,
        "on_charger": state and state.on_charger,
        "state": state and state.raw,
        "reserved": local.reserved,
        "upgrades": local.upgrades.hex(),
    }


def _shown(name: str, value: object) -> str:
    if name == "firmware" and isinstance(value, int):
        return f"{value} (0x{value:04x})"
    if name == "state" and isinstance(value, int):
        return f"0x{value:02x}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
