"""Builds what a capture of one short session with a car holds, for every link type.

The session: the car advertises, is found, connected, discovered, subscribed, driven.
"""

import struct

from protocol.advertising import LocalName, NameState, build_advertising_data, build_scan_response
from protocol.gatt import SERVICE_UUID, TO_CAR_UUID, TO_HOST_UUID, uuid_bytes

CAR = "DB:7F:7E:CC:BA:DD"
HOST = "00:1A:7D:DA:71:13"
FIRMWARE = 0x2774
ADVERT = build_advertising_data(9, 0x0880EADB)
SCAN_RESPONSE = build_scan_response(LocalName(NameState(0x10), FIRMWARE))

STATUS = bytes.fromhex("053f01000001")
SPEED = bytes.fromhex("06242c01e80300")
POSITION = bytes.fromhex("1027071110bf1f492d0107ffff00002c01")
LIGHTS = bytes.fromhex("021d44")

CONNECTION = 0x0040
ACCESS_ADDRESS = 0x78719954


def raw_address(text):
    return bytes.fromhex(text.replace(":", ""))[::-1]


def l2cap(att):
    return struct.pack("<HH", len(att), 4) + att


def write_request(value, handle=0x0B):
    return b"\x12" + struct.pack("<H", handle) + value


def write_command(value, handle=0x0B):
    return b"\x52" + struct.pack("<H", handle) + value


def notification(value, handle=0x0D):
    return b"\x1b" + struct.pack("<H", handle) + value


def declaration(handle, properties, uuid):
    return b"\x09\x15" + struct.pack("<HBH", handle, properties, handle + 1) + uuid_bytes(uuid)


def services():
    return b"\x11\x14" + struct.pack("<HH", 9, 0xFFFF) + uuid_bytes(SERVICE_UUID)


def session_att(to_car=0x0B, to_host=0x0D):
    """(sent by the host, ATT PDU) of the whole session."""
    return [
        (True, b"\x02\x17\x00"),
        (False, b"\x03\x17\x00"),
        (False, services()),
        (False, declaration(to_car - 1, 0x0E, TO_CAR_UUID)),
        (False, declaration(to_host - 1, 0x12, TO_HOST_UUID)),
        (True, b"\x12" + struct.pack("<H", to_host + 1) + b"\x01\x00"),
        (False, b"\x13"),
        (False, notification(STATUS, to_host)),
        (True, write_request(SPEED, to_car)),
        (False, notification(POSITION, to_host)),
        (True, write_command(LIGHTS, to_car)),
    ]


FRAMES = [(False, STATUS), (True, SPEED), (False, POSITION), (True, LIGHTS)]
"""What a reader should find: (to the car, frame)."""


# HCI


def acl(att, *, first=True, flushable=True, connection=CONNECTION):
    boundary = (2 if flushable else 0) if first else 1
    return struct.pack("<HH", connection | boundary << 12, len(att)) + att


def le_event(subevent, body):
    return bytes([0x3E, 1 + len(body), subevent]) + body


def advertising_report(kind, address, data):
    return le_event(2, bytes([1, kind, 1]) + raw_address(address) + bytes([len(data)]) + data + b"\xc4")


def extended_report(kind, address, data):
    head = struct.pack(
        "<BHB6sBBBbbHB6sB", 1, kind, 1, raw_address(address), 1, 0, 0xFF, 127, -60, 0, 0, bytes(6), len(data)
    )
    return le_event(0x0D, head + data)


def connection_complete(address, *, connection=CONNECTION, status=0, subevent=1):
    body = struct.pack("<BHBB6s", status, connection, 0, 1, raw_address(address))
    return le_event(subevent, body + struct.pack("<HHHB", 12, 0, 200, 0))


