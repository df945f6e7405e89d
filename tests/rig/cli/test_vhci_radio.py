"""`--radio vhci:…` on a machine that cannot have it; with BlueZ it is met in the guest (tests/guest)."""

import os
import subprocess
import sys

import pytest

SCAN = ("scan", "--radio", "vhci:one-car", "--seconds", "1")
NO_BUS = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}


def run(*words, environment=NO_BUS):
    return subprocess.run(
        [sys.executable, "-c", "from rig.cli.main import main; main()", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_d_bus_one_sentence_says_what_to_start(tmp_path):
    done = run(*SCAN)
    assert done.returncode == 3
    (sentence,) = [line for line in done.stderr.splitlines() if not line.startswith("radio: ")]
    assert "no Bluetooth service is running here" in sentence
    assert "systemctl start bluetooth" in sentence
    assert "--radio sim" in sentence


def test_a_soak_ends_the_same_way_and_can_be_resumed(tmp_path):
    home = ("--home", str(tmp_path))
    done = run("soak", "--radio", "vhci:one-car", *home)
    assert done.returncode == 3
    assert "no Bluetooth service is running here" in done.stderr
    again = run("soak", "--resume", *home)
    assert again.returncode == 3
    assert "resuming" in again.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("scan", "--radio", "vhci:one-car", "--fast"), "time"),
        (("scan", "--radio", "vhci:atlantis"), "atlantis"),
        (("soak", "--radio", "vhci:one-car", "--set", "Z"), "has no set 'Z'"),
        (("soak", "--radio", "ble", "--world", "one-car"), "give one of them"),
    ],
)
def test_what_it_cannot_do_is_told_before_anything_is_touched(words, sentence):
    done = run(*words)
    assert done.returncode == 2
    assert sentence in done.stderr
