"""The best priority the system grants, what was refused, and everything as before afterwards."""

import os
import subprocess
import sys

import pytest

from rig.control.priority import NICEST_TO_US, REALTIME_PRIORITY, Grant, high_priority

UNPRIVILEGED = """
import os, resource
from rig.control.priority import high_priority
resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
resource.setrlimit(resource.RLIMIT_NICE, (0, 0))
if os.getuid() == 0:
    os.setuid(65534)
before = (os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0))
with high_priority() as priority:
    assert (os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)) == before
print(priority)
"""


def scheduling():
    return os.sched_getscheduler(0), os.sched_getparam(0).sched_priority, os.getpriority(os.PRIO_PROCESS, 0)


def refuse(*_):
    raise PermissionError(1, "Operation not permitted")  # as the canary below sees it from the real kernel


@pytest.mark.skipif(sys.platform != "linux", reason="cannot run here: SCHED_FIFO is asked for on Linux only")
class TestOnLinux:
    def test_canary_without_permission_the_kernel_refuses_both_and_the_block_runs_all_the_same(self):
        unwatched = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        done = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED], capture_output=True, text=True, check=False, env=unwatched
        )
        assert done.stderr == ""
        assert done.stdout.startswith("normal priority (SCHED_FIFO 50: Operation not permitted; nice -20: ")

    def test_whatever_is_granted_holds_inside_and_is_given_back(self):
        before = scheduling()
        with high_priority() as priority:
            policy, level, niceness = scheduling()
            assert priority.grant is not Grant.REALTIME or (policy, level) == (
                os.SCHED_FIFO,
                REALTIME_PRIORITY,
            )
            assert priority.grant is not Grant.NICE or niceness == NICEST_TO_US
            assert len(priority.refusals) == [Grant.REALTIME, Grant.NICE, Grant.NOTHING].index(priority.grant)
        assert scheduling() == before

    def test_it_is_given_back_after_an_exception_too(self):
        before = scheduling()
        with pytest.raises(KeyError), high_priority():
            raise KeyError
        assert scheduling() == before

    def test_niceness_is_next_when_real_time_is_refused(self, monkeypatch):
        set_to = []
        monkeypatch.setattr(os, "sched_setscheduler", refuse)
        monkeypatch.setattr(os, "setpriority", lambda *a: set_to.append(a[-1]))
        with high_priority() as priority:
            assert priority.grant is Grant.NICE
            assert set_to == [NICEST_TO_US]
        assert set_to == [NICEST_TO_US, os.getpriority(os.PRIO_PROCESS, 0)]
        assert str(priority) == "nice -20 (SCHED_FIFO 50: Operation not permitted)"


def test_elsewhere_real_time_is_not_asked_for(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "setpriority", refuse)
    with high_priority() as priority:
        assert priority.grant is Grant.NOTHING
    assert priority.refusals == ("SCHED_FIFO 50: not on darwin", "nice -20: Operation not permitted")
