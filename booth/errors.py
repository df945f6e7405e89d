"""The errors of the booth, split by who can mend them.

BoothError
├── BadInput         the caller's file, flag or value is wrong             exit 2
└── BoothBroken      the machine is: disk, port taken, process gone        exit 3

Every message is one sentence: what happened, to what, what to do next. Errors of `rig` pass through as they are.
"""

from __future__ import annotations


class BoothError(Exception):
    """Root of everything the booth raises on purpose."""

    exit_code = 1


class BadInput(BoothError):  # noqa: N818 - it names the situation
    """The caller gave something unusable: a wrong key in the pack, a file that is none, a name nobody has."""

    exit_code = 2


class BoothBroken(BoothError):  # noqa: N818 - it names the situation
    """The machine under the booth is broken: disk full, port taken, database locked."""

    exit_code = 3
