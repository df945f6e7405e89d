"""The race process dies and begins again: the show goes on from its log, the race with the laps it had."""

from __future__ import annotations

import asyncio

from booth.show.records import LapDone, RaceFinished, RaceInterrupted, RaceLinedUp, RaceStopped
from booth.show.view import Stage
from tests.booth.control.stands import played, until


def test_a_race_goes_on_with_the_laps_it_had_within_five_seconds(tmp_path):
    async def main(stand):
        async with stand.process() as runner:
            await stand.opens(runner)
            await until(90, lambda: len(stand.records(LapDone)) >= 6)
            before = {seat.seat: seat.laps for seat in runner.snapshot().race.seats}
        async with stand.process() as runner:
            assert {seat.seat: seat.laps for seat in runner.snapshot().race.seats} == before
            moving = [car.driving for car in stand.world.cars.values()]
            loop = asyncio.get_running_loop()
            took_s = await until(10, lambda: sum(car.wheel_mm_s(loop.time()) > 0 for car in moving) == 4)
            assert took_s < 5.0
            assert not any(seat.out for seat in runner.snapshot().race.seats)
            await until(60, lambda: stand.records(RaceFinished))
        laps = [(lap.race, lap.seat, lap.number) for lap in stand.records(LapDone)]
        assert len(laps) == len(set(laps)), "no lap twice"
        (result,) = stand.records(RaceFinished)
        assert result.standings[0].laps == 5
        assert all(one.laps >= before[one.seat] for one in result.standings)
        assert stand.records(RaceInterrupted)

    played(tmp_path, main)


def test_a_line_up_begins_anew_and_what_had_no_result_has_none(tmp_path):
    async def main(stand):
        async with stand.process() as runner:
            await stand.opens(runner)
            await until(60, lambda: runner.snapshot().stage is Stage.LINE_UP)
        async with stand.process() as runner:
            assert [stopped.race for stopped in stand.records(RaceStopped)] == [1]
            await until(90, lambda: runner.snapshot().stage is Stage.RACE)
        assert [race.race for race in stand.records(RaceLinedUp)] == [1, 2]

    played(tmp_path, main)
