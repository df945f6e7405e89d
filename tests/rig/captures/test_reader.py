"""Every container and link type gives the same frames of the same session."""

import shutil
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.captures import NotACaptureError, TruncatedCaptureError, looks_like_capture, read_capture
from rig.captures.packets import LinkType
from rig.captures.pcap import write_pcap
from tests.rig.captures import on_air

START_S = 1_700_000_000


def stamped(items):
    return [(START_S + number / 8, item) for number, item in enumerate(items)]


def pcap_bytes(tmp_path, link_type, packets):
    path = tmp_path / "session.pcap"
    write_pcap(path, link_type, stamped(packets))
    return path.read_bytes()


def h4():
    return [bytes([kind]) + body for kind, _, body in on_air.hci_session()]


def h4_with_direction():
    return [struct.pack(">I", not sent) + bytes([kind]) + body for kind, sent, body in on_air.hci_session()]


def monitor_opcode(kind, sent):
    return {1: 2, 4: 3, 2: 4 if sent else 5}[kind]


def monitor():
    return [
        struct.pack(">HH", 1, monitor_opcode(kind, sent)) + body for kind, sent, body in on_air.hci_session()
    ]


PCAP_SESSIONS = {
    LinkType.HCI_H4: h4,
    LinkType.HCI_H4_WITH_PHDR: h4_with_direction,
    LinkType.LE_LL: lambda: [packet for _, packet in on_air.ll_session()],
    LinkType.LINUX_MONITOR: monitor,
    LinkType.LE_LL_WITH_PHDR: lambda: [on_air.with_phdr(*item) for item in on_air.ll_session()],
    LinkType.NORDIC_BLE: lambda: [on_air.nordic(*item) for item in on_air.ll_session()],
}
every_link_type = pytest.mark.parametrize("link_type", PCAP_SESSIONS, ids=lambda value: value.name)


def drain(values):
    """Everything up to the error, and the error."""
    seen = []
    try:
        seen.extend(iter(lambda: next(values), None))
    except (NotACaptureError, TruncatedCaptureError) as complaint:
        return seen, complaint
    except StopIteration:
        pass
    return seen, None


def frames(values):
    return [(value.to_car, value.frame) for value in values]


def session_frames(link_type):
    """Link type 251 cannot tell who sent a packet, so a retransmission is not recognised there."""
    speed = on_air.FRAMES[1]
    return [each for f in on_air.FRAMES for each in ([f, f] if f == speed and link_type == 251 else [f])]


@every_link_type
def test_pcap(tmp_path, link_type):
    data = pcap_bytes(tmp_path, link_type, PCAP_SESSIONS[link_type]())
    values = list(read_capture(data, "session.pcap"))
    assert frames(values) == session_frames(link_type)
    assert {value.firmware for value in values} == {on_air.FIRMWARE}
    assert {value.peer for value in values} == {on_air.CAR}
    assert all(START_S < value.time_s < START_S + 10 for value in values)


@every_link_type
@pytest.mark.parametrize("order", "<>")
def test_pcapng(link_type, order):
    packets = [(START_S * 1_000_000, packet) for packet in PCAP_SESSIONS[link_type]()]
    values = list(read_capture(on_air.pcapng(link_type, packets, order=order), "x"))
    assert frames(values) == session_frames(link_type)
    assert {value.time_s for value in values} == {START_S}


@pytest.mark.parametrize("datalink", [1001, 1002, 2001])
def test_btsnoop(datalink):
    records = []
    for number, (kind, sent, body) in enumerate(on_air.hci_session()):
        flags = (0 if sent else 1) | (0 if kind == 2 else 2)
        if datalink == 2001:
            flags = 1 << 16 | monitor_opcode(kind, sent)
        records.append((START_S + number, flags, body if datalink != 1002 else bytes([kind]) + body))
    values = list(read_capture(on_air.btsnoop(records, datalink), "x"))
    assert frames(values) == on_air.FRAMES
    assert {value.firmware for value in values} == {on_air.FIRMWARE}
    assert values[0].time_s == START_S + 11


def test_extended_advertising_reports_tell_the_firmware_too(tmp_path):
    packets = [bytes([kind]) + body for kind, _, body in on_air.hci_session(on_air.extended_report)]
    values = list(read_capture(pcap_bytes(tmp_path, 187, packets), "x"))
    assert {value.firmware for value in values} == {on_air.FIRMWARE}


@pytest.mark.parametrize(("tick", "per_second"), [(b"\x03", 1000), (b"\x09", 10**9), (b"\x8a", 1024)])
def test_pcapng_time_resolutions_and_offsets(tick, per_second):
    packets = [(5 * per_second, packet) for packet in h4()]
    data = on_air.pcapng(187, packets, tick=tick, offset_s=100)
    assert {value.time_s for value in read_capture(data, "x")} == {105.0}


def test_simple_and_obsolete_pcapng_packets_are_read():
    packets = h4()
    data = on_air.pcapng(187, [])
    for packet in packets:
        data += on_air.pcapng_block(3, struct.pack("<I", len(packet)) + packet)
    assert frames(read_capture(data, "x")) == on_air.FRAMES
    data = on_air.pcapng(187, [])
    for packet in packets:
        data += on_air.pcapng_block(
            2, struct.pack("<HHIIII", 0, 0, 0, 7_000_000, len(packet), len(packet)) + packet
        )
    values = list(read_capture(data, "x"))
    assert frames(values) == on_air.FRAMES
    assert values[0].time_s == 7.0


