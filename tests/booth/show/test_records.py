"""A record reads back as it was written, also when a newer version wrote more."""

from __future__ import annotations

import json

import pytest

from booth.show.records import (
    RECORDS,
    Entry,
    LapDone,
    RaceFinished,
    RaceLinedUp,
    Standing,
    from_body,
    to_body,
)

WRITTEN = [
    LapDone(race=3, seat=2, number=4, time_s=9.51, race_s=38.2),
    RaceLinedUp(race=3, mode="race", set_name="A", entries=(Entry(1, 7, "p"), Entry(2, 8, None, 0.5))),
    RaceFinished(
        race=3, standings=(Standing(1, 7, "p", 1, 5, 47.0, 9.1), Standing(2, 8, None, 2, 4, out="silent"))
    ),
]


@pytest.mark.parametrize("record", WRITTEN, ids=lambda record: type(record).__name__)
def test_it_reads_back(record):
    kind, body = to_body(record)
    assert from_body(kind, json.loads(json.dumps(body))) == record
    assert from_body(kind, {**body, "added_later": 1}) == record


def test_an_unknown_kind_is_told():
    with pytest.raises(KeyError):
        from_body("Nonsense", {})


def test_no_record_has_a_place_for_a_name():
    """Personal data has no business in the log: no record may even have a field for it."""
    named = {field for kind in RECORDS.values() for field in kind.__dataclass_fields__}
    assert not named & {"name", "nickname", "email", "phone", "contact", "company"}
