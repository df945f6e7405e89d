"""What else is made from the declarations: the field table, the Wireshark dissector, orders per dialect."""

import csv
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import protocol
from protocol import (
    MESSAGE_TYPES,
    TRANSMIT_ALLOWED,
    ChangeLane,
    ChangeLaneDrive,
    Dialect,
    Direction,
    EncodeError,
    LightsPattern,
    LightsPatternDrive,
    SdkMode,
    SdkModeDrive,
    SetSpeed,
    SetSpeedV4,
    Turn,
    TurnDrive,
    commands,
    decode,
    dialect_for,
    encode,
)
from protocol.field_table import field_table
from protocol.wireshark import lua_source

ROOT = Path(__file__).parents[2]
FRAMES = [
    json.loads(line)
    for name in ("vendor.jsonl", "sniffer-2774.jsonl", "third-party.jsonl")
    for line in (ROOT / "fixtures/vectors" / name).read_text().splitlines()
]


def test_exports_are_complete():
    assert set(MESSAGE_TYPES) <= {getattr(protocol, name) for name in protocol.__all__}
    for name in protocol.__all__:
        assert hasattr(protocol, name)


class TestAllowList:
    def test_holds_only_orders(self):
        assert all(cls.FORM.direction is Direction.TO_CAR for cls in TRANSMIT_ALLOWED)

    def test_keeps_dangerous_ids_out(self):
        ids = {cls.MSG_ID for cls in TRANSMIT_ALLOWED}
        assert not ids & {*range(7), 0x0A, 0x1C, 0x1F, 0x3A, 0x49, 0x55, 0x89, 0x93}
        assert {msg_id for msg_id in ids if msg_id >= 0x78} == {0x90}

    def test_keeps_undecided_and_unknown_out(self):
        for cls in (
            protocol.Unknown,
            protocol.Extended,
            protocol.ChangeLaneUndecided,
            protocol.LightsPatternUndecided,
        ):
            assert cls not in TRANSMIT_ALLOWED


@pytest.mark.parametrize("dialect", Dialect)
def test_orders_take_the_form_of_the_dialect(dialect):
    orders = [
        commands.set_speed(dialect, 300),
        commands.change_lane(dialect, -20.0, tag=7),
        commands.u_turn(dialect),
        commands.sdk_mode(dialect),
        commands.sdk_mode(dialect, on=False),
        *commands.engine_colour(dialect, 14, 0, 7),
    ]
    for order in orders:
        assert type(order) in TRANSMIT_ALLOWED
        assert decode(encode(order, dialect), Direction.TO_CAR, dialect) == order
        assert commands.encode_order(order, dialect) == commands.encode_order(order, dialect) == encode(order)


def test_a_new_order_is_refused_in_a_form_the_dialect_does_not_speak():
    for order, dialect in (
        (SetSpeed(300, 1000), Dialect.V4),
        (SetSpeedV4(300, 1000), Dialect.OVERDRIVE_266E),
        (SdkMode(), Dialect.DRIVE_2120),
        (protocol.Extended(SdkMode(), b"\0"), Dialect.DRIVE_2120),
        (protocol.ChangeLaneShort(1, 2, 3.0), Dialect.DRIVE_2120),
    ):
        with pytest.raises(EncodeError, match="must be one of"):
            commands.encode_order(order, dialect)
        assert commands.encode_order(order, Dialect.UNKNOWN) == encode(order)
    for other in (
        protocol.Unknown(0x24, b""),
        protocol.SpeedUpdate(1),
        protocol.ChangeLaneUndecided(1, bytes(6)),
        protocol.Extended(protocol.PingRequest(), b"\0"),
    ):
        assert commands.encode_order(other, Dialect.V4) == encode(other)


def test_a_car_too_new_to_have_a_dialect_gets_the_longer_speed_order():
    unknown = Dialect.UNKNOWN
    assert type(commands.set_speed(unknown, 300)) is SetSpeed
    assert type(commands.set_speed(unknown, 300, firmware=0x0001)) is SetSpeed
    assert type(commands.set_speed(unknown, 300, firmware=0x307C)) is SetSpeedV4
    assert type(commands.set_speed(Dialect.OVERDRIVE_266E, 300, firmware=0x307C)) is SetSpeed


