"""`pitboard doctor` as a user calls it: on this machine, and on machines it is told of."""

import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import rig.doctor.probe
from rig.cli.main import pitboard
from rig.doctor.facts import Unknown
from tests.rig.doctor.machines import adapter, machine, served

OFF = machine(adapter(stack=served(powered=False)))


@pytest.fixture
def on(monkeypatch):
    """Puts the command on a machine with the facts given."""

    def place(facts):
        async def collect():
            return facts

        monkeypatch.setattr(rig.doctor.probe, "collect", collect)

    return place


def call(*arguments):
    result = CliRunner().invoke(pitboard, ["doctor", *arguments], standalone_mode=False)
    if result.exception is not None and not hasattr(result.exception, "exit_code"):
        raise result.exception
    code = getattr(result.exception, "exit_code", result.return_value)
    return code, result.stdout


def test_a_sound_machine(on):
    on(machine())
    code, out = call()
    assert code == 0
    assert out.startswith(
        "radio ble: usable\n\nhci0\n  ok    hci0 can be used, for up to 4 cars [adapter-usable]\n"
    )
    assert "BlueZ 5.82" in out
    assert "Debian 6.12.48-1" in out
    assert "00:1A:7D:DA:71:13, USB 0b05:17cb BCM20702A0, Bluetooth 4.0, Broadcom, driver btusb" in out


def test_an_adapter_that_is_off(on):
    on(OFF)
    code, out = call()
    assert code == 3
    assert out.startswith("radio ble: cannot be used: hci0 is switched off\n")
    assert "        do: bluetoothctl power on\n" in out


def test_the_worst_comes_first_and_warnings_are_counted(on):
    on(machine(adapter(), adapter("hci1", stack=served(powered=False))))
    code, out = call()
    assert code == 0
    assert out.startswith("radio ble: usable, with 1 warning\n\nhci1\n  warn")
    assert call("--radio", "ble:hci1")[0] == 3


def test_no_bluetooth_at_all(on):
    on(replace(machine(), adapters=Unknown("its kernel has none")))
    code, out = call()
    assert code == 3
    assert out.startswith("radio ble: cannot be used: this machine has no Bluetooth: its kernel has none\n")
    assert "pitboard scan --radio sim" in out


def test_json_has_the_documented_keys(on):
    on(OFF)
    code, out = call("--json", "--cars", "8")
    record = json.loads(out)
    assert set(record) == {"usable", "exit_code", "radios", "facts"}
    assert (record["usable"], record["exit_code"], code) == (False, 3, 3)
    (radio,) = record["radios"]
    assert set(radio) == {"radio", "usable", "exit_code", "findings", "opened"}
    assert (radio["radio"], radio["usable"], radio["exit_code"], radio["opened"]) == ("ble", False, 3, None)
    (found,) = [finding for finding in radio["findings"] if finding["level"] == "bad"]
    assert set(found) == {"id", "level", "subject", "found", "remedy", "sources"}
    assert (found["id"], found["subject"], found["remedy"]) == (
        "adapter-off",
        "hci0",
        "`bluetoothctl power on`",
    )
    facts = record["facts"]
    assert facts["adapters"][0]["usb"]["vendor_id"] == 0x0B05
    assert facts["system"]["packages"]["bleak"] == "3.1.0"


def test_json_says_what_is_unknown(on):
    on(machine(switches=Unknown("not readable: permission denied")))
    assert json.loads(call("--json")[1])["facts"]["switches"] == {
        "unknown": "not readable: permission denied"
    }


@pytest.mark.parametrize("radio", ["sim", "sim:one-car"])
def test_the_simulated_radio_is_always_usable(on, radio):
    on(OFF)
    code, out = call("--radio", radio)
    assert code == 0
    assert "the simulated radio needs nothing" in out


def test_probing_opens_the_radio_and_listens(on):
    on(OFF)
    code, out = call("--radio", "sim", "--probe")
    assert code == 0
    assert re.search(r"ok    opened, and 8 cars heard in 3 s \[radio-opened\]", out)


def test_probing_a_dongle_that_is_not_there(on, tmp_path):
    on(machine())
    code, out = call("--radio", f"hci:serial:{tmp_path}/none", "--probe")
    assert code == 3
    assert "[radio-not-opened]\n        do: check that it is there and nobody else uses it\n" in out


