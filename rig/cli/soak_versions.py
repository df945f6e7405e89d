"""What a run was made with, beyond our own packages: the Bluetooth side of a machine, and the fixtures' own words."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from rig.errors import RigError
from rig.radio.moniker import Moniker
from rig.store.runs import versions

if TYPE_CHECKING:
    from rig.bench.station import Bench

_PASSING = re.compile(r" \(|, clock ")


def versions_for(moniker: Moniker) -> dict[str, str]:
    """Packages, Python and kernel; and for a radio of this machine BlueZ and its adapters. An in-process radio has
    neither, and a run on it must not depend on what this machine has."""
    found = versions()
    if moniker.can_jump_time:
        return found
    from rig.doctor.made_with import bluetooth_versions  # noqa: PLC0415 - only where there is something to ask

    return {**found, **asyncio.run(bluetooth_versions())}


def lasting(words: str) -> str:
    """What a fixture says of itself without what it says of this moment (errors in brackets, a clock, a beam), which
    would look like a change of the bench every night."""
    return _PASSING.split(words)[0]


async def fixture_versions(bench: Bench) -> dict[str, str]:
    """What each fixture says it is, in the order of the wiring map; one that does not answer says so, for that is
    for the soak to find out."""
    found = {}
    for name, fixture in bench.fixtures.items():
        try:
            found[f"fixture {name}"] = lasting(await fixture.identify())
        except RigError as error:
            found[f"fixture {name}"] = f"did not say ({type(error).__name__})"
    return found