def test_big_endian_and_nanosecond_pcap():
    packets = h4()
    data = struct.pack(">IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 187)
    for packet in packets:
        data += struct.pack(">IIII", 7, 500_000_000, len(packet), len(packet)) + packet
    values = list(read_capture(data, "x"))
    assert frames(values) == on_air.FRAMES
    assert values[0].time_s == 7.5


def test_a_nordic_capture_of_the_first_protocol_version():
    packets = [(0, on_air.nordic(*item, version=1)) for item in on_air.ll_session()]
    assert frames(read_capture(on_air.pcapng(272, packets), "x")) == on_air.FRAMES


def test_packets_with_a_broken_checksum_are_not_followed():
    for link_type, wrap in ((272, on_air.nordic), (256, on_air.with_phdr)):
        flag = {"crc_ok": False} if link_type == 272 else {"crc_valid": False}
        packets = [(0, wrap(*item, **flag)) for item in on_air.ll_session()]
        assert list(read_capture(on_air.pcapng(link_type, packets), "x")) == []


class TestDamage:
    @every_link_type
    def test_what_was_readable_comes_before_the_complaint(self, tmp_path, link_type):
        data = pcap_bytes(tmp_path, link_type, PCAP_SESSIONS[link_type]())
        seen, complaint = drain(read_capture(data[:-3], "x"))
        assert "ends inside" in str(complaint)
        assert frames(seen) == session_frames(link_type)[: len(seen)]
        assert len(seen) >= len(on_air.FRAMES) - 1

    def test_an_unknown_container(self):
        assert not looks_like_capture(b"hello")
        assert not looks_like_capture(b"")
        with pytest.raises(NotACaptureError, match="x is no btsnoop, pcap or pcapng"):
            list(read_capture(b"hello", "x"))

    def test_a_capture_of_something_else(self, tmp_path):
        data = pcap_bytes(tmp_path, 1, [b"ethernet"])
        with pytest.raises(NotACaptureError, match=r"link type 1; Bluetooth LE ones are 187, 201"):
            list(read_capture(data, "x"))

    def test_an_unknown_btsnoop_datalink(self):
        with pytest.raises(NotACaptureError, match="datalink 1003"):
            list(read_capture(on_air.btsnoop([], 1003), "x"))

    def test_damaged_pcapng_blocks(self):
        whole = on_air.pcapng(187, [(0, packet) for packet in h4()])
        no_interface = on_air.pcapng_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        lying = struct.pack("<IIIII", 0, 0, 0, 99, 99)
        for data in (
            no_interface + on_air.pcapng_block(6, lying),
            whole + on_air.pcapng_block(6, lying),
            whole + on_air.pcapng_block(6, b""),
            whole + struct.pack("<III", 6, 13, 0) + bytes(8),
            whole + b"\x06\0\0\0",
        ):
            with pytest.raises(TruncatedCaptureError):
                list(read_capture(data, "x"))

    @pytest.mark.parametrize("cut", [8, 15])
    def test_a_header_cut_short(self, cut):
        for data in (
            on_air.btsnoop([], 1002)[:cut],
            struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 9, 187)[:cut],
        ):
            with pytest.raises(TruncatedCaptureError, match="own header"):
                list(read_capture(data, "x"))

    def test_a_btsnoop_packet_cut_short(self):
        with pytest.raises(TruncatedCaptureError, match="inside the packet at byte 40"):
            list(read_capture(on_air.btsnoop([(0, 0, b"abc")], 1002)[:-1], "x"))

    def test_a_packet_header_cut_short(self, tmp_path):
        for container in (on_air.btsnoop([(0, 0, b"abc")], 1002), pcap_bytes(tmp_path, 187, [b"abc"])):
            with pytest.raises(TruncatedCaptureError, match="packet header"):
                list(read_capture(container[:30], "x"))

    @given(st.data())
    def test_any_damage_gives_values_or_one_of_our_errors(self, data):
        link_type = data.draw(st.sampled_from(sorted(PCAP_SESSIONS)))
        packets = [(0, packet) for packet in PCAP_SESSIONS[link_type]()]
        capture = bytearray(on_air.pcapng(link_type, packets))
        for at, byte in data.draw(
            st.lists(st.tuples(st.integers(12, len(capture) - 1), st.integers(0, 255)), max_size=40)
        ):
            capture[at] = byte
        drain(read_capture(bytes(capture[: data.draw(st.integers(12, len(capture)))]), "x"))

    @given(st.sampled_from(sorted(PCAP_SESSIONS)), st.lists(st.binary(max_size=80), max_size=8))
    def test_any_packets_give_values(self, link_type, packets):
        list(read_capture(on_air.pcapng(link_type, [(0, packet) for packet in packets]), "x"))


TSHARK = shutil.which("tshark")


@pytest.mark.skipif(TSHARK is None, reason="needs tshark, an independent reader of the same formats")
@every_link_type
def test_tshark_sees_the_same_values(tmp_path, link_type):
    path = tmp_path / "session.pcap"
    write_pcap(path, link_type, stamped(PCAP_SESSIONS[link_type]()))
    shown = subprocess.run(
        [TSHARK, "-r", path, "-Y", "btatt.opcode in {0x12, 0x52, 0x1b} && btatt.handle != 0x0e",
         "-T", "fields", "-e", "btatt.opcode", "-e", "btatt.value"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    theirs = [line.split("\t") for line in shown.splitlines()]
    ours = [
        ("0x1b" if not value.to_car else None, value.frame.hex())
        for value in read_capture(path.read_bytes(), "x")
    ]
    if link_type in {LinkType.LE_LL_WITH_PHDR, LinkType.NORDIC_BLE}:
        theirs = [line for number, line in enumerate(theirs) if line not in theirs[:number]]
    assert len(ours) >= len(on_air.FRAMES)
    assert [value for _, value in theirs] == [value for _, value in ours]
    assert [opcode == "0x1b" for opcode, _ in theirs] == [way is not None for way, _ in ours]
