"""`pitboard bench` as a user calls it."""

import json
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rig.bench.kinds import KINDS
from rig.bench.twins.build import twin_line
from rig.bench.twins.plant import BenchPlant
from rig.bench.twins.pty_mount import on_pty
from rig.bench.wiring import FixtureSpec
from rig.builtin_data import find_data_file
from rig.cli.main import pitboard
from rig.clock import process_time_s


def call(*arguments):
    result = CliRunner().invoke(pitboard, ["bench", *arguments], standalone_mode=False)
    if result.exception is not None:
        if not hasattr(result.exception, "exit_code"):
            raise result.exception
        return result.exception.exit_code, str(result.exception)
    return result.return_value, result.stdout


def test_selftest_of_the_simulated_bench():
    code, out = call("selftest")
    assert code == 0
    assert "pass      bay A1  charger: relay chargers 1: +350 mA, then -350 mA\n" in out
    assert out.endswith("simulated bench for one set: 10 passed, 0 failed, 4 unproven\n")


def test_selftest_as_json_is_the_same_each_time():
    code, out = call("selftest", "--json")
    assert (code, call("selftest", "--json")[1]) == (0, out)
    record = json.loads(out)
    assert record["simulated"] is True
    assert record["passed"] + record["failed"] + record["unproven"] == len(record["steps"])


def test_selftest_with_simulated_cars_proves_every_wire_of_their_world():
    code, out = call("selftest", "--radio", "sim:two-sets", "--seed", "1")
    assert code == 0
    assert out.endswith("eight bays for two sets: 29 passed, 0 failed, 0 unproven\n")
    assert "bay A1  button: servo buttons 1: car 0880eadb left the air, then entered it again\n" in out
    assert "bay A1  charger: relay chargers 1: the car says that its charger came and went" in out
    assert "bay B4  charger: relay chargers 8: +288 mA, then -288 mA\n" in out


def test_selftest_finds_what_is_wrong_with_the_bench_of_a_world(tmp_path):
    world = tmp_path / "faulty.toml"
    faults = [
        ("dirty_contact", "bay", "A2"),
        ("missed_button", "bay", "B1"),
        ("dead_fixture", "fixture", "meter B3"),
    ]
    text = find_data_file("worlds", "two-sets").read_text(encoding="utf-8")
    for kind, key, where in faults:
        text += f'[[bench_fault]]\nat_s = 0\nkind = "{kind}"\n{key} = "{where}"\n'
    world.write_text(text)
    code, out = call("selftest", "--radio", f"sim:{world}", "--json")
    failed = {
        (step["subject"], step["action"]) for step in json.loads(out)["steps"] if step["result"] == "fail"
    }
    assert code == 1
    assert failed == {
        ("bay A2", "charger"), ("bay B1", "button"), ("meter B3", "identify"), ("bay B3", "charger"),
    }  # fmt: skip


def test_a_radio_without_a_bench_is_told_to_name_one():
    code, words = call("selftest", "--radio", "sim:one-car")
    assert (code, words) == (
        2, "radio 'sim:one-car' brings no bench of its own; name its wiring map with --wiring",
    )  # fmt: skip


def real_bench(tmp_path, path, kind="modbus-relay"):
    wiring = tmp_path / "b.toml"
    wiring.write_text(
        f'name = "b"\n[[fixture]]\nname = "relays"\nkind = "{kind}"\nport = "{path}"\nchannels = 2\n'
        '[[bay]]\nname = "A1"\ncharger = { fixture = "relays", channel = 1 }\n'
    )
    return str(wiring)


def a_board(stuck=frozenset()):
    spec = FixtureSpec("relays", KINDS["modbus-relay"], "", 2, 9600, {"unit": 1, "holds_s": 0.0})
    return twin_line(spec, BenchPlant({}), stuck=stuck)


def test_selftest_and_probe_of_a_bench_on_a_real_tty(tmp_path):
    with on_pty(a_board()) as path:
        wiring = real_bench(tmp_path, path)
        code, out = call("selftest", "--wiring", wiring)
        assert code == 0
        assert "unproven  bay A1  charger: relay relays 1 did as told" in out
        code, out = call("probe", "--wiring", wiring, "--json")
        assert (code, json.loads(out)["found"]) == (0, True)
        code, out = call("probe", path, "--kind", "modbus-relay")
        assert (code, out) == (0, "found  modbus-relay: Modbus RTU relay board with 1 coils or more\n")


def test_a_board_of_another_kind_fails_the_selftest(tmp_path):
    with on_pty(a_board()) as path:
        code, out = call("selftest", "--wiring", real_bench(tmp_path, path, "devantech"))
    assert code == 1
    assert "fail      relays  identify: relays (" in out
    assert "not tried: relays does not answer" in out
    assert "fail      bench  left safe: relays (" in out


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name
)
def test_a_stopped_selftest_leaves_the_charger_off(tmp_path, number):
    plant = BenchPlant({})
    spec = FixtureSpec("relays", KINDS["modbus-relay"], "", 2, 9600, {"unit": 1, "holds_s": 0.0})
    with on_pty(twin_line(spec, plant)) as path:
        wiring = Path(real_bench(tmp_path, path))
        wiring.write_text(wiring.read_text().replace("channels = 2", "channels = 2\nholds_s = 30.0"))
        running = subprocess.Popen(
            [sys.executable, "-c", "from rig.cli.start import main; main()", "bench", "selftest", "--wiring", wiring],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            for line in running.stdout:  # the last step holds the relay on for longer than this test may run
                if "bay A1  charger" in line:
                    break
            deadline_s = process_time_s() + 20
            while not plant.closed.get(("relays", 1)) and process_time_s() < deadline_s:
                select.select([], [], [], 0.02)
            assert plant.closed["relays", 1]
            running.send_signal(number)
            assert running.communicate(timeout=30)[0].endswith(
                "pass      bench  left safe: chargers off, servos at rest\ninterrupted\n"
            )
        finally:
            running.kill()
            running.wait(10)
    assert running.returncode == 130
    assert not plant.closed["relays", 1]


def test_nothing_answers(tmp_path):
    line = a_board()
    line.device._unit = 7
    with on_pty(line) as path:
        code, out = call("probe", path, "--kind", "modbus-relay", "--json")
    assert code == 1
    assert json.loads(out)["answers"] == [{"kind": "modbus-relay", "found": False, "words": out_words(out)}]


def out_words(out):
    return json.loads(out)["answers"][0]["words"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["selftest", "--wiring", "nope"], 2, "no bench named 'nope' and no such file; built in: twin"),
        (["probe", "/dev/ttyUSB5"], 2, "is a number that changes with every replug"),
        (["probe", "usb:dead:beef"], 3, "usb:dead:beef: its port is not there"),
        (["probe", "/dev/no-such-port"], 3, "/dev/no-such-port: its port is not there"),
        (["probe", "usb:dead:beef", "--kind", "toaster"], 2, "'toaster' is none of"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments, code, words):
    assert call(*arguments)[0] == code
    assert words in call(*arguments)[1]


def test_a_missing_port_of_a_map_is_a_broken_bench(tmp_path):
    code, words = call("selftest", "--wiring", real_bench(tmp_path, "usb:dead:beef"))
    assert code == 3
    assert words.startswith("relays (usb:dead:beef): its port is not there")


def test_list_names_each_port_by_identity():
    code, out = call("list", "--json")
    assert code == 0
    assert all({"identity", "device", "usb", "kinds"} <= set(port) for port in json.loads(out)["ports"])
    assert call("list")[0] == 0
