"""What a link to a car costs in time on one radio: to get it back, and to say something over it.

The cars number their frames and note when they sent and heard them (`StampingCar`), so latencies are one-way and
both ends are on one clock. Real time on every radio, so that what the event loop, D-Bus and the kernel take counts.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from benchmarks.radios.stamping_car import StampingCar
from protocol import SetSpeed, VersionResponse
from rig.radio.link import CarLink, Received
from rig.radio.radio import Radio
from rig.sim.world import SimWorld

CONNECT_LIMIT_S = 20.0
NOTICE_LIMIT_S = 40.0
LAST_FRAMES_S = 1.0
STAGES = ("noticed", "seen", "connected", "services", "subscribed", "first data")


@dataclass(frozen=True, slots=True)
class Reconnect:
    """One lost link: seconds since the loss at which each of STAGES was reached."""

    loss: str
    at_s: tuple[float, ...]


@dataclass(slots=True)
class Latencies:
    """Everything measured on one radio; seconds. `links` says what the host agreed with the cars."""

    radio: str
    stack: str
    conditions: str = ""
    reconnects: list[Reconnect] = field(default_factory=list)
    notifications_s: list[float] = field(default_factory=list)
    orders_s: list[float] = field(default_factory=list)
    sent: int = 0
    out_of_order: int = 0
    links: list[dict[str, float]] = field(default_factory=list)

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> Self:
        """What `as_document` gave.

        Raises:
            KeyError, TypeError: it is another kind of document.
        """
        reconnects = [Reconnect(one["loss"], tuple(one["at_s"])) for one in document["reconnects"]]
        return cls(**{**document, "reconnects": reconnects})


async def measure(
    radio: Radio,
    world: SimWorld,
    cars: list[StampingCar],
    into: Latencies,
    *,
    cycles: int,
    seconds: float,
    rate_hz: float,
    say: Callable[[str], None],
) -> None:
    """Streams both ways on all cars for `seconds`, then breaks every link `cycles` times, by turns cleanly and not."""
    links = {car.identifier: await _connect(radio, car) for car in cars}
    into.links = [_agreed(world, car) for car in cars]
    say(f"{len(links)} cars connected; streaming for {seconds:g} s")
    await _stream(cars, links, into, seconds=seconds, rate_hz=rate_hz)
    for cycle in range(cycles):
        say(f"reconnects: cycle {cycle + 1} of {cycles}")
        for turn, car in enumerate(cars):
            loss = "vanish" if (cycle + turn) % 2 else "disconnect"
            links[car.identifier] = await _reconnect(
                radio, world, car, link=links[car.identifier], loss=loss, into=into
            )
    await asyncio.gather(*(link.disconnect() for link in links.values()))


async def _connect(radio: Radio, car: StampingCar) -> CarLink:
    return await radio.connect(await radio.find(car.identifier, CONNECT_LIMIT_S), timeout_s=CONNECT_LIMIT_S)


async def _reconnect(
    radio: Radio, world: SimWorld, car: StampingCar, *, link: CarLink, loss: str, into: Latencies
) -> CarLink:
    lost_s = asyncio.get_running_loop().time()
    if loss == "vanish":
        world.break_link(car.identifier, "silent_end")
        async with asyncio.timeout(NOTICE_LIMIT_S):
            noticed_s = (await link.lost.wait()).at_s
    else:
        await link.disconnect()
        noticed_s = asyncio.get_running_loop().time()
    again = await _connect(radio, car)
    reached = again.milestones
    marks = (
        reached.seen_s,
        reached.connected_s,
        reached.services_s,
        reached.subscribed_s,
        reached.first_data_s,
    )
    assert all(mark is not None for mark in marks)
    into.reconnects.append(
        Reconnect(loss, tuple(mark - lost_s for mark in (noticed_s, *marks) if mark is not None))
    )
    return again


async def _stream(
    cars: list[StampingCar], links: dict[int, CarLink], into: Latencies, *, seconds: float, rate_hz: float
) -> None:
    """Every car and every order at `rate_hz`, the cars a phase apart."""
    loop = asyncio.get_running_loop()
    heard: dict[int, list[tuple[int, float]]] = {car.identifier: [] for car in cars}
    ordered_s: dict[int, list[float]] = {car.identifier: [] for car in cars}
    for car in cars:
        links[car.identifier].on_frame(_note_into(heard[car.identifier]))
    began_s = loop.time() + 0.1
    for turn, car in enumerate(cars):
        phase_s = turn / rate_hz / len(cars)
        car.stream(began_s + phase_s, began_s + phase_s + seconds, 1 / rate_hz)
    await asyncio.gather(
        *(
            _order(
                links[car.identifier], ordered_s[car.identifier], began_s, seconds=seconds, rate_hz=rate_hz
            )
            for car in cars
        )
    )
    await asyncio.sleep(LAST_FRAMES_S)
    for car in cars:
        numbers = [number for number, _ in heard[car.identifier]]
        into.sent += len(car.sent_s)
        into.out_of_order += sum(after <= before for before, after in itertools.pairwise(numbers))
        into.notifications_s += [at_s - car.sent_s[number] for number, at_s in heard[car.identifier]]
        into.orders_s += [
            car.heard_s[number] - at_s
            for number, at_s in enumerate(ordered_s[car.identifier])
            if number in car.heard_s
        ]


def _note_into(heard: list[tuple[int, float]]) -> Callable[[Received], None]:
    def note(received: Received) -> None:
        if isinstance(received.message, VersionResponse):
            heard.append((received.message.version, received.mono_s))

    return note


async def _order(link: CarLink, at_s: list[float], began_s: float, *, seconds: float, rate_hz: float) -> None:
    loop = asyncio.get_running_loop()
    for number in range(round(seconds * rate_hz)):
        await asyncio.sleep(max(0.0, began_s + number / rate_hz - loop.time()))
        at_s.append(loop.time())
        await link.write(SetSpeed(0, number, False))


def _agreed(world: SimWorld, car: StampingCar) -> dict[str, float]:
    """Connection interval and supervision timeout of the car's link, milliseconds."""
    timing = world.peripherals[car.identifier].link_timing
    assert timing is not None
    return {"interval_ms": timing.interval_s * 1e3, "supervision_timeout_ms": timing.timeout_s * 1e3}
