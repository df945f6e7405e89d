"""What a simulated car costs: nothing while it is parked, some microseconds a frame while it drives."""

from __future__ import annotations

from timeit import timeit

from protocol import SdkMode, SetSpeed, encode
from rig.sim.car.model import CarModel
from rig.sim.car.traits import CarTraits

SECONDS = 300
TICKS_PER_S = 200


def driving_car(speed_mm_s: int) -> CarModel:
    car = CarModel(CarTraits(0x0880EADB), seed=1)
    car.link_up(0.0)
    car.subscribed(0.0, True)
    if speed_mm_s:
        car.written(encode(SdkMode()), 0.0)
        car.written(encode(SetSpeed(speed_mm_s, 1000)), 0.0)
    return car


def by_events(speed_mm_s: int) -> tuple[int, int]:
    """Frames sent and calls made when the car says itself when it wants to be called."""
    car = driving_car(speed_mm_s)
    frames = calls = 0
    while (due_s := car.next_event_s()) is not None and due_s <= SECONDS:
        frames += len(car.advance(due_s))
        calls += 1
    return frames, calls


def by_ticks(speed_mm_s: int) -> int:
    """The same drive, asked 200 times a second."""
    car = driving_car(speed_mm_s)
    return sum(len(car.advance(tick / TICKS_PER_S)) for tick in range(SECONDS * TICKS_PER_S + 1))


def test_a_driving_car_is_cheap(figures):
    for speed_mm_s in (300, 1300):
        frames, _ = by_events(speed_mm_s)
        assert by_ticks(speed_mm_s) == frames
        events_s = min(timeit(lambda speed=speed_mm_s: by_events(speed), number=1) for _ in range(5))
        ticks_s = min(timeit(lambda speed=speed_mm_s: by_ticks(speed), number=1) for _ in range(2))
        figures.note(f"{speed_mm_s} mm/s: us per frame", round(events_s / frames * 1e6, 1))
        figures.note(f"{speed_mm_s} mm/s: simulated seconds per CPU second", round(SECONDS / events_s))
        figures.at_least(
            f"{speed_mm_s} mm/s: cheaper than {TICKS_PER_S} ticks a second", ticks_s / events_s, 1.2
        )


def test_a_parked_car_costs_nothing(figures):
    frames, calls = by_events(0)
    figures.note("parked and connected: frames in five minutes", frames)
    figures.at_most("parked and connected: calls in five minutes", calls, 3, " calls")