def test_orders_by_generation():
    first, drive, v4 = Dialect.DRIVE_2120, Dialect.DRIVE_2159, Dialect.V4
    assert commands.set_speed(v4, 300, 900) == SetSpeedV4(300, 900, 0, 1)
    assert commands.set_speed(drive, 300, 900) == SetSpeed(300, 900, 0)
    assert commands.change_lane(first, 1.0, tag=3) == ChangeLaneDrive(300, 1.0, 0, 3)
    assert commands.change_lane(v4, 1.0, tag=3) == ChangeLane(300, 2500, 1.0, 0, 3)
    assert commands.u_turn(drive) == TurnDrive()
    assert commands.u_turn(Dialect.UNKNOWN) == Turn(3, 0)
    assert commands.sdk_mode(first) == SdkModeDrive(1)
    assert commands.sdk_mode(v4, on=False) == SdkMode(0, 0)
    assert commands.engine_colour(drive, 14, 7, 0) == (
        LightsPatternDrive(0, 0, 14, 14, 0),
        LightsPatternDrive(3, 0, 7, 7, 0),
        LightsPatternDrive(2, 0, 0, 0, 0),
    )
    lamps = (
        protocol.LightChannel(0, 0, 14, 14),
        protocol.LightChannel(3, 0, 7, 7),
        protocol.LightChannel(2, 0, 0, 0),
    )
    assert commands.engine_colour(v4, 14, 7, 0) == (LightsPattern(lamps),)


def capture(frames, *, discovery=True):
    """A pcap of HCI packets: characteristic discovery, then one notification or write per frame."""
    pcap = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 201)]

    def packet(received, pdu):
        l2cap = struct.pack("<HH", len(pdu), 4) + pdu
        acl = b"\x02" + struct.pack("<HH", 0x0040 | (0x2000 if received else 0), len(l2cap)) + l2cap
        data = struct.pack(">I", int(received)) + acl
        pcap.append(struct.pack("<IIII", len(pcap), 0, len(data), len(data)) + data)

    discovered = (
        ("080100ffff0328", (0x0A, 0x0E, 0x0B), 1),
        ("080b00ffff0328", (0x0C, 0x12, 0x0D), 0),
    )
    for request, (declaration, properties, value), number in discovered if discovery else ():
        packet(False, bytes.fromhex(request))
        uuid = bytes.fromhex(f"be15bee{number}6186407e83810bd89c4d8df4")[::-1]
        packet(True, b"\x09\x15" + struct.pack("<HBH", declaration, properties, value) + uuid)
    for direction, frame in frames:
        to_host = direction is Direction.TO_HOST
        packet(to_host, (b"\x1b\x0d\x00" if to_host else b"\x52\x0b\x00") + frame)
    return b"".join(pcap)


