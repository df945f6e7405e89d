"""scan, drive, lap, record and replay, as a user calls them."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rig.cli.main import pitboard
from rig.errors import RigError
from tests.captures import find_capture

SKULL = "0880eadb"
FAST = ("--fast",)


def call(*arguments, env=None):
    """(exit code, stdout, stderr) of a command; errors become what `main` makes of them."""
    result = CliRunner().invoke(pitboard, [str(a) for a in arguments], env=env, standalone_mode=False)
    error = result.exception
    if isinstance(error, RigError):
        return error.exit_code, result.stdout, f"{result.stderr}pitboard: {error}\n"
    if error is not None and hasattr(error, "exit_code"):
        return error.exit_code, result.stdout, f"{result.stderr}{error.format_message()}"
    if error is not None:
        raise error
    return result.return_value or 0, result.stdout, result.stderr


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def wall(monkeypatch):
    """Wide enough for every column."""
    monkeypatch.setenv("COLUMNS", "120")


def test_scan_shows_a_table_of_the_fleet(wall):
    code, out, err = call("scan", *FAST)
    assert code == 0
    assert "8 cars in reach" in out
    assert "0880eadb" in out
    assert "Thermo A3" in out
    assert "0x2774" in out
    assert "simulated" in err


def test_scan_gives_a_json_line_for_each_car():
    code, out, err = call("scan", "--json", "--seconds", "3", *FAST)
    cars = lines(out)
    assert (code, len(cars), err) == (0, 8, "")
    skull = next(car for car in cars if car["identifier"] == SKULL)
    assert skull["model"] == "Skull"
    assert skull["firmware"] == 0x2774
    assert skull["full_battery"] is True
    assert 0 < skull["seen_s"] <= 3


def test_scan_follows_every_advert():
    code, out, _ = call("scan", "--json", "--follow", "--seconds", "2", *FAST)
    assert code == 0
    assert len(lines(out)) > 50


def test_scan_of_an_empty_air_says_what_to_do(tmp_path):
    world = tmp_path / "silent.toml"
    text = Path("fixtures/builtin/worlds/one-car.toml").read_text()
    world.write_text(text + "\n[[fault]]\nat_s = 0.0\nkind = 'out_of_range'\ncar = 0x0880EADB\n")
    code, out, err = call("scan", "--radio", f"sim:{world}", "--seconds", "2", *FAST)
    assert code == 1
    assert "0 cars in reach" in out
    assert "no car heard: switch one on" in err


def test_the_radio_may_come_from_the_environment():
    code, out, _ = call("scan", "--json", "--seconds", "2", *FAST, env={"PITBOARD_RADIO": "sim:one-car"})
    assert (code, len(lines(out))) == (0, 1)


@pytest.mark.parametrize("command", [["scan"], ["drive", SKULL, "--seconds", "1"], ["lap", SKULL]])
@pytest.mark.parametrize(
    ("radio", "words"),
    [
        ("blu", "did you mean 'ble'"),
        ("sim:nowhere", "no world named 'nowhere'"),
        ("hci:", "names no transport"),
    ],
)
def test_a_bad_radio_is_bad_input(command, radio, words):
    code, _, err = call(*command, "--radio", radio)
    assert code == 2
    assert words in err


def test_time_cannot_jump_on_a_real_radio():
    code, _, err = call("scan", "--radio", "ble", "--fast")
    assert code == 2
    assert "drop --fast" in err


def test_without_bluetooth_scan_is_a_broken_bench_and_offers_the_simulator():
    code, out, err = call("scan", "--radio", "ble", "--seconds", "1")
    if code == 0 or (code == 1 and "no car heard" in err):
        pytest.skip("cannot run here: this machine has Bluetooth")
    assert code == 3
    assert out == ""
    assert "--radio sim" in err
    assert "Traceback" not in err


def test_drive_reports_and_stops():
    code, out, err = call(
        "drive", SKULL, "--seconds", "6", "--lane", "-23", "--lights", "blue", "--u-turn", *FAST
    )
    assert code == 0
    assert "connected in" in err
    assert "stopped, confirmed by the car" in err
    assert "speed 300 mm/s taken" in out
    assert "mm/s  piece 34 (start)" in out


def test_drive_gives_json_lines_for_everything():
    code, out, err = call("drive", "nuke", "--seconds", "25", "--json", *FAST)
    records = lines(out)
    assert (code, err) == (0, "")
    connected = next(record for record in records if record.get("event") == "connected")
    assert connected["car"] == "2c63e1a4"
    assert 0 < connected["connected_s"] < connected["services_s"] < connected["first_data_s"]
    assert any(record.get("message") == "PositionUpdate" for record in records)
    assert any(record.get("event") == "lap" for record in records)
    assert records[-1] == {"event": "end", "stopped": True}


def test_a_drive_that_loses_its_link_says_so(tmp_path):
    world = tmp_path / "flaky.toml"
    text = Path("fixtures/builtin/worlds/one-car.toml").read_text()
    world.write_text(text + "\n[[fault]]\nat_s = 6.0\nkind = 'terminated'\ncar = 0x0880EADB\n")
    code, _, err = call("drive", SKULL, "--radio", f"sim:{world}", "--seconds", "60", *FAST)
    assert code == 1
    assert "NOT confirmed; take the car off the track" in err
    assert "the link was lost" in err


def test_a_car_is_named_exactly_or_not_at_all():
    code, _, err = call("drive", "skull", "--seconds", "1", *FAST)
    assert code == 2
    assert "fits several cars: Skull 0880eadb, Skull 60a72ce8" in err
    code, _, err = call("drive", "herbie", "--seconds", "1", *FAST)
    assert code == 1
    assert "heard instead" in err


@pytest.mark.parametrize(
    "command",
    [["drive", SKULL], ["record", SKULL, "x.jsonl"]],
)
def test_fast_needs_an_end(command):
    code, _, err = call(*command, *FAST)
    assert code == 2
    assert "give --seconds" in err


def test_lap_draws_the_track_and_times_laps():
    code, out, err = call("lap", SKULL, "--laps", "3", "--radio", "sim:one-car", *FAST)
    assert code == 0
    assert "┗━═▶═━┛" in out
    assert "7 pieces, 2.88 m" in out
    assert "33 → 20L → 23L → 36 → 17L → 18L → 34" in out
    assert out.count("lap  ") >= 3
    assert "3 laps: median 9." in out
    assert "stopped, confirmed" in err


def test_lap_in_json_ends_with_a_summary():
    code, out, _ = call("lap", SKULL, "--laps", "2", "--speed", "800", "--json", *FAST)
    records = lines(out)
    assert code == 0
    assert [record["event"] for record in records] == ["track", "lap", "lap", "summary"]
    assert records[0]["closed"] is True
    assert records[-1]["laps"] == 2
    assert records[-1]["median_lap_s"] < 5


def test_lap_gives_up_on_a_car_that_reads_nothing(tmp_path):
    world = tmp_path / "blind.toml"
    text = Path("fixtures/builtin/worlds/one-car.toml").read_text()
    world.write_text(text + "\n[[fault]]\nat_s = 0.0\nkind = 'never_localises'\ncar = 0x0880EADB\n")
    code, out, err = call("lap", SKULL, "--radio", f"sim:{world}", *FAST)
    assert code == 1
    assert "no track found: the car read no code" in err
    assert "no lap" in out
    assert "stopped, confirmed" in err


def test_a_recording_replays_with_its_laps(tmp_path):
    file = tmp_path / "night.jsonl"
    code, _, err = call("record", SKULL, file, "--seconds", "45", "--radio", "sim:one-car", *FAST)
    assert code == 0
    assert f"frames in {file}" in err
    head = json.loads(file.read_text().splitlines()[0])
    assert (head["pitboard"], head["car"], head["fw"]) == ("transcript", SKULL, 0x2774)

    code, out, err = call("replay", file, "--json")
    summary = lines(out)[-1]
    assert (code, err) == (0, "")
    assert summary["car"] == SKULL
    assert summary["laps"] >= 3
    assert summary["median_lap_s"] == pytest.approx(9.6, abs=0.5)
    assert summary["messages"]["to-car SetSpeed"] >= 2

    code, out, _ = call("replay", file)
    assert code == 0
    assert "Skull 0880eadb" in out
    assert "┗━═▶═━┛" in out


def test_a_recording_is_never_overwritten_by_accident(tmp_path):
    file = tmp_path / "night.jsonl"
    file.write_text("precious")
    code, _, err = call("record", SKULL, file, "--seconds", "1", *FAST)
    assert code == 2
    assert "--overwrite" in err
    assert file.read_text() == "precious"
    code, _, _ = call("record", SKULL, file, "--seconds", "1", "--overwrite", *FAST)
    assert code == 0
    code, _, err = call("record", SKULL, tmp_path / "no" / "folder.jsonl", "--seconds", "1", *FAST)
    assert code == 2
    assert "No such file" in err


def test_a_full_disk_is_a_broken_bench():
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("cannot run here: this system has no /dev/full")
    code, _, err = call("record", SKULL, full, "--seconds", "3", "--overwrite", *FAST)
    assert code == 3
    assert "No space left on device" in err


def test_replay_names_damaged_lines_and_goes_on(tmp_path):
    file = tmp_path / "torn.jsonl"
    file.write_text(
        '{"t_s": 0, "dir": "to_host", "hex": "01 17"}\n{"t_s": 1, "dir"\n{"t_s": 2, "dir": "to_host", "hex": "05 3f"}\n'
    )
    code, out, err = call("replay", file)
    assert code == 1
    assert "1  PingResponse" in out
    assert "torn.jsonl line 2:" in err
    assert "torn.jsonl at 2 s:" in err
    code, out, _ = call("replay", file, "--json")
    assert code == 1
    assert lines(out)[-1]["damaged_lines"] == 1


def test_replay_of_what_is_not_there_is_bad_input(tmp_path):
    assert call("replay", tmp_path / "nowhere.jsonl")[0] == 2
    assert call("replay", tmp_path)[0] == 2
    file = tmp_path / "ok.jsonl"
    file.write_text("")
    code, _, err = call("replay", file, "--firmware", "newest")
    assert code == 2
    assert "newest" in err
    assert call("replay", file)[0] == 0


def test_replay_reads_the_recorded_session_of_a_real_car():
    capture = find_capture("slow-300mms.jsonl")
    if capture is None:
        pytest.skip("cannot run here: the recorded session is not on this machine")
    code, out, _ = call("replay", capture, "--json")
    summary = lines(out)[-1]
    assert code == 0
    assert (summary["position_updates"], summary["transition_updates"]) == (432, 226)
    assert summary["laps"] == pytest.approx(32, abs=1)
    assert summary["median_lap_s"] == pytest.approx(9.58, rel=0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_drive_stops_its_car_first(number):
    process = subprocess.Popen(
        [Path(sys.executable).parent / "pitboard", "drive", SKULL, "--radio", "sim:one-car"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in process.stdout:
        if "mm/s  piece" in line:
            process.send_signal(number)
            break
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "speed 0 mm/s taken" in out
    assert "stopped, confirmed by the car" in err
    assert "Traceback" not in err


def test_the_live_panel_shows_a_car_that_has_said_nothing_yet(wall):
    from rich.console import Console

    from rig.cli.telemetry_view import LiveView
    from rig.driving.session_events import Answered, Request, SpeedIgnored, Unanswered
    from rig.virtual_time import run_virtual

    async def main():
        from rig.compose import open_radio

        async with open_radio("sim:one-car") as station:
            link = await station.radio.connect(await station.radio.find(int(SKULL, 16)))
            view = LiveView()
            before = view._panel(link, 300, 0.0)
            link.on_frame(view.heard)
            for action in (
                SpeedIgnored(300, 20, None),
                Unanswered(Request.PING),
                Answered(Request.PING, None, 0.1),
            ):
                view.acted(action)
            with view.showing(link, 300):
                pass
            await link.disconnect()
            return before, view._panel(link, 300, 5.0)

    console = Console(width=100, record=True)
    for panel in run_virtual(main, limit_s=60):
        console.print(panel)
    text = console.export_text()
    assert "speed      - of 300 mm/s" in text
    assert "speed 300 mm/s ignored 20 times" in text
    assert "ping not answered" in text
    assert "off track, full" in text


ENDLESS = [
    ["drive", SKULL, "--seconds", "3600", "--json"],
    ["drive", SKULL, "--seconds", "3600"],
    ["lap", SKULL, "--laps", "1000", "--json"],
    ["lap", SKULL, "--laps", "1000"],
]


@pytest.mark.parametrize("arguments", ENDLESS, ids=" ".join)
def test_a_reader_that_goes_away_ends_the_command_quietly_with_the_car_stopped(arguments):
    process = subprocess.Popen(
        [Path(sys.executable).parent / "pitboard", *arguments, *FAST],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 1
    if "--json" in arguments:
        assert err == ""
    else:
        assert err.splitlines()[-1] == "Skull 0880eadb: stopped, confirmed by the car; disconnecting"
        assert len(err.splitlines()) == 4


@pytest.mark.parametrize("arguments", ENDLESS, ids=" ".join)
def test_output_that_finds_no_room_ends_the_command_with_one_sentence_and_the_car_stopped(arguments):
    if not Path("/dev/full").exists():
        pytest.skip("cannot run here: this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [Path(sys.executable).parent / "pitboard", *arguments, *FAST],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    *before, last = done.stderr.splitlines()
    assert last == "pitboard: cannot go on: No space left on device"
    if "--json" in arguments:
        assert before == []
    else:
        assert before[-1] == "Skull 0880eadb: stopped, confirmed by the car; disconnecting"


def test_a_terminal_that_goes_away_ends_the_panel_and_wakes_the_command(monkeypatch):
    from rich.live import Live

    from rig.cli.car_session import CarSession
    from rig.cli.telemetry_view import LiveView
    from rig.compose import open_radio
    from rig.virtual_time import run_virtual

    gone = OSError(5, "Input/output error")

    async def main():
        loop = asyncio.get_running_loop()
        async with open_radio("sim:one-car") as station:
            link = await station.radio.connect(await station.radio.find(int(SKULL, 16)))
            view = LiveView()
            session = CarSession(link, None, view.output)
            with view.showing(link, 300), monkeypatch.context() as patch:
                patch.setattr(Live, "update", refuse)
                began_s = loop.time()
                with pytest.raises(OSError, match="Input/output error"):
                    await session.until_lost(60)
                waited_s = loop.time() - began_s
            await link.disconnect()
            return waited_s

    def refuse(*_arguments, **_options):
        raise gone

    assert run_virtual(main, limit_s=120) < 1


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["drive", SKULL, "--seconds", "1", "--lane"],
        ["drive", SKULL, "--seconds"],
        ["lap", SKULL, "--lane"],
        ["lap", SKULL, "--lap-timeout"],
        ["record", SKULL, "never.jsonl", "--seconds"],
        ["scan", "--seconds"],
    ],
    ids=" ".join,
)
def test_a_number_that_is_none_is_bad_input(arguments, number):
    code, out, err = call(*arguments, number, *FAST)
    assert (code, out) == (2, "")
    assert f"'{arguments[-1]}'" in err
    assert not Path("never.jsonl").exists()
