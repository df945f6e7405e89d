"""Numato's USB relay modules: ASCII over CDC-ACM (baud ignored), command + CR, echo, answer, prompt `>`.

Source: Numato's module pages (relay on/off/read, ver, id); M. Keating's notes on the 16-channel board, which
takes one upper-case hex digit as channel and reads `relay on 12` as relay 1.
"""

from __future__ import annotations

import construct as c

CHANNEL_COUNTS = (1, 2, 4, 8, 16, 32, 64)
RESYNC = b"\r"
"""Ends whatever half command the board holds; it answers with a prompt."""

_COMMAND = c.Struct("text" / c.NullTerminated(c.GreedyString("ascii"), term=b"\r"))
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_MOST_KEPT = 512


def encode_command(text: str) -> bytes:
    """A command as sent."""
    data: bytes = _COMMAND.build({"text": text})
    return data


def index_of(channel: int, channels: int) -> str:
    """How a board of `channels` relays names a channel (from 1): one digit up to 32 relays, two for 64."""
    number = channel - 1
    return f"{number:02d}" if channels > len(_DIGITS) else _DIGITS[number]


def channel_of(index: str, channels: int) -> int | None:
    """The channel a board takes an index for: its first digit, as the real 16-channel one does."""
    if channels > len(_DIGITS):
        return int(index) + 1 if index.isdecimal() and int(index) < channels else None
    number = _DIGITS.find(index[:1]) if index else -1
    return number + 1 if 0 <= number < channels else None


def encode_reply(command: str, answer: str = "") -> bytes:
    """What a board sends: echo, answer if any, prompt."""
    return f"{command}\r\n{answer}{chr(10) + chr(13) if answer else ''}>".encode("ascii", errors="replace")


def take_reply(buffer: bytearray, command: str) -> tuple[str, ...] | None:
    """The lines answered to `command`; prompts before its echo are dropped."""
    while (end := buffer.find(b">")) >= 0:
        text = bytes(buffer[:end]).decode("ascii", errors="replace")
        del buffer[: end + 1]
        lines = [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
        if command in lines:
            return tuple(lines[lines.index(command) + 1 :])
    del buffer[:-_MOST_KEPT]
    return None


def take_command(buffer: bytearray) -> str | None:
    """What a board reads."""
    end = buffer.find(b"\r")
    if end < 0:
        return None
    text = bytes(buffer[:end]).decode("ascii", errors="replace").strip()
    del buffer[: end + 1]
    return text
