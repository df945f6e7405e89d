"""Which values are a car's, whose, and how fragments become frames."""

import pytest

from rig.captures.att import AttFollower
from rig.captures.hci import h4_events, h4_with_direction_events, monitor_events
from rig.captures.link_layer import LinkLayer
from rig.captures.packets import Connected, Fragment, Heard, Way
from tests.rig.captures import on_air


def follow(*events):
    follower = AttFollower()
    return [value for event in events for value in follower.values(1.0, [event])]


def sent(att, connection=1):
    return Fragment(connection, Way.SENT, first=True, data=on_air.l2cap(att))


def received(att, connection=1):
    return Fragment(connection, Way.RECEIVED, first=True, data=on_air.l2cap(att))


def adverts(address=on_air.CAR):
    return Heard(address, False, on_air.ADVERT), Heard(address, True, on_air.SCAN_RESPONSE)


STATUS = received(on_air.notification(on_air.STATUS))


def test_without_discovery_the_handles_of_captured_cars_count():
    (value,) = follow(STATUS)
    assert (value.frame, value.handle, value.to_car, value.firmware, value.peer) == (
        on_air.STATUS, 0x0D, False, None, None,
    )  # fmt: skip
    assert follow(received(on_air.notification(on_air.STATUS, handle=0x21))) == []
    assert follow(sent(on_air.write_request(on_air.SPEED, handle=0x0E))) == []
    assert follow(received(on_air.notification(on_air.STATUS, handle=0x0B))) == []


def test_discovery_moves_the_handles():
    events = [sent(a) if s else received(a) for s, a in on_air.session_att(to_car=0x21, to_host=0x31)]
    assert [(value.to_car, value.frame) for value in follow(*events)] == on_air.FRAMES
    assert follow(*events, STATUS)[len(on_air.FRAMES) :] == []


def test_discovery_of_other_characteristics_says_nothing_of_ours():
    other = on_air.declaration(0x0C, 0x12, "00002a19-0000-1000-8000-00805f9b34fb")
    assert follow(received(other), STATUS) == []
    assert len(follow(received(other), sent(on_air.write_command(on_air.LIGHTS)))) == 1
    short = b"\x09\x07" + bytes(7)
    assert len(follow(received(short), STATUS)) == 1


def test_a_connection_to_another_device_is_left_out():
    car, watch = Connected(1, on_air.CAR), Connected(2, "C0:00:00:00:00:01")
    noise = received(on_air.notification(b"beat"), connection=2)
    values = follow(*adverts(), car, watch, STATUS, noise)
    assert [(value.peer, value.firmware) for value in values] == [(on_air.CAR, on_air.FIRMWARE)]
    assert len(follow(watch, noise)) == 1, "no car was heard, so nothing tells them apart"


@pytest.mark.parametrize(
    ("answer", "firmware"),
    [
        ("05196e260000", 0x266E),
        ("03197427", 0x2774),
        ("07196e260000aabb", 0x266E),
        ("0519", None),
        ("0219aa", None),
    ],
)
def test_a_version_response_tells_the_firmware_from_then_on(answer, firmware):
    version = received(on_air.notification(bytes.fromhex(answer)))
    before, _, after = follow(STATUS, version, STATUS)
    assert (before.firmware, after.firmware) == (None, firmware)


def test_a_missed_connect_takes_the_only_firmware_heard():
    assert follow(*adverts(), STATUS)[0].firmware == on_air.FIRMWARE
    old = Heard("C1:00:00:00:00:01", False, on_air.ADVERT)
    assert follow(*adverts(), old, STATUS)[0].firmware is None


def test_a_changed_scan_response_counts_and_a_damaged_one_does_not():
    advert, response = adverts()
    damaged = Heard(on_air.CAR, True, b"\x1f\x09")
    (value,) = follow(advert, response, damaged, response, Connected(1, on_air.CAR), STATUS)
    assert value.firmware == on_air.FIRMWARE
    foreign = Heard("C1:00:00:00:00:01", False, b"\x02\x01\x06")
    assert follow(foreign, advert, response, advert, STATUS)[0].firmware == on_air.FIRMWARE


def test_a_car_whose_scan_response_came_damaged_is_no_stranger():
    advert, _ = adverts()
    damaged = Heard(on_air.CAR, True, bytes.fromhex("0f0918742701"))
    watch = Heard("C0:00:00:00:00:01", False, on_air.ADVERT)
    for heard in ((advert, damaged), (damaged, advert)):
        (value,) = follow(*heard, watch, Connected(1, on_air.CAR), STATUS)
        assert (value.peer, value.firmware) == (on_air.CAR, None)


