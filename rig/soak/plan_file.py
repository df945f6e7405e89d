"""What every soak plan begins with, whatever its kind: read, checked, kept as written. Kinds read the rest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rig.builtin_data import find_data_file
from rig.errors import InputError
from rig.soak.limits import AnyLimit
from rig.toml_tables import Table

DEFAULT_PLAN = "reconnect"
DEFAULT_BENCH_PLAN = "reconnect-bench"
"""For radios that are not simulated: with the losses those can make."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]*")  # it becomes part of a folder's name


@dataclass(frozen=True, slots=True)
class PlanHead:
    """`text` is the TOML as written and `digest` its SHA-256, so that a stored run can say exactly what it ran.
    `seed` is used unless the user names another, or the plan is part of a nightly."""

    kind: str
    name: str
    description: str
    seed: int
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the plan's text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Plan(Protocol):
    """A validated plan of any kind."""

    @property
    def head(self) -> PlanHead:
        """What all plans have."""
        ...

    @property
    def limits(self) -> tuple[AnyLimit, ...]:
        """What would be good enough."""
        ...


def read_plan(name_or_path: str) -> tuple[str, str]:
    """The text of a builtin plan, or of a file, and what to call it in messages.

    Raises:
        InputError: there is no such plan, or it is no text.
    """
    path = find_data_file("plans", name_or_path)
    try:
        return Path(path).read_text(encoding="utf-8"), path.name
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the soak plan {path}: {error}") from error


def parse_head(root: Table, kind: str, text: str) -> PlanHead:
    """The keys that all kinds share.

    Raises:
        InputError: one of them is missing or out of range.
    """
    return PlanHead(
        kind=kind,
        name=_name(root),
        description=root.text("description", default=""),
        seed=root.integer("seed", default=1, least=0, most=2**63 - 1),
        text=text,
    )


def _name(root: Table) -> str:
    name = root.text("name", most_length=60)
    if not _NAME.fullmatch(name):
        root.refuse(
            "name", f"may hold letters, digits, spaces and . _ - (a letter or digit first), not {name!r}"
        )
    return name
