"""The doctor's words: the two oldest questions first, each finding with whose move it is and one thing to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from booth.doctor.facts import BoothFacts, RadioFacts, ShowFiles, Updates
from booth.doctor.findings import Colour, Owner, exit_code, worst
from booth.doctor.judge import judged

WELL = BoothFacts(
    version="1.0",
    updates=Updates(waiting=0, listed_days=1, restart_wanted=False),
    up_s=7200,
    pack_advice=(),
    free_mb=50_000,
    writable=None,
    on_mains=True,
    clock_synchronised=True,
    addresses=("10.0.0.2",),
    port=8080,
    port_taken=False,
    runs=False,
    files=ShowFiles(None, None, 0, ()),
    radio=RadioFacts("sim:show", True, 0, "", ""),
)


def test_a_booth_in_order_is_green_and_answers_the_two_questions_first():
    findings = judged(WELL)
    assert worst(findings) is Colour.GREEN
    assert exit_code(findings) == 0
    assert [finding.subject for finding in findings[:2]] == ["updates", "restart"]
    assert findings[1].found == "last restarted 2.0 hours ago"


@pytest.mark.parametrize(
    ("change", "subject", "colour", "owner", "said"),
    [
        ({"updates": None}, "updates", "yellow", "IT", "does not tell"),
        ({"updates": Updates(3, 1, False)}, "updates", "yellow", "IT", "3 system updates wait"),
        ({"updates": Updates(0, 1, True)}, "updates", "yellow", "crew", "want a restart"),
        ({"updates": Updates(0, 40, False)}, "updates", "yellow", "IT", "for 40 days"),
        ({"up_s": 5 * 86_400}, "restart", "yellow", "crew", "5 days ago"),
        ({"radio": RadioFacts("ble", False, 0, "no adapter", "plug one in")}, "radio", "red", "IT", "no adapter"),
        ({"radio": RadioFacts("ble", True, 2, "power saving", "x")}, "radio", "yellow", "IT", "power saving"),
        ({"on_mains": False}, "power", "red", "crew", "on its battery"),
        ({"clock_synchronised": False}, "clock", "yellow", "crew", "not set by the network"),
        ({"free_mb": 1500}, "disk", "yellow", "IT", "1500 MB"),
        ({"free_mb": 200}, "disk", "red", "IT", "200 MB"),
        ({"free_mb": None}, "disk", "yellow", "IT", "unknown"),
        ({"writable": "x cannot be written"}, "disk", "red", "IT", "cannot be written"),
        ({"port_taken": True}, "screens", "red", "crew", "port 8080 is taken"),
        ({"addresses": ()}, "phones", "red", "crew", "no network"),
        ({"pack_advice": ("no consent",)}, "show pack", "yellow", "crew", "no consent"),
        ({"files": ShowFiles("row 3 was changed", None, 0, ())}, "show log", "red", "IT", "row 3"),
        ({"files": ShowFiles(None, "row 4 was changed", 0, ())}, "audit", "red", "IT", "row 4"),
        ({"files": ShowFiles(None, None, 1, ())}, "contacts", "yellow", "crew", "1 contact is"),
        ({"files": ShowFiles(None, None, 5, ())}, "contacts", "yellow", "crew", "5 contacts are"),
        ({"files": ShowFiles(None, None, 0, ("2026-12-01",))}, "draw", "yellow", "crew", "2026-12-01"),
    ],
)  # fmt: skip
def test_what_is_not_in_order_names_who_acts_and_what_to_do(change, subject, colour, owner, said):
    findings = judged(replace(WELL, **change))
    off = [finding for finding in findings if finding.colour is not Colour.GREEN]
    assert [(finding.subject, finding.colour, finding.owner) for finding in off] == [
        (subject, Colour(colour), Owner(owner))
    ]
    assert said in off[0].found
    assert off[0].action
    assert exit_code(findings) == (3 if colour == "red" else 0)


def test_what_nobody_can_tell_is_left_out_and_a_running_show_owns_its_port():
    findings = judged(
        replace(WELL, on_mains=None, clock_synchronised=None, port_taken=True, runs=True, files=None)
    )
    subjects = {finding.subject for finding in findings}
    assert not subjects & {"power", "clock"}
    assert worst(findings) is Colour.GREEN
