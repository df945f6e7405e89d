"""The named faults of the air, the adapter and the links: what a world file or a test may make happen.

The faults of the cars themselves stand in `rig.sim.car.faults`; `SimWorld.inject` knows both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from rig.sim.air import Air, RadioConditions
from rig.sim.controller import AirController
from rig.sim.peripheral import CarPeripheral

Undo = Callable[[], None]


@dataclass(frozen=True, slots=True)
class FaultDescription:
    """One fault. `value_means` says what its value is, `default` what it is when not given and `most` how much
    it may be; `lasting` ones stay until undone, the others happen once."""

    summary: str
    scope: Literal["car", "adapter"]
    value_means: str
    default: float = 1.0
    lasting: bool = True
    most: float = 1e6


FAULTS: dict[str, FaultDescription] = {
    "out_of_range": FaultDescription("neither side hears the other any more", "car", "not used"),
    "link_loss": FaultDescription(
        "packets of the connection are lost", "car", "chance per packet, 0..1", 0.3, most=1.0
    ),
    "advert_loss": FaultDescription(
        "adverts and scan responses are lost", "car", "chance per packet, 0..1", 0.5, most=1.0
    ),
    "rssi_drop": FaultDescription("the car is heard less loud", "car", "decibels", 20.0),
    "fail_establish": FaultDescription(
        "connections fail to be established (HCI 0x3E)", "car", "chance per attempt, 0..1", 0.3, most=1.0
    ),
    "fail_establish_next": FaultDescription(
        "the next connections fail to be established (HCI 0x3E)", "car", "how many", 1.0, lasting=False
    ),
    "abort_connect": FaultDescription(
        "the host's own side aborts connects (br-connection-canceled)",
        "car",
        "chance per attempt, 0..1",
        0.3,
        most=1.0,
    ),
    "ignore_connect": FaultDescription(
        "the initiator misses the adverts it could answer, so that connecting takes longer",
        "car",
        "chance per advert, 0..1",
        0.5,
        most=1.0,
    ),
    "ignore_connect_next": FaultDescription(
        "the initiator misses the next adverts it could answer", "car", "how many", 1.0, lasting=False
    ),
    "ghost": FaultDescription(
        "the host loses the link, the car goes on believing in it and does not advertise",
        "car",
        "seconds the car believes, at least the supervision timeout",
        6.0,
        lasting=False,
    ),
    "terminated": FaultDescription(
        "the car ends the link cleanly (HCI 0x13)", "car", "not used", lasting=False
    ),
    "silent_end": FaultDescription(
        "the car ends the link without a word, the host waits for its timeout",
        "car",
        "not used",
        lasting=False,
    ),
    "ignored_writes": FaultDescription(
        "writes reach the car's radio but not its firmware", "car", "chance, 0..1", 0.1, most=1.0
    ),
    "slow_readvertise": FaultDescription(
        "after an unclean link loss the car is silent for a while", "car", "seconds", 6.0
    ),
    "adapter_reset": FaultDescription(
        "the adapter resets: all links gone, usable again after a while",
        "adapter",
        "seconds it is away",
        2.0,
        lasting=False,
    ),
    "adapter_off": FaultDescription("the adapter is switched off", "adapter", "not used"),
    "slot_limit": FaultDescription(
        "the adapter holds fewer connections (HCI 0x09)", "adapter", "how many", 3.0
    ),
}
"""By name; every one has its line in `FIDELITY.md`."""

LinkBreak = Literal["out_of_range", "ghost", "terminated", "silent_end"]
"""Ways in which a link can end that a test or a soak may ask for."""


class AdapterSwitch(Protocol):
    """What the adapter's faults need of the world."""

    def adapter_off(self) -> None:
        """Cuts the adapter's power."""
        ...

    def adapter_on(self) -> None:
        """Gives it back; the host is ready a moment later."""
        ...

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Does something later, unless the world ends first."""
        ...


def strike_car(name: str, value: float, air: Air, adapter: AirController, car: CarPeripheral) -> Undo | None:
    """Makes a fault of one car happen; what is returned undoes a lasting one.

    Raises:
        KeyError: no such fault of a car.
    """
    conditions = car.controller.conditions
    if name in _SETTINGS:
        restore = _set(conditions, _SETTINGS[name], _new_setting(name, value, conditions))
        air.conditions_changed()

        def undo() -> None:
            restore()
            air.conditions_changed()

        return undo
    if name in _COUNTERS:
        setattr(conditions, _COUNTERS[name], int(value))
        return None
    if name in _PERIPHERAL:
        return _set(car, _PERIPHERAL[name], value)
    if name == "ghost":
        car.hold_link(value)
        adapter.abandon(car.address)
    elif name == "terminated":
        car.end_link(clean=True)
    elif name == "silent_end":
        car.end_link(clean=False)
    else:
        raise KeyError(name)
    return None


def strike_adapter(name: str, value: float, adapter: AirController, switch: AdapterSwitch) -> Undo | None:
    """Makes a fault of the adapter happen; what is returned undoes a lasting one.

    Raises:
        KeyError: no such fault of an adapter.
    """
    if name == "slot_limit":
        return _set(adapter, "max_links", int(value))
    switch.adapter_off()
    if name == "adapter_off":
        return switch.adapter_on
    if name == "adapter_reset":
        switch.after(value, switch.adapter_on)
        return None
    raise KeyError(name)


_SETTINGS = {
    "out_of_range": "in_range",
    "link_loss": "link_loss",
    "advert_loss": "advert_loss",
    "rssi_drop": "rssi_dbm",
    "fail_establish": "fail_establish_probability",
    "ignore_connect": "ignore_connect_probability",
    "abort_connect": "abort_connect_probability",
}
_COUNTERS = {"fail_establish_next": "fail_establish_next", "ignore_connect_next": "ignore_connect_next"}
_PERIPHERAL = {"ignored_writes": "ignored_writes", "slow_readvertise": "readvertise_delay_s"}


def _new_setting(name: str, value: float, conditions: RadioConditions) -> float | bool:
    if name == "out_of_range":
        return False
    return conditions.rssi_dbm - value if name == "rssi_drop" else value


def _set(target: object, attribute: str, value: float | bool) -> Undo:
    before = getattr(target, attribute)
    setattr(target, attribute, value)
    return lambda: setattr(target, attribute, before)
