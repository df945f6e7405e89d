"""Several radios named at once: which go together. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rig.errors import InputError
from rig.radio.moniker import Moniker, parse_moniker

JOINT = " + "
"""Between the radios of a list where it is kept or shown as one text."""


def parse_monikers(texts: Sequence[str]) -> tuple[Moniker, ...]:
    """The radios a user named, one or more; a simulated world stands alone.

    Raises:
        InputError: one of them is none, one is named twice, they are in different airs, or `ble` without an
            adapter stands beside another `ble`.
    """
    monikers = tuple(parse_moniker(text) for text in texts)
    if not monikers:
        raise InputError("no radio is named; write for example --radio ble:hci0 --radio ble:hci1")
    if len(monikers) > 1:
        _check(monikers)
    return monikers


def joined(monikers: Sequence[Moniker]) -> str:
    """One text for all of them, e.g. `ble:hci0 + ble:hci1`, which `parse_joined` takes apart again."""
    return JOINT.join(str(moniker) for moniker in monikers)


def parse_joined(text: str) -> tuple[Moniker, ...]:
    """What `joined` made one text of. A simulated world stands alone, so its path may contain anything.

    Raises:
        InputError: as `parse_monikers`.
    """
    if text.startswith(("sim:", "vhci:")):
        return (parse_moniker(text),)
    return parse_monikers(text.split(JOINT))


def _check(monikers: tuple[Moniker, ...]) -> None:
    devices: dict[tuple[str, str], Moniker] = {}
    for moniker in monikers:
        before = devices.setdefault((moniker.kind, moniker.target.partition(",")[0]), moniker)
        if before is not moniker:
            raise InputError(f"radio '{moniker}' is named twice; name each adapter once")
    worlds = [moniker for moniker in monikers if moniker.has_world]
    if worlds:
        other = next(moniker for moniker in monikers if moniker is not worlds[0])
        raise InputError(
            f"radios '{worlds[0]}' and '{other}' do not go together: each simulated world has an air of its own;"
            " name one of them"
        )
    nameless = next((moniker for moniker in monikers if moniker.kind == "ble" and not moniker.target), None)
    if nameless is not None and sum(moniker.kind == "ble" for moniker in monikers) > 1:
        raise InputError(
            "radio 'ble' is whichever adapter the system takes first; with several, name each: ble:hci0, ble:hci1"
        )
