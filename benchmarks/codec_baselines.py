"""What the codec is measured against: code one would write by hand, plain construct, published libraries."""

from __future__ import annotations

import importlib
import os
import struct
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from pathlib import Path

import construct

from protocol import DecodeError, Message


class Hand:
    """`struct` plus dataclass, written for speed: one precompiled struct and one class per id, a dict to find them.

    `decode` checks what our decoder checks, size byte and exact length; `decode_unchecked` leaves the size byte;
    `decode_frozen` checks and makes frozen dataclasses.
    """

    def __init__(self, classes: list[type[Message]]) -> None:
        self.by_id = {cls.MSG_ID: _slotted(cls, frozen=False) for cls in classes}
        self.frozen_by_id = {cls.MSG_ID: _slotted(cls, frozen=True) for cls in classes}
        self.decode = _checked(self.by_id)
        self.decode_frozen = _checked(self.frozen_by_id)
        self.decode_unchecked = _unchecked(self.by_id)

    def message(self, message: Message) -> object:
        """The hand-written twin of one of our messages; it has an `encode` method."""
        return self.by_id[message.MSG_ID][0](*message.values())


def _slotted(cls: type[Message], *, frozen: bool) -> tuple[type, Callable[..., tuple]]:
    body = cls.FORM.layout.format
    pack = struct.Struct("<BB" + body).pack
    # One statement, as one writes it by hand: no tuple built on the way.
    arguments = "".join(f", self.{name}" for name in cls.NAMES)
    namespace = {"_pack": pack}
    exec(f"def encode(self): return _pack({cls.FORM.size}, {cls.MSG_ID}{arguments})", namespace)
    made = make_dataclass(
        cls.__name__,
        [(slot.spec.name, float if slot.code == "f" else int) for slot in cls.FORM.layout.slots],
        namespace={"encode": namespace["encode"]},
        slots=True,
        frozen=frozen,
    )
    return made, struct.Struct("<2x" + body).unpack


def _checked(by_id: dict[int, tuple[type, Callable[..., tuple]]]) -> Callable[[bytes], object]:
    def decode(data: bytes) -> object:
        try:
            if data[0] + 1 != len(data):
                raise DecodeError(data, len(data), "size byte")
            cls, unpack = by_id[data[1]]
            return cls(*unpack(data))
        except (struct.error, IndexError, KeyError) as error:
            raise DecodeError(data, len(data), "length or id") from error

    return decode


def _unchecked(by_id: dict[int, tuple[type, Callable[..., tuple]]]) -> Callable[[bytes], object]:
    def decode(data: bytes) -> object:
        cls, unpack = by_id[data[1]]
        return cls(*unpack(data))

    return decode


def plain_construct(classes: list[type[Message]]) -> construct.Construct:
    """The idiomatic whole-frame construct over stock field types."""
    payloads = {
        cls.MSG_ID: construct.Struct(
            *(slot.spec.name / construct.FormatField("<", slot.code) for slot in cls.FORM.layout.slots)
        )
        for cls in classes
    }
    return construct.Prefixed(
        construct.Int8ul,
        construct.Struct(
            "msg_id" / construct.Int8ul,
            "payload" / construct.Switch(construct.this.msg_id, payloads, default=construct.GreedyBytes),
        ),
    )


@dataclass(frozen=True)
class Peer:
    """A published library: its decoder and its builders of orders, as far as it has them."""

    name: str
    decode: Callable[[bytes], object]
    set_speed: Callable[[int, int], bytes] | None
    change_lane: Callable[[float, int, int], bytes] | None


def peers() -> tuple[list[Peer], list[str]]:
    """The published libraries that import, and a line on each that does not.

    `PITBOARD_PEERS` names a directory they were installed into (`pip install --no-deps --target DIR …`).
    """
    if (folder := os.environ.get("PITBOARD_PEERS")) and folder not in sys.path:
        sys.path.append(str(Path(folder)))
    found, absent = [], []
    for name, load in (("py-drivesdk", _py_drivesdk), ("anki-overdrive", _anki_overdrive)):
        try:
            found.append(load(name))
        except ImportError as error:
            absent.append(f"{name}: {error}")
    return found, absent


def _py_drivesdk(name: str) -> Peer:
    protocol = importlib.import_module("anki.misc.msg_protocol")
    messages = importlib.import_module("anki.misc.msgs")
    const = importlib.import_module("anki.misc.const")

    def decode(data: bytes) -> object:  # the head of Vehicle._notify_handler
        msg_type, payload = protocol.disassemble_packet(data)
        if msg_type == const.VehicleMsg.TRACK_PIECE_UPDATE:
            return messages.disassemble_track_update(payload)
        if msg_type == const.VehicleMsg.TRACK_PIECE_CHANGE:
            return messages.disassemble_track_change(payload)
        return payload

    return Peer(name, decode, messages.set_speed_pkg, messages.change_lane_pkg)


def _anki_overdrive(name: str) -> Peer:
    try:
        importlib.import_module("bluepy.btle")
    except ImportError:  # needs BlueZ headers to build; only its base class is used here
        btle = types.ModuleType("bluepy.btle")
        btle.DefaultDelegate = object
        sys.modules["bluepy"] = types.ModuleType("bluepy")
        sys.modules["bluepy"].btle = btle
        sys.modules["bluepy.btle"] = btle
    overdrive = importlib.import_module("overdrive")
    car = overdrive.Overdrive.__new__(overdrive.Overdrive)
    car._connected = False  # its __init__ would connect; its __del__ asks
    car.addr = "C0:00:00:00:00:01"
    kept: list[object] = [None]

    def keep(_address: str, params: object) -> None:
        kept[0] = params

    car.setLocationChangeCallback(keep)
    car.setTransitionCallback(keep)
    handlers = {0x27: car.locationChangeHandler, 0x29: car.transitionHandler}

    def decode(data: bytes) -> object:  # handleNotification without the thread it starts per frame
        handlers[struct.unpack_from("B", data, 1)[0]](data)
        return kept[0]

    return Peer(name, decode, None, None)
