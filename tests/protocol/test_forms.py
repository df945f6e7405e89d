"""Which form a frame takes: by size, and by firmware where sizes are equal."""

import math
import struct

import pytest

from protocol import (
    DRIVE_DIALECTS,
    MESSAGE_TYPES,
    ChangeLane,
    ChangeLaneDrive,
    ChangeLaneShort,
    ChangeLaneUndecided,
    CollisionDetected,
    DebugValue,
    DecodeError,
    Dialect,
    Direction,
    EncodeError,
    Extended,
    IntersectionUpdate,
    IntersectionUpdate266e,
    LightChannel,
    LightsPattern,
    LightsPatternDrive,
    LightsPatternUndecided,
    OffsetUpdate,
    PingRequest,
    PositionUpdate,
    PositionUpdateDrive,
    SetSpeed,
    SetSpeedV4,
    SpeedUpdate,
    SpeedUpdateLong,
    StatusUpdate,
    TransitionUpdate,
    TransitionUpdate17,
    TransitionUpdateDrive,
    Turn,
    TurnDrive,
    Unknown,
    VersionResponse,
    VersionResponseShort,
    core_of,
    decode,
    dialect_for,
    encode,
)
from protocol.dialect import ALL_DIALECTS

TO_CAR, TO_HOST = Direction.TO_CAR, Direction.TO_HOST


def read(text, direction=TO_HOST, dialect=Dialect.UNKNOWN):
    frame = bytes.fromhex(text)
    message = decode(frame, direction, dialect)
    assert encode(message) == encode(message, dialect) == frame
    return message


@pytest.mark.parametrize(
    ("firmware", "dialect"),
    [
        (None, Dialect.UNKNOWN),
        (0x0001, Dialect.UNKNOWN),
        (0x0D3B, Dialect.UNKNOWN),
        (0x2120, Dialect.DRIVE_2120),
        (0x2158, Dialect.DRIVE_2120),
        (0x2159, Dialect.DRIVE_2159),
        (0x2527, Dialect.UNKNOWN),
        (0x2667, Dialect.OVERDRIVE_266E),
        (0x266E, Dialect.OVERDRIVE_266E),
        (0x2774, Dialect.OVERDRIVE_266E),
        (0x2B6E, Dialect.OVERDRIVE_2B6E),
        (0x2E49, Dialect.OVERDRIVE_2E49),
        (0x2E5A, Dialect.OVERDRIVE_2E5A),
        (0x3060, Dialect.OVERDRIVE_2E5A),
        (0x3061, Dialect.V4),
        (0x3062, Dialect.V4),
        (0x307C, Dialect.UNKNOWN),
        (0xFFFF, Dialect.UNKNOWN),
    ],
)
def test_firmware_decides_the_dialect(firmware, dialect):
    assert dialect_for(firmware) is dialect


@pytest.mark.parametrize(
    ("msg_id", "direction", "forms"),
    [
        (0x29, TO_HOST, {7: TransitionUpdateDrive, 17: TransitionUpdate17, 18: TransitionUpdate}),
        (0x2A, TO_HOST, {10: IntersectionUpdate266e, 12: IntersectionUpdate}),
        (0x27, TO_HOST, {10: PositionUpdateDrive, 16: PositionUpdate}),
        (0x36, TO_HOST, {3: SpeedUpdate, 7: SpeedUpdateLong}),
        (0x19, TO_HOST, {3: VersionResponseShort, 5: VersionResponse}),
        (0x32, TO_CAR, {1: TurnDrive, 3: Turn}),
    ],
)
@pytest.mark.parametrize("dialect", Dialect)
def test_size_tells_forms_apart_in_every_dialect(msg_id, direction, forms, dialect):
    for size, form in forms.items():
        frame = bytes((size, msg_id, *range(1, size)))
        message = decode(frame, direction, dialect)
        assert type(message) is form
        assert message.encode() == frame


def test_every_declared_size_is_decoded_by_a_dialect_that_knows_it():
    for cls in MESSAGE_TYPES:
        for dialect in cls.FORM.dialects:
            size = cls.FORM.size or 17
            frame = bytes((size, cls.MSG_ID, *([1] * (size - 1))))
            assert type(decode(frame, cls.FORM.direction, dialect)) is cls


def test_between_two_forms_the_dialect_decides():
    sixteen = "05 36 01 00 02 00"
    assert read(sixteen, dialect=Dialect.OVERDRIVE_266E) == Extended(SpeedUpdate(1), b"\2\0")
    for dialect in (Dialect.UNKNOWN, Dialect.V4):
        with pytest.raises(DecodeError, match="SpeedUpdateLong has size 7, not 5"):
            decode(bytes.fromhex(sixteen), TO_HOST, dialect)


