"""The kinds of fixture a wiring map can name, and what is known of each before a port is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

POWER = "charger"
METER = "meter"
BUTTON = "button"
GATE = "gate"


@dataclass(frozen=True, slots=True)
class Kind:
    """One driver family.

    `abilities` name the wires it can have (POWER, METER, BUTTON, GATE), `channels` the default count and `most`
    the largest, `options` the keys of its own in a wiring map, `usb` the (VID, PID) it is known to come with;
    with `any_baud` it is a USB device of its own, to which the rate means nothing.
    """

    name: str
    words: str
    abilities: frozenset[str]
    channels: int
    most: int
    baud: int = 9600
    options: frozenset[str] = frozenset()
    usb: frozenset[tuple[int, int]] = frozenset()
    any_baud: bool = False


_CH340 = frozenset({(0x1A86, 0x7523), (0x1A86, 0x5523)})

_ALL = (
    Kind(
        "devantech",
        "Devantech USB-RLY relays",
        frozenset({POWER}),
        8,
        8,
        19200,
        usb=frozenset({(0x04D8, 0xFFEE)}),
        any_baud=True,
    ),
    Kind(
        "maestro",
        "Pololu Maestro servos",
        frozenset({BUTTON}),
        6,
        24,
        options=frozenset({"crc"}),
        usb=frozenset({(0x1FFB, pid) for pid in (0x0089, 0x008A, 0x008B, 0x008C)}),
        any_baud=True,
    ),
    Kind("lcus", "LCUS relays", frozenset({POWER}), 4, 8, options=frozenset({"dialect"}), usb=_CH340),
    Kind("korad", "Korad KA3005P supply", frozenset({POWER, METER}), 1, 1, options=frozenset({"line_feed"})),
    Kind("gate", "pitboard lap gate", frozenset({GATE}), 1, 8, 115200),
    Kind(
        "numato",
        "Numato USB relays",
        frozenset({POWER}),
        8,
        64,
        19200,
        usb=frozenset({(0x2A19, 0x0C01), (0x2A19, 0x0C02), (0x2A19, 0x0C03), (0x2A19, 0x0C04)}),
        any_baud=True,
    ),
    Kind(
        "riden",
        "Riden RD60xx supply",
        frozenset({POWER, METER}),
        1,
        1,
        115200,
        frozenset({"unit"}),
        usb=_CH340,
    ),
    Kind(
        "modbus-relay",
        "Modbus RTU relays",
        frozenset({POWER}),
        8,
        32,
        options=frozenset({"unit", "holds_s"}),
        usb=_CH340,
    ),
    Kind("pc-lap-counter", "PC Lap Counter gate", frozenset({GATE}), 1, 8, 19200),
)
"""In the order in which an unknown board may be asked. The order is a safety matter: Numato's `ver` would switch
relay 1 of a Devantech board on (its bytes are 76 65 72), and a Modbus CRC may hold 84, a Maestro's target
command. So those two are asked, and excluded, first."""

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""By name, in the order in which an unknown board may be asked."""


def kinds_for_usb(vid: int | None, pid: int | None) -> tuple[str, ...]:
    """The kinds known to come with these USB numbers; empty when there is no hint."""
    return tuple(name for name, kind in KINDS.items() if (vid, pid) in kind.usb)
