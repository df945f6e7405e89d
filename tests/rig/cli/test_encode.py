"""pitboard encode: messages by name, messages as JSON, mistakes."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from protocol import MESSAGE_TYPES, DecodeError, Dialect, Direction, decode
from rig.cli.decode import decode as decode_command
from rig.cli.encode import encode
from rig.cli.message_input import frame_of, message_from
from rig.cli.message_records import direction_of, record_of
from rig.errors import InputError


def run(*args, stdin=""):
    return CliRunner().invoke(encode, args, input=stdin)


def refused(*args):
    result = run(*args)
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_code == 2
    return str(result.exception)


@pytest.mark.parametrize(
    ("args", "frame"),
    [
        (["SetSpeed", "speed_mm_s=300", "accel_mm_s2=1000"], "06242c01e80300"),
        (["SetSpeed", "speed_mm_s=300", "accel_mm_s2=1000", "--firmware", "0x3061"], "07242c01e8030001"),
        (["SetSpeed", "speed_mm_s=0x12c", "accel_mm_s2=1000", "--firmware", "10100"], "06242c01e80300"),
        (["Turn", "turn_type=U_TURN"], "03320300"),
        (["Turn", "turn_type=u_turn", "trigger=1"], "03320301"),
        (["SdkMode", "on=true", "flags=1"], "03900101"),
        (["SdkMode", "on=off", "flags=0"], "03900000"),
        (["SetOffset", "offset_mm=-67.5"], "052c000087c2"),
        (["SetOffset", "offset_mm=nan:7fc00001"], "052c0100c07f"),
        (["SetOffset", "offset_mm=inf"], "052c0000807f"),
        (["PingRequest"], "0116"),
        (["DebugValue", "type=U16", "value=0f 50"], "04c9020f50"),
        (["Unknown", "msg_id=0x99", "payload=0102"], "03990102"),
        (["Unknown", "msg_id=0x99", "payload=0x01 02"], "03990102"),
        (["Unknown", "msg_id=0x99", "payload="], "0199"),
        (["SetLights", "mask=0x44"], "021d44"),
        (["SpeedUpdate", "desired_speed_mm_s=300", "--firmware", "0x2e5a"], "03362c01"),
        (
            ["LightsPattern", 'channels=[{"channel":1,"effect":0,"start":14,"end":14,"cycles_per_10s":0}]'],
            "07330101000e0e00",
        ),
    ],
)
def test_a_message_by_name(args, frame):
    result = run(*args)
    assert result.stdout == frame + "\n"


def test_json_output():
    assert json.loads(run("PingRequest", "--json").stdout) == {"hex": "0116"}


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["SetSped"], "no message is called 'SetSped', did you mean 'SetSpeed'?; see pitboard encode --list"),
        (["qqqq"], "no message is called 'qqqq'; see pitboard encode --list"),
        (["qqqq", "a=1"], "no message is called 'qqqq'; see pitboard encode --list"),
        (["SetSpeed", "sped=9"], "SetSpeed has no field 'sped', did you mean 'speed_mm_s'?"),
        (["SetSpeed", "speed_mm_s=9"], "SetSpeed needs accel_mm_s2"),
        (["SetSpeed", "speed"], "'speed' is not FIELD=VALUE"),
        (["SetSpeed", "speed_mm_s=fast", "accel_mm_s2=1"], "SetSpeed.speed_mm_s = 'fast': must be a number"),
        (
            ["SetSpeed", "speed_mm_s=40000", "accel_mm_s2=1"],
            "SetSpeed.speed_mm_s = 40000: must be an integer",
        ),
        (["SetSpeed", "speed_mm_s=1.5", "accel_mm_s2=1"], "SetSpeed.speed_mm_s = 1.5: must be an integer"),
        (["SetSpeed", "speed_mm_s=[1]", "accel_mm_s2=1"], "SetSpeed.speed_mm_s = [1]: must be a number"),
        (["LightsPattern", "channels=5"], "LightsPattern.channels = 5: must be a list of light channels"),
        (["LightsPattern", "channels=[1]"], "a light channel has the fields channel, effect"),
        (["Unknown", "msg_id=1.5", "payload="], "Unknown.msg_id = 1.5: must be an integer 0..255"),
        (["SetOffset", "offset_mm=nan:-1"], "SetOffset.offset_mm = 'nan:-1': must be a number"),
        (["SetOffset", "offset_mm=nan:1ffffffff"], "'nan:1ffffffff': must be a number"),
        (["SetOffset", "offset_mm=nan:3f800000"], "'nan:3f800000': must be a number"),
        (["SetSpeed", "speed_mm_s={}", "accel_mm_s2=1"], "SetSpeed.speed_mm_s = {}: must be a number"),
        (["SetSpeed", "speed_mm_s=[", "accel_mm_s2=1"], "'[' is not JSON"),
        (["Turn", "turn_type=sideways"], "'sideways': must be a number or one of NONE, LEFT, RIGHT"),
        (["DebugValue", "type=0", "value=xy"], "DebugValue.value: 'xy' is not hex"),
        (["LightsPattern", 'channels=[{"lamp":1}]'], "a light channel has the fields channel, effect"),
        (
            ["SetSpeed", "speed_mm_s=9", "accel_mm_s2=1", "--firmware", "fast"],
            "firmware 'fast' is not a number",
        ),
        (["SetLights", "mask=300"], "SetLights.mask = 300"),
        (
            ["ChangeLaneShort", "speed_mm_s=1", "accel_mm_s2=1", "offset_mm=0", "--firmware", "0x2120"],
            "ChangeLaneShort.dialect",
        ),
        (["SetOffset", "offset_mm=nan:xyz"], "SetOffset.offset_mm = 'nan:xyz': must be a number"),
    ],
)
def test_mistakes_are_one_sentence(args, sentence):
    assert sentence in refused(*args)


def test_json_lines_round_trip_and_a_bad_one_does_not_stop_the_rest():
    entry = '{"channel": "ROOF", "effect": "Flash", "start": 1, "end": 2}'
    lamp = f'{{"message": "LightsPattern", "fields": {{"channels": [{entry}]}}}}'
    lines = [
        '{"message": "SetSpeed", "fields": {"speed_mm_s": 300, "accel_mm_s2": 1000}}',
        "",
        "[1]",
        '{"message": 5}',
        '{"message": "StatusUpdate", "fields": [1]}',
        "not json",
        '{"message": "SetOffset", "fields": {"offset_mm": "wide"}}',
        '{"message": "PingRequest", "surplus": "0a0b"}',
        '{"message": "PingRequest", "surplus": 5}',
        '{"message": "Unknown", "fields": {"msg_id": [], "payload": "00"}}',
        '{"message": "Unknown", "fields": {"msg_id": 2.5, "payload": "00"}}',
        '{"message": "SetOffset", "fields": {"offset_mm": "nan:-1"}}',
        '{"message": "Turn", "fields": {"turn_type": "U_TURN"}}',
        lamp.replace("ROOF", "TAIL"),
        lamp,
    ]
    result = run(stdin="\n".join(lines))
    assert result.exit_code == 1
    assert result.stdout.splitlines() == ["06242c01e80300", "03160a0b", "03320300", "0733010103010200"]
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
        f"stdin line {number}" for number in (3, 4, 5, 6, 7, 9, 10, 11, 12, 15)
    ]


def test_empty_input_says_so():
    result = run(stdin="\n \n")
    assert (result.exit_code, result.stderr) == (1, "there was no message in it\n")


def test_what_decode_prints_encode_reads_back():
    frames = [
        "053f01000001",
        "073f01000001aabb",
        "1229000010bf1f4900ffff00002c0123002528",
        "11330101000e0e000800000081517d79f4eb",
        "03990102",
        "062d0000c07f01",
        "062d0100807f01",
        "062d0000807f01",
        "062d000080ff01",
        "053f07000203",
    ]
    shown = CliRunner().invoke(decode_command, ["--json", *frames])
    assert shown.exit_code == 0
    for line in shown.stdout.splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert run("-", stdin=shown.stdout).stdout.splitlines() == frames


@given(
    st.one_of(
        st.binary(min_size=2, max_size=40),
        st.builds(
            lambda cls, tail: bytes([cls.MSG_ID]) + tail,
            st.sampled_from(MESSAGE_TYPES),
            st.binary(max_size=24),
        ),
    ).map(lambda body: bytes([len(body)]) + body),
    st.sampled_from(Dialect),
)
def test_any_frame_that_decodes_round_trips_through_its_record(frame, dialect):
    try:
        message = decode(frame, direction_of(frame), dialect)
    except DecodeError:
        return
    record = json.loads(json.dumps(record_of(message), allow_nan=False))
    assert frame_of(message_from(record)) == frame
    decoded = record | {"hex": frame.hex()}
    assert frame_of(message_from(decoded, dialect), dialect) == frame


@pytest.mark.parametrize(
    ("frame", "firmware"),
    [
        ("0724e803e8030100", "0x2774"),
        ("0b25e80310270000a0410005", "0x2120"),
        ("03900101", "0x2120"),
        ("03320300", "0x2120"),
        ("083305000e0e3c0000", "0x2159"),
        ("03362c01", "0x2b6e"),
        ("112900000000000000ffff0000fc01000027", "0x2774"),
        ("029000", "0x266e"),
        ("0132", "0x266e"),
        ("0624e803e80300", "0x3061"),
    ],
)
def test_a_decoded_record_is_never_re_formed(frame, firmware):
    shown = CliRunner().invoke(decode_command, ["--json", "--firmware", firmware, frame])
    assert shown.exit_code == 0
    assert run("--firmware", firmware, stdin=shown.stdout).stdout == frame + "\n"


def test_the_list_names_every_message_and_field():
    shown = run("--list").stdout
    assert "SetSpeed  0x24 to car\n  speed_mm_s [mm/s]  speed to reach; 0 stops\n" in shown
    assert "(default 0)" in shown
    assert "(default no bytes)" in shown
    assert "u turn" not in shown
    assert ": NONE, LEFT, RIGHT, U_TURN, U_TURN_JUMP" in shown
    assert all(cls.__name__ in shown for cls in MESSAGE_TYPES)


def test_the_list_as_json():
    listed = [json.loads(line) for line in run("--list", "--json").stdout.splitlines()]
    assert [entry["message"] for entry in listed] == [cls.__name__ for cls in MESSAGE_TYPES]
    speed = next(entry for entry in listed if entry["message"] == "SetSpeed")
    assert speed["fields"][0] == {"name": "speed_mm_s", "unit": "mm/s", "doc": "speed to reach; 0 stops"}
    assert speed["direction"] == Direction.TO_CAR.value
