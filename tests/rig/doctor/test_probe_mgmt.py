"""The kernel's management answers, byte by byte, and what is not an answer."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.doctor import probe_mgmt
from rig.doctor.facts import ControllerFacts, LinkDefaults, Unknown

INFORMATION = bytes.fromhex("1371da7d1a00") + struct.pack("<BHII", 6, 10, 0x0001BEFF, 0x00000A81) + bytes(263)
DEFAULTS = (
    struct.pack("<HBH", 0x0015, 2, 96)
    + struct.pack("<HBH", 0x0017, 2, 24)
    + struct.pack("<HBH", 0x0018, 2, 40)
    + struct.pack("<HBH", 0x0019, 2, 0)
    + struct.pack("<HBH", 0x001A, 2, 42)
    + struct.pack("<HBB", 0x001F, 1, 1)
)


def packet(event, index, body):
    return struct.pack("<HHH", event, index, len(body)) + body


def complete(command, index, status, payload=b""):
    return packet(0x0001, index, struct.pack("<HB", command, status) + payload)


def test_information():
    assert probe_mgmt.information(INFORMATION) == ControllerFacts(
        "00:1A:7D:DA:71:13", 6, 10, powered=True, low_energy=True
    )


def test_information_of_a_classic_adapter_that_is_down():
    payload = INFORMATION[:9] + struct.pack("<II", 0x80, 0x80) + INFORMATION[17:]
    found = probe_mgmt.information(payload)
    assert (found.powered, found.low_energy) == (False, False)


def test_link_defaults():
    assert probe_mgmt.configuration(DEFAULTS) == LinkDefaults(30.0, 50.0, 0, 420)


@given(st.binary(max_size=64))
def test_odd_answers_are_facts(payload):
    assert isinstance(probe_mgmt.information(payload), Unknown | ControllerFacts)
    assert isinstance(probe_mgmt.configuration(payload), Unknown | LinkDefaults)
    answer = probe_mgmt.answer_in(payload, 4, 0)
    assert answer is None or isinstance(answer, bytes | Unknown)


@pytest.mark.parametrize("cut", [0, 4, 12, 16])
def test_a_short_answer(cut):
    assert isinstance(probe_mgmt.information(INFORMATION[:cut]), Unknown)


def test_our_answer_among_others():
    assert probe_mgmt.answer_in(complete(4, 0, 0, b"xyz"), 4, 0) == b"xyz"
    assert probe_mgmt.answer_in(complete(4, 1, 0, b"xyz"), 4, 0) is None, "another adapter's"
    assert probe_mgmt.answer_in(complete(5, 0, 0, b"xyz"), 4, 0) is None, "another question's"
    assert probe_mgmt.answer_in(packet(0x0006, 0, b"settings"), 4, 0) is None, "an event"
    assert probe_mgmt.answer_in(b"\x01\x00", 4, 0) is None


def test_refusals():
    refused = Unknown("the kernel refused (management status 0x11)")
    assert probe_mgmt.answer_in(complete(4, 0, 0x11), 4, 0) == refused
    assert probe_mgmt.answer_in(packet(0x0002, 0, struct.pack("<HB", 4, 0x11)), 4, 0) == refused


def test_an_adapter_that_is_not_there():
    found = probe_mgmt.controller(60000)
    assert isinstance(found, Unknown), "no Bluetooth in this kernel, or no such adapter"
    assert isinstance(probe_mgmt.link_defaults(60000), Unknown)
