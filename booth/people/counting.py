"""People as numbers, from the tables."""

from __future__ import annotations

from datetime import date
from typing import Any

from booth.people.form import Counts


def counts_of(db: Any, day: date) -> Counts:
    """One show day. A person counts once, however many forms they filled in."""
    text = day.isoformat()
    leads, players, qualified, consented = db.execute(
        """
        SELECT COUNT(*), COALESCE(SUM(played), 0), COALESCE(SUM(qualified), 0), COALESCE(SUM(agreed), 0) FROM (
            SELECT MAX(v.player IS NOT NULL) AS played, MAX(v.is_qualified) AS qualified,
                EXISTS (
                    SELECT 1 FROM consent c WHERE c.person = v.person AND c.answer = 'given' AND NOT EXISTS (
                        SELECT 1 FROM consent w WHERE w.person = c.person AND w.purpose = c.purpose
                            AND w.answer = 'withdrawn' AND w.number > c.number)) AS agreed
            FROM version v WHERE v.day = ? GROUP BY v.person)
        """,
        [text],
    ).fetchone()
    (entries,) = db.execute("SELECT COUNT(*) FROM ticket WHERE day = ?", [text]).fetchone()
    scans = db.execute(
        "SELECT code, scans FROM call_to_action WHERE day = ? ORDER BY code", [text]
    ).fetchall()
    return Counts(entries, leads, players, consented, qualified, dict(scans))
