"""Recordings of what a car and its host said, as JSON lines.

The first line tells about the session, every other line is one frame:

    {"pitboard": "transcript", "version": 1, "car": "0880eadb", "model": 9, "name": "Drive", ...}
    {"t_s": 0.512, "dir": "to_host", "fw": 10100, "hex": "05 3f 01 00 00 01"}

`t_s` counts from the first line, `fw` is the firmware number known at that time (it decides the layouts), so
each line can be read alone and a damaged one costs nothing but itself. Lines are flushed as they are written.

Sniffer logs reduced to JSON lines are read too: `att_op` 0x1b, 0x12 or 0x52, `hex` beginning with the
attribute handle (0x000d car to host, 0x000b host to car), `t_est_s`; their other packets are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from protocol import Direction
from protocol.gatt import TO_CAR_HANDLE, TO_HOST_HANDLE

VERSION = 1
_MAGIC = "transcript"
_TO_CAR_OPS = {"0x12", "0x52"}  # ATT write request, write command
_TO_HOST_OPS = {"0x1b"}  # ATT handle value notification
_DIRECTIONS = {"to_car": Direction.TO_CAR, "to_host": Direction.TO_HOST}
_NAMES = {direction: name for name, direction in _DIRECTIONS.items()}


@dataclass(frozen=True, slots=True)
class Session:
    """Who was recorded; every field may be unknown."""

    identifier: int | None = None
    model_id: int | None = None
    name: str | None = None
    firmware: int | None = None
    started_at: str | None = None
    radio: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: seconds since the recording began, who sent it, and the firmware known then."""

    at_s: float
    direction: Direction
    frame: bytes
    firmware: int | None = None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A line that cannot be read; `line` counts from 1."""

    line: int
    why: str


Item = Session | Frame | Damaged


class TranscriptWriter:
    """Writes a transcript to an open text file, a flushed line at a time."""

    def __init__(self, file: TextIO, session: Session) -> None:
        self._file = file
        self.frames = 0
        known = {
            "pitboard": _MAGIC,
            "version": VERSION,
            "car": None if session.identifier is None else f"{session.identifier:08x}",
            "model": session.model_id,
            "name": session.name,
            "fw": session.firmware,
            "started_at": session.started_at,
            "radio": session.radio,
        }
        self._line({key: value for key, value in known.items() if value is not None})

    def write(self, frame: Frame) -> None:
        """Appends one frame."""
        record: dict[str, Any] = {"t_s": round(frame.at_s, 6), "dir": _NAMES[frame.direction]}
        if frame.firmware is not None:
            record["fw"] = frame.firmware
        record["hex"] = frame.frame.hex(" ")
        self._line(record)
        self.frames += 1

    def _line(self, record: dict[str, Any]) -> None:
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._file.flush()


def read_transcript(lines: Iterable[str]) -> Iterator[Item]:
    """The session, the frames and the damaged lines of a recording, in order. Blank lines are skipped.

    A recording whose time runs backwards is damaged at that line; the frame is given all the same.
    """
    last_s = float("-inf")
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        item = _item(text, number)
        if item is None:
            continue
        if isinstance(item, Frame):
            if item.at_s < last_s:
                yield Damaged(number, f"time runs backwards, {item.at_s:g} s after {last_s:g} s")
            last_s = max(last_s, item.at_s)
        yield item


def _item(text: str, number: int) -> Item | None:
    try:
        record = json.loads(text)
        return _meaning(record)
    except KeyError as error:
        return Damaged(number, f"no {error}")
    except json.JSONDecodeError as error:
        return Damaged(number, f"not JSON: {error}")
    except (TypeError, ValueError, RecursionError) as error:
        return Damaged(number, str(error))


def _meaning(record: object) -> Item | None:
    if not isinstance(record, dict):
        raise TypeError("not a JSON object")
    if record.get("pitboard") == _MAGIC:
        return _session(record)
    if "dir" in record:
        return _own_frame(record)
    if "att_op" in record or "ll" in record:
        return _sniffed_frame(record)
    raise ValueError("neither a frame nor a session line")


def _session(record: dict[str, Any]) -> Session:
    if record.get("version") != VERSION:
        raise ValueError(f"transcript version {record.get('version')!r}, this pitboard reads {VERSION}")
    car = record.get("car")
    return Session(
        identifier=None if car is None else int(car, 16),
        model_id=_whole(record, "model"),
        name=record.get("name"),
        firmware=_whole(record, "fw"),
        started_at=record.get("started_at"),
        radio=record.get("radio"),
    )


def _own_frame(record: dict[str, Any]) -> Frame:
    direction = _DIRECTIONS.get(record["dir"])
    if direction is None:
        raise ValueError(f"direction {record['dir']!r} is neither to_car nor to_host")
    return Frame(_seconds(record["t_s"]), direction, _bytes(record["hex"]), _whole(record, "fw"))


def _sniffed_frame(record: dict[str, Any]) -> Frame | None:
    operation = record.get("att_op")
    if operation not in _TO_CAR_OPS | _TO_HOST_OPS:
        return None
    data = _bytes(record["hex"])
    wanted = TO_CAR_HANDLE if operation in _TO_CAR_OPS else TO_HOST_HANDLE
    if len(data) < 2 or int.from_bytes(data[:2], "little") != wanted:
        return None
    direction = Direction.TO_CAR if operation in _TO_CAR_OPS else Direction.TO_HOST
    return Frame(_seconds(record["t_est_s"]), direction, data[2:])


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise ValueError(f"time {value!r} is not a number of seconds")
    return float(value)


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"hex {value!r} is not a string")
    return bytes.fromhex(value)


def _whole(record: dict[str, Any], key: str) -> int | None:
    value = record.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ValueError(f"{key} {value!r} is not a whole number")
