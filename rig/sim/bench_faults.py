"""What can go wrong with the bench around a simulated world: by name, from a world file or a test."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal

from rig.bench.twins.faults import FaultPlan, LineFault
from rig.bench.twins.line import Line
from rig.bench.twins.relays import RelayTwin
from rig.bench.wiring import Bay, Wiring
from rig.errors import InputError
from rig.sim.bays import BayPlant
from rig.sim.bench_fault_names import BENCH_FAULTS, BenchFaultSpec
from rig.sim.overlaps import Overlaps, Undo
from rig.sim.seeds import child_random
from rig.sim.world import SimWorld

_NOISE = (LineFault.DROPPED_BYTE, LineFault.SPLIT, LineFault.LATE, LineFault.SILENT)
_MOST_SEED = 2**32


class BenchFaults:
    """Strikes the simulated boards and bays of one open bench. Faults of one kind in one place may overlap.

    Raises:
        InputError: a fault of the world file names a bay or a fixture that this bench has not.
    """

    def __init__(self, world: SimWorld, plant: BayPlant, wiring: Wiring, lines: Mapping[str, Line]) -> None:
        self._world = world
        self._plant = plant
        self._wiring = wiring
        self._lines = lines
        self._held = Overlaps()
        self._chance = child_random(world.seed, "bench faults", wiring.name)
        for fault in world.bench_faults:
            self._check(fault)
            world.after(
                fault.at_s,
                lambda f=fault: self.inject(f.kind, f.where, f.value, f.lasts_s),  # type: ignore[misc]
            )

    def inject(self, kind: str, where: str, value: float | None = None, lasts_s: float | None = None) -> None:
        """Makes a fault happen now, in the bay or at the fixture of this name; a lasting one is undone after
        `lasts_s` seconds, or never.

        Raises:
            KeyError: no such fault, bay or fixture.
        """
        known = BENCH_FAULTS[kind]
        amount = known.default if value is None else value
        undo: Undo | None
        if known.scope == "bay":
            undo = self._strike_bay(kind, next(bay for bay in self._wiring.bays if bay.name == where))
        else:
            undo = self._strike_line(kind, where, self._lines[where], amount)
        if undo is not None and lasts_s is not None:
            self._world.after(lasts_s, undo)

    def _strike_bay(self, kind: str, bay: Bay) -> Undo:
        match kind:
            case "dirty_contact":

                def lose(lost: bool) -> None:
                    self._plant.lose_contact(bay.name, lost=lost)

                return self._held.hold((kind, bay.name), _not, lose, _yes)
            case "missed_button":

                def miss(missed: bool) -> None:
                    (self._plant.no_reach.add if missed else self._plant.no_reach.discard)(bay.name)

                return self._held.hold((kind, bay.name), _not, miss, _yes)
            case _:
                return self._stick(bay)

    def _stick(self, bay: Bay) -> Undo:
        device = None if bay.charger is None else self._lines[bay.charger.fixture].device
        if bay.charger is None or not isinstance(device, RelayTwin):
            raise InputError(f"bay {bay.name} has no relay that could stick; name another bay for this fault")
        bank, channel = device.bank, bay.charger.channel

        def stick(stuck: bool) -> None:
            bank.stuck = bank.stuck | {channel} if stuck else bank.stuck - {channel}

        return self._held.hold(("stuck_contact", bay.name), _not, stick, _yes)

    def _strike_line(self, kind: str, where: str, line: Line, amount: float) -> Undo | None:
        match kind:
            case "brown_out":
                line.brown_out(asyncio.get_running_loop().time())
                return None
            case "unplugged_fixture":

                def unplug(unplugged: bool) -> None:
                    line.unplugged = unplugged

                return self._held.hold((kind, where), _not, unplug, _yes)
            case "dead_fixture":

                def kill(dead: bool) -> None:
                    line.dead = dead

                return self._held.hold((kind, where), _not, kill, _yes)
            case _:
                seed = self._chance.randrange(_MOST_SEED)

                def spoil(share: float) -> None:
                    line.spoil(FaultPlan(share=share, kinds=_NOISE, seed=seed))

                return self._held.hold((kind, where), lambda: 0.0, spoil, lambda _share: amount)

    def _check(self, fault: BenchFaultSpec) -> None:
        scope: Literal["bay", "fixture"] = BENCH_FAULTS[fault.kind].scope
        names = [bay.name for bay in self._wiring.bays] if scope == "bay" else list(self._lines)
        if fault.where not in names:
            raise InputError(
                f"bench fault '{fault.kind}' at {fault.at_s:g} s names {scope} '{fault.where}', which bench"
                f" '{self._wiring.name}' has not; it has {', '.join(names)}"
            )


def _not() -> bool:
    return False


def _yes(_before: bool) -> bool:
    return True
