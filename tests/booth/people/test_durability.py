"""A lead that was acknowledged survives the death of the process."""

from __future__ import annotations

import signal
import subprocess
import sys

from booth.people.store import PeopleStore
from tests.booth.people.persons import SetClock

_CAPTURES = """
import itertools, sys
from pathlib import Path
from tests.booth.people.persons import House
house = House(Path(sys.argv[1]))
for number in itertools.count():
    house.capture({"email": f"p{number}@example.com"})
    print(number, flush=True)
"""


def test_no_acknowledged_lead_is_lost_when_the_process_is_killed(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", _CAPTURES, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            if int(line) >= 20:
                process.kill()
                break
        acknowledged = 21 + len(process.stdout.read().split())
    assert process.returncode == -signal.SIGKILL
    with PeopleStore(tmp_path / "people.db", SetClock()) as people:
        assert people.not_copied() in {acknowledged, acknowledged + 1}
