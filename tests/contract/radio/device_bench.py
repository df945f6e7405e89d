"""Real hardware: the radio named with `--device`, the cars named with `--cars`. Allow-listed messages only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import pytest

from rig.compose import open_radio
from rig.radio.moniker import parse_moniker
from tests.contract.radio.abilities import Ability, car_abilities
from tests.contract.radio.benches import Bench, Setup, Stand


class DeviceBench(Bench):
    """`--device ble --cars 0880eadb,0a41c37e`. Real cars declare nothing but how many they are."""

    name = "device"
    abilities: frozenset[Ability] = frozenset()

    def __init__(self, moniker: str, cars: tuple[int, ...]) -> None:
        self.moniker = moniker
        self.cars = cars
        self.name = str(parse_moniker(moniker))
        self.abilities = car_abilities(len(cars))

    @classmethod
    def from_options(cls, config: pytest.Config) -> Self:
        """The bench of the command line.

        Raises:
            pytest.UsageError: no cars named, or an identifier that is none.
        """
        named = [part.strip() for part in (config.getoption("--cars") or "").split(",") if part.strip()]
        try:
            cars = tuple(int(part, 16) for part in named)
        except ValueError:
            raise pytest.UsageError(f"--cars takes identifiers in hex, not '{','.join(named)}'") from None
        if not cars:
            raise pytest.UsageError("--device needs --cars with the identifiers of the cars to use")
        return cls(config.getoption("--device"), cars)

    @asynccontextmanager
    async def stand(self, setup: Setup) -> AsyncIterator[Stand]:
        """The radio and the first cars of the list."""
        async with open_radio(self.moniker) as station:
            yield Stand(station.radio, self.cars[: setup.cars])
