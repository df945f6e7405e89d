"""The sets change over by hand, and the other set races while the first one charges."""

from __future__ import annotations

from booth.show.commands import CallSwap, Role
from booth.show.records import LapDone, RaceFinished, SwapDone
from booth.show.view import Stage
from tests.booth.control.stands import PACK, played, until

BEFORE, AFTER = PACK.sets


def test_hands_swap_the_sets_and_the_other_set_races_while_the_first_one_charges(tmp_path):
    async def main(stand):
        async with stand.process() as runner:
            await stand.opens(runner)
            await until(60, lambda: runner.snapshot().stage is Stage.RACE)
            assert await runner.ask(Role.CREW, CallSwap("test")) is None
            await until(180, lambda: stand.records(SwapDone))
            await until(90, lambda: runner.snapshot().stage is Stage.RACE)
            assert runner.garage.linked == {car.identifier for car in AFTER.cars}
            rest = [stand.world.cars[car.identifier] for car in BEFORE.cars]
            assert not any(car.driving.on_road for car in rest)
            await until(60, lambda: len(stand.records(RaceFinished)) == 2)
            await until(60, lambda: all(car.power.on_charger for car in rest))
        laps = [(lap.race, lap.seat, lap.number) for lap in stand.records(LapDone)]
        assert len(laps) == len(set(laps)), "no lap twice"
        raced = [{one.car for one in result.standings} for result in stand.records(RaceFinished)]
        assert raced == [{car.identifier for car in group.cars} for group in PACK.sets]

    played(tmp_path, main)
