"""Where pitboard keeps its results: one folder with the database and a folder per run.

HOME/pitboard.db              every run: journal, cycles, verdict rows
HOME/runs/<run-id>/           what a run leaves behind for people: report.html, report.json, junit.xml …
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from rig.errors import BenchError


@dataclass(frozen=True, slots=True)
class Home:
    """The results folder."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.path / "pitboard.db"

    def run_folder(self, run_id: str) -> Path:
        """Where the artefacts of one run go."""
        return self.path / "runs" / run_id


def find_home(given: str | None) -> Home:
    """The folder the user named, else the one this system reserves for the user's application data."""
    if given:
        return Home(Path(given).expanduser())
    return Home(Path(platformdirs.user_data_dir("pitboard", appauthor=False)))


def make_folder(path: Path) -> None:
    """Creates a folder and its parents.

    Raises:
        BenchError: the system refuses.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BenchError(
            f"cannot create the folder {path} ({error.strerror}); choose another with --home"
        ) from error


def write_atomically(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Writes a file (a text as UTF-8) so that a power cut leaves the old one or the new one, never half of it.

    Raises:
        BenchError: no space, no permission.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(mode)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise BenchError(
            f"cannot write {path} ({error.strerror}); free some space or choose another folder,"
            " then 'pitboard report' writes it again from the database"
        ) from error


def is_held(folder: Path) -> bool:
    """Whether a process holds this run (see `only_writer`): a run that calls itself running and is not held
    was killed."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def check_writable(folder: Path) -> None:
    """Finds out now, not after the night, whether reports can be written to a folder; creates it.

    Raises:
        BenchError: they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BenchError(
            f"cannot write reports to {folder} ({error.strerror}); choose another folder with --out"
        ) from error


@contextlib.contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Holds a run for this process alone; the system lets go of it when the process dies, however it dies.

    Raises:
        BenchError: another process has it.
    """
    make_folder(folder)
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise BenchError(
            f"cannot use the folder {folder} ({error.strerror}); choose another with --home"
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BenchError(
                f"run {folder.name} is being worked on by another pitboard; wait for it or stop it first"
            ) from error
        yield
    finally:
        os.close(lock)
