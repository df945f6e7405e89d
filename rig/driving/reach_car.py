"""Finding and connecting a car, with the recovery ladder underneath."""

from __future__ import annotations

from collections.abc import Callable

from rig.driving.find_car import find_car
from rig.radio.any_radio import AnyRadio
from rig.radio.link import CarLink, Received
from rig.radio.recovery.executor import Ladder, Patient
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.remedies import Remedies
from rig.radio.recovery.scribe import Listeners

_SLACK_S = 10.0


async def connect_with_recovery(
    radio: AnyRadio,
    wanted: str,
    policy: RecoveryPolicy,
    *,
    remedies: Remedies | None = None,
    listeners: Listeners | None = None,
    connect_s: float = 10.0,
    on_frame: Callable[[Received], None] | None = None,
    patient: Patient | None = None,
) -> CarLink:
    """A link to the car that `wanted` means, fresh data included.

    Every try looks for the car anew, at most `connect_s` seconds, and connects, at most as long; in between the
    ladder does what `policy` allows and `remedies` can. Tell in `patient` that the car has been up before.

    Raises:
        CarFault, HostFault: the last fault, when a person is needed.
        CallerFault: the name fits several cars, or the radio holds this one already.
    """
    known = patient or Patient()

    async def attempt() -> CarLink:
        sighting = await find_car(radio, wanted, connect_s)
        known.address = sighting.address
        return await radio.connect(sighting, timeout_s=connect_s, on_frame=on_frame)

    ladder = Ladder(
        attempt,
        policy,
        remedies=remedies,
        patient=known,
        listeners=listeners,
        attempt_limit_s=2 * connect_s + _SLACK_S,
    )
    return await ladder.climb()
