"""Adverts and scan responses against captured bytes, and whatever a stack makes of them."""

import json
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.advertising import (
    COMPANY_ID,
    AdStructure,
    CarAdvert,
    LocalName,
    ManufacturerData,
    NameState,
    advert_from_host,
    build_advertising_data,
    build_local_name,
    build_scan_response,
    parse_ad_structures,
    parse_advert,
    parse_local_name,
    parse_manufacturer_data,
)
from protocol.errors import DecodeError, EncodeError
from protocol.gatt import SERVICE_UUID

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "fixtures/vectors/adverts.jsonl").read_text().splitlines()
]
CARS = [vector for vector in VECTORS if vector["model_id"] is not None]
by_source = pytest.mark.parametrize("vector", CARS, ids=lambda v: v["source"])

firmwares = st.builds(lambda low, high: high << 8 | low, st.integers(1, 127), st.integers(1, 127))
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12).filter(
    lambda text: len(text.encode()) <= 12
)
local_names = st.builds(
    LocalName,
    state=st.builds(NameState, st.integers(0, 127)),
    firmware=firmwares,
    reserved=st.integers(0, 31),
    upgrades=st.binary(min_size=4, max_size=4).map(lambda data: bytes(byte & 0x7F for byte in data)),
    name=names,
)


def local_name_of(vector):
    return LocalName(
        NameState(vector["state"]),
        vector["firmware"],
        vector["reserved"],
        bytes.fromhex(vector["upgrades"]),
        vector["name"],
    )


@by_source
def test_captured_pdus_parse_to_the_stated_fields(vector):
    advert = parse_advert(bytes.fromhex(vector["advert"]), bytes.fromhex(vector["scan_response"]))
    assert advert == CarAdvert(
        vector["identifier"],
        vector["model_id"],
        vector["firmware"],
        NameState(vector["state"]),
        vector["name"],
    )
    name = parse_ad_structures(bytes.fromhex(vector["scan_response"]))[0].data
    assert parse_local_name(name) == local_name_of(vector)


@by_source
def test_built_pdus_equal_the_captured_bytes(vector):
    built = build_advertising_data(vector["model_id"], vector["identifier"])
    assert built == bytes.fromhex(vector["advert"])
    assert len(built) == 31
    assert build_scan_response(local_name_of(vector)) == bytes.fromhex(vector["scan_response"])


def test_a_device_that_is_no_car_is_none():
    foreign = next(vector for vector in VECTORS if vector["model_id"] is None)
    assert parse_advert(bytes.fromhex(foreign["advert"]), bytes.fromhex(foreign["scan_response"])) is None
    assert parse_local_name(b"SensorTag") is None
    assert parse_manufacturer_data(bytes.fromhex("4c000000 00000000")) is None


def test_an_advert_alone_names_the_car_and_a_scan_response_alone_does_not():
    skull = CARS[2]
    assert parse_advert(bytes.fromhex(skull["advert"]), None) == CarAdvert(0x0880EADB, 9)
    assert parse_advert(None, bytes.fromhex(skull["scan_response"])) is None


def test_a_shortened_name_in_a_pdu_still_tells_the_user_name():
    pdu = bytes.fromhex(CARS[2]["advert"]) + b"\x06\x08Drive"
    assert parse_advert(pdu, None) == CarAdvert(0x0880EADB, 9, name="Drive")


def test_zero_padding_ends_a_pdu():
    assert parse_ad_structures(bytes.fromhex("020106 00 00 00")) == (AdStructure(1, b"\x06"),)


def test_an_element_longer_than_its_pdu_is_a_decode_error_at_its_length_byte():
    pdu = bytes.fromhex("020106 0909424242")
    with pytest.raises(DecodeError) as caught:
        parse_ad_structures(pdu)
    assert (caught.value.frame, caught.value.offset) == (pdu, 3)


@pytest.mark.parametrize(
    ("raw", "bits"),
    [
        (0x08, (True, False, False, False)),
        (0x10, (False, True, False, False)),
        (0x18, (True, True, False, False)),
        (0x20, (False, False, True, False)),
        (0x50, (False, True, False, True)),
        (0x00, (False, False, False, False)),
    ],
)
def test_state_bits(raw, bits):
    state = NameState(raw)
    assert (state.on_track, state.full_battery, state.low_battery, state.on_charger) == bits
    assert (
        NameState.of(on_track=bits[0], full_battery=bits[1], low_battery=bits[2], on_charger=bits[3]) == state
    )


