"""Where the frames of `pitboard decode` come from: arguments, lines, recordings, captures."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from protocol import Direction
from rig.errors import InputError


class FoundFrame(NamedTuple):  # a dataclass costs four times as much at start-up
    """A frame with what its source knows of it: where it stood, when, which way, which firmware."""

    where: str
    frame: bytes
    time_s: float | None = None
    direction: Direction | None = None
    firmware: int | None = None


class Unreadable(NamedTuple):
    """Something that is no frame, and why; the source goes on behind it."""

    where: str
    why: str


Found = FoundFrame | Unreadable

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def frame_from_hex(text: str) -> bytes:
    """Bytes from hex as people write it: `03 3f 01 00`, `03:3F:01:00`, `0x03, 0x3f`, `053f01000001`.

    Raises:
        InputError: not hex, or half a byte left over.
    """
    tokens = text.replace(",", " ").replace(":", " ").replace("-", " ").split()
    digits = [token[2:] if token[:2].lower() == "0x" else token for token in tokens]
    joined = "".join(token.zfill(2) if len(tokens) > 1 and len(token) == 1 else token for token in digits)
    try:
        return bytes.fromhex(joined)
    except ValueError:
        strange = sorted({c for c in joined if c not in "0123456789abcdefABCDEF"})
        why = f"{''.join(strange)!r} in it" if strange else f"an odd number of digits, {len(joined)}"
        raise InputError(f"'{shortened(text)}' is not hex: {why}") from None


def firmware_from_text(text: str) -> int:
    """A firmware number as tools print it: `10100`, `0x2774`, `v2774`.

    Raises:
        InputError: none of these, or not 0..0xffff.
    """
    try:
        number = int(text[1:], 16) if text[:1] in {"v", "V"} else int(text, 0)
    except ValueError:
        number = -1
    if not 0 <= number <= 0xFFFF:
        raise InputError(f"firmware '{text}' is not a number 0..65535 (10100, 0x2774 or v2774)")
    return number


def stdin_lines() -> Iterator[str]:
    """Lines of standard input; bytes that are no text show up as characters that are no hex.

    Raises:
        InputError: standard input is closed.
    """
    if sys.stdin is None:  # started with `<&-`
        raise InputError("standard input is closed: give arguments, or a file")
    mark = _BYTE_ORDER_MARK
    for line in sys.stdin.buffer:
        yield line.removeprefix(mark).decode(errors="replace")
        mark = b""


def frames_of_text(lines: Iterable[str], name: str) -> Iterator[Found]:
    """A recording when the first line that is not blank begins a JSON object, else one frame of hex a line."""
    waiting = iter(lines)
    begun = []
    for line in waiting:
        begun.append(line)
        if line.strip():
            break
    read = _frames_of_transcript if begun and begun[-1].lstrip()[:1] == "{" else _frames_of_lines
    yield from read(chain(begun, waiting), name)


def _frames_of_lines(lines: Iterable[str], name: str) -> Iterator[Found]:
    """One frame a line; blank lines and `#` comments are passed over."""
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        where = f"{name} line {number}"
        try:
            yield FoundFrame(where, frame_from_hex(text))
        except InputError as error:
            yield Unreadable(where, str(error))


def frames_of_file(path: str) -> Iterator[Found]:
    """The frames of a capture, a recording or a file of hex lines, told apart by how it begins.

    Raises:
        InputError: the file cannot be read, or is damaged (after the last readable frame).
    """
    from rig.captures import looks_like_capture  # noqa: PLC0415 - hex arguments need none of it

    try:
        with open(path, "rb") as file:  # noqa: PTH123 - importing pathlib costs 3 ms of the start-up
            data = file.read()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    if looks_like_capture(data):
        yield from _frames_of_capture(data, path)
        return
    try:
        text = data.removeprefix(_BYTE_ORDER_MARK).decode()
    except UnicodeDecodeError:
        raise InputError(
            f"{path} is neither a capture nor text; captures are btsnoop, pcap or pcapng"
        ) from None
    yield from frames_of_text(text.split("\n"), path)  # splitlines would cut names at U+0085


def _frames_of_capture(data: bytes, path: str) -> Iterator[Found]:
    from rig.captures import TruncatedCaptureError, read_capture  # noqa: PLC0415 - as above

    try:
        for number, value in enumerate(read_capture(data, path), start=1):
            direction = Direction.TO_CAR if value.to_car else Direction.TO_HOST
            where = f"{path} frame {number}"
            yield FoundFrame(where, value.frame, value.time_s, direction, value.firmware)
    except TruncatedCaptureError as error:
        raise InputError(f"{path}: {error}") from error


def _frames_of_transcript(lines: Iterable[str], path: str) -> Iterator[Found]:
    from rig.driving.transcript import Frame, Session, read_transcript  # noqa: PLC0415 - as above

    firmware = None
    for number, item in enumerate(read_transcript(lines), start=1):
        match item:
            case Session():
                firmware = item.firmware
            case Frame():
                where = f"{path} frame {number}"
                yield FoundFrame(where, item.frame, item.at_s, item.direction, item.firmware or firmware)
            case _:
                yield Unreadable(f"{path} line {item.line}", item.why)


def shortened(text: str) -> str:
    """Text for an error message: one line, at most 40 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"
