"""Messages as Python values: frozen, comparable, copyable; and what they refuse to encode."""

import copy
import gc
import pickle

import pytest
from construct import FormatFieldError, Int16ub, Int16ul, Int32ul, Struct

from protocol import (
    MESSAGE_TYPES,
    BatteryLevelResponse,
    ChangeLane,
    ChangeLaneDrive,
    ChangeLaneShort,
    ChangeLaneUndecided,
    DebugValue,
    Dialect,
    Direction,
    EncodeError,
    Extended,
    LightChannel,
    LightsPattern,
    LightsPatternDrive,
    PingRequest,
    PingResponse,
    PositionUpdate,
    RoadNetworkMeta,
    SdkMode,
    SetOffset,
    SetSpeed,
    SetSpeedV4,
    SpeedUpdate,
    StatusUpdate,
    Turn,
    TurnType,
    Unknown,
    decode,
    decoder_for,
    encode,
)
from protocol.wire.declare import Message, field, message
from protocol.wire.fields import F32, U8, WireFlag, WireNan
from protocol.wire.layout import layout_of

SAMPLES = [
    SetSpeed(300, 1000),
    PingRequest(),
    StatusUpdate(1, 0, 0, 1),
    LightsPattern.padded(LightChannel(0, 0, 14, 14, 0)),
    Unknown(0x53, b"\1"),
    Extended(PingResponse(), b"\0"),
]


@pytest.mark.parametrize("value", SAMPLES, ids=repr)
class TestValue:
    def test_copies_are_equal(self, value):
        assert pickle.loads(pickle.dumps(value)) == value
        assert copy.copy(value) == copy.deepcopy(value) == value
        assert type(value)(**dict(zip(value.NAMES, value.values(), strict=True))) == value
        assert len({value, copy.deepcopy(value)}) == 1

    def test_cannot_be_changed(self, value):
        for name in (*value.NAMES, "new"):
            with pytest.raises(AttributeError, match="frozen"):
                setattr(value, name, 1)
            with pytest.raises(AttributeError, match="frozen"):
                delattr(value, name)
        assert not hasattr(value, "__dict__")

    def test_shows_itself(self, value):
        assert repr(value).startswith(type(value).__name__ + "(")
        assert all(name in repr(value) for name in value.NAMES)


def test_equality_is_by_class_and_fields():
    assert SetSpeed(1, 2) != SetSpeed(1, 3)
    assert ChangeLaneShort(1, 2, 3.0) != ChangeLane(1, 2, 3.0)
    assert PingRequest() != PingResponse()
    assert SetSpeed(1, 2) != (1, 2, 0)


def test_matches_by_position():
    match SetSpeed(300, 1000):
        case SetSpeed(speed, accel):
            assert (speed, accel) == (300, 1000)
        case _:
            pytest.fail("no match")


def test_construction_checks_names():
    with pytest.raises(TypeError):
        SetSpeed(1)
    with pytest.raises(TypeError):
        SetSpeed(1, 2, colour=3)
    with pytest.raises(TypeError):
        PingRequest(1)


def test_constants_are_on_the_class():
    assert SetSpeed.MSG_ID == 0x24
    assert SetSpeed.FORM.size == 6
    assert [spec.unit for spec in SetSpeed.FIELDS] == ["mm/s", "mm/s²", ""]


@pytest.mark.parametrize(
    ("wrong", "name", "allowed"),
    [
        (SetSpeed(40000, 1000), "speed_mm_s", "-32768..32767"),
        (SetSpeed(300, -40000), "accel_mm_s2", "-32768..32767"),
        (SetSpeed(300, 1000, 256), "respect_speed_limit", "0..255"),
        (SetSpeed(1.5, 1000), "speed_mm_s", "integer"),
        (SetSpeed(None, 1000), "speed_mm_s", "integer"),
        (SdkMode(-1, 0), "on", "0..255"),
        (ChangeLane(-1, 0, 0.0), "speed_mm_s", "0..65535"),
        (SetOffset(1e39), "offset_mm", "3.4e38"),
        (SetOffset("left"), "offset_mm", "number"),
        (SetOffset(None), "offset_mm", "number"),
        (StatusUpdate(256, 0, 0, 0), "on_track", "0..255"),
        (BatteryLevelResponse(70000), "battery_mv", "0..65535 (mV)"),
        (RoadNetworkMeta(0, 4, b"abc"), "tail", "5 bytes"),
        (RoadNetworkMeta(0, 4, None), "tail", "5 bytes"),
        (LightsPattern([LightChannel(0, 0, 0, 0, 0)]), "channels", "tuple of LightChannel"),
        (LightsPattern((1,)), "channels", "tuple of LightChannel"),
        (LightsPattern((LightChannel(0, 0, 0, 0),) * 256), "channels", "at most 255 LightChannel"),
        (LightsPattern((), "text"), "padding", "bytes"),
        (LightsPattern((), bytes(300)), "payload", "254"),
        (DebugValue(300, b""), "type", "0..255"),
        (Unknown(256, b""), "msg_id", "0..255"),
        (Unknown("a", b""), "msg_id", "0..255"),
        (Unknown(1.5, b""), "msg_id", "0..255"),
        (Unknown(1, None), "payload", "bytes"),
        (Unknown(1, [1]), "payload", "bytes"),
        (Extended(3, b""), "message", "a message"),
        (Extended(PingRequest(), None), "surplus", "bytes"),
        (Unknown(1, bytes(255)), "payload", "254"),
        (Extended(PingRequest(), bytes(255)), "payload", "254"),
    ],
    ids=str,
)
def test_out_of_range_names_field_value_and_range(wrong, name, allowed):
    with pytest.raises(EncodeError) as caught:
        encode(wrong)
    assert caught.value.message == type(wrong).__name__
    assert caught.value.field == name
    assert allowed in caught.value.allowed
    assert allowed in str(caught.value)
    assert caught.value.value == (getattr(wrong, name) if name in wrong.NAMES else caught.value.value)


