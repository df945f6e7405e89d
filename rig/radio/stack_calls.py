"""What comes out of a call into the stack, in our words: never an exception of the stack's own.

bleak raises its own errors, the system's, D-Bus's, and where a link ends under a call also bare assertions,
KeyErrors and CancelledErrors nobody asked for; `tests/rig/radio/test_hostile_calls.py` raises each of them
from every call there is.
"""

from __future__ import annotations

import asyncio

from rig.errors import RigError
from rig.radio.errors import HostTrouble
from rig.radio.translate import Doing, translate

CANCELLED_ITSELF = "the stack cancelled its own work"


def cancellations() -> int:
    """How often the running task has been asked to stop; keep it for `was_asked_for`."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


async def let_a_stop_arrive() -> None:
    """Raises the CancelledError of a stop that was asked for while the task was busy and has not arrived yet.

    Before a call into the stack, ahead of `cancellations`: a stop that is already counted there and arrives only
    within the call would be taken for the stack's own doing, and be lost.
    """
    if cancellations():
        await asyncio.sleep(0)


def was_asked_for(before: int) -> bool:
    """Whether a CancelledError that arrived is somebody's wish, and not the stack's doing."""
    return cancellations() > before


def in_our_words(
    error: BaseException, doing: Doing, *, car: str = "", adapter: str = "", waited_s: float | None = None
) -> RigError:
    """Our error for whatever a call into the stack raised; what nobody knows is a `HostTrouble`.

    Hand over a CancelledError only when `was_asked_for` says that it is the stack's own.
    """
    if isinstance(error, RigError):
        return error
    ours = translate(error, doing, car=car, adapter=adapter, waited_s=waited_s)
    if ours is not None:
        return ours
    if isinstance(error, asyncio.CancelledError):
        return HostTrouble(adapter, CANCELLED_ITSELF)
    return HostTrouble(adapter, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
