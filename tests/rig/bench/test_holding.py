"""Two programs never use one bench at a time, and the second learns who the first is."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rig.bench.holding import BenchHeld, held, parts_of_ports, parts_of_radios
from rig.errors import BenchError
from rig.radio.moniker import parse_moniker

SINCE = "2026-11-22T22:15:00+00:00"
HOLDER = """
import sys, signal
from pathlib import Path
from rig.bench.holding import held, parts_of_radios
from rig.radio.moniker import parse_moniker
parts = parts_of_radios([parse_moniker(word) for word in sys.argv[2:]])
with held(parts, "pitboard soak nightly", "2026-11-22T22:15:00+00:00", folder=Path(sys.argv[1])) as hold:
    hold.say_run("20261122-221500-nightly")
    print("held", flush=True)
    signal.pause()
"""


def parts(*radios):
    return parts_of_radios([parse_moniker(radio) for radio in radios])


@pytest.fixture
def hold(tmp_path):
    def begin(wanted, what="a soak"):
        return held(wanted, what, SINCE, folder=tmp_path)

    return begin


@pytest.fixture
def another_program(tmp_path):
    """Starts a program that holds these radios, and returns it once it does."""
    running = []

    def begin(*radios):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path), *radios], stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait(10)
        process.stdout.close()


def test_the_second_is_told_who_holds_the_bench_since_when_and_what_to_do(hold, another_program):
    first = another_program("ble:hci0")
    with pytest.raises(BenchHeld) as refused, hold(parts("ble:hci0")):
        pass
    assert str(refused.value) == (
        f"the adapter hci0 is in use by pitboard soak nightly (pid {first.pid}, run 20261122-221500-nightly, since {SINCE});"
        f" wait for it, or stop it safely with 'kill {first.pid}'"
    )
    assert refused.value.exit_code == 3


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_holder_that_dies_in_any_way_lets_go(hold, another_program, number):
    first = another_program("ble:hci0", "ble:hci1")
    first.send_signal(number)
    first.wait(10)
    with hold(parts("ble:hci0", "ble:hci1")):
        pass


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (["ble:hci0"], ["ble:hci1"], True),
        (["ble:hci0", "ble:hci1"], ["ble:hci1"], False),
        (["ble"], ["ble:hci1"], False),
        (["ble:hci1"], ["ble"], False),
        (["ble"], ["hci:serial:/dev/ttyACM0"], True),
        (["hci:serial:/dev/ttyACM0,1000000"], ["hci:serial:/dev/ttyACM0,115200"], False),
        (["hci:usb:0"], ["hci:usb:1"], True),
        (["sim"], ["sim"], True),
        (["vhci"], ["vhci"], True),
        (["ble:hci0"], ["sim:two-sets@2"], True),
    ],
)
def test_what_goes_together(hold, first, second, together):
    with hold(parts(*first), "the first"):
        if together:
            with hold(parts(*second)):
                return
        with pytest.raises(BenchHeld, match=r"is in use by the first \(pid"), hold(parts(*second)):
            pass
    with hold(parts(*second)):
        pass


def test_a_port_by_another_name_is_the_same_port(hold, tmp_path):
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    with hold(parts_of_ports([("relays", str(tmp_path / "ttyUSB0"))])):
        linked = parts_of_ports([("chargers", str(tmp_path / "by-id"))])
        with pytest.raises(BenchHeld, match=r"the fixture chargers at .*by-id is in use"), hold(linked):
            pass
        with hold(parts_of_ports([("meter", "socket://10.0.0.7:4001")])):
            pass


def test_what_was_taken_before_the_refusal_is_let_go_of(hold):
    with hold(parts("ble:hci1")):
        with pytest.raises(BenchHeld), hold(parts("ble:hci0", "ble:hci1")):
            pass
        with hold(parts("ble:hci0")):
            pass


def test_a_file_that_says_nothing_still_holds(hold, tmp_path):
    with hold(parts("ble")):
        (file,) = tmp_path.iterdir()
        file.write_text("{half a rec")
        with pytest.raises(BenchHeld, match="is in use by another pitboard; wait for it"), hold(parts("ble")):
            pass


def test_files_may_be_held_by_every_user_and_never_through_a_link(hold, tmp_path):
    with hold(parts("ble")):
        (file,) = tmp_path.iterdir()
        assert file.stat().st_mode & 0o666 == 0o666
    file.unlink()
    file.symlink_to("/etc/passwd")
    sentence = r"cannot hold the bench: .*; mend its rights, or name a folder with"
    with pytest.raises(BenchError, match=sentence), hold(parts("ble")):
        pass


def test_a_file_one_may_only_read_can_be_held(hold, tmp_path, monkeypatch):
    with hold(parts("ble")):
        pass
    real = os.open

    def as_another_user(path, flags, *more, **options):
        if str(path).endswith(".lock") and flags & os.O_RDWR:
            raise PermissionError(13, "Permission denied")
        return real(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", as_another_user)
    with hold(parts("ble")):
        monkeypatch.setattr(os, "open", real)
        with pytest.raises(BenchHeld), hold(parts("ble")):
            pass


SELFTEST = 'name = "b"\n[[fixture]]\nname = "relays"\nkind = "modbus-relay"\nport = "{}"\nchannels = 2\n'


def test_a_command_that_finds_its_bench_in_use_ends_with_3_and_one_sentence(tmp_path, hold):
    port = tmp_path / "port"
    port.touch()
    (tmp_path / "bench.toml").write_text(SELFTEST.format(port))
    with hold(parts_of_ports([("relays", str(port))]), "pitboard soak nightly"):
        done = subprocess.run(
            [Path(sys.executable).with_name("pitboard"), "bench", "selftest", "--wiring", str(tmp_path / "bench.toml")],
            capture_output=True, text=True, check=False, env={**os.environ, "PITBOARD_LOCKS": str(tmp_path)},
        )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.startswith(
        f"pitboard: the fixture relays at {port} is in use by pitboard soak nightly (pid {os.getpid()}"
    )
    assert done.stderr.count("\n") == 1


def test_two_soaks_on_one_adapter(tmp_path, another_program):
    another_program("ble:hci0")
    for home in ("one", "two"):
        done = subprocess.run(
            [Path(sys.executable).with_name("pitboard"), "soak", "--radio", "ble:hci0", "--cars", "0880eadb"],
            capture_output=True, text=True, check=False,
            env={**os.environ, "PITBOARD_LOCKS": str(tmp_path), "PITBOARD_HOME": str(tmp_path / home)},
        )  # fmt: skip
        assert done.returncode == 3
        assert "pitboard: the adapter hci0 is in use by pitboard soak nightly (pid " in done.stderr
        assert not (tmp_path / home).exists(), "a refused run leaves nothing behind"
