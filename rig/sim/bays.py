"""The bays of a simulated world: what the twins of a bench switch, measure and press when its cars are simulated.

A bay is a stand where a car drives on the spot, its charge contacts on a relay, a servo over its power button.
`BayPlant` is the `rig.bench.twins.plant.Plant` of such a bench: a relay that closes is a live charger, the meter
shows what the cell takes, a servo held on the button presses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from rig.bench.kinds import METER
from rig.bench.wiring import Bay, ButtonWire, Wire, Wiring
from rig.errors import InputError
from rig.sim.car.contract import Car
from rig.sim.world import SimWorld

METER_IDLE_MA = 4.0
"""What a meter shows of the charger itself, without a car that takes anything."""
BUTTON_HOLD_S = 0.1
"""How long a servo must have been sent to the button, its way included, until the button takes it for a press."""
_S_PER_H = 3600.0


@runtime_checkable
class BayCar(Car, Protocol):
    """A car that can stand in a bay."""

    @property
    def in_bay(self) -> bool:
        """Whether it stands in its bay."""
        ...

    def set_bay_power(self, on: bool, now_s: float) -> None:
        """The charger of its bay gets or loses power."""
        ...

    def charging_ma(self, now_s: float) -> float:
        """What its cell takes."""
        ...

    def fed_mah(self, now_s: float) -> float:
        """What its cell has taken so far."""
        ...

    def press_power_button(self, now_s: float) -> None:
        """Its power button was pressed."""
        ...


class BayPlant:
    """The cars of a world behind the wires of a bench; enter the world first.

    `on_event` hears in words what happens to a bay. `no_reach` holds names of bays whose horn does not reach the
    button, which no board can know.

    Raises:
        InputError: the map puts a car into a bay that the world does not have, or not there.
    """

    def __init__(
        self, world: SimWorld, wiring: Wiring, *, on_event: Callable[[str], None] = lambda _words: None
    ) -> None:
        self.no_reach: set[str] = set()
        self._world = world
        self._on_event = on_event
        self._cars = {bay.name: _car_of(bay, world, wiring) for bay in wiring.bays}
        self._bays = wiring.bays
        self._supplies = frozenset(
            name for name, fixture in wiring.fixtures.items() if METER in fixture.kind.abilities
        )
        self._closed: dict[tuple[str, int], bool] = {}
        self._live: dict[str, bool] = {}
        self._no_contact: set[str] = set()
        self._pressing: dict[str, object] = {}
        self._detached = False
        for bay in self._bays:
            self._refresh(bay)

    def lose_contact(self, bay_name: str, *, lost: bool = True) -> None:
        """No current flows in this bay though its relay is closed (a dirty contact), until found again."""
        (self._no_contact.add if lost else self._no_contact.discard)(bay_name)
        for bay in self._bays:
            if bay.name == bay_name:
                self._refresh(bay)

    def detach(self) -> None:
        """The world is about to end: boards that move by themselves from now on move nothing."""
        self._detached = True

    def relay_moved(self, fixture: str, channel: int, closed: bool, now_s: float) -> None:
        """A contact or a supply: chargers behind it get or lose power."""
        if self._closed.get((fixture, channel)) is closed:
            return
        self._closed[fixture, channel] = closed
        for bay in self._bays:
            if Wire(fixture, channel) in (bay.charger, bay.meter):
                self._refresh(bay)

    def current_ma(self, fixture: str, channel: int, now_s: float) -> float:
        """What the cells behind this meter take, and the chargers' own few milliamperes."""
        cars = self._behind(fixture, channel)
        return METER_IDLE_MA + sum(car.charging_ma(now_s) for bay, car in cars if self._live.get(bay.name))

    def charge_mah(self, fixture: str, channel: int, now_s: float) -> float:
        """What the cells behind this meter have taken, and the chargers themselves since time 0."""
        fed_mah = sum(car.fed_mah(now_s) for _, car in self._behind(fixture, channel))
        return METER_IDLE_MA * now_s / _S_PER_H + fed_mah

    def servo_moved(self, fixture: str, channel: int, pulse_us: float, now_s: float) -> None:
        """A servo that stays on the button presses it, once."""
        for bay in self._bays:
            if bay.button is None or bay.button.wire != Wire(fixture, channel):
                continue
            if not _presses(bay.button, pulse_us):
                self._pressing.pop(bay.name, None)
            elif bay.name not in self._pressing:
                held = self._pressing[bay.name] = object()
                self._world.after(BUTTON_HOLD_S, lambda bay=bay, held=held: self._pressed(bay, held))  # type: ignore[misc]

    def _pressed(self, bay: Bay, held: object) -> None:
        car = self._cars[bay.name]
        if self._pressing.get(bay.name) is not held or bay.name in self.no_reach or self._detached:
            return
        self._on_event(f"bay {bay.name}: button pressed")
        if car is not None and bay.car is not None and car.in_bay:
            self._world.handle(bay.car, lambda _car, now_s: car.press_power_button(now_s))

    def _behind(self, fixture: str, channel: int) -> list[tuple[Bay, BayCar]]:
        return [
            (bay, car)
            for bay in self._bays
            if bay.meter == Wire(fixture, channel) and (car := self._cars[bay.name]) is not None
        ]

    def _refresh(self, bay: Bay) -> None:
        """Whether a bay's charger has power now: its contact is closed, and the supply in its wire is on."""
        if bay.charger is None or self._detached:
            return
        live = self._is_closed(bay.charger) and (bay.meter is None or self._is_closed(bay.meter))
        live = live and bay.name not in self._no_contact
        if self._live.get(bay.name, False) is live:
            return
        self._live[bay.name] = live
        self._on_event(f"bay {bay.name}: charger {'on' if live else 'off'}")
        car = self._cars[bay.name]
        if car is not None and bay.car is not None:
            self._world.handle(bay.car, lambda _car, now_s: car.set_bay_power(live, now_s))

    def _is_closed(self, wire: Wire) -> bool:
        """Relays are open at first; supplies, and meters that switch nothing, let the current through."""
        return self._closed.get((wire.fixture, wire.channel), wire.fixture in self._supplies)


def _presses(button: ButtonWire, pulse_us: float) -> bool:
    way_us = button.press_us - button.rest_us
    return pulse_us > 0.0 and (pulse_us - button.press_us) * (1.0 if way_us >= 0.0 else -1.0) >= 0.0


def _car_of(bay: Bay, world: SimWorld, wiring: Wiring) -> BayCar | None:
    if bay.car is None:
        return None
    car = world.cars.get(bay.car)
    if car is None:
        raise InputError(
            f"bench '{wiring.name}' has car {bay.car:08x} in bay {bay.name}, and the simulated world has no such car;"
            " name a bench that is wired for this world"
        )
    if not isinstance(car, BayCar) or not car.in_bay:
        raise InputError(
            f"bench '{wiring.name}' has car {bay.car:08x} in bay {bay.name}, and in the simulated world it stands"
            ' elsewhere; write start.on = "bay" for it in the world file'
        )
    return car
