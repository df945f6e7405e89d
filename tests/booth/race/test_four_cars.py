"""Four simulated cars race: the engine, the AI drivers and the driving policy over the real lap detector and links."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from booth.pack.model import Mode, ModeKind, ModeState
from booth.race.drivers import Driver, fires, motion_of, wish_of
from booth.race.driving import Intent, drive, wished
from booth.race.engine import line_up, step
from booth.race.events import BeginCountdown, CarOut, Fire, Lapped, Moved, Ticked
from booth.race.grid import is_on_grid, wish_to_grid
from booth.race.leave import allowed
from booth.race.state import Phase
from booth.show.records import Entry, Hit, LapDone, RaceFinished
from protocol import PositionUpdate, SetOffset, core_of
from protocol.commands import sdk_mode
from protocol.track import location_of, piece_length_mm
from rig.compose import run_with_radio
from rig.control import ControlLoop
from rig.control.link_port import LinkPort
from rig.driving import laps
from rig.driving.lap_events import Started, event_of

MODE = Mode("race", ModeKind.RACE, ModeState.DEFAULT, {"en": "Race"}, {"en": "Drive"}, laps=3, limit_s=60.0)
CAP_MM_S = 900
OVAL = (33, 20, 23, 36, 17, 18, 34)
"""The starter oval in driving order, from the line on; no piece is in it twice."""
STARTS_MM = {piece: sum(piece_length_mm(p) or 0.0 for p in OVAL[:n]) for n, piece in enumerate(OVAL)}
LAP_MM = sum(piece_length_mm(piece) or 0.0 for piece in OVAL)


class Track:
    """One race on the simulated track: hears the cars, ticks the race, steers."""

    def __init__(self, cars, grades, mode):
        entries = [
            Entry(n, car, None, grade) for n, (car, grade) in enumerate(zip(cars, grades, strict=True), 1)
        ]
        self.race, self.said = line_up(1, mode, "A", entries)
        self.detectors = {car: laps.LapState() for car in cars}

    def tell(self, event):
        self.race, said = step(self.race, event)
        self.said += said

    def hear(self, car, message, now_s):
        event = event_of(message, now_s)
        if event is None:
            return
        core = core_of(message)
        if isinstance(core, PositionUpdate) and core.piece_id in STARTS_MM:
            place = location_of(core.piece_id, core.location_id, core.is_reverse_parsed)
            if place is not None and place.along_mm is not None:
                along = STARTS_MM[core.piece_id] + place.along_mm
                self.tell(
                    Moved(now_s, car.identifier, along, LAP_MM, core.speed_mm_s, place.offset_mm or 0.0)
                )
        self.detectors[car.identifier], found = laps.step(self.detectors[car.identifier], event)
        for finding in found:
            first = isinstance(finding, Started)
            time_s = None if first else finding.time_s
            self.tell(Lapped(now_s, car.identifier, finding.at_s, time_s, is_first=first))

    def steer(self, loop, now_s):
        for racer in self.race.racers:
            if self.race.phase is Phase.LINED_UP:
                wish = wish_to_grid(racer.seat, racer.spot, CAP_MM_S)
            else:
                driver = Driver(1, self.race.race, racer.seat, racer.entry.grade)
                wish = wish_of(driver, motion_of(self.race, racer.seat, now_s), CAP_MM_S)
                wish = allowed(self.race, racer.seat, wish, now_s, CAP_MM_S)
                if self.race.phase is Phase.RUNNING and fires(driver, self.race, now_s):
                    self.tell(Fire(now_s, racer.seat))
            if racer.out is None and loop.intent(racer.entry.car).wish != wish:
                loop.steer(racer.entry.car, wished(loop.intent(racer.entry.car), wish))


async def run(station, grades, *, mode=MODE, break_after_laps=None):
    """A race from wherever the cars stand; `break_after_laps`: then the link to the second car is broken."""
    cars = list(station.world.cars)[:4]
    links = [await station.radio.connect(await station.radio.find(car, 10)) for car in cars]
    track = Track(cars, grades, mode)
    now = asyncio.get_running_loop().time

    def lost(car, why):
        track.tell(CarOut(now(), car, why))

    with ControlLoop(drive, on_heard=track.hear, on_ended=lost) as loop:
        for link in links:
            await link.write(sdk_mode(link.dialect))
            await link.write(SetOffset(0.0))
            loop.add(LinkPort(link), Intent(cap_mm_s=CAP_MM_S, colour=(0, 14, 0)))
        async with asyncio.timeout(30):
            while not all(is_on_grid(racer.spot) for racer in track.race.racers):
                track.steer(loop, now())
                await asyncio.sleep(0.1)
        track.steer(loop, now())
        await asyncio.sleep(1.0)
        track.detectors = {car: laps.lined_up() for car in cars}
        track.tell(BeginCountdown(now(), 3.0))
        async with asyncio.timeout(90):
            while track.race.phase is not Phase.FINISHED:
                track.tell(Ticked(now()))
                track.steer(loop, now())
                await asyncio.sleep(0.1)
                if break_after_laps is not None and len(track.race.racers[1].laps) == break_after_laps:
                    break_after_laps = None
                    station.world.break_link(cars[1])
        track.steer(loop, now())
        await asyncio.sleep(2.0)
        stood = [loop.intent(car).speed for car in loop.cars]
    for link in links:
        await link.disconnect()
    return track, stood


def test_four_cars_line_up_race_and_stand():
    track, stood = run_with_radio("sim:", lambda station: run(station, (0.2, 0.5, 0.7, 0.95)), seed=1)
    laps_done = [(record.seat, record.number) for record in track.said if isinstance(record, LapDone)]
    assert sorted(laps_done) == [(seat, number) for seat in (1, 2, 3, 4) for number in (1, 2, 3)]
    green_s = track.race.green_s
    assert all(racer.first_s - green_s < 1.5 for racer in track.race.racers), (
        "all crossed the line soon after green"
    )
    finished = track.said[-1]
    assert isinstance(finished, RaceFinished)
    assert finished.winner == 4
    assert finished.standings[-1].seat == 1
    assert [(told.value, told.agreed) for told in stood] == [(0, True)] * 4


def test_a_link_that_breaks_costs_its_car_the_race_and_nobody_else():
    track, _ = run_with_radio(
        "sim:", lambda station: run(station, (0.6, 0.9, 0.6, 0.6), break_after_laps=1), seed=1
    )
    result = track.race.result
    lost = next(standing for standing in result.standings if standing.seat == 2)
    assert (lost.place, lost.laps, lost.out) == (4, 1, "lost")
    assert [standing.laps for standing in result.standings] == [3, 3, 3, 1]


def test_cars_fight_a_battle_and_whoever_is_hit_too_often_stands():
    battle = replace(MODE, name="battle", kind=ModeKind.BATTLE, limit_s=25.0, energy=2, range_mm=900.0)
    track, _ = run_with_radio("sim:", lambda station: run(station, (0.9, 0.8, 0.5, 0.4), mode=battle), seed=1)
    hits = [record for record in track.said if isinstance(record, Hit)]
    assert len(hits) > 5
    result = track.race.result
    assert result.winner == result.standings[0].seat
    assert result.standings[0].score >= result.standings[-1].score
    stood = sum(racer.fight.times_disabled for racer in track.race.racers)
    assert stood > 0
    assert sum(standing.score for standing in result.standings) == len(hits) + 2 * stood
