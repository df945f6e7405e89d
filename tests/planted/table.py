"""Every bug that can be planted, and the page about them."""

from __future__ import annotations

from tests.planted import analysis_bugs, car_bugs, fixture_bugs, journal_bugs, swap_bugs, verdict_bugs

BUGS = (
    *car_bugs.BUGS,
    *fixture_bugs.BUGS,
    *journal_bugs.BUGS,
    *analysis_bugs.BUGS,
    *verdict_bugs.BUGS,
    *swap_bugs.BUGS,
)


def planted_page() -> str:
    """`docs/planted-bugs.md`."""
    rows = [f"| {bug.where} | {bug.name} | {bug.words} | {bug.caught_by} |" for bug in BUGS]
    head = f"""# Planted bugs

Generated from the table in `tests/planted`. A check that never fails proves nothing, so each of these {len(BUGS)} bugs can be
planted with one switch, and `tests/planted/test_planted.py` proves that the check meant for it complains, by the words
expected of it, and is content without it. The switches live in the tests: no product code knows them.

| where | bug | what is wrong | caught by |
|---|---|---|---|
"""
    return head + "\n".join(rows) + "\n"
