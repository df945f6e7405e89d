"""Bytes that public sources show, both ways."""

import json
from pathlib import Path

import pytest

import protocol
from protocol import DecodeError, Dialect, Direction, Extended, LightChannel, decode, dialect_for, encode

FOLDER = Path(__file__).parents[2] / "fixtures/vectors"


def rows(name):
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


FRAMES = rows("vendor.jsonl") + rows("sniffer-2774.jsonl") + rows("third-party.jsonl")
MALFORMED = rows("malformed.jsonl")


def built(cls, stated):
    """A message made from stated fields, as the fixture writes them."""
    fields = {}
    for name, value in stated.items():
        if name == "channels":
            fields[name] = tuple(LightChannel(**entry) for entry in value)
        elif name == "message":
            ((inner, inner_fields),) = value.items()
            fields[name] = built(getattr(protocol, inner), inner_fields)
        elif isinstance(value, str):
            fields[name] = bytes.fromhex(value)
        else:
            fields[name] = value
    return fields if cls is None else cls(**fields)


def test_all_vectors_are_here():
    assert len(FRAMES) == 104
    assert all(row["source"] for row in FRAMES)


@pytest.mark.parametrize("row", FRAMES, ids=lambda row: f"{row['hex']} {row['source']}")
def test_frame_decodes_to_the_stated_fields_and_back(row):
    frame = bytes.fromhex(row["hex"])
    direction = Direction(row["direction"])
    dialect = dialect_for(row["firmware"])
    message = decode(frame, direction, dialect)
    assert type(message).__name__ == row["message"]
    for name, value in built(None, row["fields"]).items():
        assert getattr(message, name) == (
            pytest.approx(value, abs=0.006) if isinstance(value, float) else value
        )
    assert encode(message) == frame
    assert encode(message, dialect) == frame
    again = type(message)(*message.values())
    assert again == message
    assert encode(again) == frame


@pytest.mark.parametrize("row", FRAMES, ids=lambda row: f"{row['hex']} {row['source']}")
@pytest.mark.parametrize("dialect", Dialect)
def test_frame_survives_every_dialect(row, dialect):
    frame = bytes.fromhex(row["hex"])
    assert encode(decode(frame, Direction(row["direction"]), dialect)) == frame


@pytest.mark.parametrize("row", MALFORMED, ids=lambda row: row["why"])
def test_malformed_frame_says_where(row):
    frame = bytes.fromhex(row["hex"])
    with pytest.raises(DecodeError) as caught:
        decode(frame, Direction(row["direction"]), dialect_for(row["firmware"]))
    assert caught.value.frame == frame
    assert caught.value.offset == row["offset"]


@pytest.mark.parametrize(
    "row",
    [row for row in FRAMES if row["fields"] and row["message"] != "Extended"],
    ids=lambda row: row["hex"],
)
def test_surplus_survives_and_shortage_does_not(row):
    frame = bytes.fromhex(row["hex"])
    direction = Direction(row["direction"])
    dialect = dialect_for(row["firmware"])
    with pytest.raises(DecodeError, match="truncated") as caught:
        decode(frame[:-1], direction, dialect)
    assert caught.value.offset == len(frame) - 1
    with pytest.raises(DecodeError):
        decode(frame + b"\0", direction, dialect)
    more = bytes(range(12))  # no form of an id is that much longer than another
    longer = bytes((frame[0] + len(more), *frame[1:])) + more
    message = decode(longer, direction, dialect)
    assert encode(message) == longer
    if not isinstance(message, protocol.LightsPattern):  # whose padding takes any number of bytes
        assert isinstance(message, Extended)
        assert message.surplus
        assert more.endswith(message.surplus)
