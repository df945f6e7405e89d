"""bleak looks at BlueZ's version once per process, and must not be interrupted at it."""

import asyncio
import sys

import pytest

from rig.radio.version_check import CHECK_LIMIT_S, bluez_version_checked
from rig.virtual_time import run_virtual

if sys.platform != "linux":
    pytest.skip("cannot run here: bleak speaks to BlueZ on Linux only", allow_module_level=True)

from bleak.backends.bluezdbus import version
from bleak.backends.bluezdbus.version import BlueZFeatures

TAKES_S = 0.05


@pytest.fixture
def first_look(monkeypatch):
    """bleak as in a new process, and a `bluetoothctl` that takes its time."""
    monkeypatch.setattr(BlueZFeatures, "_check_bluez_event", None)
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", False)
    takes = [TAKES_S]

    async def look():
        await asyncio.sleep(takes[0])

    monkeypatch.setattr(version, "_get_bluetoothctl_version", look)
    return takes


def now():
    return asyncio.get_running_loop().time()


async def cancelled_at(work, delay_s):
    task = asyncio.ensure_future(work)
    await asyncio.sleep(delay_s)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_canary_bleak_alone_waits_for_ever_after_an_interrupted_look(first_look):
    """Once this fails, bleak has mended it and `rig.radio.version_check` can go."""

    async def main():
        await cancelled_at(BlueZFeatures.check_bluez_version(), TAKES_S / 2)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await BlueZFeatures.check_bluez_version()

    run_virtual(main)


@pytest.mark.parametrize("delay_s", [0.0, TAKES_S / 2, TAKES_S])
def test_an_interrupted_look_is_finished_and_the_next_goes_on(first_look, delay_s):
    async def main():
        await cancelled_at(bluez_version_checked(), delay_s)
        await bluez_version_checked()
        return now()

    assert run_virtual(main) <= 2 * TAKES_S
    assert BlueZFeatures.checked_bluez_version


def test_a_look_that_hangs_is_given_up_for_good(first_look):
    first_look[0] = 1e6

    async def main():
        await asyncio.gather(bluez_version_checked(), bluez_version_checked())
        once_s = now()
        await bluez_version_checked()
        return once_s, now()

    once_s, twice_s = run_virtual(main)
    assert once_s == pytest.approx(CHECK_LIMIT_S, abs=0.1)
    assert twice_s == once_s