def test_manufacturer_data_is_big_endian_and_longer_data_survives():
    assert parse_manufacturer_data(bytes.fromhex("beef00090880eadb ff")) == ManufacturerData(9, 0x0880EADB)
    assert parse_manufacturer_data(bytes.fromhex("beef00090880ea")) is None


class TestTextFromAStack:
    def test_nul_kept(self):
        assert parse_local_name("\x10t'\x01    Drive\0") == LocalName(NameState(0x10), 0x2774)

    def test_nul_cut(self):
        assert parse_local_name("\x10t'\x01    Drive") == LocalName(NameState(0x10), 0x2774)

    def test_a_state_of_zero_is_a_nul_in_front(self):
        assert parse_local_name("\0t'\x01    Drive\0") == LocalName(NameState(0), 0x2774)

    def test_a_state_that_was_stripped_is_unknown(self):
        stripped = LocalName(None, 0x2774)
        assert parse_local_name("t'\x01    Drive") == stripped
        with pytest.raises(EncodeError, match="state"):
            build_local_name(stripped)

    def test_state_and_a_firmware_byte_that_are_spaces_were_stripped(self):
        assert parse_local_name("!\x01    Drive") == LocalName(None, 0x2120)

    @pytest.mark.parametrize("upgrades", ["", "\x05", "    "[:3]])
    def test_text_cut_within_the_upgrades_leaves_the_name_unknown(self, upgrades):
        cut = LocalName(NameState(0x10), 0x2774, upgrades=upgrades.encode(), name=None)
        assert parse_local_name("\x10t'\x01" + upgrades) == cut
        with pytest.raises(EncodeError, match="upgrades"):
            build_local_name(cut)

    def test_an_empty_name_is_known_when_the_upgrades_are_whole(self):
        assert parse_local_name("\x10t'\x01    ") == LocalName(NameState(0x10), 0x2774, name="")

    @pytest.mark.parametrize("low", [0x74, 0x60, 0x6E])
    def test_a_stripped_state_is_found_although_the_upgrades_hold_a_control_byte(self, low):
        assert parse_local_name(f"{low:c}'\x01\x01   Drive") == LocalName(
            None, 0x2700 | low, upgrades=b"\x01   "
        )

    def test_another_reserved_byte_counts_with_a_known_firmware(self):
        assert parse_local_name("\x10t'\x02    Drive") == LocalName(NameState(0x10), 0x2774, reserved=2)

    def test_every_firmware_number_comes_through_any_stack(self):
        for low in range(1, 128):
            for high in range(2, 128):
                whole = LocalName(NameState(0x10), high << 8 | low)
                assert parse_local_name(build_local_name(whole).decode()) == whole

    @pytest.mark.parametrize(
        "text",
        [
            None,
            "",
            "Drive",
            "    Drive",
            "Nice speaker",
            "\x10",
            "ab",
            "Hey\x02there",
            "AB\x01\x02",
            "a\nb",
            "DEF\x01",
        ],
    )
    def test_other_names_are_none(self, text):
        assert parse_local_name(text) is None

    @pytest.mark.parametrize(
        "text", ["\ufffdt'\x01    Drive", "\x10\ufffd'\x01    Drive", "\x10t\ufffd\x01    D"]
    )
    def test_a_replaced_byte_in_front_is_not_guessed(self, text):
        assert parse_local_name(text) is None

    def test_a_replaced_byte_in_the_name_stays_visible(self):
        assert parse_local_name("\x10t'\x01    M\ufffdll") == LocalName(
            NameState(0x10), 0x2774, name="M\ufffdll"
        )

    def test_raw_bytes_are_never_padded(self):
        assert parse_local_name(b"\x10t'\x01") is None

    @given(local_names)
    def test_what_is_built_parses_back(self, local_name):
        assert parse_local_name(build_local_name(local_name)) == local_name


