"""The pure parts: cache key, source patch, engine choice, command lines, verdicts, counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guest import uml
from tests.guest.cache import content_key
from tests.guest.engine import Probed, choose
from tests.guest.errors import BuildError, CannotRunHereError
from tests.guest.job import handed_on, plain_path
from tests.guest.kernel import CONFIG, dropped, fix_xstate
from tests.guest.suites import SUITES, Part, judge
from tests.guest.verdict import exit_code, failure, passed

FINE = Probed("x86_64", ptrace=True, xstate_bytes=11008, refusal=None, memory_folder="/dev/shm")
BARRED = Probed(
    "x86_64", ptrace=False, xstate_bytes=0, refusal="ptrace is barred here (EPERM)", memory_folder="/tmp"
)
CROWDED = Probed("x86_64", ptrace=True, xstate_bytes=2696, refusal=None, memory_folder=None)
ARM = Probed("aarch64", ptrace=False, xstate_bytes=0, refusal="needs x86-64", memory_folder="/tmp")

RESULT = {
    "kernel": "6.12.117",
    "bluez": "5.66",
    "ready_s": 0.5,
    "steps": [{"name": "command", "code": 0, "seconds": 1.0, "late": False}],
    "bluetoothd": [{"pid": 9, "code": None, "asked": False}],
    "bus_lost": False,
}


def verdict(result=None, *, console="", dmesg="", late_s=None):
    return failure(console, result, dmesg, late_s=late_s, folder="/logs")


@pytest.mark.parametrize("changed", ["source", "config", "compiler", "xstate", "recipe"])
def test_each_ingredient_makes_another_kernel(changed):
    made_of = dict.fromkeys(("source", "config", "compiler", "xstate", "recipe"), "1")
    assert content_key(made_of) == content_key(dict(reversed(made_of.items())))
    assert content_key(made_of) != content_key({**made_of, changed: "2"})


def test_ingredients_cannot_run_into_each_other():
    assert content_key({"a": "bc", "d": "e"}) != content_key({"a": "b", "cd": "e"})


def test_the_source_gets_this_hosts_register_size():
    line = "#ifdef FP_XSTATE_MAGIC1\n\tDEFINE_LONGS(HOST_FP_SIZE, 2696);\n#else\n"
    assert "DEFINE_LONGS(HOST_FP_SIZE, 11008);" in fix_xstate(line, 11008)


def test_a_source_that_looks_different_stops_the_build():
    with pytest.raises(BuildError, match="HOST_FP_SIZE"):
        fix_xstate("DEFINE_LONGS(HOST_FP_SIZE, host_fp_size());", 11008)


def test_a_dropped_line_of_the_configuration_is_found():
    wanted = "# why\nCONFIG_BT=y\nCONFIG_GONE=y\n"
    assert dropped(wanted, "CONFIG_BT=y\n# CONFIG_GONE is not set\n") == ["CONFIG_GONE=y"]


def test_the_configuration_builds_no_module_and_explains_itself():
    blocks = CONFIG.read_text().strip().split("\n\n")
    assert all(block.startswith("#") for block in blocks)
    assert "=m" not in CONFIG.read_text()


@pytest.mark.parametrize(
    ("asked", "found", "engine", "why"),
    [
        ("auto", FINE, "uml", "ptrace works"),
        ("uml", FINE, "uml", "asked for"),
        ("qemu", FINE, "qemu", "asked for"),
        ("auto", BARRED, "qemu", "ptrace is barred"),
        ("auto", CROWDED, "qemu", "memory"),
    ],
)
def test_the_engine_follows_from_what_was_probed(asked, found, engine, why):
    chosen, reason = choose(asked, found)
    assert chosen == engine
    assert why in reason


@pytest.mark.parametrize(("asked", "found"), [("uml", BARRED), ("uml", CROWDED), ("auto", ARM)])
def test_what_cannot_run_is_refused_with_the_reason(asked, found):
    with pytest.raises(CannotRunHereError):
        choose(asked, found)


def test_the_host_is_mounted_read_only():
    command = uml.command(Path("/cache/linux"), Path("/cache/runs/smoke-1"))
    assert "ro" in command
    assert "rw" not in command
    assert "init=/cache/runs/smoke-1/init" in command


@pytest.mark.parametrize("path", ["/with blank/x", '/quo"te', "/a=b"])
def test_a_path_that_the_kernel_would_split_is_refused(path):
    with pytest.raises(CannotRunHereError, match="PITBOARD_GUEST_CACHE"):
        plain_path(Path(path))


def test_no_secret_and_no_host_folder_reaches_the_guest():
    host = {
        "API_TOKEN": "s3cret",
        "PITBOARD_HOME": "/home/it",
        "PITBOARD_NO_SKIPS": "1",
        "HOME": "/root",
        "LANG": "C",
    }
    inside = handed_on(host)
    assert "API_TOKEN" not in inside
    assert inside["PITBOARD_NO_SKIPS"] == "1"
    assert all(inside[name].startswith("/run/") for name in ("HOME", "TMPDIR", "PITBOARD_HOME"))


def test_a_run_that_went_well_has_no_verdict():
    assert verdict(RESULT) is None
    assert exit_code(RESULT) == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"console": "Kernel panic - not syncing: No working init found."}, "panicked (No working init found.)"),
        ({"late_s": 90.0}, "did not power off within 90 s"),
        ({}, "brought no result (it ended early)"),
        ({"console": "guest: PID 1 failed: OSError: mount"}, "PID 1 failed: OSError: mount"),
        ({"console": "ptrace set fp regs failed, errno = 14"}, "try --engine qemu"),
        ({"result": RESULT, "dmesg": "[ 3.1] kernel BUG at net/bluetooth/hci_conn.c:1!"}, "kernel BUG at net/bluetooth"),
        ({"result": {**RESULT, "bus_lost": True}}, "dbus-daemon ended"),
        ({"result": {**RESULT, "failure": "KeyError: 'x'"}}, "KeyError"),
        ({"result": {**RESULT, "bluetoothd": [{"code": 139, "asked": False}]}}, "bluetoothd ended by itself"),
        (
            {"result": {**RESULT, "steps": [{"name": "lap", "code": 143, "seconds": 9.0, "late": True}]}},
            "lap did not end within its limit",
        ),
    ],
)  # fmt: skip
def test_each_way_to_die_has_its_own_sentence(given, words):
    assert words in verdict(**given)


def test_a_bluetoothd_that_a_test_killed_is_no_fault():
    assert (
        verdict({**RESULT, "bluetoothd": [{"code": 137, "asked": True}, {"code": None, "asked": False}]})
        is None
    )


def test_the_first_failing_step_gives_the_exit_code():
    steps = [{"code": 0}, {"code": 5}, {"code": 1}]
    assert exit_code({"steps": steps}) == 5
    assert exit_code({"steps": []}) == 1


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ('tests="5" failures="0" errors="0" skipped="2"', 3),
        ('tests="0" failures="0" errors="0" skipped="0"', 0),
        ('tests="5" failures="1" errors="0" skipped="0"', -1),
        ('tests="5" failures="0" errors="1" skipped="0"', -1),
    ],
)
def test_only_tests_that_ran_and_passed_count(counts, expected):
    assert passed(f"<testsuites><testsuite {counts}/></testsuites>") == expected


@pytest.mark.parametrize(
    ("code", "passed_tests", "expected", "words"),
    [
        (0, 7, 0, "7 contract"),
        (0, 9, 0, "9 contract"),
        (0, 6, 1, "contract passed 6 tests of at least 7"),
        (0, 0, 1, "contract ran no test"),
        (5, 0, 1, "contract ran no test"),
        (1, -1, 1, "contract failed (exit 1)"),
        (2, 0, 1, "contract failed (exit 2)"),
        (0, -1, 1, "contract failed (exit 0)"),
    ],
)
def test_a_part_passes_only_with_all_the_tests_it_should_have(code, passed_tests, expected, words):
    judged = judge(Part("contract", (), 1, least=7), code, passed_tests)
    assert (judged.code, judged.words) == (expected, words)


def test_every_part_of_a_suite_says_how_many_tests_it_should_have():
    assert all(part.least > 1 for parts in SUITES.values() for part in parts)
