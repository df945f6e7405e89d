"""The frozen list: ticket codes only, sorted, one a line, UTF-8, each line ended by a line feed; its SHA-256 is public.

Codes and not names or addresses: whoever guesses an e-mail address could confirm it against its hash.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from booth.draw.errors import Refused
from booth.draw.reasons import Strike
from booth.draw.rfc3797 import MOST_ITEMS

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}")


@dataclass(frozen=True, slots=True)
class FrozenList:
    """Who is in the draw: `codes` in their order, the first is item 1. `struck` are out, with the reason."""

    codes: tuple[str, ...]
    struck: Mapping[str, Strike]

    @property
    def content(self) -> bytes:
        """The list as it is hashed and published."""
        return "".join(f"{code}\n" for code in self.codes).encode()

    @property
    def sha256(self) -> str:
        """Of `content`, hex."""
        return hashlib.sha256(self.content).hexdigest()


def freeze(tickets: Iterable[str], struck: Mapping[str, Strike]) -> FrozenList:
    """The list of these tickets, in whatever order they come, without those struck out.

    Raises:
        Refused: a ticket twice, a code that is none, one struck out that is no ticket, more than 65,535.
    """
    given = list(tickets)
    codes = set(given)
    if len(codes) != len(given):
        twice = next(code for code in sorted(codes) if given.count(code) > 1)
        raise Refused(f"ticket {twice} is among the tickets twice; a person has one a day")
    for code in sorted(codes):
        check_code(code)
    if unknown := sorted(set(struck) - codes):
        raise Refused(f"'{unknown[0]}' is to be struck out but is no ticket of this draw; check the code")
    if len(codes) > MOST_ITEMS:
        raise Refused(f"{len(codes)} tickets are more than RFC 3797 takes ({MOST_ITEMS})")
    return FrozenList(
        tuple(sorted(codes - set(struck))), {code: Strike(struck[code]) for code in sorted(struck)}
    )


def check_code(code: str) -> None:
    """Refuses what is no ticket code: an address or a name must not get into a public list.

    Raises:
        Refused: it is none.
    """
    if not _CODE.fullmatch(code):
        raise Refused(f"'{code[:40]}' is no ticket code: 3 to 32 of A-Z, 0-9 and '-'")


def codes_in(content: bytes, where: str) -> tuple[str, ...]:
    """The codes of a published list.

    Raises:
        Refused: it is not a canonical one.
    """
    codes = tuple(content.decode("ascii", errors="replace").splitlines())
    if "".join(f"{code}\n" for code in codes).encode() != content:
        raise Refused(f"{where} is no list of ticket codes, one a line, each ended by a line feed")
    for number, code in enumerate(codes, 1):
        if not _CODE.fullmatch(code):
            raise Refused(f"{where}, line {number}: '{code[:40]}' is no ticket code")
        if number > 1 and codes[number - 2] >= code:
            raise Refused(f"{where}, line {number}: '{code}' is out of order or there twice")
    return codes
