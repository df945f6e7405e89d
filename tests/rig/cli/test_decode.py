"""pitboard decode: what goes in, what comes out, what it exits with."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from protocol.advertising import LocalName, NameState, build_advertising_data, build_scan_response
from rig.captures.pcap import write_pcap
from rig.cli.decode import decode
from rig.cli.encode import encode
from rig.errors import InputError
from tests.captures import find_capture
from tests.rig.captures import on_air

STATUS = "05 3f 01 00 00 01"
SPEED = "06 24 dc 05 e8 03 00"


def run(*args, stdin=b""):
    return CliRunner().invoke(decode, args, input=stdin)


def refused(*args, stdin=b""):
    result = run(*args, stdin=stdin)
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_code == 2
    return str(result.exception)


def records(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "053f01000001",
        STATUS,
        "05:3F:01:00:00:01",
        "0x05, 0x3f,0x1,0,0,1",
        "0X053f01000001",
        "05-3f-01-00-00-01",
    ],
)
def test_hex_in_any_spelling(text):
    result = run(text)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "StatusUpdate  0x3f to host  05 3f 01 00 00 01",
        "  on_track     yes",
        "  on_charger    no",
        "  low_battery   no",
        "  charged      yes",
    ]


@pytest.mark.parametrize(
    "loose", [STATUS, "5 3f 1 0 0 1", "0x05 0x3F 0x01 0x00 0x00 0x01", "05, 3f, 1, 0, 0, 1"]
)
def test_hex_that_nobody_quoted_is_one_frame(loose):
    assert run(*loose.split()).stdout == run(STATUS).stdout
    assert [r["message"] for r in records(run("--json", "0117", "012b"))] == ["PingResponse", "Delocalized"]
    assert run("05").exit_code == 1


def test_a_status_byte_shows_its_bit_0_and_the_byte_when_there_is_more():
    lines = run("05 3f 02 03 00 01").stdout.splitlines()
    assert lines[1:3] == ["  on_track      no  0x02", "  on_charger   yes  0x03"]


class TestViews:
    TRANSITION = "11 29 00 00 00 00 00 00 ff ff 00 00 fc 01 00 00 27 2e"

    def test_both_readings_of_a_transition_of_size_17(self):
        lines = run("--firmware", "0x2e49", self.TRANSITION).stdout.splitlines()
        assert lines[-2].split()[:2] == ["follow_line_drift_px", "-4"]
        assert lines[-2].endswith("average drift from the line, signed, in pixels.")
        assert lines[-1].split()[:2] == ["had_lane_change_activity", "1"]
        (record,) = records(run("--json", self.TRANSITION))
        assert record["views"] == {"follow_line_drift_px": -4, "had_lane_change_activity": 1}

    def test_readings_of_an_undecided_frame(self):
        shown = run("09 25 e8 03 10 27 00 00 a0 41").stdout
        assert "as_short      ChangeLaneShort  speed 1000 mm/s · accel 10000 mm/s² · offset 20 mm\n" in shown
        assert "as_drive      ChangeLaneDrive  speed 1000 mm/s" in shown
        (record,) = records(run("--json", "07 33 02 04 00 0e 0e 00"))
        assert record["views"] == {
            "as_drive": {
                "message": "LightsPatternDrive",
                "fields": {"channel": 2, "effect": 4, "start": 0, "end": 14, "cycles_per_min": 14},
            }
        }

    def test_numbers_flags_and_names(self):
        assert "number  -1  The value as a number" in run("03 c9 01 ff").stdout
        assert "number" not in run("03 c9 07 31").stdout
        position = run("10 27 21 28 48 e1 86 c2 02 01 47 00 00 00 02 fa 00").stdout
        assert "is_reverse_parsed" in position
        assert "yes  The code was read against" in position
        (record,) = records(run("--json", "03 53 01 02"))
        assert record["views"] == {"known_name": "TR_SPECIAL"}
        (record,) = records(run("--json", "06 c9 06 00 00 c0 7f"))
        assert record["views"] == {"number": "nan"}
        assert "views" not in records(run("--json", "0117"))[0]

    def test_encode_ignores_them(self):
        frames = ["0925e80310270000a041", "11290000000000ffffff0000fc010000272e", "0353aabb"[:8]]
        shown = run("--json", *frames).stdout
        assert CliRunner().invoke(encode, [], input=shown).stdout.splitlines() == frames


def test_switched_lights_and_lamps_are_named():
    assert "  mask  0x44  front, front on\n" in run("02 1d 44").stdout
    assert "channel=1 (tail) effect=9 (unknown value)" in run("0c330201090e0e000500000000").stdout


def test_units_and_names_of_values_are_shown():
    position = run("10 27 21 28 48 e1 86 c2 02 01 47 00 00 00 02 fa 00", "03320300").stdout
    assert "-67.44  mm\n" in position
    assert "258  mm/s\n" in position
    assert "0x47  reverse parsing\n" in position
    assert "3  u turn\n" in position
    assert (
        "channel=1 (tail) effect=0 (steady) start=14"
        in run("07330101000e0e00", "--firmware", "0x2774").stdout
    )
    line = run("-", stdin=b"10 27 21 28 48 e1 86 c2 02 01 47 00 00 00 02 fa 00\n03320300\n03320900").stdout
    assert "offset -67.44 mm · speed 258 mm/s · parsing_flags 0x47 (reverse parsing)" in line
    assert "turn_type 3 (u turn)" in line
    assert "turn_type 9 (unknown value)" in line


def test_one_bad_line_does_not_stop_the_rest():
    result = run(stdin=f"{STATUS}\n\n# a comment\nzz\n02 3f\n{SPEED}  # speed\n053\n\xff\n".encode("latin-1"))
    assert result.exit_code == 1
    assert [line.split()[2] for line in result.stdout.splitlines()] == ["StatusUpdate", "SetSpeed"]
    complaints = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in complaints] == [
        "stdin line 4",
        "stdin line 5",
        "stdin line 7",
        "stdin line 8",
    ]
    assert "'z' in it" in complaints[0]
    assert "odd number of digits, 3" in complaints[2]


def test_a_bad_argument_does_not_stop_the_rest():
    result = run("hello", STATUS, "0" * 81)
    assert result.exit_code == 1
    assert "StatusUpdate" in result.stdout
    assert result.stderr.startswith("argument 1: 'hello' is neither hex nor a file\n")
    assert "0…' is not hex: an odd number of digits, 81" in result.stderr


def test_json_has_one_object_a_frame_with_its_hex():
    (record,) = records(run("--json", "--firmware", "0x2774", "1229000010bf1f4900ffff00002c0123002528"))
    assert record["message"] == "TransitionUpdate"
    assert record["dialect"] == "overdrive-266e"
    assert record["direction"] == "to-host"
    assert record["hex"] == "1229000010bf1f4900ffff00002c0123002528"
    assert record["fields"]["left_wheel_cm"] == 37


@pytest.mark.parametrize("firmware", ["8480", "0x2120", "v2120"])
def test_firmware_decides_the_layout(firmware):
    (record,) = records(run("--json", "--firmware", firmware, "07330003000e5a00"))
    assert record["message"] == "LightsPatternDrive"


@pytest.mark.parametrize(("text", "direction"), [("013a", "to-car"), ("0189", "to-car"), ("0153", "to-host")])
def test_ids_known_by_name_have_a_direction(text, direction):
    (record,) = records(run("--json", text))
    assert (record["message"], record["direction"]) == ("Unknown", direction)


def test_direction_goes_by_the_id_unless_told():
    assert [r["direction"] for r in records(run("--json", STATUS, SPEED, "0299"))] == ["to-host", "to-car"]
    (record,) = records(run("--json", "--direction", "to-host", "02 99 01"))
    assert (record["message"], record["direction"]) == ("Unknown", "to-host")


def test_longer_and_unknown_frames_are_shown():
    shown = run("07 3f 01 00 00 01 aa bb", "03 2e 01 02").stdout
    assert shown.startswith("StatusUpdate+  0x3f")
    assert "aa bb  bytes beyond the known form" in shown
    assert "acknowledge?" in shown


@pytest.mark.parametrize("text", ["70000", "-1", "abc", "vxyz", ""])
def test_a_firmware_that_is_none_is_refused(text):
    assert "firmware" in refused("--firmware", text, STATUS)


def test_a_missing_file_is_refused_before_anything_is_shown():
    assert refused(STATUS, "no/such.pcap") == "there is no file 'no/such.pcap'"


def test_a_mistyped_file_name_is_bad_input():
    result = run("session", "noise")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "argument 1: 'session' is neither hex nor a file",
        "argument 2: 'noise' is neither hex nor a file",
    ]


def test_a_directory_is_called_one(tmp_path):
    assert refused(str(tmp_path)) == f"'{tmp_path}' is a directory; name the file in it"


def test_a_nul_in_an_argument_is_no_file():
    assert run("05\0").exit_code == 2


def test_empty_input_says_so():
    result = run()
    assert (result.exit_code, result.stderr) == (1, "there was no frame of a car in it\n")


class TestFiles:
    @pytest.fixture
    def capture(self, tmp_path):
        path = tmp_path / "session.pcap"
        packets = [bytes([kind]) + body for kind, _, body in on_air.hci_session()]
        write_pcap(path, 187, [(1_700_000_000 + number / 8, packet) for number, packet in enumerate(packets)])
        return path

    def test_a_capture_takes_its_dialect_from_the_advert_in_it(self, capture):
        shown = records(run("--json", str(capture)))
        assert [bytes.fromhex(record["hex"]) for record in shown] == [frame for _, frame in on_air.FRAMES]
        assert {record["dialect"] for record in shown} == {"overdrive-266e"}
        assert shown[0]["time_s"] == 1_700_000_001.375
        overruled = records(run("--json", "--firmware", "0x2e5a", str(capture)))
        assert {record["dialect"] for record in overruled} == {"overdrive-2e5a"}

    def test_text_shows_time_since_the_first_frame(self, capture):
        lines = run(str(capture)).stdout.splitlines()
        assert lines[0].startswith("     0.000 s  to host  StatusUpdate")
        assert lines[1].startswith("     0.125 s  to car   SetSpeed")

    def test_a_cut_capture_shows_what_was_readable(self, capture):
        capture.write_bytes(capture.read_bytes()[:-2])
        result = run(str(capture))
        assert result.exit_code == 1
        assert len(result.stdout.splitlines()) == len(on_air.FRAMES) - 1
        assert result.stderr.startswith(f"{capture}: the capture ends inside the packet at byte")

    def test_nothing_readable_is_bad_input(self, tmp_path, capture):
        capture.write_bytes(capture.read_bytes()[:30])
        assert "ends inside a packet header" in refused(str(capture))
        noise = tmp_path / "noise.bin"
        noise.write_bytes(b"\xff\xfe\0\1")
        assert "neither a capture nor text" in refused(str(noise))

    def test_a_capture_without_a_car(self, tmp_path):
        path = tmp_path / "empty.pcap"
        write_pcap(path, 187, [])
        result = run(str(path))
        assert (result.exit_code, result.stderr) == (1, "there was no frame of a car in it\n")

    def test_a_file_that_cannot_be_read(self, tmp_path, monkeypatch):
        path = tmp_path / "secret.pcap"
        path.touch()

        def denied(*_, **__):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("builtins.open", denied)
        assert refused(str(path)) == f"cannot read {path}: Permission denied"

    def test_lines_of_hex(self, tmp_path):
        path = tmp_path / "frames.txt"
        path.write_text(f"{STATUS}\nnonsense\n")
        result = run(str(path))
        assert result.exit_code == 1
        assert result.stderr.startswith(f"{path} line 2: 'nonsense'")

    def test_a_byte_order_mark_is_no_hex(self, tmp_path):
        path = tmp_path / "windows.txt"
        path.write_bytes(f"{STATUS}\r\n".encode("utf-8-sig"))
        assert run(str(path)).exit_code == 0
        assert run(stdin=path.read_bytes()).exit_code == 0

    def test_a_pipe_is_a_file(self, tmp_path):
        path = tmp_path / "pipe"
        os.mkfifo(path)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(path.write_text, f"{STATUS}\n")
            assert run(str(path)).stdout.startswith("to host  StatusUpdate")
        assert run("/dev/null").stderr == "there was no frame of a car in it\n"

    def test_a_recording_of_a_car_with_an_odd_name(self, tmp_path):
        path = tmp_path / "odd.jsonl"
        path.write_text(
            '{"pitboard": "transcript", "version": 1, "name": "a\x85b\u2028c"}\n'
            '{"t_s": 1.0, "dir": "to_host", "hex": "0117"}\n'
        )
        assert run(str(path)).exit_code == 0

    def test_a_recording(self, tmp_path):
        path = tmp_path / "night.jsonl"
        path.write_text(
            '{"pitboard": "transcript", "version": 1, "fw": 8480}\n'
            '{"t_s": 1.0, "dir": "to_car", "hex": "07330003000e5a00"}\n'
            '{"t_s": 1.5, "dir": "to_host", "fw": 11866, "hex": "053f01000001"}\n'
            "{broken\n"
        )
        result = run("--json", str(path))
        assert result.exit_code == 1
        assert [(r["message"], r["dialect"]) for r in records(result)] == [
            ("LightsPatternDrive", "drive-2120"),
            ("StatusUpdate", "overdrive-2e5a"),
        ]
        assert result.stderr.startswith(f"{path} line 4: not JSON: Expecting property name")
        piped = run("--json", stdin=b"\n" + path.read_bytes())
        assert piped.stdout == result.stdout
        assert piped.stderr.startswith("stdin line 5: ")

    @pytest.mark.skipif(
        find_capture("slow-300mms.jsonl") is None,
        reason="cannot run here: the recorded session is not on this machine",
    )
    def test_the_recorded_session(self):
        shown = records(run("--json", "--firmware", "0x2774", str(find_capture("slow-300mms.jsonl"))))
        count = [record["message"] for record in shown].count
        assert (count("PositionUpdate"), count("TransitionUpdate")) == (432, 226)


class TestAdverts:
    ADVERT = build_advertising_data(1, 0x00E00AA3).hex()
    RESPONSE = build_scan_response(
        LocalName(NameState(0x50), 0x2120, upgrades=b"  Z9", name="AA3 TOMMY")
    ).hex()

    def test_both_halves_as_text(self):
        lines = run("--advert", self.ADVERT, "--advert", self.RESPONSE).stdout.splitlines()
        assert lines[0] == "Advert of a car"
        facts = dict(line.split(maxsplit=1) for line in lines[1:])
        assert facts["identifier"] == "00e00aa3"
        assert facts["model"] == "Kourai"
        assert facts["name"] == "AA3 TOMMY"
        assert facts["firmware"] == "8480 (0x2120)"
        assert facts["full_battery"] == facts["on_charger"] == "yes"
        assert facts["on_track"] == "no"
        assert facts["state"] == "0x50"
        assert facts["tx_power_dbm"] == "0 dBm"

    def test_json(self):
        (record,) = records(run("--json", "--advert", self.ADVERT))
        assert record == {
            "advert": [self.ADVERT],
            "car": True,
            "identifier": "00e00aa3",
            "model_id": 1,
            "model": "Kourai",
        }

    def test_the_firmware_in_it_decides_the_layout_of_frames(self):
        _, frame = records(run("--json", "--advert", self.RESPONSE, "07330003000e5a00"))
        assert frame["message"] == "LightsPatternDrive"
        _, told = records(
            run("--json", "--advert", self.RESPONSE, "--firmware", "0x2774", "07330003000e5a00")
        )
        assert told["message"] == "LightsPattern"

    def test_another_device(self):
        shown = run("--advert", "020105", "--advert", "0a0953656e736f72546167 051250002003 020a00").stdout
        assert shown.splitlines() == ["Advert of another device, not a car", "  tx_power_dbm  0 dBm"]
        assert run("--advert", "020105").stdout == "Advert of another device, not a car\n"

    def test_a_cut_advert_is_refused(self):
        assert "not an advert: an element of 17 bytes with 1 left" in refused("--advert", "11 07")


def test_help_has_examples_that_work():
    for words in (
        ["053f01000001"],
        [STATUS, "--firmware", "0x2774"],
        ["--advert", "0f091874270120202020447269766500020a00"],
    ):
        assert run(*words).exit_code == 0
    assert "0f091874270120202020447269766500020a00" in run("--help").stdout