def test_between_two_sizes_a_frame_of_unknown_firmware_is_truncated():
    for text, direction in (
        ("04 19 6e 26 00", TO_HOST),
        ("0a 29 " + "00 " * 9, TO_HOST),
        ("10 29 " + "00 " * 15, TO_HOST),
        ("02 32 03", TO_CAR),
        ("0a 25 e8 03 10 27 00 00 a0 41 07", TO_CAR),
    ):
        with pytest.raises(DecodeError, match="truncated"):
            decode(bytes.fromhex(text), direction)


def test_a_frame_shorter_than_every_form_is_truncated():
    for dialect in Dialect:
        for text, direction in (
            ("02 19 6e", TO_HOST),
            ("05 24 01 00 02 00", TO_CAR),
            ("08 25 " + "00 " * 7, TO_CAR),
        ):
            with pytest.raises(DecodeError, match="truncated"):
                decode(bytes.fromhex(text), direction, dialect)


class TestSetSpeedOfSizeSeven:
    FRAME = "07 24 e8 03 e8 03 01 00"

    @pytest.mark.parametrize("dialect", sorted(ALL_DIALECTS - {Dialect.V4}, key=str))
    def test_has_a_surplus_byte_for_older_firmware(self, dialect):
        assert read(self.FRAME, TO_CAR, dialect) == Extended(SetSpeed(1000, 1000, 1), b"\0")

    @pytest.mark.parametrize("dialect", [Dialect.V4, Dialect.UNKNOWN])
    def test_says_how_to_drive_for_later_and_unknown_firmware(self, dialect):
        assert read(self.FRAME, TO_CAR, dialect) == SetSpeedV4(1000, 1000, 1, 0)
        assert read("06 24 e8 03 e8 03 01", TO_CAR, dialect) == SetSpeed(1000, 1000, 1)


class TestChangeLaneOfSizeNine:
    FRAME = "09 25 e8 03 10 27 00 00 a0 41"

    @pytest.mark.parametrize("dialect", [Dialect.DRIVE_2159, Dialect.OVERDRIVE_266E, Dialect.V4])
    def test_has_acceleration_for_later_firmware(self, dialect):
        assert read(self.FRAME, TO_CAR, dialect) == ChangeLaneShort(1000, 10000, 20.0)

    def test_has_none_for_the_first_firmware(self):
        frame = "09 25 e8 03 00 00 a0 41 01 02"
        assert read(frame, TO_CAR, Dialect.DRIVE_2120) == ChangeLaneDrive(1000, 20.0, 1, 2)

    def test_is_left_undecided_for_unknown_firmware(self):
        message = read(self.FRAME, TO_CAR)
        assert isinstance(message, ChangeLaneUndecided)
        assert message.speed_mm_s == 1000
        assert message.as_short == ChangeLaneShort(1000, 10000, 20.0)
        assert message.as_drive.encode() == bytes.fromhex(self.FRAME)

    def test_longer_than_all_forms_keeps_the_surplus(self):
        message = read("0c 25 e8 03 10 27 00 00 a0 41 00 05 99", TO_CAR)
        assert message == Extended(ChangeLane(1000, 10000, 20.0, 0, 5), b"\x99")


class TestLightsOfSizeSeven:
    FRAME = "07 33 01 04 00 0e 0e 00"

    def test_is_one_entry_for_overdrive(self):
        assert read(self.FRAME, TO_CAR, Dialect.V4) == LightsPattern((LightChannel(4, 0, 14, 14),))

    def test_is_one_lamp_for_drive(self):
        assert read(self.FRAME, TO_CAR, Dialect.DRIVE_2159) == LightsPatternDrive(1, 4, 0, 14, 14)

    @pytest.mark.parametrize("dialect", sorted(DRIVE_DIALECTS, key=str))
    def test_longer_and_shorter_frames_are_one_lamp_too_for_drive(self, dialect):
        longer = read("08 33 05 00 0e 0e 3c 00 00", TO_CAR, dialect)
        assert longer == Extended(LightsPatternDrive(5, 0, 14, 14, 60), b"\0")
        with pytest.raises(DecodeError, match="truncated: LightsPatternDrive has size 7, not 3"):
            decode(bytes.fromhex("03 33 00 00"), TO_CAR, dialect)

    def test_is_left_undecided_for_unknown_firmware(self):
        message = read(self.FRAME, TO_CAR)
        assert isinstance(message, LightsPatternUndecided)
        assert message.as_pattern == LightsPattern((LightChannel(4, 0, 14, 14),))
        assert message.as_drive == LightsPatternDrive(1, 4, 0, 14, 14)
        assert LightsPatternUndecided(bytes(6)).as_pattern is None


