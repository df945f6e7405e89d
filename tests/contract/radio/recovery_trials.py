"""One fault, one car that was up, one climb of the ladder: the trials behind docs/recovery.md.

A trial opens the world, brings the car up, makes the fault happen, waits until the link is gone (or takes it down),
and lets the ladder bring the car back. Everything a trial draws comes from its seed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bleak import BleakClient

from rig.compose import Station, run_with_radio
from rig.driving.reach_car import connect_with_recovery
from rig.errors import RigError
from rig.radio.link import CarLink
from rig.radio.recovery.bluez_remedies import BluezRemedies
from rig.radio.recovery.executor import Patient
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.records import Recovery
from rig.radio.recovery.remedies import Remedies
from rig.radio.recovery.scribe import Listeners
from tests.guest.service import order

_HERE = Path("fixtures/worlds/recovery.toml")
WORLD = _HERE if _HERE.is_file() else Path(__file__).parents[3] / _HERE
"""As users would name it, where that is possible: it stands in every sentence about the adapter."""

SKULL, SHOCK = 0x0880EADB, 0x0A41C37E
CONNECT_S = 5.0
NOTICED_WITHIN_S = 8.0
POLICY = RecoveryPolicy()


@dataclass(slots=True)
class Ward:
    """What a fault may use: the station, the car's link, a second car's when asked for, and chance."""

    station: Station
    link: CarLink
    chance: Random
    mild: bool = False
    policy: RecoveryPolicy = POLICY
    remedies: Remedies | None = None
    other: CarLink | None = None
    clean_ups: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    def inject(self, fault: str, value: float | None = None, lasts_s: float | None = None) -> None:
        """A fault of the car or of the adapter."""
        world = self.station.world
        assert world is not None
        adapter = fault in {"adapter_reset", "adapter_off", "unplug", "hci_silence", "slot_limit"}
        world.inject(fault, None if adapter else SKULL, value, lasts_s)

    def lasting_s(self, least_s: float, most_s: float) -> float:
        """How long the fault lasts, drawn from this range; a mild one from its lower fifth."""
        return self.chance.uniform(least_s, least_s + (most_s - least_s) / (5.0 if self.mild else 1.0))

    def later(self, delay_s: float, act: Callable[[], Awaitable[object]]) -> None:
        """Something that happens by itself meanwhile."""
        task = asyncio.get_running_loop().create_task(_after(delay_s, act))

        async def stop() -> None:
            task.cancel()
            await asyncio.wait({task})

        self.clean_ups.append(stop)


Strike = Callable[[Ward], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class TrialFault:
    """A fault as the table has it. `needs_person`: nothing but hands helps, and the ladder should say so."""

    name: str
    what: str
    strike: Strike
    needs_person: bool = False
    only: str = ""


FAULTS: dict[str, TrialFault] = {}


def fault(name: str, what: str, *, needs_person: bool = False, only: str = "") -> Callable[[Strike], Strike]:
    """Registers a fault; `only` names the one bench that has it."""

    def register(strike: Strike) -> Strike:
        FAULTS[name] = TrialFault(name, what, strike, needs_person, only)
        return strike

    return register


@fault("fail_establish", "connects fail to be established (0x3e) for 3 to 30 s")
async def _(ward: Ward) -> None:
    ward.inject("fail_establish", 1.0, lasts_s=ward.lasting_s(3.0, 30.0))
    ward.inject("silent_end")


@fault("abort_connect", "the host's side aborts four connects in five for 3 to 30 s")
async def _(ward: Ward) -> None:
    ward.inject("abort_connect", 0.8, lasts_s=ward.lasting_s(3.0, 30.0))
    ward.inject("silent_end")


@fault("out_of_range", "the car is out of range for 5 to 60 s")
async def _(ward: Ward) -> None:
    ward.inject("out_of_range", lasts_s=ward.lasting_s(5.0, 60.0))


@fault("ghost", "the car believes in the lost link for 4 to 32 s and does not advertise")
async def _(ward: Ward) -> None:
    ward.inject("ghost", ward.lasting_s(4.0, 32.0))


@fault("silent_after_loss", "after the loss the car does not advertise until reseated", needs_person=True)
async def _(ward: Ward) -> None:
    ward.inject("silent_after_loss")
    ward.inject("out_of_range", lasts_s=4.0)


@fault("wedged", "the car's firmware hangs until it is restarted", needs_person=True)
async def _(ward: Ward) -> None:
    ward.inject("wedged")


@fault(
    "wedged_beside_another",
    "the car's firmware hangs while another is raced on the same adapter",
    needs_person=True,
)
async def _(ward: Ward) -> None:
    radio = ward.station.radio
    ward.other = await radio.connect(await radio.find(SHOCK), timeout_s=CONNECT_S)
    ward.inject("wedged")


@fault("adapter_reset", "the adapter resets and is away for 1 to 20 s")
async def _(ward: Ward) -> None:
    ward.inject("adapter_reset", ward.lasting_s(1.0, 20.0))


@fault("adapter_off", "the adapter is switched off and stays so")
async def _(ward: Ward) -> None:
    ward.inject("adapter_off")


@fault("replug", "the adapter is pulled out and plugged in again after 2 to 20 s")
async def _(ward: Ward) -> None:
    ward.inject("unplug", lasts_s=ward.lasting_s(2.0, 20.0))


@fault("unplugged", "the adapter is pulled out for good", needs_person=True)
async def _(ward: Ward) -> None:
    ward.inject("unplug")


@fault("slot_limit", "the adapter's one slot is another car's, for 2 to 20 s more")
async def _(ward: Ward) -> None:
    radio = ward.station.radio
    other = await radio.connect(await radio.find(SHOCK), timeout_s=CONNECT_S)
    ward.inject("slot_limit", 1.0)
    ward.inject("terminated")
    ward.later(ward.lasting_s(2.0, 20.0), other.disconnect)


@fault("hci_silence", "the controller answers nothing for 2 to 20 s")
async def _(ward: Ward) -> None:
    await ward.link.disconnect()
    ward.inject("hci_silence", ward.lasting_s(2.0, 20.0))


@fault("phantom", "the stack keeps a connection to the car that no program knows of")
async def _(ward: Ward) -> None:
    station, sighting = ward.station, ward.link.sighting
    await ward.link.disconnect()
    sighting = await station.radio.find(SKULL)
    if station.radio.name.startswith("sim"):
        assert station.world is not None
        await station.world.stack.connect(sighting.address, lambda _reason: None)
        return
    phantom: Any = sighting.handle
    assert station.world is not None
    client = BleakClient(phantom, bluez={"adapter": station.world.adapter.name}, timeout=CONNECT_S)
    await client.connect()
    ward.clean_ups.append(
        client.disconnect
    )  # only for its line to D-Bus; by then the ladder has ended the connection


@fault("bluetoothd_killed", "bluetoothd is killed and nobody but the ladder starts it", only="vhci")
async def _(ward: Ward) -> None:
    assert ward.station.world is not None
    world = ward.station.world
    ward.policy = RecoveryPolicy(allow_stack_restart=True)
    ward.remedies = BluezRemedies(lambda: world.adapter.name, ward.station.radio, restart=_start_bluetoothd)
    await asyncio.to_thread(order, "kill")


async def _start_bluetoothd() -> None:
    await asyncio.to_thread(order, "start")


async def _after(delay_s: float, act: Callable[[], Awaitable[object]]) -> None:
    await asyncio.sleep(delay_s)
    await act()


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one trial. `recovery` None: the first try succeeded, so there was nothing to recover from.
    `back_s` counts from when the loss was noticed to fresh data; None when a person was asked."""

    fault: str
    seed: int
    back_s: float | None
    recovery: Recovery | None
    error: str = ""
    other_lost: bool = False
    """Whether the car beside it, if there was one, lost its link."""


