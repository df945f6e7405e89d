"""What one car needs next, as requests for the interlock and tasks for hands: to be ready, off, lined up, charging."""

from __future__ import annotations

from dataclasses import dataclass, field

from booth.floor.steps import Advice, Task, placed_item, unplugged_item
from rig.rotation.events import (
    Charge,
    LineUp,
    Quarantine,
    Request,
    StopCharging,
    SwitchOff,
    SwitchOn,
)
from rig.rotation.knowledge import Car, Charger, Link, Power, Rotation
from rig.rotation.reasons import reasons_against


@dataclass
class Asks:
    """Collects advice while a step is worked out."""

    state: Rotation
    now_s: float
    requests: list[Request] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    places: list[tuple[int, bool]] = field(default_factory=list)
    listens: bool = False

    def advice(self, *, is_over: bool = False) -> Advice:
        """What was collected."""
        return Advice(
            tuple(self.requests), tuple(self.tasks.values()), tuple(self.places), self.listens, is_over
        )

    def off_charger(self, car: Car, why: str) -> None:
        """Brings a car off its charger, or has it confirmed that it is."""
        self.requests.append(StopCharging(self.now_s, car.identifier))
        if car.charger is Charger.ON:
            self._task("unplug", car, f"Take {car.label} off its charger", why)
        else:
            item = unplugged_item(car.set_name)
            words = f"Look: is every car of set {car.set_name} off its charger? Then tap"
            self.tasks[item] = Task(
                item, words, "No sensor shows it while a car is off or connected", None, item
            )

    def on(self, car: Car, why: str) -> None:
        """Brings a car on that is known to be off."""
        self._granted(SwitchOn(self.now_s, car.identifier))
        self._task("press", car, f"Press the button of {car.label}: on", why)

    def off(self, car: Car, why: str) -> None:
        """Brings a car off and has the air confirm it."""
        if car.charger is Charger.ON:
            self.off_charger(car, f"It is too early, and a charger wakes it again. {why}")
            return
        self.listens = True
        if car.link is not Link.DOWN:
            return
        words = f"Press the button of {car.label}: off"
        if car.power is Power.UNKNOWN:
            words = f"Is {car.label} off? It is being listened for"
        elif not self._granted(SwitchOff(self.now_s, car.identifier)):
            reasons = reasons_against(self.state, SwitchOff(self.now_s, car.identifier))
            why = "; ".join(reason.words for reason in reasons)
        self._task("press", car, words, why)

    def awake(self, car: Car, why: str, fresh_s: float) -> bool:
        """Brings a car of the set that is to race off its charger, on and heard lately; whether it is so now."""
        if car.charger is not Charger.OFF:
            self.off_charger(car, why)
        elif car.power is Power.OFF:
            self.on(car, why)
            self.listens = True
        elif car.power is Power.UNKNOWN or car.heard_s < fresh_s:
            self.listens = True
        else:
            return True
        return False

    def line_up(self, car: Car, why: str) -> None:
        """Connects a car of the set whose race is set up."""
        if car.link is not Link.UP and self.awake(car, why, float("-inf")):
            self.requests.append(LineUp(self.now_s, car.identifier))

    def charge(self, car: Car) -> None:
        """Brings a car of the resting set onto its charger, if it may charge now."""
        if car.charger is Charger.ON:
            return
        if car.link is not Link.DOWN or car.power is Power.UNKNOWN:
            self.listens = True
        if car.power is Power.ON and car.link is Link.DOWN and not car.has_charged:
            self.off(car, f"Set {car.set_name} rests; a car that is on is never charged")
        elif self._granted(Charge(self.now_s, car.identifier)):
            self._task("charge", car, f"Put {car.label} on its charger", "The other set's race is set up")

    def place(self, to_set: str, from_set: str) -> None:
        """Moves sets between track and side, where no car says that it is done."""
        self.places += [
            (car.identifier, car.set_name == to_set) for car in self.state.cars if car.quarantined is None
        ]
        item = placed_item(to_set)
        self.tasks[item] = Task(
            item,
            f"Set {from_set} off the track, set {to_set} on it behind the start line; then tap",
            "Cars of both sets on one track run into each other",
            None,
            item,
        )

    def take_out(self, car: Car, why: str) -> None:
        """Goes on without a car."""
        self.requests.append(Quarantine(self.now_s, car.identifier, f"{car.label}: {why}"))

    def aside(self, car: Car) -> None:
        """A car that was taken out goes out of the way."""
        if car.power is not Power.OFF or car.charger is Charger.ON:
            self._task("aside", car, f"Take {car.label} off the track and switch it off", "It was taken out")

    def _granted(self, request: Request) -> bool:
        if reasons_against(self.state, request):
            return False
        self.requests.append(request)
        return True

    def _task(self, kind: str, car: Car, words: str, why: str) -> None:
        key = f"{kind}-{car.identifier:08x}"
        self.tasks[key] = Task(key, words, why, car.identifier)
