"""The fast path is the construct tree, only faster: same values, same bytes, same refusals, on any input.

`PITBOARD_EXAMPLES` says how many examples the nightly run tries.
"""

import os
import struct

import pytest
from construct import Computed, ConstructError, GreedyBytes, Int8ul, Peek, Prefixed, Struct, Switch, this
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol import (
    MESSAGE_TYPES,
    DecodeError,
    Dialect,
    Direction,
    EncodeError,
    Extended,
    LightChannel,
    Message,
    Unknown,
    core_of,
    decode,
    decoder_for,
    encode,
)
from protocol.wire.decoder import Reading, decode_exactly
from protocol.wire.layout import Kind


def frame_tree(reading):
    """The whole frame as one construct. Parses to `msg_id`, `form` (the message class, None when unknown), `payload` and `surplus`; builds from the
    same, with `form` given as a keyword."""

    def form(context):
        if context._building:  # construct's way to say which way it runs
            return context._params.form
        return reading.pick(context.msg_id, 1 + len(context.rest))

    payloads = {cls: cls.FORM.payload for classes in reading.by_id.values() for cls in classes}
    return Prefixed(
        Int8ul,
        Struct(
            "msg_id" / Int8ul,
            "rest" / Peek(GreedyBytes),
            "form" / Computed(form),
            "payload" / Switch(this.form, payloads, default=GreedyBytes),
            "surplus" / GreedyBytes,
        ),
    )


NIGHTLY = int(os.environ.get("PITBOARD_EXAMPLES", "100000"))
READINGS = {
    (direction, dialect): Reading(MESSAGE_TYPES, direction, dialect)
    for direction in Direction
    for dialect in Dialect
}
TREES = {key: frame_tree(reading) for key, reading in READINGS.items()}
DECODERS = {key: decoder_for(*key) for key in READINGS}

FORMS = [cls.FORM for cls in MESSAGE_TYPES]
FLOATS = st.integers(0, 2**32 - 1) | st.sampled_from([0x7F800001, 0xFFBFFFFF, 0x7FC00001, 0x7F800000])


def likely(form):
    """Bytes of about the right length for a form, with a size byte that is usually right."""
    size = form.size or 17
    return st.builds(
        lambda payload, lie: bytes((max(0, min(255, 1 + len(payload) + lie)), form.msg_id)) + payload,
        st.binary(min_size=max(0, size - 3), max_size=size + 3)
        | st.binary(min_size=size - 1, max_size=size - 1),
        st.sampled_from([0, 0, 0, 0, -1, 1, 5]),
    )


def with_floats(form):
    """Exact frames whose floats are any 32 bits."""
    parts = [
        FLOATS.map(struct.Struct("<I").pack)
        if slot.kind is Kind.FLOAT
        else st.binary(min_size=slot.length, max_size=slot.length)
        for slot in form.layout.slots
    ]
    return st.tuples(*parts).map(lambda found: bytes((form.size, form.msg_id)) + b"".join(found))


FRAMES = st.one_of(
    st.binary(max_size=512),
    st.sampled_from(FORMS).flatmap(likely),
    st.sampled_from([form for form in FORMS if form.size is not None]).flatmap(with_floats),
)
KEYS = st.sampled_from(list(READINGS))


def by_tree(frame, key):
    """What construct makes of the frame: (class, values, surplus), or None when it is no frame."""
    try:
        parsed = TREES[key].parse(frame)
    except ConstructError:
        return None
    if len(frame) != frame[0] + 1:
        return None
    if parsed.form is None:
        return Unknown, (parsed.msg_id, bytes(parsed.payload)), b""
    return parsed.form, tuple(parsed.payload[name] for name in parsed.form.NAMES), parsed.surplus


def decoding_agrees(frame, key):
    expected = by_tree(frame, key)
    if expected is None:
        with pytest.raises(DecodeError) as caught:
            DECODERS[key](frame)
        assert caught.value.frame == frame
        assert 0 <= caught.value.offset <= len(frame)
        return
    found = DECODERS[key](frame)
    assert isinstance(found, Message)
    cls, values, surplus = expected
    core = core_of(found)
    assert type(core) is cls
    assert core.values() == values
    assert (found.surplus if isinstance(found, Extended) else b"") == surplus
    assert found.encode() == frame
    assert encode(found, key[1]) == frame
    exact = decode_exactly(frame, READINGS[key])
    assert type(exact) is type(found)
    assert exact.encode() == frame
    assert type(core)(*core.values()).encode() == core.encode()


def any_value(slot):
    """Values for a field: nearly always fitting, at times just outside."""
    if slot.kind in {Kind.INTEGER, Kind.FLAG}:
        low, high = slot.range
        return st.integers(low, high) | st.sampled_from([low - 1, high + 1, low, high])
    if slot.kind is Kind.FLOAT:
        return st.floats(width=32) | st.floats() | st.integers(-(10**40), 10**40)
    if slot.kind is Kind.RAW:
        return st.binary(min_size=slot.length, max_size=slot.length)
    if slot.kind is Kind.REST:
        return st.binary(max_size=260)
    return st.lists(st.builds(LightChannel, *[st.integers(-1, 256)] * 5), max_size=60).map(tuple)


MESSAGES = st.sampled_from(MESSAGE_TYPES).flatmap(
    lambda cls: st.builds(cls, *(any_value(slot) for slot in cls.FORM.layout.slots))
)


def encoding_agrees(message):
    cls = type(message)
    tree = TREES[cls.FORM.direction, next(iter(cls.FORM.dialects))]
    contents = {
        "msg_id": cls.MSG_ID,
        "payload": dict(zip(cls.NAMES, message.values(), strict=True)),
        "surplus": b"",
    }
    try:
        expected = tree.build(contents, form=cls)
    except ConstructError:
        with pytest.raises(EncodeError) as caught:
            encode(message)
        assert caught.value.field.partition("[")[0] in {*cls.NAMES, "payload"}
    else:
        assert encode(message) == expected


@settings(max_examples=600, deadline=None)
@given(FRAMES, KEYS)
def test_decoding_agrees_with_construct(frame, key):
    decoding_agrees(frame, key)


@settings(max_examples=400, deadline=None)
@given(MESSAGES)
def test_encoding_agrees_with_construct(message):
    encoding_agrees(message)


@pytest.mark.nightly
@settings(max_examples=NIGHTLY, deadline=None, suppress_health_check=list(HealthCheck))
@given(FRAMES, KEYS)
def test_decoding_agrees_with_construct_all_night(frame, key):
    decoding_agrees(frame, key)


@pytest.mark.nightly
@settings(max_examples=NIGHTLY, deadline=None, suppress_health_check=list(HealthCheck))
@given(MESSAGES)
def test_encoding_agrees_with_construct_all_night(message):
    encoding_agrees(message)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("direction", Direction)
def test_every_id_and_size_is_decoded_or_refused(direction, dialect):
    """Exhaustive over id and length, which no random search promises."""
    read = DECODERS[direction, dialect]
    for msg_id in range(256):
        for length in range(20):
            frame = bytes((1 + length, msg_id)) + bytes([1] * length)
            try:
                assert read(frame).encode() == frame
            except DecodeError:
                assert READINGS[direction, dialect].pick(msg_id, 1 + length) is not None


def test_decode_takes_the_key_apart():
    assert decode(b"\x01\x2b") == DECODERS[Direction.TO_HOST, Dialect.UNKNOWN](b"\x01\x2b")
