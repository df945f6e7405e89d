"""The baud rate a host has set on a pseudo-terminal, which carries bytes at any rate but knows what was asked for."""

from __future__ import annotations

import termios

_OUTPUT_SPEED = 5
_RATES = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if name.startswith("B") and name[1:].isdecimal()
}


def misreads(slave: int, baud: int | None) -> bool:
    """Whether host and board disagree about the rate; `baud` None: the board takes any, as USB boards do."""
    return baud is not None and _RATES.get(termios.tcgetattr(slave)[_OUTPUT_SPEED]) != baud
