"""Which machine the guest runs on: chosen from what was probed, never from what ought to be there. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tests.guest.errors import CannotRunHereError

ENGINES = ("auto", "uml", "qemu")


@dataclass(frozen=True, slots=True)
class Probed:
    """What `probe.py` and a look at the memory folders found."""

    machine: str
    ptrace: bool
    xstate_bytes: int
    refusal: str | None
    memory_folder: str | None
    """A folder where the guest's memory can be mapped executable and has room; None when there is none."""


def uml_hindrance(found: Probed) -> str | None:
    """Why User-mode Linux cannot run here; None when it can."""
    if not found.ptrace:
        return found.refusal or "ptrace is barred here"
    if found.memory_folder is None:
        return "no folder has room for the guest's memory and lets it be mapped executable"
    return None


def choose(asked: str, found: Probed) -> tuple[str, str]:
    """The engine (`uml` or `qemu`) and the reason, in words for the log.

    Raises:
        CannotRunHereError: the engine asked for cannot run here, or none can.
    """
    hindrance = uml_hindrance(found)
    if asked == "qemu":
        return "qemu", "asked for"
    if hindrance is None:
        return "uml", "asked for" if asked == "uml" else "ptrace works here"
    if asked == "uml":
        raise CannotRunHereError(f"User-mode Linux cannot run: {hindrance}; try --engine qemu")
    if found.machine != "x86_64":
        raise CannotRunHereError(
            f"no guest for {found.machine}: the kernels are for x86-64; use an x86-64 Linux machine"
        )
    return "qemu", hindrance
