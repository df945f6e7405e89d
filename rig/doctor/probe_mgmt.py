"""Asks the kernel about its controllers through the Bluetooth management socket, which needs no privilege to read.

Formats: BlueZ doc/mgmt-api.txt (Read Management Version to Read Default System Configuration). Python's own
socket module cannot bind to the control channel (or has no Bluetooth at all, as in many builds), so the
address is handed to the C library.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Mapping

from rig.doctor.facts import ControllerFacts, LinkDefaults, Unknown
from rig.doctor.probe_files import why_not

ANSWER_S = 1.0
_AF_BLUETOOTH, _BTPROTO_HCI = 31, 1
_NO_INDEX, _CONTROL_CHANNEL = 0xFFFF, 3
_READ_INFORMATION, _READ_CONFIGURATION = 0x0004, 0x004B
_COMMAND_COMPLETE, _COMMAND_STATUS = 0x0001, 0x0002
_HEADER = struct.Struct("<HHH")
_INFORMATION = struct.Struct("<6sBHII")
_POWERED, _LOW_ENERGY = 1 << 0, 1 << 9
_INTERVAL_MIN, _INTERVAL_MAX, _LATENCY, _SUPERVISION = 0x17, 0x18, 0x19, 0x1A
_INTERVAL_UNIT_MS, _TIMEOUT_UNIT_MS = 1.25, 10
_MOST_EVENTS = 64  # others' events that may stand before our answer


def controller(index: int) -> ControllerFacts | Unknown:
    """Address, version, maker and settings of hci`index`."""
    answer = _ask(_READ_INFORMATION, index)
    return answer if isinstance(answer, Unknown) else information(answer)


def link_defaults(index: int) -> LinkDefaults | Unknown:
    """What the kernel asks for as a central on hci`index` (kernel 5.9 and newer)."""
    answer = _ask(_READ_CONFIGURATION, index)
    return answer if isinstance(answer, Unknown) else configuration(answer)


def information(payload: bytes) -> ControllerFacts | Unknown:
    """The reply to Read Controller Information."""
    if len(payload) < _INFORMATION.size:
        return Unknown(f"the kernel answered {len(payload)} bytes only")
    address, version, manufacturer, _supported, current = _INFORMATION.unpack_from(payload)
    supported = _supported | current
    return ControllerFacts(
        ":".join(f"{byte:02X}" for byte in reversed(address)),
        version,
        manufacturer,
        powered=bool(current & _POWERED),
        low_energy=bool(supported & _LOW_ENERGY),
    )


def configuration(payload: bytes) -> LinkDefaults | Unknown:
    """The reply to Read Default System Configuration: type (u16), length (u8), value, again and again."""
    values = _values(payload)
    try:
        return LinkDefaults(
            values[_INTERVAL_MIN] * _INTERVAL_UNIT_MS,
            values[_INTERVAL_MAX] * _INTERVAL_UNIT_MS,
            values[_LATENCY],
            values[_SUPERVISION] * _TIMEOUT_UNIT_MS,
        )
    except KeyError:
        return Unknown("the kernel does not tell its link defaults")


def _values(payload: bytes) -> Mapping[int, int]:
    values, at = {}, 0
    while at + 3 <= len(payload):
        kind, length = struct.unpack_from("<HB", payload, at)
        values[kind] = int.from_bytes(payload[at + 3 : at + 3 + length], "little")
        at += 3 + length
    return values


def _ask(command: int, index: int) -> bytes | Unknown:
    if sys.platform != "linux":
        return Unknown(f"not on {sys.platform}")
    try:
        with socket.socket(_AF_BLUETOOTH, socket.SOCK_RAW, _BTPROTO_HCI) as control:
            control.settimeout(ANSWER_S)
            _bind(control)
            control.send(_HEADER.pack(command, index, 0))
            for _ in range(_MOST_EVENTS):
                answer = answer_in(control.recv(4096), command, index)
                if answer is not None:
                    return answer
    except TimeoutError:
        return Unknown(f"the kernel did not answer in {ANSWER_S:g} s")
    except OSError as error:
        return why_not(error)
    return Unknown("the kernel is too busy to answer")


def answer_in(packet: bytes, command: int, index: int) -> bytes | Unknown | None:
    """The payload of our command's answer; Unknown when it was refused; None when the packet is something else."""
    if len(packet) < _HEADER.size + 3:
        return None
    event, about, length = _HEADER.unpack_from(packet)
    body = packet[_HEADER.size : _HEADER.size + length]
    if event not in (_COMMAND_COMPLETE, _COMMAND_STATUS) or about != index or len(body) < 3:
        return None
    answered, status = struct.unpack_from("<HB", body)
    if answered != command:
        return None
    if status or event == _COMMAND_STATUS:
        return Unknown(f"the kernel refused (management status 0x{status:02x})")
    return body[3:]


def _bind(control: socket.socket) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    address = struct.pack("<HHH", _AF_BLUETOOTH, _NO_INDEX, _CONTROL_CHANNEL)
    if library.bind(control.fileno(), address, len(address)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
