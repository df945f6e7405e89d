"""The real timerfd, bare."""

import os
import select
import sys
from pathlib import Path

import pytest

from rig.control import timerfd
from rig.control.timerfd import ExpiryTimer, timerfd_available

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="cannot run here: timerfd is Linux's")


def test_linux_has_it():
    assert timerfd_available()


def test_a_first_expiry_in_the_past_counts_every_period_since():
    timer = ExpiryTimer(1e-9, 3600.0)  # since boot
    try:
        readable, _, _ = select.select([timer.fd], [], [], 1)
        assert readable
        assert timer.expirations() >= 1
        assert timer.expirations() == 0
    finally:
        timer.close()


def test_it_is_not_inherited_and_is_freed():
    timer = ExpiryTimer(1.0, 1.0)
    assert not os.get_inheritable(timer.fd)
    timer.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(timer.fd)


def test_an_impossible_schedule_is_an_error_and_leaves_no_descriptor():
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir()))
    with pytest.raises(OSError, match="Invalid argument"):
        ExpiryTimer(1.0, -1e-9)
    assert len(list(descriptors.iterdir())) == before


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="cannot run here: this Python has its own timerfd")
def test_without_a_c_library_that_has_it_the_answer_is_no(monkeypatch):
    monkeypatch.setattr(timerfd, "_c_library", lambda: None)
    assert not timerfd_available()
    with pytest.raises(OSError, match="no timerfd"):
        ExpiryTimer(1.0, 1.0)