class TestWhatBleakHandsOut:
    data: ClassVar = {COMPANY_ID: bytes.fromhex("00090880eadb")}

    def test_both_halves(self):
        advert = advert_from_host("\x18t'\x01    Drive", self.data, [SERVICE_UUID.upper()])
        assert advert == CarAdvert(0x0880EADB, 9, 0x2774, NameState(0x18), "Drive")

    def test_no_name_yet(self):
        assert advert_from_host(None, self.data) == CarAdvert(0x0880EADB, 9)

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("    Drive", "Drive"),
            ("Drive", "Drive"),
            ("t'    Drive", "Drive"),
            ("\ufffdt'\x01    Drive", "Drive"),
            ("\x01    Drive\0junk", "Drive"),
            ("\ufffd\ufffd", None),
            ("   ", None),
        ],
    )
    def test_the_printable_tail_is_the_name(self, text, name):
        assert advert_from_host(text, self.data) == CarAdvert(0x0880EADB, 9, name=name)

    @pytest.mark.parametrize(
        ("manufacturer", "services"),
        [
            ({}, [SERVICE_UUID]),
            ({0x004C: bytes(6)}, []),
            ({COMPANY_ID: b"\0\x09\x08"}, [SERVICE_UUID]),
            (data, ["0000180f-0000-1000-8000-00805f9b34fb"]),
        ],
    )
    def test_foreign_devices_are_none(self, manufacturer, services):
        assert advert_from_host("\x18t'\x01    Drive", manufacturer, services) is None

    @given(
        st.none() | st.text(st.characters()),
        st.dictionaries(st.sampled_from([COMPANY_ID, 0x4C]), st.binary(max_size=31)),
        st.lists(st.text() | st.just(SERVICE_UUID)),
    )
    def test_never_raises(self, name, manufacturer, services):
        advert = advert_from_host(name, manufacturer, services)
        assert advert is None or 0 <= advert.identifier <= 0xFFFFFFFF


@given(st.binary(max_size=62), st.none() | st.binary(max_size=62))
def test_any_bytes_give_a_value_or_a_decode_error(adv, scan_response):
    try:
        advert = parse_advert(adv, scan_response)
    except DecodeError as error:
        assert 0 <= error.offset < len(error.frame)  # noqa: PT017 - either outcome is right
    else:
        assert advert is None or isinstance(advert, CarAdvert)


@given(st.binary(max_size=31), st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=20)), max_size=3))
def test_elements_round_trip(tail, elements):
    pdu = b"".join(bytes([1 + len(data), kind]) + data for kind, data in elements)
    assert parse_ad_structures(pdu + b"\0" + tail) == tuple(AdStructure(k, d) for k, d in elements)


@pytest.mark.parametrize(
    ("field", "local_name"),
    [
        ("firmware", LocalName(NameState(0), 0x2700)),
        ("firmware", LocalName(NameState(0), 0x8001)),
        ("firmware", LocalName(NameState(0), -1)),
        ("state", LocalName(NameState(128), 0x2774)),
        ("upgrades", LocalName(NameState(0), 0x2774, upgrades=b"   \x80")),
        ("name", LocalName(NameState(0), 0x2774, name="\ud800")),
        ("name", LocalName(NameState(0), 0x2774, name=None)),
        ("reserved", LocalName(NameState(0), 0x2774, reserved=32)),
        ("upgrades", LocalName(NameState(0), 0x2774, upgrades=b"")),
        ("name", LocalName(NameState(0), 0x2774, name="thirteen char")),
        ("name", LocalName(NameState(0), 0x2774, name="a\0b")),
    ],
)
def test_names_that_cannot_be_sent_are_refused(field, local_name):
    with pytest.raises(EncodeError) as caught:
        build_local_name(local_name)
    assert caught.value.field == field


def test_numbers_that_do_not_fit_an_advert_are_refused():
    with pytest.raises(EncodeError, match="model_id"):
        build_advertising_data(256, 1)
    with pytest.raises(EncodeError, match="identifier"):
        build_advertising_data(1, 1 << 32)
    with pytest.raises(EncodeError, match="tx_power_dbm"):
        build_scan_response(LocalName(NameState(0), 0x2774), tx_power_dbm=128)
    assert build_scan_response(LocalName(NameState(0), 0x2774), tx_power_dbm=-4).endswith(b"\x02\x0a\xfc")
