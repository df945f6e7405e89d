"""What a swap leg writes down: physical acts before they are tried, what was seen as it is seen, each fact shown to
the witness at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from rig.rotation.events import ChargerIs, Event, Quarantine, Readmit, Restarted
from rig.rotation.invariants import Breach, Findings, TimedFact, What, observe, witness_of
from rig.rotation.knowledge import Charger, Phase, Power, Rotation

SEEN = "seen: "
"""Begins the act that writes a fact down, followed by its kind; the detail says whether it begins or ends."""
DRIVE = "drive"
_WORDS: dict[bool | None, str] = {True: "on", False: "off", None: "unknown"}
_UP = frozenset({Phase.SET_UP, Phase.RACING, Phase.DYING})


class Acts(Protocol):
    """Where acts are journaled; `unit` is the swap they belong to."""

    def intend(
        self, subject_kind: str, subject: str, act: str, detail: str = "", *, unit: int | None = None
    ) -> int:
        """Writes that an act is about to be tried; its number for `done`."""
        ...

    def done(self, number: int, error: str | None = None) -> None:
        """Writes how it ended."""
        ...

    def observed(
        self, subject_kind: str, subject: str, act: str, detail: str = "", *, unit: int | None = None
    ) -> None:
        """Writes what takes no time."""
        ...


class Books:
    """The journal and the witness of one leg. `sets` maps each car to its set; `unit` is the swap under way."""

    def __init__(self, acts: Acts, sets: Mapping[int, str], budget_s: float) -> None:
        self._acts = acts
        self._witness = witness_of(sets, budget_s)
        self.breaches: list[Breach] = []
        """What was broken and not dealt with yet."""
        self.unit: int | None = None
        self._closed = False

    def close(self) -> None:
        """From now on only acts are written: what becomes so while everything is let go of is no part of the leg,
        and would contradict it when a leg that was stopped is taken up again."""
        self._closed = True

    @property
    def findings(self) -> Findings:
        """How often each invariant was checked so far, and what was broken."""
        return self._witness.findings

    def intend(self, subject_kind: str, subject: str, act: str, detail: str = "") -> int:
        """Journals an act about to be tried, as a bench's bays ask for it."""
        return self._acts.intend(subject_kind, subject, act, detail, unit=self.unit)

    def done(self, number: int, error: str | None = None) -> None:
        """Journals how it ended."""
        self._acts.done(number, error)

    def about_car(self, car: int, act: str, detail: str = "") -> int:
        """Journals an act about to be tried on a car."""
        return self.intend("car", f"{car:08x}", act, detail)

    def remark(self, subject_kind: str, subject: str, act: str, detail: str = "") -> None:
        """Journals something that takes no time."""
        self._acts.observed(subject_kind, subject, act, detail, unit=self.unit)

    def drives(self, car: int) -> int:
        """A car is about to be told to drive."""
        self._observe(TimedFact(self._now_s(), What.DRIVEN, car))
        return self.about_car(car, DRIVE)

    def charger(self, car: int, on: bool | None) -> None:
        """What is known of a charger now; the bay's own acts are its record in the journal."""
        self._observe(TimedFact(self._now_s(), What.CHARGER, car, on))

    def seen(self, what: What, subject: int | str = "", on: bool | None = True) -> None:
        """Writes a fact down and shows it to the witness."""
        kind, name = ("car", f"{subject:08x}") if isinstance(subject, int) else ("set", subject)
        self.remark(kind if subject != "" else "stand", name, f"{SEEN}{what}", _WORDS[on])
        self._observe(TimedFact(self._now_s(), what, subject, on))

    def moved(self, before: Rotation, after: Rotation, event: Event) -> None:
        """Writes down what an event that was taken in has changed at the stand."""
        if self._closed:
            return
        match event:
            case Restarted():
                self.seen(What.FORGOTTEN)
                return
            case Quarantine(car=car):
                self.seen(What.OUT, car)
            case Readmit(car=car):
                self.seen(What.OUT, car, on=False)
            case ChargerIs(car=car, charger=charger):
                self.charger(car, {Charger.ON: True, Charger.OFF: False, Charger.UNKNOWN: None}[charger])
        if before.cars is not after.cars:
            for was, now in zip(before.cars, after.cars, strict=True):
                if was.power is not now.power and now.power is not Power.UNKNOWN:
                    self.seen(What.POWER, now.identifier, on=now.power is Power.ON)
        if before.phase is not after.phase:
            self._changed_phase(before, after)

    def _changed_phase(self, before: Rotation, after: Rotation) -> None:
        if before.races and not after.races and before.active is not None:
            self.seen(What.RACING, before.active, on=False)
        if before.phase in _UP and after.phase not in _UP and before.active is not None:
            self.seen(What.SET_UP, before.active, on=False)
        if after.phase in _UP and before.phase not in _UP and after.active is not None:
            self.seen(What.SET_UP, after.active)
        if after.races and not before.races and after.active is not None:
            self.seen(What.RACING, after.active)

    def _observe(self, fact: TimedFact) -> None:
        self._witness, breaches = observe(self._witness, fact)
        self.breaches += breaches

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()