def test_the_dissector_is_printed_by_its_module():
    command = [sys.executable, "-m", "protocol.wireshark"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert printed.rstrip() == lua_source().rstrip()


def test_every_message_has_its_rows_in_the_field_table():
    table = field_table()
    for cls in MESSAGE_TYPES:
        assert cls.__name__ in table


class TestWireshark:
    """Needs tshark (`apt-get install tshark`), which CI installs."""

    DISCOVERY = 4

    @pytest.fixture
    def tshark(self, tmp_path):
        program = shutil.which("tshark")
        if program is None:
            pytest.skip("tshark is not installed")
        (tmp_path / "pitboard.lua").write_text(lua_source())

        def run(frames, fields, firmware, decode_as=()):
            (tmp_path / "capture.pcap").write_bytes(capture(frames, discovery=not decode_as))
            command = [program, "-r", "capture.pcap", "-X", "lua_script:pitboard.lua", "-T", "fields"]
            command += ["-o", f"anki_to_host.firmware:{firmware}", "-o", f"anki_to_car.firmware:{firmware}"]
            command += ["-E", "header=n", "-E", "separator=,", "-E", "quote=d", "-E", "occurrence=a"]
            command += ["-E", "aggregator=/s", *decode_as]
            command += [part for name in fields for part in ("-e", name)]
            home = {**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
            done = subprocess.run(
                command, cwd=tmp_path, env=home, capture_output=True, text=True, check=False, timeout=60
            )
            assert done.returncode == 0, done.stderr
            assert "Lua" not in done.stderr, done.stderr
            return list(csv.reader(io.StringIO(done.stdout)))[0 if decode_as else self.DISCOVERY :]

        return run

    @pytest.mark.parametrize("firmware", [0x2120, 0x2774, 0x2E5A, 0x3061, 0])
    def test_fields_are_what_the_codec_says(self, tshark, firmware):
        dialect = dialect_for(firmware)
        frames = [(Direction(row["direction"]), bytes.fromhex(row["hex"])) for row in FRAMES]
        for cls in MESSAGE_TYPES:
            size = cls.FORM.size or 17
            frames.append((cls.FORM.direction, bytes((size, cls.MSG_ID, *([1, 2, 3, 4] * 5)[: size - 1]))))
        expected = []
        for direction, frame in frames:
            message = protocol.core_of(decode(frame, direction, dialect))
            prefix = f"anki_{direction.value.replace('-', '_')}.{type(message).__name__}"
            expected.append((prefix, message))
        names = sorted(
            {
                f"{prefix}.{name}"
                for prefix, message in expected
                for name in message.NAMES
                if name not in {"channels", "msg_id", "payload"}
            }
        )
        rows = tshark(frames, names, firmware)
        assert len(rows) == len(frames)
        for (prefix, message), cells in zip(expected, rows, strict=True):
            shown = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
            stated = {f"{prefix}.{name}": getattr(message, name) for name in message.NAMES}
            if isinstance(message, protocol.Unknown):
                assert shown == {}
                continue
            stated.pop(f"{prefix}.channels", None)
            for name, value in stated.items():
                cell = shown.pop(name, "")
                if isinstance(value, bytes):
                    assert bytes.fromhex(cell) == value
                elif isinstance(value, float):
                    assert float(cell) == pytest.approx(value, rel=1e-5)
                else:
                    assert int(cell, 0) == value
            assert shown == {}

    def test_a_capture_without_discovery_needs_what_the_page_says(self, tshark):
        page = (ROOT / "docs/wireshark.md").read_text()
        decode_as = re.search(r"wireshark session.pcapng (-d .*)", page)[1].split()
        frames = [
            (Direction.TO_HOST, bytes.fromhex("03362c01")),
            (Direction.TO_CAR, bytes.fromhex("06242c01e80300")),
        ]
        names = ["anki_to_host.SpeedUpdate.desired_speed_mm_s", "anki_to_car.SetSpeed.speed_mm_s"]
        assert tshark(frames, names, 0, decode_as) == [["300", ""], ["", "300"]]

    def test_filters_of_the_page_exist(self, tshark):
        page = (ROOT / "docs/wireshark.md").read_text()
        named = set(re.findall(r"anki_to_(?:host|car)(?:\.\w+)+(?!\S*:)", page))
        tshark([(Direction.TO_HOST, bytes.fromhex("0117"))], sorted(named), 0)

    def test_lamps_of_the_drive_generation_have_surplus_and_shortage_too(self, tshark):
        frames = [
            (Direction.TO_CAR, bytes.fromhex("083305000e0e3c0000")),
            (Direction.TO_CAR, bytes.fromhex("03330000")),
            (Direction.TO_CAR, bytes.fromhex("0724e803e8030100")),
        ]
        names = ["LightsPatternDrive.cycles_per_min", "SetSpeed.respect_speed_limit", "surplus", "malformed"]
        rows = tshark(frames, [f"anki_to_car.{name}" for name in names], 0x2159)
        assert rows[0] == ["60", "", "00", ""]
        assert rows[1][:3] == ["", "", ""]
        assert rows[1][3]
        assert rows[2] == ["", "1", "00", ""]

    def test_lamps_unknown_surplus_and_malformed_show(self, tshark):
        frames = [
            (Direction.TO_CAR, bytes.fromhex("0c330200010203040506070809")),
            (Direction.TO_HOST, bytes.fromhex("02ab01")),
            (Direction.TO_CAR, bytes.fromhex("03160101")),
            (Direction.TO_HOST, bytes.fromhex("0427")),
            (Direction.TO_HOST, bytes.fromhex("052701020304")),
            (Direction.TO_CAR, bytes.fromhex("0733050102030405")),
        ]
        names = [
            "anki_to_car.LightsPattern.channels.end",
            "anki_to_host.payload",
            "anki_to_car.surplus",
            "anki_to_host.malformed",
            "anki_to_car.malformed",
        ]
        rows = tshark(frames, names, 0x2774)
        assert rows[0][0] == "3 8"
        assert rows[1][1] == "01"
        assert rows[2][2] == "0101"
        assert [row[3] != "" for row in rows] == [False, False, False, True, True, False]
        assert rows[5][4]
