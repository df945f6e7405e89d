"""Finding the car a user means: by identifier, model or name."""

from __future__ import annotations

import asyncio
import contextlib
import re

from rig.radio.any_radio import AnyRadio
from rig.radio.errors import AmbiguousCar, CarNotFound
from rig.radio.sighting import Sighting, choose

_IDENTIFIER = re.compile(r"(0x)?[0-9a-fA-F]{8}")
LOOK_AROUND_S = 2.0  # how long a name is looked for everywhere before one fit is taken for the only one


async def find_car(radio: AnyRadio, wanted: str, timeout_s: float = 10.0) -> Sighting:
    """The one car in reach that `wanted` means.

    Raises:
        CarNotFound: none in `timeout_s`; `heard` lists what was heard instead.
        AmbiguousCar: the name or model fits several.
        HostFault: the radio does not work.
    """
    if _IDENTIFIER.fullmatch(wanted):
        return await radio.find(int(wanted, 16), timeout_s)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    async with radio.scan() as scan:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                async for _ in scan:
                    if loop.time() - began_s >= LOOK_AROUND_S and choose(wanted, _heard(scan.sightings)):
                        break
        heard = _heard(scan.sightings)
    fits = choose(wanted, heard)
    if len(fits) > 1:
        raise AmbiguousCar(wanted, [car.label for car in fits])
    if not fits:
        raise CarNotFound(f"'{wanted}'", f"in {timeout_s:g} s", [car.label for car in heard])
    return fits[0]


def _heard(sightings: dict[int, Sighting]) -> list[Sighting]:
    return [sightings[identifier] for identifier in sorted(sightings)]
