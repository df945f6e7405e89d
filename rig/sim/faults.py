"""The named faults of the air, the adapter and the links: what a world file or a test may make happen.

The faults of the cars themselves stand in `rig.sim.car.faults`; `Striker` knows both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from rig.errors import InputError
from rig.sim.adapter import Outage
from rig.sim.air import Air
from rig.sim.ambush import Moment
from rig.sim.car.faults import LASTING_FAULTS
from rig.sim.controller import AirController
from rig.sim.overlaps import Overlaps, Undo
from rig.sim.peripheral import CarPeripheral

Level = float | bool


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
    "drop_in_discovery": FaultDescription(
        "the car falls silent instead of answering a request of the next discovery",
        "car",
        "which request, from 1",
        lasting=False,
    ),
    "drop_in_subscription": FaultDescription(
        "the car falls silent instead of answering the next subscription", "car", "not used", lasting=False
    ),
    "drop_in_write": FaultDescription(
        "the car falls silent instead of taking one of the next writes",
        "car",
        "which write, from 1",
        lasting=False,
    ),
    "drop_before_speech": FaultDescription(
        "the car takes the next subscription and falls silent before its first frame",
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
    "unplug": FaultDescription("the adapter is pulled out", "adapter", "not used"),
    "hci_silence": FaultDescription(
        "the adapter's controller answers nothing for a while, its radio goes on",
        "adapter",
        "seconds it is silent",
        4.0,
        lasting=False,
    ),
    "slot_limit": FaultDescription(
        "the adapter holds fewer connections (HCI 0x09)", "adapter", "how many", 3.0
    ),
}
"""By name; every one has its line in `FIDELITY.md`."""

LinkBreak = Literal["out_of_range", "ghost", "terminated", "silent_end"]
"""Ways in which a link can end that a test or a soak may ask for."""


ADAPTER_FAULTS = frozenset({"ghost"} | {name for name, fault in FAULTS.items() if fault.scope == "adapter"})
"""What cannot happen in a world without an adapter of its own (`pitboard sim serve`)."""


class AdapterSwitch(Protocol):
    """What the adapter's faults need of the world."""

    def outage(self, kind: Outage) -> Undo:
        """Makes the adapter unusable; what is returned ends it, and the host is ready a moment later."""
        ...

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Does something later, unless the world ends first."""
        ...


class Striker:
    """Makes the named faults of the air, the links and the adapter happen; they may overlap."""

    def __init__(self, air: Air, adapter: AirController | None, switch: AdapterSwitch) -> None:
        self._air = air
        self._adapter = adapter
        self._switch = switch
        self._overlaps = Overlaps()

    def strike_car(self, name: str, value: float, car: CarPeripheral) -> Undo | None:
        """Makes a fault of one car happen, around it or inside; what is returned undoes a lasting one.

        Raises:
            KeyError: no such fault of a car.
            InputError: it needs an adapter, and there is none.
        """
        if name in _SETTINGS:
            undo = self._hold(car.controller.conditions, _SETTINGS[name], _change(name, value))
            self._air.conditions_changed()

            def undo_and_tell() -> None:
                undo()
                self._air.conditions_changed()

            return undo_and_tell
        if name in _COUNTERS:
            setattr(car.controller.conditions, _COUNTERS[name], int(value))
        elif name in _PERIPHERAL:
            return self._hold(car, _PERIPHERAL[name], lambda _: value)
        elif name == "drop_before_speech":
            car.dumb_next = True
        elif name == "ghost":
            adapter = self._need_adapter(name)
            car.hold_link(value)
            adapter.abandon(car.address)
        elif name in {"terminated", "silent_end"}:
            car.end_link(clean=name == "terminated")
        elif name in _AMBUSHES:
            nth = 1 if name == "drop_in_subscription" else max(1, int(value))
            return car.ambush(_AMBUSHES[name], nth, lambda: car.end_link(clean=False))
        else:
            return self._strike_inside(name, value, car)
        return None

    def _strike_inside(self, name: str, value: float, car: CarPeripheral) -> Undo | None:
        """A fault of the car itself."""
        if name not in LASTING_FAULTS:
            car.inject(name, value)
            return None
        return self._overlaps.hold(
            (id(car), name),
            lambda: car.fault_level(name),
            lambda level: car.inject(name, level),
            lambda _: value,
        )

    def strike_adapter(self, name: str, value: float) -> Undo | None:
        """Makes a fault of the adapter happen; what is returned undoes a lasting one.

        Raises:
            KeyError: no such fault of an adapter.
            InputError: there is no adapter.
        """
        adapter = self._need_adapter(name)
        if name == "slot_limit":
            return self._hold(adapter, "max_links", lambda _: int(value))
        if name in _LASTING_OUTAGES:
            return self._switch.outage(_LASTING_OUTAGES[name])
        if name in _TIMED_OUTAGES:
            self._switch.after(value, self._switch.outage(_TIMED_OUTAGES[name]))
            return None
        raise KeyError(name)

    def _need_adapter(self, name: str) -> AirController:
        if self._adapter is None:
            raise InputError(
                f"fault '{name}' strikes an adapter, and this world has none; leave the fault out, or use the "
                f"world through --radio sim:"
            )
        return self._adapter

    def _hold(self, target: object, attribute: str, change: Callable[[Level], Level]) -> Undo:
        return self._overlaps.hold(
            (id(target), attribute),
            lambda: getattr(target, attribute),
            lambda level: setattr(target, attribute, level),
            change,
        )


_LASTING_OUTAGES: dict[str, Outage] = {"adapter_off": "off", "unplug": "unplugged"}
_TIMED_OUTAGES: dict[str, Outage] = {"adapter_reset": "reset", "hci_silence": "silent"}
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
_AMBUSHES = {
    "drop_in_discovery": Moment.DISCOVERY,
    "drop_in_subscription": Moment.SUBSCRIPTION,
    "drop_in_write": Moment.WRITE,
}
_PERIPHERAL = {"ignored_writes": "ignored_writes", "slow_readvertise": "readvertise_delay_s"}


def _change(name: str, value: float) -> Callable[[Level], Level]:
    """What a fault makes of the setting it finds: drops in level add up, otherwise the latest fault decides."""
    if name == "out_of_range":
        return lambda _: False
    return (lambda level: level - value) if name == "rssi_drop" else (lambda _: value)
