"""The errors of rig, split by who can mend them.

RigError
├── InputError       the caller's file, flag or value is wrong            exit 2
├── BenchError       the bench is broken: adapter, permission, disk       exit 3
│   └── rig.radio.errors.HostFault …
└── rig.radio.errors.CarFault …   the car (or the air to it) failed       exit 1

Every message is one sentence: what happened, to which car or file, what to do next.
`exit_code` is what the command line returns when nothing below it handled the error.
"""

from __future__ import annotations


class RigError(Exception):
    """Root of everything rig raises on purpose."""

    exit_code = 1

    @property
    def what_happened(self) -> str:
        """The sentence without its last part, the advice to whoever is at the command line."""
        return str(self).rpartition("; ")[0] or str(self)


class InputError(RigError):
    """The caller gave something unusable: a missing file, a wrong key, an unknown moniker."""

    exit_code = 2


class BenchError(RigError):
    """The bench, not the car, is broken: no adapter, no permission, disk full."""

    exit_code = 3
