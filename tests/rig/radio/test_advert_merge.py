"""ADV_IND and SCAN_RSP become one picture, however broken the structures are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.radio.advert_merge import MergedAdvert


def merged(*pdus):
    advert = MergedAdvert()
    for pdu in pdus:
        advert.add(pdu)
    return advert


def test_the_newest_of_each_type_counts_and_the_rest_stays():
    advert = merged(b"\x02\x01\x06\x05\xff\xbe\xef\x00\x08", b"\x03\x09AB\x02\x0a\xfc", b"\x03\x09CD")
    assert advert.manufacturer_data == {61374: b"\x00\x08"}
    assert advert.local_name == "CD"
    assert advert.tx_power_dbm == -4


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x10t'\x01    Drive\0", "\x10t'\x01    Drive"),
        (b" t'\x01    Drive\0\0", " t'\x01    Drive"),
        (b"\x90t'\x01    Drive\0", "t'\x01    Drive"),
        (b"\x10t'\x01    M\xfcll\0", "\x10t'\x01    M ll"),
        ("\x10t'\x01    Müll\0".encode(), "\x10t'\x01    Müll"),
        (b"a\0bc", "a"),
        (b"\0a", None),
        (b"", None),
    ],
)
def test_a_name_is_the_text_that_bluez_makes_of_it(raw, text):
    """As BlueZ 5.66 was seen to hand them out; tests/contract/radio/test_adverts.py has the same on BlueZ."""
    assert merged(bytes([len(raw) + 1, 9]) + raw).local_name == text


def test_a_later_name_without_text_takes_the_earlier_one_away():
    assert merged(b"\x03\x09AB", b"\x03\x09\0a").local_name is None


def test_short_and_long_uuids_become_128_bit_strings_without_repeats():
    advert = merged(b"\x05\x03\x0d\x18\x0f\x18", b"\x03\x02\x0d\x18", b"\x05\x05\x78\x56\x34\x12")
    tail = "-0000-1000-8000-00805f9b34fb"
    assert advert.service_uuids == ["0000180d" + tail, "0000180f" + tail, "12345678" + tail]


def test_service_data_is_keyed_by_its_uuid():
    assert merged(b"\x05\x16\x0d\x18\x01\x02").service_data == {
        "0000180d-0000-1000-8000-00805f9b34fb": b"\x01\x02"
    }


def test_a_structure_that_runs_over_the_end_is_ignored():
    assert merged(b"\x02\x0a\x05\x09\x09AB") == merged(b"\x02\x0a\x05")


@given(st.lists(st.binary(max_size=31), max_size=4))
def test_no_bytes_break_it(pdus):
    advert = merged(*pdus)
    assert all(len(uuid) == 36 for uuid in advert.service_uuids)
