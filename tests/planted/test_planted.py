"""The oracle is tested: each planted bug is caught by the check meant for it, which is content without it."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.planted.table import BUGS, planted_page

IDS = [bug.name for bug in BUGS]


def test_the_table_is_sound():
    assert len(set(IDS)) == len(BUGS) >= 14
    assert Counter(bug.where for bug in BUGS).keys() >= {"car", "fixture", "journal", "analysis", "swap"}
    assert all(bug.name in planted_page() for bug in BUGS)


@pytest.mark.parametrize("check", sorted({bug.check for bug in BUGS}, key=lambda check: check.__name__))
def test_a_check_is_content_where_nothing_is_planted(check):
    assert check() is None


@pytest.mark.parametrize("bug", BUGS, ids=IDS)
def test_a_planted_bug_is_caught_by_the_check_meant_for_it(bug):
    complaint = bug.complaint(planted=True)
    assert complaint is not None, f"nobody noticed: {bug.words}"
    assert bug.says in complaint