class TestLightsPattern:
    def test_unpadded_entries(self):
        message = read("0c 33 02 00 01 02 03 04 05 06 07 08 09", TO_CAR)
        assert message == LightsPattern((LightChannel(0, 1, 2, 3, 4), LightChannel(5, 6, 7, 8, 9)))

    def test_no_entry(self):
        assert read("02 33 00", TO_CAR) == LightsPattern(())

    def test_padded_like_the_vendor(self):
        message = LightsPattern.padded(LightChannel(4, 0, 14, 14, 1))
        assert encode(message).hex() == "113301" + "04000e0e01" + "00" * 10
        assert decode(encode(message), TO_CAR) == message
        with pytest.raises(EncodeError, match="at most 3 lamps"):
            LightsPattern.padded(*[LightChannel(0, 0, 0, 0)] * 4)

    def test_count_beyond_the_frame(self):
        with pytest.raises(DecodeError, match="more entries"):
            decode(bytes.fromhex("11 33 04 " + "00 " * 15), TO_CAR)

    def test_count_missing(self):
        with pytest.raises(DecodeError, match="truncated"):
            decode(b"\x01\x33", TO_CAR)


def test_transition_of_size_17_offers_both_readings():
    message = read("11 29 00 00 00 00 00 00 ff ff 00 00 fc 01 00 00 27 2e", dialect=dialect_for(0x2E49))
    assert isinstance(message, TransitionUpdate17)
    assert message.last_desired_speed_mm_s == 0x01FC
    assert message.follow_line_drift_px == -4
    assert message.had_lane_change_activity == 1
    assert read("11 29 00 00 00 00 00 00 ff ff 00 00 64 00 00 00 27 2e").follow_line_drift_px == 100
    assert message.VIEWS == ("follow_line_drift_px", "had_lane_change_activity")


def test_position_flags_have_names():
    message = read("10 27 21 28 48 e1 86 c2 02 01 47 00 00 00 02 fa 00")
    assert message.is_reverse_parsed
    assert message.bits_read == 7


def test_status_byte_means_its_bit_0_and_survives():
    message = read("05 3f 02 03 00 01")
    assert isinstance(message, StatusUpdate)
    assert [bool(flag) for flag in message.values()] == [False, True, False, True]
    assert message == StatusUpdate(2, 3, False, True)


def test_unknown_id_keeps_its_bytes_and_its_public_name():
    message = read("03 53 01 02")
    assert message == Unknown(0x53, b"\1\2")
    assert message.known_name == "TR_SPECIAL"
    assert read("01 ee").known_name is None
    assert isinstance(read("06 24 e8 03 a8 61 00"), Unknown)  # an order, seen from the wrong side


def test_unknown_enum_value_survives():
    assert read("03 32 7f 63", TO_CAR) == Turn(0x7F, 0x63)


def test_core_of_unwraps():
    assert core_of(read("03 16 01 01", TO_CAR)) == PingRequest()
    assert core_of(CollisionDetected(0, 1)) == CollisionDetected(0, 1)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
@pytest.mark.parametrize("text", ["03 4d 01 00", "02 ee 05", "04 4d 01 00 09"])
def test_any_bytes_like_object_will_do(kind, text):
    assert encode(decode(kind(bytes.fromhex(text)))) == bytes.fromhex(text)
    with pytest.raises(DecodeError) as caught:
        decode(kind(b"\x05\x4d"))
    assert caught.value.frame == b"\x05\x4d"


@pytest.mark.parametrize(
    "view",
    [memoryview(b"\3\0\x4d\0\1\0\0\0")[::2], memoryview(b"\2\0\xee\0\5\0")[::2]],
    ids=["known", "unknown"],
)
def test_bytes_that_do_not_lie_side_by_side_will_do(view):
    assert encode(decode(view)) == bytes(view)


def test_two_readings_of_one_nan_are_equal():
    first, second = (decode(bytes.fromhex("062d 0100807f 01")) for _ in range(2))
    assert first == second
    assert len({first, second}) == 1
    assert first != decode(bytes.fromhex("062d 0200807f 01"))
    assert first.offset_mm == second.offset_mm
    assert first != OffsetUpdate(math.nan, 1)


@pytest.mark.parametrize("bits", [0x7FC00000, 0xFFC00000, 0x7F800001, 0xFFBFFFFF, 0x7FFFFFFF, 0x7FA00005])
def test_every_nan_survives(bits):
    frame = struct.pack("<BBIB", 6, 0x2D, bits, 3)
    message = decode(frame)
    assert math.isnan(message.offset_mm)
    assert message.encode() == frame
    assert type(message)(*message.values()).encode() == frame


def test_plain_nan_can_be_sent():
    assert math.isnan(decode(PositionUpdate(0, 0, math.nan, 0, 0, 0, 0, 0, 0).encode()).offset_mm)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("03 c9 00 ff", 255),
        ("03 c9 01 ff", -1),
        ("04 c9 03 ff ff", -1),
        ("06 c9 06 00 00 80 3f", 1.0),
        ("04 c9 00 ff ff", None),
        ("03 c9 07 31", None),
        ("02 c9 63", None),
    ],
)
def test_debug_value(text, number):
    message = read(text)
    assert isinstance(message, DebugValue)
    assert message.number == number
