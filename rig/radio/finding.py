"""Finding one car by its identifier, on whatever radio."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AbstractAsyncContextManager

from rig.radio.errors import CarNotFound
from rig.radio.scan import Scan
from rig.radio.sighting import Sighting

NAME_GRACE_S = 1.0  # how long it waits for the scan response, which carries the firmware number


async def find_by_scan(
    scanning: AbstractAsyncContextManager[Scan], identifier: int, timeout_s: float
) -> Sighting:
    """The car, with its name and firmware when they come within a second.

    Raises:
        CarNotFound: not heard in `timeout_s`; `heard` lists the cars that were.
        HostFault: the radio does not work.
    """
    loop = asyncio.get_running_loop()
    has_looked_again = False
    async with scanning as scan:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s) as limit:
                async for sighting in scan:
                    if sighting.identifier != identifier:
                        continue
                    if sighting.firmware is not None:
                        return sighting
                    if not has_looked_again:  # within one scan there may be no second sighting
                        has_looked_again = True
                        limit.reschedule(min(limit.when() or 0.0, loop.time() + NAME_GRACE_S))
                        await scan.look_again()
        known = scan.sightings.get(identifier)
        if known is not None:
            return known
        heard = [car.label for car in scan.sightings.values()]
    raise CarNotFound(f"car {identifier:08x}", f"in {timeout_s:g} s", heard)