def hci_session(reports=advertising_report, **handles):
    """(H4 type, sent, body) of the whole session."""
    legacy = reports is advertising_report
    yield 4, False, reports(0 if legacy else 0x13, CAR, ADVERT)
    yield 4, False, reports(4 if legacy else 0x1B, CAR, SCAN_RESPONSE)
    yield 1, True, b"\x0d\x20\x00"
    yield 4, False, connection_complete(CAR)
    for sent, att in session_att(**handles):
        yield 2, sent, acl(l2cap(att))


# Link layer


def ll_advertising(kind, address, data):
    payload = raw_address(address) + data
    return struct.pack("<IBB", 0x8E89BED6, kind | 0x40, len(payload)) + payload + b"\x01\x02\x03"


def connect_ind():
    payload = raw_address(HOST) + raw_address(CAR) + struct.pack("<I", ACCESS_ADDRESS) + bytes(18)
    return struct.pack("<IBB", 0x8E89BED6, 5 | 0x40, len(payload)) + payload + b"\x01\x02\x03"


def ll_data(payload, *, sequence, kind=2):
    return struct.pack("<IBB", ACCESS_ADDRESS, kind | sequence << 3, len(payload)) + payload + b"\x01\x02\x03"


def ll_session():
    """(sent, packet) of the whole session as a sniffer hears it, with one retransmission and an empty packet."""
    yield False, ll_advertising(0, CAR, ADVERT)
    yield False, ll_advertising(4, CAR, SCAN_RESPONSE)
    yield True, connect_ind()
    sequence = {True: 0, False: 0}
    for number, (sent, att) in enumerate(session_att()):
        packet = ll_data(l2cap(att), sequence=sequence[sent])
        sequence[sent] ^= 1
        yield sent, packet
        if number == 8:  # the speed again: its acknowledgement was lost
            yield sent, packet
        yield not sent, ll_data(b"", sequence=0, kind=1)


def with_phdr(sent, packet, *, crc_valid=True):
    kind = 0 if packet[:4] == b"\xd6\xbe\x89\x8e" else (2 if sent else 3)
    flags = 0x0001 | 0x0010 | kind << 7 | 0x0400 | (0x0800 if crc_valid else 0)
    return struct.pack("<BbbBIH", 12, -60, -90, 0, ACCESS_ADDRESS, flags) + packet


def nordic(sent, packet, *, crc_ok=True, version=3):
    block = struct.pack("<BBBBHI", 10, (1 if crc_ok else 0) | (2 if sent else 0), 12, 60, 7, 99)
    length = len(block) + len(packet)
    head = bytes([6, length]) if version == 1 else struct.pack("<H", length)
    return b"\x01" + head + bytes([version]) + struct.pack("<H", 5) + b"\x06" + block + packet


# Containers


def btsnoop(records, datalink):
    """(seconds, flags, bytes) as a btsnoop file."""
    parts = [b"btsnoop\0" + struct.pack(">II", 1, datalink)]
    for time_s, flags, data in records:
        stamp = round(time_s * 1e6) + 0x00DCDDB30F2F8000
        parts.append(struct.pack(">IIIIq", len(data), len(data), flags, 0, stamp) + data)
    return b"".join(parts)


def pcapng_block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def pcapng(link_type, packets, *, order="<", tick=b"", offset_s=None):
    """(ticks, bytes) as a pcapng file; `tick` is the value of if_tsresol."""
    options = b""
    if tick:
        options += struct.pack(order + "HH", 9, 1) + tick + bytes(3)
    if offset_s is not None:
        options += struct.pack(order + "HHq", 14, 8, offset_s)
    if options:
        options += bytes(4)
    section = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
    parts = [pcapng_block(0x0A0D0D0A, section, order)]
    parts.append(pcapng_block(1, struct.pack(order + "HHI", link_type, 0, 0) + options, order))
    parts.append(pcapng_block(5, struct.pack(order + "III", 0, 0, 0), order))
    for ticks, data in packets:
        body = struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data)) + data
        parts.append(pcapng_block(6, body, order))
    return b"".join(parts)
