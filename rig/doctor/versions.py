"""Version numbers compared as their makers do. Pure."""

from __future__ import annotations

import re
from itertools import zip_longest

_DEBIAN_IN_BUILD = re.compile(r"\bDebian (\S+)")
_DEBIAN_ABI = re.compile(r"^(\d+\.\d+\.\d+-\d+)(?=-|$)")
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")
_PIECES = re.compile(r"(\D*)(\d*)")


def compare_debian(left: str, right: str) -> int:
    """-1, 0 or 1 as `left` is older than, equal to or newer than `right`, by Debian's rules.

    `[epoch:]upstream[-revision]`; numbers compare as numbers, letters before other signs, `~` before
    everything, even the end. Source: Debian Policy 5.6.12, deb-version(7).
    """
    for one, other in zip(_parts(left), _parts(right), strict=True):
        order = _compare_part(one, other)
        if order:
            return order
    return 0


def _parts(version: str) -> tuple[str, str, str]:
    epoch, colon, rest = version.strip().partition(":")
    if not colon:
        epoch, rest = "0", version.strip()
    upstream, dash, revision = rest.rpartition("-")
    return (epoch, upstream, revision) if dash else (epoch, rest, "0")


def _compare_part(left: str, right: str) -> int:
    for (words, number), (other_words, other_number) in zip_longest(
        _PIECES.findall(left), _PIECES.findall(right), fillvalue=("", "")
    ):
        ranks, other_ranks = _ranks(words), _ranks(other_words)
        if ranks != other_ranks:
            return -1 if ranks < other_ranks else 1
        difference = int(number or 0) - int(other_number or 0)
        if difference:
            return -1 if difference < 0 else 1
    return 0


def _ranks(text: str) -> list[int]:
    """Comparable ranks of a run of non-digits; the end (0) sorts after `~` and before letters and signs."""
    return [-1 if sign == "~" else ord(sign) if sign.isalpha() else ord(sign) + 256 for sign in text] + [0]


def debian_version(build: str) -> str | None:
    """The kernel package's version in `uname -v`: `#1 SMP … Debian 6.1.192-1 (2026-10-30)` -> `6.1.192-1`."""
    found = _DEBIAN_IN_BUILD.search(build)
    return found[1] if found else None


def debian_abi(release: str) -> str | None:
    """The package's ABI in `uname -r`: `6.1.0-55-amd64` -> `6.1.0-55`; None where the number is no ABI."""
    found = _DEBIAN_ABI.match(release)
    return found[1] if found else None


def numbers(version: str) -> tuple[int, ...]:
    """The leading dotted number: `5.66` -> (5, 66), `6.12.117+deb12-amd64` -> (6, 12, 117); () when there is none."""
    found = _NUMBERS.match(version.strip())
    return tuple(int(part) for part in found[0].split(".")) if found else ()
