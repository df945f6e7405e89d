"""What touches this machine: the probe, the build lock, run folders, and that nothing outlives its starter."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guest import cache, machine
from tests.guest.cache import building, new_run_folder
from tests.guest.debian import missing
from tests.guest.engine import Probed, choose
from tests.guest.job import Exchange, Step, read_result, write_job
from tests.guest.processes import WARDEN, finished, guarded

LIMIT_S = 20


async def gone(pid):
    async with asyncio.timeout(LIMIT_S):
        while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
            await asyncio.sleep(0.02)


async def said(path):
    async with asyncio.timeout(LIMIT_S):
        while not (path.exists() and path.read_text().endswith("\n")):
            await asyncio.sleep(0.02)
    return path.read_text()


def test_the_probe_answers_about_this_machine():
    found = machine.probed(1 << 20)
    assert found.machine == os.uname().machine
    assert found.ptrace == (found.refusal is None)
    assert found.xstate_bytes % 8 == 0


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="cannot run here: the filter is for x86-64")
def test_the_probe_sees_that_ptrace_is_barred(tmp_path):
    command = [sys.executable, Path(machine.__file__).with_name("without_ptrace.py")]
    asked = [*command, sys.executable, "-I", machine.PROBE]
    shown = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=LIMIT_S)
    found = Probed(**json.loads(shown.stdout), memory_folder="/dev/shm")
    assert not found.ptrace
    assert choose("auto", found) == ("qemu", found.refusal)
    assert "ptrace is barred" in found.refusal


def test_no_folder_has_room_for_more_than_there_is():
    assert machine.memory_folder(1 << 62) is None


def test_a_command_leaves_its_code_and_its_words(tmp_path):
    code = asyncio.run(finished(["sh", "-c", "echo hello; exit 7"], tmp_path / "log", limit_s=LIMIT_S))
    assert code == 7
    assert (tmp_path / "log").read_text() == "hello\n"


def test_a_command_that_takes_too_long_goes_with_all_its_children(tmp_path):
    async def scenario():
        children = tmp_path / "children"
        with pytest.raises(TimeoutError):
            await finished(
                ["sh", "-c", f"setsid sleep 1000 & echo $! > {children}; wait"], tmp_path / "log", limit_s=1
            )
        await gone(int(children.read_text()))

    asyncio.run(scenario())


def test_leaving_the_context_ends_even_other_sessions(tmp_path):
    async def scenario():
        children = tmp_path / "children"
        async with guarded(["sh", "-c", f"setsid sleep 1000 & echo $! > {children}; wait"], tmp_path / "log"):
            child = int(await said(children))
        await gone(child)

    asyncio.run(scenario())


def test_a_killed_starter_takes_everything_with_it(tmp_path):
    async def scenario():
        children = tmp_path / "children"
        program = (
            "import subprocess, sys, signal\n"
            f"p = subprocess.Popen([sys.executable, '-I', {str(WARDEN)!r}, 'sh', '-c', "
            f"'setsid sleep 1000 & echo $! > {children}; wait'], stdin=subprocess.PIPE, start_new_session=True)\n"
            "p.wait()\n"
        )
        starter = subprocess.Popen([sys.executable, "-c", program])
        child = int(await said(children))
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        await gone(child)

    asyncio.run(scenario())


def test_an_orphan_does_not_outlive_the_command_that_left_it(tmp_path):
    children = tmp_path / "children"
    orphan = f"(setsid sleep 1000 & echo $! > {children}); exit 3"
    assert asyncio.run(finished(["sh", "-c", orphan], tmp_path / "log", limit_s=LIMIT_S)) == 3
    asyncio.run(gone(int(children.read_text())))


def test_a_failed_build_leaves_nothing_and_a_good_one_its_entry(tmp_path):
    entry = tmp_path / "kernels" / "abc"

    async def scenario():
        (tmp_path / "kernels").mkdir()
        (tmp_path / "kernels" / ".building-killed").mkdir()
        with pytest.raises(RuntimeError):
            async with building(entry):
                raise RuntimeError
        assert [each.name for each in entry.parent.iterdir()] == [".lock"]
        async with building(entry) as folder:
            (folder / "linux").touch()
        async with building(entry) as folder:
            assert folder is None

    asyncio.run(scenario())
    assert (entry / "linux").exists()


def test_two_builds_of_one_entry_happen_once(tmp_path, capsys):
    entry = tmp_path / "abc"
    built = []

    async def build():
        async with building(entry) as folder:
            if folder is not None:
                await asyncio.sleep(0)
                built.append(folder)

    async def both():
        async with asyncio.timeout(LIMIT_S):
            await asyncio.gather(build(), build())

    asyncio.run(both())
    assert len(built) == 1
    assert "waiting" in capsys.readouterr().out


def test_old_runs_make_room(tmp_path, monkeypatch):
    monkeypatch.setenv("PITBOARD_GUEST_CACHE", str(tmp_path))
    folders = [new_run_folder("smoke") for _ in range(cache.KEPT_RUNS + 5)]
    assert len(list((tmp_path / "runs").iterdir())) == cache.KEPT_RUNS
    assert folders[-1].exists()


def test_the_job_names_this_interpreter_and_the_commands(tmp_path):
    step = Step("one", ("true",), "/", 5)
    write_job(tmp_path, Exchange("hostfs", "none", str(tmp_path)), [step], {"TOKEN": "x"}, snoop=False)
    first = (tmp_path / "init").read_text().splitlines()[0]
    assert first == f"#!{Path(sys.executable).resolve()} -I"
    assert os.access(tmp_path / "init", os.X_OK)
    assert "TOKEN" not in (tmp_path / "job.json").read_text()


def test_half_a_result_is_no_result(tmp_path):
    assert read_result(tmp_path) is None
    (tmp_path / "result.json").write_text('{"steps": [')
    assert read_result(tmp_path) is None


def test_a_package_that_nobody_has_is_missing():
    assert missing(["no-such-package-anywhere"]) == ["no-such-package-anywhere"]
