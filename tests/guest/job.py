"""What is handed to PID 1 through the exchange folder, and what comes back. Pure but for the two files."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.guest.errors import CannotRunHereError

PID1 = Path(__file__).with_name("pid1.py")
HANDED_ON = re.compile(r"PATH|LANG|LC_\w+|CI|PITBOARD_(?!HOME$|GUEST)\w+")
"""The host's variables that commands in the guest see; nothing else, so that no secret gets into a log."""
INSIDE = {
    "HOME": "/run/home",
    "TMPDIR": "/run/tmp",
    "PITBOARD_HOME": "/run/home/pitboard",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTEST_ADDOPTS": "-p no:cacheprovider",  # the checkout is read-only
    "HYPOTHESIS_STORAGE_DIRECTORY": "/run/home/hypothesis",
    "MPLCONFIGDIR": "/run/home/matplotlib",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One command in the guest. `limit_s` is its own; PID 1 ends it and still brings the logs out."""

    name: str
    command: tuple[str, ...]
    folder: str
    limit_s: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """How the guest mounts the exchange folder; differs by engine."""

    kind: str
    source: str
    options: str


def handed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of commands in the guest, made from the host's."""
    chosen = {name: value for name, value in environment.items() if HANDED_ON.fullmatch(name)}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **chosen, **INSIDE}


def plain_path(path: Path) -> Path:
    """The path itself, when the guest's kernel can be told of it.

    Raises:
        CannotRunHereError: it holds blanks or quotes, at which a kernel command line is split.
    """
    if not re.fullmatch(r"[\w./+@%:~-]+", str(path), re.ASCII):
        raise CannotRunHereError(
            f"the path {str(path)!r} cannot stand on a kernel command line; "
            "use one of letters, digits and ./+@%:~_- (set PITBOARD_GUEST_CACHE or --out)"
        )
    return path


def write_job(
    folder: Path, exchange: Exchange, steps: Sequence[Step], environment: Mapping[str, str], *, snoop: bool
) -> None:
    """Puts the job and PID 1 (with this interpreter in its first line) into the exchange folder."""
    job = {
        "exchange": asdict(exchange), "steps": [asdict(step) for step in steps],
        "environment": handed_on(environment), "snoop": snoop,
    }  # fmt: skip
    (folder / "job.json").write_text(json.dumps(job, indent=1))
    interpreter = plain_path(Path(sys.executable).resolve())
    init = folder / "init"
    init.write_text(f"#!{interpreter} -I\n{PID1.read_text()}")
    init.chmod(0o755)


def read_result(folder: Path) -> dict | None:
    """What PID 1 wrote at its end; None when it never got there."""
    try:
        return json.loads((folder / "result.json").read_text())
    except (OSError, ValueError):
        return None
