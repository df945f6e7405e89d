"""bleak's look at BlueZ's version, finished before a connect that may be cancelled.

bleak 3.1.0 looks once per process, at the first connect, by running `bluetoothctl --version`. When that connect is
cancelled meanwhile, bleak takes the look for one in progress, and every later connect of the process waits for its
end until it times out (`bleak/backends/bluezdbus/version.py`).
"""

from __future__ import annotations

import logging
import sys

from rig.radio.teardown import see_through

CHECK_LIMIT_S = 3.0  # it takes 10 to 50 ms

_log = logging.getLogger("pitboard.radio")


async def bluez_version_checked() -> None:
    """Returns once bleak knows BlueZ's version, or does without; at once from the second time on.

    A cancelled caller gets its cancellation after that: `CHECK_LIMIT_S` plus `LETTING_GO_S` at most.
    """
    if sys.platform != "linux":
        return
    from bleak.backends.bluezdbus.version import BlueZFeatures  # noqa: PLC0415 - Linux only

    if BlueZFeatures.checked_bluez_version:
        return
    try:
        await see_through(BlueZFeatures.check_bluez_version(), CHECK_LIMIT_S, "asking for BlueZ's version")
    except Exception as error:  # noqa: BLE001 - a version nobody knows is no reason not to connect
        _log.debug("asking for BlueZ's version: %r", error)
    finally:
        if BlueZFeatures._check_bluez_event is not None:  # noqa: SLF001 - bleak offers no other way
            BlueZFeatures._check_bluez_event.set()  # noqa: SLF001
        BlueZFeatures.checked_bluez_version = True
