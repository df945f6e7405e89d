"""What becomes of a night whose disk fills or may not be written any more: one sentence, exit 3, no car left
connected, nothing finished lost, and a run that goes on once it is mended. The disks are real ones."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess

import pytest

from rig.store.database import open_database
from rig.store.queries import acts_of
from tests.rig.faults.nights import PITBOARD, Night, cycles, figures, one_sentence, soak, write_plan


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The figures of a night that nothing happens to."""
    folder = tmp_path_factory.mktemp("whole")
    code, out, err = soak(folder, write_plan(folder), "--set", "A", "--json")
    assert code == 0, err
    return figures(out)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 300 KB in memory, and how to change it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if run("mount", "-t", "tmpfs", "-o", "size=300k", "none", str(disk)).returncode:
        pytest.skip("cannot run here: mounting needs root")
    yield disk, lambda options: run("mount", "-o", f"remount,{options}", str(disk))
    run("umount", "-l", str(disk))


def no_car_is_left_connected(home):
    """By the journal: every connect that came to be was followed by the loss or the end of that link. A disconnect that
    could not be written any more was still made, which `test_night` shows on the simulated cars."""
    db = open_database(home / "pitboard.db")
    rows = acts_of(db, 1)
    db.close()
    assert all(row.state != "intended" for row in rows[:-1])


def test_a_disk_that_fills_in_the_middle_of_a_night(small_disk, tmp_path, whole):
    disk, remount = small_disk
    remount("size=2m")
    home = disk / "home"
    night = Night(home, write_plan(tmp_path), "--set", "A").wait_for(3)
    with contextlib.suppress(OSError), (disk / "somebody else's").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    code, _, err = night.end()
    assert code == 3
    assert one_sentence(err) == (
        f"pitboard: the disk is full: {home}/pitboard.db could not grow; free some space, then 'pitboard soak --resume':"
        " finished work is safe"
    )
    assert os.statvfs(disk).f_bavail == 0
    remount("size=20m")
    before = cycles(home)
    code, out, err = soak(home, "--resume", "--json")
    assert code == 0, err
    assert figures(out) == whole
    assert before <= cycles(home)


@pytest.mark.nightly
def test_a_disk_that_is_full_from_the_start_is_found_out_at_once(small_disk, tmp_path):
    disk, _ = small_disk
    (disk / "filler").write_bytes(bytes(290_000))
    code, _, err = soak(disk / "home", write_plan(tmp_path), "--set", "A")
    assert code == 3
    assert "the disk is full: " in one_sentence(err)


@pytest.mark.nightly
def test_a_disk_that_is_read_only_from_the_start(small_disk, tmp_path):
    disk, remount = small_disk
    remount("ro")
    code, _, err = soak(disk / "home", write_plan(tmp_path))
    assert code == 3
    assert "cannot create the folder" in one_sentence(err)
    assert "(Read-only file system); choose another with --home" in err


@pytest.mark.nightly
def test_a_disk_that_is_read_only_when_the_run_is_resumed(small_disk, tmp_path, whole):
    disk, remount = small_disk
    remount("size=20m")
    night = Night(disk / "home", write_plan(tmp_path), "--set", "A").wait_for(3)
    night.process.kill()
    night.end()
    remount("ro")
    code, _, err = soak(disk / "home", "--resume")
    assert code == 3
    assert f"no permission for the database {disk}/home/pitboard.db" in one_sentence(err)
    remount("rw")
    code, out, err = soak(disk / "home", "--resume", "--json")
    assert (code, figures(out)) == (0, whole), err


@pytest.mark.nightly
def test_a_database_that_may_not_be_written_from_the_middle_of_a_night_on(tmp_path, whole):
    home = tmp_path / "home"
    night = Night(home, write_plan(tmp_path), "--set", "A").wait_for(3)
    files = [str(home / name) for name in ("pitboard.db", "pitboard.db-wal")]
    if run("chattr", "+i", *files).returncode:
        night.process.kill()
        night.end()
        pytest.skip("cannot run here: chattr +i needs root and a file system that knows it")
    try:
        code, _, err = night.end()
        again = soak(home, "--resume")
    finally:
        run("chattr", "-i", *files)
    assert code == 3
    assert one_sentence(err) == (
        f"pitboard: the database {home}/pitboard.db cannot be written any more (Operation not permitted); make it"
        " writable again, then 'pitboard soak --resume': finished work is safe"
    )
    assert again[0] == 3
    assert "mend its rights, or name another --home" in one_sentence(again[2])
    finished = night.cycles()
    code, out, err = soak(home, "--resume", "--json")
    assert (code, figures(out)) == (0, whole), err
    assert finished <= night.cycles()


@pytest.mark.nightly
def test_files_that_may_not_grow_any_more(tmp_path, whole):
    """A quota or a limit of the process: no root is needed for this one."""
    home = tmp_path / "home"
    night = Night(home, write_plan(tmp_path), "--set", "A").wait_for(3)
    size = (home / "pitboard.db-wal").stat().st_size + 4096
    resource.prlimit(night.process.pid, resource.RLIMIT_FSIZE, (size, size))
    code, _, err = night.end()
    assert code == 3
    assert "check the disk, then 'pitboard soak --resume'" in one_sentence(err)
    code, out, err = soak(home, "--resume", "--json")
    assert (code, figures(out)) == (0, whole), err


@pytest.mark.nightly
@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="cannot run here: needs another user"
)
def test_a_database_of_somebody_else(tmp_path):
    home = tmp_path / "home"
    soak(home, write_plan(tmp_path, cycles=1), "--set", "A")
    for path in (*tmp_path.parents, tmp_path):
        if str(path).startswith("/tmp/pytest-of-"):
            path.chmod(0o755)
    command = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    own = {**os.environ, "HOME": str(tmp_path), "MPLCONFIGDIR": "/tmp"}
    code, _, err = Night(home, str(tmp_path / "short.toml"), command=(*command, PITBOARD), env=own).end()
    assert code == 3
    assert "mend its rights, or name another --home" in one_sentence(err)
