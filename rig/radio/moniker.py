"""Radio monikers: one short string that says which air to use. Pure.

ble                  the operating system's Bluetooth, its first adapter
ble:hci1             the same, a named adapter
hci:serial:/dev/ttyACM0,1000000   a dongle driven directly through a bumble transport
sim                  the default simulated world
sim:two-sets         a built-in world by name, or the path of a world file
sim:two-sets@2       the same world with two adapters, over which its cars spread
vhci:two-sets        the same world, met through this machine's own BlueZ and kernel (Linux, root)
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from rig.errors import InputError

DEFAULT_WORLD = "two-sets"
MOST_ADAPTERS = 8

Kind = Literal["ble", "hci", "sim", "vhci"]
_KINDS: tuple[Kind, ...] = ("ble", "hci", "sim", "vhci")
_FORMS = "'ble' or 'ble:hci1', 'hci:<bumble transport>', 'sim:<world name or file>' or 'vhci:<world>'"
_SEVERAL = re.compile(r"(?P<world>.*)@(?P<adapters>[0-9]{1,3})")
_OF_WORLDS: frozenset[Kind] = frozenset({"sim", "vhci"})


@dataclass(frozen=True, slots=True)
class Moniker:
    """A radio as the user named it.

    `target` is the adapter name for `ble` (empty: the system's first), the bumble transport for `hci`,
    the world's name or path for `sim` and `vhci`, which may have several `adapters`.
    """

    kind: Kind
    target: str = ""
    adapters: int = 1

    @property
    def has_world(self) -> bool:
        """Whether a simulated world stands behind it: its cars, sets, faults and losses are known and `target`
        names it."""
        return self.kind in _OF_WORLDS

    @property
    def can_jump_time(self) -> bool:
        """Whether it runs in virtual time: everything between program and car is in this process."""
        return self.kind == "sim"

    def __str__(self) -> str:
        """The moniker as a user would type it."""
        several = f"@{self.adapters}" if self.adapters > 1 else ""
        return f"{self.kind}:{self.target}{several}" if self.target else self.kind


def parse_moniker(text: str) -> Moniker:
    """The radio that `text` names; surrounding space and the case of the kind do not matter.

    Raises:
        InputError: no such kind, too many adapters, or `hci` without a transport; the message names the forms and,
            when one is close, the nearest.
    """
    given_kind, _, target = text.strip().partition(":")
    kind = _kind(given_kind.strip().lower(), text)
    target = target.strip()
    if kind == "hci" and not target:
        raise InputError(
            f"radio '{text}' names no transport; write for example 'hci:serial:/dev/ttyACM0' or 'hci:usb:0'"
        )
    if kind not in _OF_WORLDS:
        return Moniker(kind, target)
    several = _SEVERAL.fullmatch(target)
    if several is None:
        return Moniker(kind, target or DEFAULT_WORLD)
    adapters = int(several["adapters"])
    if not 1 <= adapters <= MOST_ADAPTERS:
        raise InputError(f"radio '{text}': a world has 1 to {MOST_ADAPTERS} adapters")
    return Moniker(kind, several["world"] or DEFAULT_WORLD, adapters)


def _kind(given: str, text: str) -> Kind:
    for kind in _KINDS:
        if given == kind:
            return kind
    near = difflib.get_close_matches(given, _KINDS, n=1, cutoff=0.4)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise InputError(f"unknown radio '{text}': use {_FORMS}{hint}")
