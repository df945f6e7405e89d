"""Puts the parts together for the commands: a radio by its moniker, on the right event loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from rig.errors import InputError
from rig.radio.any_radio import AnyRadio, RadioCapabilities
from rig.radio.backend import HostStackClient, HostStackScanner
from rig.radio.host_adapter import HostAdapter
from rig.radio.host_stack import HostStack
from rig.radio.moniker import Moniker, parse_moniker
from rig.radio.moniker_list import joined, parse_monikers
from rig.radio.radio import Radio
from rig.radio.radio_group import RadioGroup
from rig.radio.recovery.bluez_remedies import BluezRemedies
from rig.radio.recovery.remedies import GroupRemedies, HostRemedies, NoRemedies, Remedies
from rig.radio.transmit import TransmitPolicy
from rig.virtual_time import run_virtual

if TYPE_CHECKING:
    from rig.bench.station import Bench
    from rig.bench.wiring import Wiring
    from rig.sim.bays import BayPlant
    from rig.sim.bench_faults import BenchFaults
    from rig.sim.world import SimWorld

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Station:
    """A radio ready for use, the simulated world around it when there is one, and what it can do about itself.

    `bench` is there when it was asked for and there is one; `bench_faults` is for what goes wrong with a simulated one,
    `plant` what that acts upon.
    """

    radio: AnyRadio
    world: SimWorld | None = None
    remedies: Remedies = field(default_factory=NoRemedies)
    bench: Bench | None = None
    plant: BayPlant | None = None
    bench_faults: BenchFaults | None = None


@asynccontextmanager
async def open_station(
    monikers: Sequence[str],
    seed: int | None = None,
    *,
    night: int = 1,
    bench: str | None = None,
    at_begin: bool = False,
) -> AsyncIterator[Station]:
    """Opens the radios a user named, and the bench beside them: the wiring map named, or else the one of the
    simulated world, whose boards then act on its cars. The bench is left safe, then closed, before the radios.

    Raises:
        InputError: as `open_radios`; no such map; simulated boards beside real cars, or real ones beside simulated.
        BenchError: an adapter or a fixture cannot be opened; or the bench cannot be made safe at the end.
    """
    async with open_radios(monikers, seed, night=night, at_begin=at_begin) as station:
        wiring = _wiring_for(station, bench)
        if wiring is None:
            yield station
            return
        from rig.bench.station import open_bench  # noqa: PLC0415 - pyserial and construct load only for a bench

        if station.world is None:
            async with open_bench(wiring) as opened:
                yield replace(station, bench=opened)
            return
        from rig.sim.bays import BayPlant  # noqa: PLC0415 - as above
        from rig.sim.bench_faults import BenchFaults  # noqa: PLC0415

        plant = BayPlant(station.world, wiring)
        try:
            async with open_bench(wiring, plant=plant) as opened:
                faults = BenchFaults(station.world, plant, wiring, opened.lines)
                yield replace(station, bench=opened, plant=plant, bench_faults=faults)
        finally:
            plant.detach()


def _wiring_for(station: Station, bench: str | None) -> Wiring | None:
    name = bench or (station.world.bench if station.world is not None else None)
    if name is None:
        return None
    from rig.bench.wiring import load_wiring  # noqa: PLC0415 - construct loads only for a bench

    wiring = load_wiring(name)
    wiring.refuse_beside(station.radio.name, simulated_cars=station.world is not None)
    return wiring


@asynccontextmanager
async def open_radios(
    moniker_texts: Sequence[str], seed: int | None = None, *, night: int = 1, at_begin: bool = False
) -> AsyncIterator[Station]:
    """Opens the radios a user named as one: a single radio as `open_radio`, several as a `RadioGroup`.

    Raises:
        InputError: one is no radio, or they do not go together.
        BenchError: an adapter cannot be opened.
    """
    texts = [str(moniker) for moniker in parse_monikers(moniker_texts)]
    async with AsyncExitStack() as stack:
        stations = [
            await stack.enter_async_context(open_radio(text, seed, night=night, at_begin=at_begin))
            for text in texts
        ]
        if len(stations) == 1:
            yield stations[0]
            return
        group = RadioGroup([station.radio for station in stations])
        yield Station(
            await stack.enter_async_context(group),
            remedies=GroupRemedies([station.remedies for station in stations]),
        )


@asynccontextmanager
async def open_radio(
    moniker_text: str, seed: int | None = None, *, night: int = 1, at_begin: bool = False
) -> AsyncIterator[Station]:
    """Opens the radio a user named; leaves links, adapter and world clean behind it.

    `seed` overrides the seed of a simulated world, `night` says how many nights old it is, and `at_begin` keeps out what goes
    wrong there after its first instant; they mean nothing elsewhere.

    Raises:
        InputError: no such radio or world.
        BenchError: the adapter cannot be opened.
    """
    moniker = parse_moniker(moniker_text)
    if moniker.has_world:
        async with _open_world(moniker, seed, night, at_begin=at_begin) as station:
            yield station
    elif moniker.kind == "hci":
        from rig.sim.dongle import open_dongle  # noqa: PLC0415 - as above

        async with open_dongle(moniker.target) as host, _radio_over(host, moniker) as radio:
            yield Station(radio, remedies=HostRemedies(host, radio))
    else:
        options = {"bluez": {"adapter": moniker.target}} if moniker.target else {}
        async with Radio(name=str(moniker), backend_options=options) as radio:
            linux = sys.platform == "linux"
            yield Station(
                radio,
                remedies=BluezRemedies(lambda: moniker.target, radio) if linux else NoRemedies(),
            )


@asynccontextmanager
async def _open_world(
    moniker: Moniker, seed: int | None, night: int, *, at_begin: bool
) -> AsyncIterator[Station]:
    """A simulated world and its adapters, in this process or of this machine."""
    from rig.sim.adapter import VirtualAdapter, WorldAdapter  # noqa: PLC0415 - bumble costs a third of a second
    from rig.sim.world import MakeAdapter  # noqa: PLC0415
    from rig.sim.worlds import world_by_name  # noqa: PLC0415

    make_adapter: MakeAdapter = VirtualAdapter
    if moniker.kind == "vhci":
        from rig.sim.os_adapter import OsAdapter  # noqa: PLC0415 - as above, and Linux only

        make_adapter = OsAdapter

    def radio_over(world: SimWorld, adapter: WorldAdapter, name: str) -> tuple[Radio, Remedies]:
        if isinstance(adapter, VirtualAdapter):
            radio = _radio_over(adapter.stack, moniker, name, world.air_parameters.max_links)
            return radio, HostRemedies(adapter.stack, radio)
        radio = Radio(
            name=name,
            backend_options={"bluez": {"adapter": adapter.name}},
            capabilities=RadioCapabilities(is_simulated=True),
        )
        return radio, BluezRemedies(lambda: adapter.name, radio)

    async with (
        world_by_name(moniker.target, seed, adapter=make_adapter, night=night, at_begin=at_begin) as world,
        world.more_adapters(moniker.adapters - 1) as more,
    ):
        if not more:
            radio, remedies = radio_over(world, world.adapter, str(moniker))
            async with radio:
                yield Station(radio, world, remedies)
            return
        made = [radio_over(world, adapter, adapter.name) for adapter in (world.adapter, *more)]
        async with RadioGroup([radio for radio, _ in made]) as group:
            yield Station(group, world, GroupRemedies([remedies for _, remedies in made]))


def _radio_over(
    stack: HostStack, moniker: Moniker, name: str | None = None, max_links: int | None = None
) -> Radio:
    return Radio(
        name=name or str(moniker),
        transmit=TransmitPolicy.SIMULATED_CARS if moniker.has_world else TransmitPolicy.REAL_CARS,
        scanner_backend=HostStackScanner,
        client_backend=HostStackClient,
        backend_options={"host": HostAdapter(stack)},
        capabilities=RadioCapabilities(is_simulated=moniker.has_world, max_links=max_links),
    )


def run_with_radio(
    monikers: str | Sequence[str],
    main: Callable[[Station], Awaitable[T]],
    *,
    virtual: bool | None = None,
    seed: int | None = None,
    night: int = 1,
    within: Callable[[], AbstractContextManager[object]] = nullcontext,
    uses_bench: bool = False,
    bench: str | None = None,
    at_begin: bool = False,
) -> T:
    """Runs `main(station)` to its end on the loop that suits the radio, or the several named.

    With `uses_bench` the station has a bench where there is one: the wiring map `bench`, or the simulated world's.

    `virtual` chooses virtual time; by default simulated radios get it and real ones do not. `seed`, `night` and
    `at_begin` are as of `open_radio`.
    `within` makes a context that is entered on the loop before the radio is opened, and left after it is closed.

    Raises:
        InputError: virtual time with a real radio, a bad moniker, or radios that do not go together.
    """
    texts = [monikers] if isinstance(monikers, str) else list(monikers)
    named = parse_monikers(texts)
    can_jump = all(moniker.can_jump_time for moniker in named)
    if virtual and not can_jump:
        what = "meets the cars through this machine's own Bluetooth" if named[0].has_world else "is real"
        raise InputError(
            f"radio '{joined(named)}' {what} and cannot run in virtual time; use a sim: radio or drop --virtual"
        )

    async def with_station() -> T:
        with within():
            opening = (
                open_station(texts, seed, night=night, bench=bench, at_begin=at_begin)
                if uses_bench
                else open_radios(texts, seed, night=night, at_begin=at_begin)
            )
            async with opening as station:
                return await main(station)

    if can_jump if virtual is None else virtual:
        return run_virtual(with_station)
    return asyncio.run(with_station())
