"""What several radios hear of the same cars, put together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rig.radio.sighting import Hearing, Sighting

FRESH_S = 20.0  # how long a radio counts as hearing a car; BlueZ forgets a device after 30 s


class Hearings:
    """Radios are numbered in the order of `names`; instants are loop-clock seconds."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._sightings: dict[int, Sighting] = {}
        self._by_car: dict[int, dict[int, Hearing]] = {}
        self._deaf: set[tuple[int, int]] = set()

    def merge(self, number: int, sighting: Sighting) -> Sighting:
        """What all radios know of the car, now that one of them has heard it."""
        identifier = sighting.identifier
        self._deaf.discard((number, identifier))
        hearings = self._by_car.setdefault(identifier, {})
        hearings[number] = Hearing(self._names[number], sighting.rssi_dbm, sighting.seen_s, sighting.handle)
        fresh = [
            hearing for _, hearing in sorted(hearings.items()) if sighting.seen_s - hearing.seen_s < FRESH_S
        ]
        merged = replace(sighting, hearings=tuple(fresh)).merged_with(self._sightings.get(identifier))
        self._sightings[identifier] = merged
        return merged

    def level_dbm(self, number: int, identifier: int, now_s: float) -> int | None:
        """How strongly the radio heard the car; None when it has not lately."""
        hearing = self._by_car.get(identifier, {}).get(number)
        return hearing.rssi_dbm if hearing is not None and now_s - hearing.seen_s < FRESH_S else None

    def as_heard_by(self, number: int, sighting: Sighting) -> Sighting:
        """The sighting as this radio alone would have made it, to connect over it.

        Raises:
            KeyError: it never heard the car.
        """
        hearing = self._by_car[sighting.identifier][number]
        return replace(sighting, rssi_dbm=hearing.rssi_dbm, handle=hearing.handle, hearings=())

    def was_deaf(self, number: int, identifier: int) -> None:
        """The radio was listened to in vain; holds until it hears the car."""
        self._deaf.add((number, identifier))

    def is_deaf(self, number: int, identifier: int) -> bool:
        """Whether it was listened to in vain since it last heard the car."""
        return (number, identifier) in self._deaf