TWO = machine(adapter(), adapter("hci1", stack=served(powered=False)))
BOTH = ("--radio", "ble:hci0", "--radio", "ble:hci1")


def test_several_radios_have_a_diagnosis_each_and_the_worst_exit_code(on):
    on(TWO)
    code, out = call(*BOTH)
    assert code == 3
    assert out.startswith("radio ble:hci0: usable")
    assert "\n\nradio ble:hci1: cannot be used: hci1 is switched off\n" in out
    assert out.count("this machine\n") == 1


def test_several_radios_as_json(on):
    on(TWO)
    code, out = call(*BOTH, "--json")
    record = json.loads(out)
    assert (code, record["exit_code"], record["usable"]) == (3, 3, False)
    assert [(radio["radio"], radio["usable"], radio["exit_code"]) for radio in record["radios"]] == [
        ("ble:hci0", True, 0),
        ("ble:hci1", False, 3),
    ]


def test_the_radios_come_from_the_environment_as_for_every_command(on, monkeypatch):
    on(TWO)
    monkeypatch.setenv("PITBOARD_RADIO", "ble:hci1 ble:hci0")
    radios = json.loads(call("--json")[1])["radios"]
    assert [radio["radio"] for radio in radios] == ["ble:hci1", "ble:hci0"]
    assert call("--radio", "sim")[0] == 0, "the option comes first"


def test_cars_are_shared_by_the_radios(on):
    on(machine(adapter(), adapter("hci1")))
    assert "adapters, 4 cars each" in call("--radio", "ble:hci0", "--cars", "8")[1]
    assert "adapters, 4 cars each" not in call(*BOTH, "--cars", "8")[1]


def test_each_radio_is_opened_by_itself(on):
    on(machine())
    record = json.loads(call("--radio", "sim:one-car", "--probe", "--json")[1])
    assert record["radios"][0]["opened"]["opened"] is True
    assert "opened" not in record["facts"]


@pytest.mark.parametrize("radios", [("sim", "ble"), ("ble", "ble:hci0"), ("ble:hci0", "ble:hci0")])
def test_radios_that_do_not_go_together_are_bad_input(radios):
    assert call(*(word for radio in radios for word in ("--radio", radio)))[0] == 2


def test_a_radio_of_no_kind():
    code, _ = call("--radio", "blue")
    assert code == 2


def test_this_machine_whatever_it_has():
    done = subprocess.run(
        [sys.executable, "-c", "from rig.cli.main import main; main()", "doctor", "--json"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    record = json.loads(done.stdout)
    assert done.returncode == record["exit_code"]
    assert done.stderr == ""
    assert record["radios"][0]["findings"]


def test_on_a_terminal_lines_fit_and_commands_stay_whole(tmp_path):
    script = (
        "import asyncio, rig.doctor.probe as probe\n"
        "from tests.rig.doctor.machines import adapter, machine, served\n"
        "from rig.doctor.facts import PeerFacts, LinkDefaults\n"
        "car = PeerFacts('/x', 'DB:7F:00:00:00:01', 'Drive', True)\n"
        "facts = machine(adapter(stack=served(connected=(car,)), link=LinkDefaults(30, 50, 0, 420)))\n"
        "async def collect(): return facts\n"
        "probe.collect = collect\n"
        "from rig.cli.main import main\n"
        "main()\n"
    )
    main_end, program_end = pty.openpty()
    environment = {**os.environ, "COLUMNS": "60", "PYTHONPATH": str(Path.cwd()), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", script, "doctor"],
        stdout=program_end,
        stderr=subprocess.STDOUT,
        env=environment,
    ) as process:
        os.close(program_end)
        shown = b""
        while True:
            try:
                piece = os.read(main_end, 4096)
            except OSError:  # the other end closed
                break
            if not piece:
                break
            shown += piece
        assert process.wait(30) == 0, shown
    os.close(main_end)
    assert b"\x1b[" in shown, "styled on a terminal"
    lines = re.sub(rb"\x1b\[\d*m", b"", shown).decode().splitlines()
    assert max(len(line) for line in lines) <= 60
    assert any("bluetoothctl disconnect DB:7F:00:00:00:01" in line for line in lines)
    assert any("sudo systemctl restart bluetooth" in line for line in lines)