def test_enum_members_and_booleans_are_numbers():
    assert encode(Turn(TurnType.U_TURN, 0)) == bytes.fromhex("03320300")
    assert encode(StatusUpdate(True, False, False, True)) == bytes.fromhex("053f01000001")


def test_a_wrong_lamp_is_named():
    good = LightChannel(0, 0, 0, 0)
    for wrong, name, value in (
        (LightChannel(0, 0, 300, 0, 0), "channels[1].start", 300),
        (LightChannel("red", 0, 0, 0, 0), "channels[1].channel", "red"),
        (LightChannel(0, 0, 0, 0, -1), "channels[1].cycles_per_10s", -1),
    ):
        with pytest.raises(EncodeError, match=r"must be an integer 0\.\.255") as caught:
            encode(LightsPattern((good, wrong)))
        assert (caught.value.field, caught.value.value) == (name, value)


def test_a_message_is_refused_to_a_dialect_that_would_read_another():
    lamp = LightsPattern((LightChannel(0, 0, 0, 0),))
    assert encode(SetSpeedV4(300, 1000), Dialect.V4)
    assert encode(SetSpeed(300, 1000), Dialect.V4), "short, but nothing else"
    for order, dialect, spoken in (
        (SetSpeedV4(300, 1000), Dialect.DRIVE_2159, "one of v4"),
        (Extended(SetSpeedV4(300, 1000), b""), Dialect.DRIVE_2159, "one of v4"),
        (Extended(SetSpeed(300, 1000), b"\0"), Dialect.V4, "dialect = 'v4'"),
        (ChangeLaneShort(1, 2, 3.0), Dialect.DRIVE_2120, "dialect = 'drive-2120'"),
        (ChangeLaneDrive(1, 2.0), Dialect.OVERDRIVE_266E, "one of drive-2120"),
        (lamp, Dialect.DRIVE_2159, "dialect = 'drive-2159'"),
        (LightsPattern.padded(), Dialect.DRIVE_2120, "dialect = 'drive-2120'"),
        (LightsPatternDrive(0, 0, 0, 0, 0), Dialect.V4, "one of drive-2120, drive-2159"),
    ):
        with pytest.raises(EncodeError, match=spoken):
            encode(order, dialect)
        assert encode(order)
    assert encode(lamp, Dialect.V4)
    assert encode(Unknown(0x24, b""), Dialect.V4)
    assert encode(SpeedUpdate(1), Dialect.V4)
    assert encode(ChangeLaneUndecided(1, bytes(6)), Dialect.V4)


def test_decoding_leaves_no_work_for_the_collector():
    frames = [
        bytes.fromhex(text)
        for text in ("10270e1110bf1f492d0107ffff00002c01", "012b", "02ee01", "053f01000001", "0336e803")
    ]
    read = decoder_for()
    for frame in frames:
        read(frame)
    gc.collect()
    gc.disable()
    try:
        for _ in range(1000):
            for frame in frames:
                read(frame)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_decoder_is_made_once():
    assert decoder_for(Direction.TO_CAR, Dialect.V4) is decoder_for(Direction.TO_CAR, Dialect.V4)


def test_wire_values_survive_copying():
    nan = copy.deepcopy(WireNan(0x7F800001))
    assert nan.bits == 0x7F800001
    assert encode(decode(encode(SetOffset(nan)), Direction.TO_CAR)) == encode(SetOffset(nan))
    for bits in (-1, 0x1FFFFFFFF, 0x3F800000, 0x7F800000, 0xFF800000):
        with pytest.raises(ValueError, match="32 bits of a NaN"):
            WireNan(bits)
    assert WireNan(0x7F800001) != WireNan(0x7F800002)
    assert not WireFlag(2)
    assert WireFlag(3)


class TestDeclaring:
    def test_size_must_agree_with_the_source(self):
        with pytest.raises(TypeError, match="fields make size 2, its source says 3"):

            @message(0x99, Direction.TO_CAR, "TEST", size=3, trust="D", source="none")
            class Odd(Message):
                one: int = field(U8, "a byte")

    @pytest.mark.parametrize("wire", [Int16ub, Struct(), None])
    def test_only_little_endian_fields_can_be_declared(self, wire):
        with pytest.raises(TypeError, match="no wire layout"):
            layout_of([field(wire, "odd")])

    def test_every_class_has_what_the_docs_need(self):
        for cls in MESSAGE_TYPES:
            assert cls.__doc__
            assert set(cls.FORM.trust) <= set("ABCD")
            assert cls.FORM.source
            assert all(spec.doc for spec in cls.FIELDS)

    def test_exact_float_refuses_like_construct_does(self):
        with pytest.raises(FormatFieldError):
            F32.build(1e39)
        assert F32.build(1.0) == Int32ul.build(0x3F800000)
        assert Int16ul.sizeof() == 2


def test_position_is_the_class_type_checkers_see():
    message = PositionUpdate(
        location_id=1,
        piece_id=2,
        offset_mm=3.0,
        speed_mm_s=4,
        parsing_flags=5,
        last_recv_lane_change_id=6,
        last_exec_lane_change_id=7,
        last_desired_lane_change_speed_mm_s=8,
        last_desired_speed_mm_s=9,
    )
    assert message.values() == (1, 2, 3.0, 4, 5, 6, 7, 8, 9)
    assert list(PositionUpdate.__annotations__) == list(PositionUpdate.NAMES)
