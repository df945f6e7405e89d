"""A toy stand around the show machine: eight cars with batteries and buttons, one radio, a crew that follows its tasks.

It obeys the machine's actions and tells it what sensors would, by a model of a few rules, so that a whole show day runs
in virtual time at milliseconds a race. `Crew` does what the tasks say, with `slips` where a test wants mistakes. What
physically happens is held against the rotation's invariants, by code that knows nothing of the machine.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random

from booth.pack.model import ShowPack
from booth.show import actions, inputs, records
from booth.show.checklists import OPENING
from booth.show.commands import Command, Join, MayCharge, OpenShow, Role, Steer, Tick
from booth.show.machine import step
from booth.show.phases import RACING
from booth.show.state import Show, show_of
from booth.show.view import Snapshot, Stage
from booth.show.views import snapshot
from rig.rotation import events
from rig.rotation.invariants import Breach, TimedFact, What, observe, witness_of
from rig.rotation.knowledge import Charger, Phase

LAP_MM = 3_500.0
ADVERT_S = 1.0
DRAIN_PER_S = {"drives": 1.0, "stands": 0.1}
CHARGE_PER_S = 2.0
UP = {Phase.SET_UP, Phase.RACING, Phase.DYING}


@dataclass
class ToyCar:
    """How a car really is. `left_s` is what its battery still drives, `works` whether links to it can be made."""

    label: str
    set_name: str
    left_s: float
    full_s: float
    on: bool = True
    charging: bool = False
    linked: bool = False
    on_track: bool = False
    works: bool = True
    along_mm: float = 3_300.0
    speed_mm_s: int = 0
    crossed_s: float | None = None
    advert_s: float = -1.0
    heard_charging: bool | None = None
    counts: bool = False


@dataclass
class Slips:
    """What the crew does wrong. `lazy`: kinds of tasks it leaves; `share` of its acts go wrong, by `chance`."""

    lazy: set[str] = field(default_factory=set)
    share: float = 0.0
    chance: Random = field(default_factory=lambda: Random(1))

    def slips(self) -> bool:
        return self.share > 0.0 and self.chance.random() < self.share


class ToyFloor:
    """The stand. `written` is the log of the day with times, `breaches` what the witness saw."""

    def __init__(
        self,
        pack: ShowPack,
        *,
        seed: int = 1,
        dt_s: float = 0.5,
        life_s: float = 1200.0,
        has_hands: bool = False,
        hands_s: float = 3.0,
    ) -> None:
        self.pack, self.seed, self.dt_s, self.has_hands, self.hands_s = pack, seed, dt_s, has_hands, hands_s
        self.now_s = 0.0
        self.cars = {
            car.identifier: ToyCar(
                car.label,
                group.name,
                life_s,
                life_s,
                charging=group is not pack.sets[0],
                on_track=group is pack.sets[0],
                along_mm=LAP_MM - 100.0 * car.number,
            )
            for group in pack.sets
            for car in group.cars
        }
        self.radio_works = True
        self.written: list[tuple[float, records.Record]] = []
        self.answers: dict[int, str | None] = {}
        self.refusals: list[str] = []
        self.slips = Slips()
        self.mistakes = 0
        self.restarts: list[str] = []
        self.players: dict[str, float] = {}
        self._numbers = count(1)
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._busy: dict[str, float] = {}
        self._wheel = count(1)
        self._witness = witness_of({car: one.set_name for car, one in self.cars.items()}, 3600.0)
        self.breaches: list[Breach] = []
        self.minute_from = 9 * 60
        self.show: Show
        self.wake()

    # the machine

    def wake(self, away_s: float = 0.0) -> None:
        """The race process begins, with what was written down until now."""
        for car in self.cars.values():
            car.linked, car.speed_mm_s = False, 0
        self._later.clear()
        self._busy.clear()
        self._seen(What.RACING, "", on=False)
        self._seen(What.SET_UP, "", on=False)
        self.now_s += away_s
        self.show = show_of(self.pack, self.seed, has_hands=self.has_hands)
        log = tuple((self.now_s - at_s, record) for at_s, record in self.written)
        self.tell(inputs.Woke(self.now_s, log, away_s, self.minute))
        for car in self.cars:
            self.sense(events.LinkDown(self.now_s, car))

    def tell(self, event: inputs.Input) -> None:
        """One input, and everything the machine wants done after it."""
        before = self.show.floor.rotation
        self.show, wanted = step(self.show, event)
        self._moved_on(before.phase, before.active)
        for action in wanted:
            self._obey(action)

    def sense(self, fact: events.Fact) -> None:
        self.tell(inputs.Sensed(self.now_s, fact))

    def ask(self, command: Command, role: Role = Role.CREW) -> str | None:
        """Asks for something; the refusal, or None."""
        number = next(self._numbers)
        self.tell(inputs.Asked(self.now_s, number, role, command))
        return self.answers.get(number)

    def snapshot(self) -> Snapshot:
        return snapshot(self.show, self.now_s, number=1, at="2013-06-04T09:00:00Z")

    @property
    def minute(self) -> int:
        return (self.minute_from + int(self.now_s // 60)) % (24 * 60)

    def records(self, kind: type) -> list:
        return [record for _, record in self.written if isinstance(record, kind)]

    # time

    def run(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s - 1e-9:
            self.tick()

    def until(self, holds: Callable[[], bool], limit_s: float = 600.0) -> None:
        """Runs until something holds.

        Raises:
            AssertionError: it does not within the limit; says where the show stands.
        """
        end_s = self.now_s + limit_s
        while not holds():
            assert self.now_s < end_s, self.where()
            self.tick()

    def where(self) -> str:
        """Where the show stands, for a failing test."""
        seen = self.snapshot()
        tasks = "; ".join(f"{task.words} ({task.why})" for task in seen.tasks)
        cars = ", ".join(
            f"{car.label}: {car.power}/{car.link}/{car.charger}{car.letter and ' ' + car.letter}"
            for group in seen.sets
            for car in group.cars
        )
        return f"{self.now_s:.0f} s, {seen.stage}, {self.show.floor.rotation.phase}: {seen.headline} | {tasks} | {cars}"

    def tick(self) -> None:
        self.now_s += self.dt_s
        while self._later and self._later[0][0] <= self.now_s:
            heapq.heappop(self._later)[2]()
        for identifier, car in self.cars.items():
            self._physics(identifier, car)
            self._advertise(identifier, car)
        for player in self.players:
            self._drive_phone(player)
        self.tell(inputs.Ticked(self.now_s, self.minute))
        self._crew()

    # what the machine wants

    def _obey(self, action: actions.Action) -> None:  # noqa: C901 - one case an action
        match action:
            case actions.Write(record=record):
                self.written.append((self.now_s, record))
            case actions.Answer(number=number, refused=refused):
                assert number not in self.answers, "answered twice"
                self.answers[number] = refused
                if refused is not None:
                    self.refusals.append(refused)
            case actions.Connect(car=car):
                self._after(0.6, lambda: self._connect(car))
            case actions.Halt(car=car):
                self._after(0.2, lambda: self._disconnect(car))
            case actions.Drive(car=car, wish=wish):
                self._wish(car, wish.speed_mm_s)
            case actions.CountLaps(car=car):
                self.cars[car].counts, self.cars[car].crossed_s = True, None
            case actions.Listen(seconds=seconds):
                since_s = self.now_s
                self._after(seconds, lambda: self._listened(since_s))
            case actions.Restart(what=what):
                self.restarts.append(what)
                if what == "radio":
                    self._after(5.0, self.mend_radio)
            case _ if self.has_hands:
                self._by_hand(action)

    def _by_hand(self, action: actions.Action) -> None:
        match action:
            case actions.Press(car=car):
                self._hand(f"press{car}", lambda: self._pressed(car))
            case actions.SwitchCharger(car=car, on=on):
                self._hand(f"charge{car}", lambda: self.plug(car, on))
            case actions.PlaceOnTrack(car=car, on=on):
                self._hand(f"place{car}", lambda: self.place(car, on))

    def _connect(self, identifier: int) -> None:
        car = self.cars[identifier]
        if car.linked:
            self.sense(events.LinkUp(self.now_s, identifier))
        elif car.on and car.works and self.radio_works:
            car.linked, car.speed_mm_s = True, 0
            self.sense(events.LinkUp(self.now_s, identifier))
            self.tell(inputs.OnTrack(self.now_s, identifier, car.on_track))
        else:
            self.sense(events.LinkDown(self.now_s, identifier))

    def _disconnect(self, identifier: int) -> None:
        self.cars[identifier].linked = False
        self.cars[identifier].speed_mm_s = 0
        self.sense(events.LinkDown(self.now_s, identifier))

    def _wish(self, identifier: int, speed_mm_s: int) -> None:
        car = self.cars[identifier]
        if speed_mm_s > 0:
            self._seen(What.DRIVEN, identifier)
        if car.linked:
            car.speed_mm_s = speed_mm_s

    def _listened(self, since_s: float) -> None:
        if not self.radio_works:
            return
        heard = frozenset(car for car, one in self.cars.items() if one.on)
        self.sense(events.Listened(self.now_s, since_s, heard))

    # the world

    def _physics(self, identifier: int, car: ToyCar) -> None:
        if car.charging:
            car.left_s = min(car.full_s, car.left_s + CHARGE_PER_S * self.dt_s)
        elif car.on:
            kind = "drives" if car.speed_mm_s else "stands"
            car.left_s -= DRAIN_PER_S[kind] * self.dt_s
            if car.left_s <= 0.0:
                self.die(identifier)
        if not (car.linked and car.speed_mm_s and car.on_track):
            return
        before_mm, went_mm = car.along_mm, car.speed_mm_s * self.dt_s
        car.along_mm = (before_mm + went_mm) % LAP_MM
        self.tell(inputs.Moved(self.now_s, identifier, car.along_mm, LAP_MM, car.speed_mm_s, 0.0))
        if before_mm + went_mm >= LAP_MM and car.counts:
            crossed_s = self.now_s - car.along_mm / car.speed_mm_s
            first = car.crossed_s is None
            time_s = None if first else crossed_s - car.crossed_s
            car.crossed_s = crossed_s
            lap = inputs.Lapped(self.now_s, identifier, crossed_s, time_s, first)
            self.tell(lap)
            self.tell(lap)  # detectors repeat themselves

    def _advertise(self, identifier: int, car: ToyCar) -> None:
        due = self.now_s - car.advert_s >= ADVERT_S
        if not (car.on and not car.linked and self.radio_works and due):
            return
        car.advert_s = self.now_s
        self.sense(events.ChargerIs(self.now_s, identifier, Charger.ON if car.charging else Charger.OFF))
        self.sense(events.Heard(self.now_s, identifier, low=car.left_s < 30.0 and not car.charging))

    def die(self, identifier: int) -> None:
        """Its battery is empty."""
        car = self.cars[identifier]
        car.left_s = min(car.left_s, 0.0)
        self.lose_link(identifier)
        self._power(identifier, on=False)

    def lose_link(self, identifier: int) -> None:
        car = self.cars[identifier]
        if car.linked:
            car.linked, car.speed_mm_s = False, 0
            self.sense(events.LinkDown(self.now_s, identifier))

    def lose_radio(self) -> None:
        self.radio_works = False
        self.tell(inputs.Trouble(self.now_s, "radio", "The adapter does not answer"))
        self.sense(events.EarLost(self.now_s))
        for car in self.cars:
            self.lose_link(car)

    def mend_radio(self) -> None:
        if not self.radio_works:
            self.radio_works = True
            self.tell(inputs.Cured(self.now_s, "radio", "adapter reset"))

    def press(self, identifier: int) -> None:
        """A finger on the button."""
        car = self.cars[identifier]
        if car.charging or car.left_s <= 0.0:
            return
        if car.on:
            self.lose_link(identifier)
        self._power(identifier, on=not car.on)

    def _pressed(self, identifier: int) -> None:
        self.press(identifier)
        self.sense(events.Pressed(self.now_s, identifier))

    def plug(self, identifier: int, on: bool, *, by_mistake: bool = False) -> None:
        """Onto the charger, or off it; a charger wakes its car."""
        car = self.cars[identifier]
        if by_mistake:
            self.mistakes += 1
        if car.charging is on:
            return
        car.charging = on
        # what nobody granted is the crew's and no breach of the machine's; in a closed show no race can be disturbed
        if not on or (not by_mistake and self.show.is_open):
            self._seen(What.CHARGER, identifier, on=on)
        if on:
            car.on_track = False
            car.speed_mm_s = 0
            self._power(identifier, on=True)
            if car.linked:
                self.tell(inputs.OnTrack(self.now_s, identifier, is_on=False))
                self.sense(events.ChargerIs(self.now_s, identifier, Charger.ON))
        elif car.linked:
            self.sense(events.ChargerIs(self.now_s, identifier, Charger.OFF))

    def place(self, identifier: int, on: bool) -> None:
        car = self.cars[identifier]
        car.on_track = on and not car.charging
        if on:
            car.along_mm = LAP_MM - 100.0 * self.pack.car(identifier).number
        if car.linked or car.on:
            self.tell(inputs.OnTrack(self.now_s, identifier, car.on_track))

    def _power(self, identifier: int, *, on: bool) -> None:
        if self.cars[identifier].on is not on:
            self.cars[identifier].on = on
            self._seen(What.POWER, identifier, on=on)

    # people

    def open(self) -> ToyFloor:
        """The crew does its list and lets visitors in."""
        for item in OPENING.items:
            assert self.ask(Tick("crew", item)) is None
        assert self.ask(OpenShow("crew")) is None
        return self

    def join(self, player: str) -> str | None:
        refused = self.ask(Join(player), Role.PLAYER)
        if refused is None:
            self.players[player] = 0.8
        return refused

    def _drive_phone(self, player: str) -> None:
        number = next(self._wheel)
        throttle = self.players[player]
        self.tell(inputs.Asked(self.now_s, 0, Role.PLAYER, Steer(player, number, throttle, 0.0)))

    def _crew(self) -> None:
        """Does what its tasks say, one thing after another, each once until it had time to show."""
        if self.has_hands:
            return
        for task in self.show.floor.advice.tasks:
            kind = task.key.split("-")[0]
            if kind in self.slips.lazy or task.key in self._busy:
                if self.now_s - self._busy.get(task.key, self.now_s) > 3.0 * self.hands_s + 6.0:
                    del self._busy[task.key]
                continue
            self._busy[task.key] = self.now_s
            self._after(self.hands_s, lambda task=task: self._do(task))

    def _do(self, task) -> None:
        if task.key not in {now.key for now in self.show.floor.advice.tasks}:
            return
        kind = task.key.split("-")[0]
        if task.tick:
            self._confirm(kind, task.tick)
        elif self.slips.slips():
            self._slip(task.car)
        elif kind == "unplug":
            self.plug(task.car, on=False)
        elif kind == "charge":
            # who has just been told may be overtaken by another's slip: they look once more
            if self.ask(MayCharge("crew", task.car)) is None:
                self.plug(task.car, on=True)
        elif task.words.startswith("Press") or (kind == "aside" and self.cars[task.car].on):
            self.press(task.car)

    def _confirm(self, kind: str, item: str) -> None:
        """Puts sets in their places, or looks at the chargers of one, and ticks it."""
        name = item.removeprefix(f"{kind}-")
        for car, one in self.cars.items():
            if kind == "placed":
                self.place(car, one.set_name == name)
            elif one.set_name == name:
                self.plug(car, on=False)
        self.ask(Tick("crew", item))

    def _slip(self, car: int) -> None:
        self.mistakes += 1
        chance = self.slips.chance
        match chance.randrange(4):
            case 0:
                self.press(chance.choice(sorted(self.cars)))
            case 1:
                self.press(car)
                self.press(car)
            case 2:
                self.plug(car, on=not self.cars[car].charging, by_mistake=True)
            case _:
                pass

    def _hand(self, what: str, does: Callable[[], None]) -> None:
        if what not in self._busy:
            self._busy[what] = self.now_s
            self._after(1.0, lambda: (self._busy.pop(what, None), does()))

    def _after(self, seconds: float, does: Callable[[], None]) -> None:
        heapq.heappush(self._later, (self.now_s + seconds, next(self._numbers), does))

    # the witness

    def _moved_on(self, was: Phase, active: str | None) -> None:
        now = self.show.floor.rotation
        races = {Phase.RACING, Phase.DYING}
        if was in races and now.phase not in races:
            self._seen(What.RACING, active or "", on=False)
        if now.phase in races and was not in races:
            for car in now.of(now.active):
                known = car.charger is Charger.OFF
                assert known, f"{car.label} raced with its charger {car.charger}"
            self._seen(What.RACING, now.active or "")
        if now.phase in UP and was not in UP:
            self._seen(What.SET_UP, now.active or "")
        if was in UP and now.phase not in UP:
            self._seen(What.SET_UP, active or "", on=False)
        out = {car.identifier for car in now.cars if car.quarantined is not None}
        for car in out ^ self._witness.stand.out:
            self._seen(What.OUT, car, on=car in out)
        due = self.show.stage in RACING | {Stage.ATTRACT, Stage.PIT_STOP}
        if due is not self._witness.stand.due:
            self._seen(What.RACE_DUE, "", on=due)

    def _seen(self, what: What, subject: int | str = "", *, on: bool | None = True) -> None:
        self._witness, breaches = observe(self._witness, TimedFact(self.now_s, what, subject, on))
        self.breaches += breaches
