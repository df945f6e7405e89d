"""The self-test of a bench before the legs of a run: every wire of the bays that are going to be used is wiggled, and bays
that fail are left out, each with its reason in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import replace

from rig.bench.selftest import Result, Step, wiggle
from rig.bench.station import Bench
from rig.bench.wiring import Wiring
from rig.errors import BenchError
from rig.radio.errors import HostFault
from rig.soak.kind import LegStation
from rig.store.journal import RunJournal
from rig.store.preflight import BEFORE_LEGS, FAILED, LEFT_OUT, SELF_TEST, SKIPPED, BenchFault, is_through
from rig.store.rows import ActRow
from rig.virtual_time import in_virtual_time

OnStation = Callable[[Callable[[LegStation], Awaitable[None]]], None]
"""Runs something to its end on a station that is opened for it, with its bench."""


class Preflight:
    """Tests the bays of these cars (identifiers) once, and lets every bench that is opened afterwards know what it found.

    `record` is what the run's journal held when somebody took it up: in virtual time a test on record comes out as it
    did, and is not written again. `say` hears what was found, a sentence each."""

    def __init__(
        self,
        journal: RunJournal,
        wiring: Wiring,
        cars: Iterable[int],
        *,
        record: Sequence[ActRow],
        virtual: bool,
        say: Callable[[str], None],
    ) -> None:
        wanted = set(cars)
        self._journal = journal
        self._wiring = replace(wiring, bays=tuple(bay for bay in wiring.bays if bay.car in wanted))
        self._writes = not (virtual and is_through(record))
        self._say = say
        self._left_out: dict[str, str] = {}
        self._known_faulty: set[str] = set()

    def run(self, on_station: OnStation, at_s: float) -> float:
        """Tests at this run second; returns the run seconds it took: none in virtual time, where it has a world of its
        own.

        Raises:
            BenchError: no bay is fit, or the journal cannot be written.
        """
        took_s = 0.0

        async def main(station: LegStation) -> None:
            nonlocal took_s
            began_s = asyncio.get_running_loop().time()
            act = self._begin(at_s)
            faults = await self._test(station, at_s)
            if not in_virtual_time():
                took_s = asyncio.get_running_loop().time() - began_s
            for fault in faults:
                self._keep(fault)
            if act is not None:
                self._journal.done(act, at_s + took_s, "failed" if faults else None)

        on_station(main)
        self._refuse_hopeless()
        return took_s

    def skip(self, at_s: float) -> float:
        """Writes down that nobody wanted a test, so that going on with the run does without as well; it takes no time."""
        self._observed(at_s, SELF_TEST, "bench", self._wiring.name, SKIPPED)
        return 0.0

    def hand_to(self, bench: Bench) -> None:
        """Lets a bench that was just opened know what is wrong with it."""
        bench.left_out.update(self._left_out)
        bench.known_faulty.update(self._known_faulty)

    def _begin(self, at_s: float) -> int | None:
        if not self._writes:
            return None
        return self._journal.intend(
            at_s, SELF_TEST, subject_kind="bench", subject=self._wiring.name, leg=BEFORE_LEGS
        )

    async def _test(self, station: LegStation, at_s: float) -> list[BenchFault]:
        """What is wrong, each subject once. A radio that fails says nothing about wires, and is for the legs to mend: what
        was found by then stands, and that the test was not finished."""
        assert station.bench is not None, "a run that uses no bench has no self-test"
        bench = Bench(self._wiring, station.bench.fixtures, station.bench.lines)
        steps: list[Step] = []
        unfinished: list[BenchFault] = []
        try:
            await wiggle(bench, station.radio, on_step=steps.append)
        except HostFault as fault:
            unfinished = [BenchFault(SELF_TEST, None, f"not finished: {fault.what_happened}", at_s)]
        self._known_faulty.update(fault.fixture for fault in await bench.safe())
        station.bench.known_faulty.update(self._known_faulty)
        faults: dict[str, BenchFault] = {}
        for step in steps:
            if step.result is Result.FAIL:
                words = step.words if step.bay is not None else f"{step.action}: {step.words}"
                faults.setdefault(step.subject, BenchFault(step.subject, step.bay, words, at_s))
        return [*faults.values(), *unfinished]

    def _keep(self, fault: BenchFault) -> None:
        if fault.bay is not None:
            self._left_out[fault.bay] = fault.reason
            self._observed(fault.at_s, LEFT_OUT, "bay", fault.bay, fault.reason)
        else:
            self._observed(fault.at_s, FAILED, "bench", fault.subject, fault.reason)
        self._say(fault.words)

    def _refuse_hopeless(self) -> None:
        names: Collection[str] = [bay.name for bay in self._wiring.bays]
        if names and all(name in self._left_out for name in names):
            first = next(iter(names))
            raise BenchError(
                f"bench '{self._wiring.name}': every bay failed its self-test, the first, {first}, like this:"
                f" {self._left_out[first].rpartition('; ')[0] or self._left_out[first]};"
                " mend what 'pitboard bench selftest' shows, then 'pitboard soak --resume'"
            )

    def _observed(self, at_s: float, act: str, kind: str, subject: str, detail: str) -> None:
        if self._writes:
            self._journal.observed(
                at_s, act, subject_kind=kind, subject=subject, leg=BEFORE_LEGS, detail=detail
            )