def test_frames_in_fragments():
    whole = on_air.l2cap(on_air.notification(on_air.POSITION))
    parts = [whole[:1], whole[1:9], whole[9:]]
    events = [Fragment(1, Way.RECEIVED, number == 0, part) for number, part in enumerate(parts)]
    other_way = sent(on_air.write_request(on_air.SPEED))
    values = follow(events[0], events[1], other_way, events[2])
    assert [value.frame for value in values] == [on_air.SPEED, on_air.POSITION]
    assert follow(*events[1:]) == [], "its beginning was not captured"
    assert [value.frame for value in follow(events[0], STATUS)] == [on_air.STATUS]


def test_other_channels_and_short_pdus_are_passed_over():
    signalling = Fragment(1, Way.SENT, True, b"\x03\0\x05\0" + on_air.write_request(b""))
    assert follow(signalling, sent(b""), sent(b"\x52\x0b")) == []


@pytest.mark.parametrize(
    "data",
    [b"", b"\x02", b"\x02\x40\x20", b"\x04\x3e", b"\x04\x05\x04\0\0\0\0", b"\x01\x03\x0c\0", b"\x03abc"],
)
def test_hci_packets_that_tell_nothing(data):
    assert list(h4_events(data, Way.SENT)) == []


def test_hci_direction_boundaries_and_status():
    (fragment,) = h4_events(b"\x02" + on_air.acl(b"abc", first=False), Way.RECEIVED)
    assert fragment == Fragment(on_air.CONNECTION, Way.RECEIVED, first=False, data=b"abc")
    (fragment,) = h4_with_direction_events(b"\0\0\0\1\x02" + on_air.acl(b"abc", flushable=False))
    assert (fragment.way, fragment.first) == (Way.RECEIVED, True)
    assert list(h4_events(b"\x04" + on_air.connection_complete(on_air.CAR, status=0x3E), Way.RECEIVED)) == []
    (event,) = h4_events(b"\x04" + on_air.connection_complete(on_air.CAR, subevent=0x0A), Way.RECEIVED)
    assert event == Connected(on_air.CONNECTION, on_air.CAR)


def test_monitor_packets_of_two_adapters_keep_their_connections_apart():
    (first,) = monitor_events(b"\0\0\0\4" + on_air.acl(b"abc"))
    (second,) = monitor_events(b"\0\1\0\5" + on_air.acl(b"abc"))
    assert first.connection != second.connection
    assert (first.way, second.way) == (Way.SENT, Way.RECEIVED)
    assert list(monitor_events(b"\0")) == list(monitor_events(b"\0\0\0\x0dnote")) == []


def test_two_reports_in_one_event():
    one = on_air.advertising_report(0, on_air.CAR, on_air.ADVERT)
    two = on_air.advertising_report(4, on_air.CAR, on_air.SCAN_RESPONSE)
    body = b"\x02" + one[4:] + two[4:]
    heard = list(h4_events(b"\x04" + on_air.le_event(2, body), Way.RECEIVED))
    assert [(h.is_scan_response, h.data) for h in heard] == [
        (False, on_air.ADVERT),
        (True, on_air.SCAN_RESPONSE),
    ]


def test_link_layer_packets_that_tell_nothing():
    link = LinkLayer()
    broken = on_air.ll_data(b"abcdef", sequence=0)
    for data in (
        b"",
        broken[:9],
        on_air.ll_data(b"\x02\x13", sequence=0, kind=3),
        on_air.ll_advertising(3, on_air.CAR, b""),
    ):
        assert list(link.events(data)) == []
    assert list(link.events_with_phdr(b"\0")) == list(link.events_of_nordic(b"\0" * 8)) == []
    assert list(link.events_of_nordic(b"\1\0\0\3\0\0\6\xff\1")) == []


def test_a_new_connection_forgets_the_sequence_of_the_old():
    link = LinkLayer()
    packet = on_air.ll_data(on_air.l2cap(b"\x13"), sequence=0)
    assert len(list(link.events(packet, Way.RECEIVED))) == 1
    assert list(link.events(packet, Way.RECEIVED)) == []
    assert list(link.events(on_air.connect_ind())) == [Connected(on_air.ACCESS_ADDRESS, on_air.CAR)]
    assert len(list(link.events(packet, Way.RECEIVED))) == 1
