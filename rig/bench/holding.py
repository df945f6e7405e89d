"""One bench, one program: its adapters and serial ports are held while a run lasts, whatever results folder it writes to.

A hold is an flock on a small file in a folder that all users of this machine share; the system lets go of it when the
process dies, however it dies, so nothing has to be cleaned up. The file says who holds it. Simulated radios and
fixtures belong to their process and need no hold.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

from rig.errors import BenchError
from rig.radio.moniker import Moniker

FOLDER_VARIABLE = "PITBOARD_LOCKS"
"""Names another folder for the lock files; two programs with different ones do not see each other."""
_SYSTEM_FOLDER = Path("/run/lock")
_ANY_ADAPTER = "ble"


@dataclass(frozen=True, slots=True)
class Part:
    """Something of the bench that one program may use at a time: what people call it, and its key. `shared` parts are
    held together by several; only who wants one alone excludes them."""

    words: str
    key: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a part: `what` in a few words, since when (UTC, ISO 8601), and the run it is working on."""

    pid: int
    what: str
    since: str
    run: str = ""


class BenchHeld(BenchError):  # noqa: N818 - it names the situation
    """Another program uses a part of this bench; `holder` is None when it could not be read."""

    def __init__(self, part: Part, holder: Holder | None) -> None:
        self.part = part
        self.holder = holder
        if holder is None:
            super().__init__(f"{part.words} is in use by another pitboard; wait for it or stop it first")
            return
        run = f", run {holder.run}" if holder.run else ""
        super().__init__(
            f"{part.words} is in use by {holder.what} (pid {holder.pid}{run}, since {holder.since});"
            f" wait for it, or stop it safely with 'kill {holder.pid}'"
        )


def parts_of_radios(monikers: Iterable[Moniker]) -> tuple[Part, ...]:
    """The adapters that these radios use. `ble` without a name may be any adapter of the system, so it excludes all."""
    parts: list[Part] = []
    for moniker in monikers:
        if moniker.kind == "ble" and moniker.target:
            parts.append(Part("the Bluetooth of this machine", _ANY_ADAPTER, shared=True))
            parts.append(Part(f"the adapter {moniker.target}", f"{_ANY_ADAPTER}-{moniker.target.lower()}"))
        elif moniker.kind == "ble":
            parts.append(Part("the Bluetooth of this machine", _ANY_ADAPTER))
        elif moniker.kind == "hci":
            transport, _, place = moniker.target.partition(",")[0].partition(":")
            same = (
                f"{transport}:{os.path.realpath(place)}" if place.startswith("/") else f"{transport}:{place}"
            )
            parts.append(Part(f"the dongle {moniker.target}", f"hci-{same}"))
    return tuple(dict.fromkeys(parts))


def parts_of_ports(devices: Iterable[tuple[str, str]]) -> tuple[Part, ...]:
    """The serial ports behind (fixture, device path or URL): the same device by another name is the same part."""
    return tuple(
        Part(
            f"the fixture {name} at {device}",
            f"port-{os.path.realpath(device) if device.startswith('/') else device}",
        )
        for name, device in devices
    )


class Hold:
    """The parts held by this program."""

    def __init__(self, files: Sequence[tuple[Part, int]], holder: Holder) -> None:
        self._files = files
        self._holder = holder

    def say_run(self, run: str) -> None:
        """Lets others read which run this program is working on."""
        self._holder = Holder(self._holder.pid, self._holder.what, self._holder.since, run)
        self.write()

    def write(self) -> None:
        """Writes who holds; a file that cannot be written only costs others the name."""
        text = json.dumps(asdict(self._holder)).encode()
        for part, handle in self._files:
            if not part.shared:
                with contextlib.suppress(OSError):
                    os.ftruncate(handle, 0)
                    os.pwrite(handle, text, 0)


@contextlib.contextmanager
def held(parts: Sequence[Part], what: str, since: str, *, folder: Path | None = None) -> Iterator[Hold]:
    """Holds these parts for the block.

    Raises:
        BenchHeld: another program has one; what was taken before is let go of.
        BenchError: the lock files cannot be made.
    """
    where = folder or _folder()
    with contextlib.ExitStack() as stack:
        files: list[tuple[Part, int]] = []
        for part in parts:
            handle = _open(where / _file_name(part.key))
            stack.callback(os.close, handle)
            if not _take(handle, part):
                holder = _holder_of(where, part)
                if holder is not None or not _take(
                    handle, part
                ):  # nobody: somebody only looked, as we just did
                    raise BenchHeld(part, holder)
            files.append((part, handle))
        hold = Hold(files, Holder(os.getpid(), what, since))
        hold.write()
        yield hold


def _folder() -> Path:
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    return _SYSTEM_FOLDER if os.access(_SYSTEM_FOLDER, os.W_OK) else Path(tempfile.gettempdir())


def _file_name(key: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", key).strip("-")
    exact = "" if plain == key else f"-{blake2b(key.encode(), digest_size=4).hexdigest()}"
    return f"pitboard-{plain[-80:]}{exact}.lock"


def _open(path: Path) -> int:
    """The lock file, made if need be so that every user may hold it. Never through a symbolic link, and without
    O_CREAT when it is there already: Linux refuses that for files of others in a sticky folder."""
    flags = os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        try:
            try:
                return os.open(path, os.O_RDWR | flags)
            except PermissionError:
                return os.open(path, os.O_RDONLY | flags)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise _cannot(path, error) from error
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | flags, 0o666)
        except FileExistsError:
            continue
        except OSError as error:
            raise _cannot(path, error) from error
        with contextlib.suppress(OSError):
            os.fchmod(handle, 0o666)
        return handle


def _cannot(path: Path, error: OSError) -> BenchError:
    return BenchError(
        f"cannot hold the bench: {path} ({error.strerror}); mend its rights, or name a folder with {FOLDER_VARIABLE}"
    )


def _holder_of(where: Path, part: Part) -> Holder | None:
    """Who holds a part. Who shares one is named in the file of what it holds alone."""
    names = [where / _file_name(part.key)]
    if part.key == _ANY_ADAPTER:
        names += sorted(where.glob(f"pitboard-{_ANY_ADAPTER}-*.lock"))
    for path in names:
        try:
            if not _is_held(path):
                continue
            holder = Holder(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue
        return holder
    return None


def _take(handle: int, part: Part) -> bool:
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if part.shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_held(path: Path) -> bool:
    """Whether somebody holds it alone."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
