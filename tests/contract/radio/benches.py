"""The benches of the radio contract suite: each puts one radio and its cars in front of a scenario.

A bench is a class with a name, the abilities it declares, and `stand(setup)`, which opens everything and leaves
nothing. `run` adds the event loop, the bound and the look for what was left behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest

from rig.radio.errors import RigError
from rig.radio.link import CarLink
from rig.radio.radio import Radio
from rig.radio.sighting import Sighting
from rig.sim.air import AirParameters
from rig.sim.world import SimWorld
from rig.virtual_time import run_virtual
from tests.contract.radio.abilities import Ability
from tests.contract.radio.contract_car import ContractCar
from tests.contract.radio.leftovers import check_nothing_left

QUIET = AirParameters(advert_loss=0.0, rssi_noise_db=0.0)
"""An air in which nothing is lost by chance."""

BROAD = AirParameters(
    advert_loss=0.0, rssi_noise_db=0.0, connection_interval_ms=7.5, pdus_per_event=50, tx_buffers=20_000
)
"""An air that carries more than any car sends, for tests of the host alone."""

_ADVERT, _SCAN_RESPONSE = 0, 4
"""Event types of an LE advertising report."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a scenario wants: cars, the air around them, and how long it may take on its own clock."""

    cars: int = 1
    air: AirParameters = QUIET
    seed: int = 1
    limit_s: float = 60.0
    client_backend: Any = None
    """A class to use in place of the bench's own bleak client backend (WRAP_BACKEND)."""
    scanner_backend: Any = None


@dataclass(slots=True)
class Stand:
    """An open bench: a radio, and cars by identifier. The rest is there as far as the bench declares it."""

    radio: Radio
    cars: tuple[int, ...]
    world: SimWorld | None = None
    """CAR_SIDE, CHOOSE_PDUS, KNOWS_WORLD."""

    @property
    def now_s(self) -> float:
        """The loop's clock."""
        return asyncio.get_running_loop().time()

    def car(self, n: int = 0) -> ContractCar:
        """The n-th car's own side."""
        assert self.world is not None
        car = self.world.cars[self.cars[n]]
        assert isinstance(car, ContractCar)
        return car

    def tell(self, n: int, action: Callable[[ContractCar, float], None]) -> None:
        """Does something to the n-th car, which attends to it at once."""
        assert self.world is not None
        self.world.handle(self.cars[n], action)  # type: ignore[arg-type]

    async def find(self, n: int = 0, timeout_s: float = 10.0) -> Sighting:
        """The n-th car on the air."""
        return await self.radio.find(self.cars[n], timeout_s)

    async def connect(self, n: int = 0, **options: Any) -> CarLink:
        """A link to the n-th car, found first."""
        return await self.radio.connect(await self.find(n), **options)

    async def until(self, condition: Callable[[], object], limit_s: float = 5.0) -> None:
        """Returns once `condition()` holds; asks every 5 ms, fails after `limit_s`."""
        give_up_s = self.now_s + limit_s
        while not condition():
            assert self.now_s < give_up_s, f"did not happen in {limit_s:g} s"
            await asyncio.sleep(0.005)

    def hear_only(self, *, adverts: bool = True, scan_responses: bool = True) -> None:
        """Makes the adapter deaf to one kind of advertising PDU; called again, it takes that back."""
        assert self.world is not None
        controller = self.world.adapter.controller
        hears = {_ADVERT: adverts, _SCAN_RESPONSE: scan_responses}

        def report(event_type: int, *rest: Any) -> None:
            if hears[int(event_type)]:
                type(controller)._report(controller, event_type, *rest)

        controller._report = report  # type: ignore[method-assign]


Scenario = Callable[[Stand], Awaitable[Any]]


class Bench:
    """One way to have a radio. Subclasses give the three things that differ."""

    name: str
    abilities: frozenset[Ability]

    def stand(self, setup: Setup) -> AbstractAsyncContextManager[Stand]:
        """Everything open, as `setup` wants it; closed again at the end."""
        raise NotImplementedError

    def run(self, scenario: Scenario, **setup: Any) -> Any:
        """Runs a scenario to its end and gives back what it returned.

        Fails when it takes longer than `limit_s` (virtual seconds where time is virtual), or leaves a link, a task,
        a file descriptor or a watch on the stack behind.
        """
        wanted = Setup(**setup)

        async def main() -> Any:
            async with check_nothing_left(), self.stand(wanted) as stand:
                async with asyncio.timeout(wanted.limit_s):
                    result = await scenario(stand)
                assert not stand.radio.links, f"links left open: {stand.radio.links}"
            return result

        if Ability.VIRTUAL_TIME in self.abilities:
            return run_virtual(main, limit_s=wanted.limit_s + 60.0)
        return asyncio.run(main())


BENCHES = {
    "sim": "tests.contract.radio.sim_bench:SimBench",
    "vhci": "tests.contract.radio.vhci_bench:VhciBench",
    "fake": "tests.contract.radio.fake_bench:FakeBench",
    "device": "tests.contract.radio.device_bench:DeviceBench",
}
"""Where the benches are. A bench that needs what is not everywhere imports it in `stand`, so that each can be
loaded and asked for its abilities anywhere."""


def bench_class(name: str) -> type[Bench]:
    """The class of a bench by its name."""
    module, _, attribute = BENCHES[name].partition(":")
    found = getattr(import_module(module), attribute)
    assert issubclass(found, Bench)
    return found


def declared_somewhere() -> frozenset[Ability]:
    """Every ability that some bench declares; of real cars, there may be any number."""
    return frozenset().union(*(bench_class(name).abilities for name in BENCHES))


def make_bench(config: pytest.Config) -> Bench:
    """The one bench of this run, by the options of the command line.

    Raises:
        pytest.UsageError: no such bench, or options that contradict each other.
    """
    name, device = config.getoption("--bench"), config.getoption("--device")
    if device and name not in {None, "device"}:
        raise pytest.UsageError("--device names a real radio and --bench another: give one of them")
    if name == "device" and not device:
        raise pytest.UsageError("--bench device needs --device, for example --device ble")
    chosen = "device" if device else name or "sim"
    if chosen not in BENCHES:
        raise pytest.UsageError(f"no bench '{chosen}': there are {', '.join(BENCHES)}")
    kind = bench_class(chosen)
    try:
        return kind.from_options(config) if hasattr(kind, "from_options") else kind()
    except RigError as error:
        raise pytest.UsageError(str(error)) from error