async def run_trial(station: Station, name: str, seed: int, *, mild: bool = False) -> Trial:
    """Runs one trial on an open station."""
    radio, ends = station.radio, []
    loop = asyncio.get_running_loop()
    link = await radio.connect(await radio.find(SKULL), timeout_s=CONNECT_S)
    ward = Ward(station, link, Random(f"{seed}/{name}"), mild)
    back: CarLink | None = None
    error = ""
    try:
        await FAULTS[name].strike(ward)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(NOTICED_WITHIN_S):
                await link.lost.wait()
        began_s = loop.time()
        await link.disconnect()
        try:
            back = await connect_with_recovery(
                radio,
                f"{SKULL:08x}",
                ward.policy,
                remedies=ward.remedies or station.remedies,
                listeners=Listeners(on_end=ends.append),
                connect_s=CONNECT_S,
                patient=Patient(link.sighting.address, worked=True, seed=seed),
            )
        except RigError as failed:
            error = str(failed)
        took_s = loop.time() - began_s
        other_lost = ward.other is not None and ward.other.lost.is_set()
    finally:
        for clean_up in ward.clean_ups:
            await clean_up()
        if back is not None:
            await back.disconnect()
        if ward.other is not None:
            await ward.other.disconnect()
    recovery = ends[0] if ends else None
    return Trial(name, seed, None if back is None else took_s, recovery, error, other_lost)


def faults_of(bench: str) -> list[str]:
    """The faults that this bench (`sim` or `vhci`) can have."""
    return [name for name, known in FAULTS.items() if known.only in {"", bench}]


def trial(bench: str, name: str, seed: int, *, mild: bool = False) -> Trial:
    """Runs one trial in a world of its own: in virtual time on `sim`, through BlueZ on `vhci`."""
    return run_with_radio(
        f"{bench}:{WORLD}", lambda station: run_trial(station, name, seed, mild=mild), seed=seed
    )
