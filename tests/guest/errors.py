"""What can go wrong around the guest, one class per culprit; each message is one sentence with the next step.

GuestError
├── CannotRunHereError   the machine lacks something; nothing was tried
├── BuildError           the kernel or the image could not be made
└── GuestDiedError       the guest ended, or was ended, without the result of its commands
"""

from __future__ import annotations


class GuestError(Exception):
    """Root: the bench is at fault, not what was tested. Exit code 3."""


class CannotRunHereError(GuestError):
    """Packages, permissions or processor features are missing."""


class BuildError(GuestError):
    """A step of the build failed; the message names the step and its log."""


class GuestDiedError(GuestError):
    """Panic, no result, time limit, or bluetoothd's unasked end."""
