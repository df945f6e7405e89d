"""The draws of a show on disk, each in one file that is written whole after every act: a kill at any step leaves the draw
before the act or after it.

FOLDER/<name>/draw.json       the draw's files by name (`booth.draw.bundle`), read back by doing every act again
FOLDER/<name>/secret          the morning secret until it is revealed, hex, for the owner alone
FOLDER/<name>/draw-<name>.zip the bundle, once the draw is over

A name is the day, or the day and a number when a void draw went before it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from booth.draw.acts import Act, Declare, Redeclare, Run, Void, What
from booth.draw.bundle import bundle_id, bundled, files_of
from booth.draw.canonical import read, to_second, written
from booth.draw.ceremony import Ceremony, Phase, step
from booth.draw.commitment import SECRET_BYTES, commitment_to
from booth.draw.declaration import Terms, declaration_of
from booth.draw.errors import Refused
from booth.draw.folders import packed
from booth.draw.reasons import Change, VoidReason
from booth.draw.rebuild import ceremony_of
from booth.errors import BadInput, BoothBroken
from booth.pack.model import ShowPack
from rig.errors import RigError
from rig.store.home import make_folder, write_atomically

_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:-(\d+))?")
USUAL_TERMS = Terms()
"""Everything as the show pack says."""

_OVER = {Phase.CLOSED, Phase.VOID}


class DrawStore:
    """The draws under one folder. Any number of processes may use it: an act waits for the one before it. `software` is
    the version that goes into declaration and ranking."""

    def __init__(self, folder: Path, software: str) -> None:
        self._folder = folder
        self._software = software

    def names(self) -> list[str]:
        """The draws there are, oldest first.

        Raises:
            BoothBroken: the folder cannot be read.
        """
        if not self._folder.is_dir():
            return []
        with _translated(self._folder):
            found = [each.name for each in self._folder.iterdir() if (each / "draw.json").is_file()]
        return sorted((name for name in found if _NAME.fullmatch(name)), key=_day_and_number)

    def latest(self, day: date) -> str | None:
        """The last draw of a day."""
        return next((name for name in reversed(self.names()) if name.startswith(day.isoformat())), None)

    def load(self, name: str) -> Ceremony:
        """A draw, checked as `verify` would.

        Raises:
            BadInput: there is none of this name.
            BoothBroken: its file is damaged or cannot be read.
        """
        path = self._file(name)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            there = ", ".join(self.names()) or "none yet: 'pitboard booth draw declare' makes one"
            raise BadInput(f"no draw '{name}'; there are {there}") from error
        except OSError as error:
            raise BoothBroken(f"cannot read the draw {path} ({error.strerror}); mend its rights") from error
        try:
            body = read(content, path.name)
            return ceremony_of({str(file): str(text).encode() for file, text in body.items()})
        except Refused as error:
            raise BoothBroken(f"the draw {path} is damaged: {error}; restore it from the copy") from error

    def declare(self, pack: ShowPack, day: date, at: datetime, by: str, terms: Terms = USUAL_TERMS) -> str:
        """Begins a day's draw with a new morning secret; its name.

        Raises:
            Refused: the day has a draw that is not void, or the declaration cannot be.
            BoothBroken: it cannot be written.
        """
        with self._alone():
            last = self.latest(day)
            follows = ""
            if last is not None:
                before = self.load(last)
                if before.phase is not Phase.VOID:
                    raise Refused(f"draw {last} is {before.phase}; a day has one, unless it is called void")
                follows = bundle_id(bundled(before))
            name = day.isoformat() if last is None else f"{day.isoformat()}-{_day_and_number(last)[1] + 1}"
            secret = secrets.token_bytes(SECRET_BYTES)
            declaration = declaration_of(
                pack, day, terms, commitment_to(secret), self._software, follows=follows
            )
            ceremony = step(None, Act(to_second(at), by, Declare(declaration)))
            self._keep_secret(name, secret)
            self._write(name, ceremony)
        return name

    def redeclare(
        self, name: str, pack: ShowPack, terms: Terms, *, why: Change, at: datetime, by: str
    ) -> Ceremony:
        """Declares again before the freeze, e.g. to close entries now: `Terms(closes_at=at)` with `Change.TIME`.

        Raises:
            as `do`.
        """
        old = self.load(name).declaration
        new = declaration_of(pack, old.day, terms, old.commitment, self._software, follows=old.follows)
        return self.do(name, Redeclare(new, why), at, by)

    def do(self, name: str, what: What, at: datetime, by: str) -> Ceremony:
        """One more act. A clock that went back does not hold up the draw: the act gets the time of the last.

        Raises:
            Refused: it may not be, or not now; BadInput: no such draw.
            BoothBroken: it cannot be read or written; the draw is as before.
        """
        with self._alone():
            before = self.load(name)
            after = step(before, Act(max(to_second(at), before.last_at), by, what))
            self._write(name, after)
        return after

    def run(self, name: str, at: datetime, by: str) -> Ceremony:
        """Reveals the morning secret and ranks.

        Raises:
            as `do`; BoothBroken: the secret is gone.
        """
        return self.do(name, Run(self._secret(name), self._software), at, by)

    def void(self, name: str, why: VoidReason, at: datetime, by: str) -> Ceremony:
        """Calls the draw void and reveals its morning secret, unless that is what is lost.

        Raises:
            as `run`.
        """
        is_lost = why is VoidReason.SECRET_LOST
        return self.do(name, Void(why, None if is_lost else self._secret(name)), at, by)

    def _secret(self, name: str) -> str:
        self.load(name)
        path = self._folder / name / "secret"
        try:
            return path.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise BoothBroken(
                f"the morning secret {path} cannot be read ({error}); restore it, or call the draw void with reason"
                " 'secret-lost'"
            ) from error

    def bundle(self, name: str) -> Path:
        """The bundle of a draw that is over, written again each time: the same bytes.

        Raises:
            Refused: it is not over; BadInput: no such draw.
            BoothBroken: it cannot be written.
        """
        ceremony = self.load(name)
        if ceremony.phase not in _OVER:
            raise Refused(f"draw {name} is {ceremony.phase}; its bundle is made when it is over")
        path = self._folder / name / f"draw-{name}.zip"
        with _translated(path):
            write_atomically(path, packed(bundled(ceremony)))
        return path

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BadInput(f"'{name}' is no name of a draw; it is a day such as 2026-11-22")
        return self._folder / name / "draw.json"

    def _write(self, name: str, ceremony: Ceremony) -> None:
        path = self._file(name)
        body = {file: content.decode() for file, content in files_of(ceremony).items()}
        with _translated(path):
            write_atomically(path, written(body))

    def _keep_secret(self, name: str, secret: bytes) -> None:
        path = self._folder / name / "secret"
        with _translated(path):
            make_folder(path.parent)
            write_atomically(path, f"{secret.hex()}\n", mode=0o600)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with _translated(self._folder):
            make_folder(self._folder)
            lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _day_and_number(name: str) -> tuple[str, int]:
    match = _NAME.fullmatch(name)
    assert match is not None
    return match[1], int(match[2] or 1)


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    advice = "free some space or mend its rights, then do the step again; what was acknowledged is kept"
    try:
        yield
    except RigError as error:
        raise BoothBroken(f"{error.what_happened}; {advice}") from error
    except OSError as error:
        raise BoothBroken(f"cannot use {path} ({error.strerror}); {advice}") from error
