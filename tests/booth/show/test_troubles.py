"""What goes wrong: a car's link, the radio, the log. The race goes on where it can, stands where it must, visitors see a
calm fault only when no race can be run."""

from __future__ import annotations

import pytest

from booth.pack.files import load_pack
from booth.show import inputs, records
from booth.show.view import Stage
from tests.booth.show.toy_floor import ToyFloor

PACK = load_pack()
A = [car.identifier for car in PACK.sets[0].cars]


def racing(**more):
    stand = ToyFloor(PACK, **more).open()
    stand.until(lambda: stand.show.stage is Stage.RACE)
    stand.run(4.0)
    return stand


def fail(stand, kind, car=None, words="For the test"):
    stand.tell(inputs.Trouble(stand.now_s, kind, words, car))


def cure(stand, kind, car=None, by="reconnected"):
    stand.tell(inputs.Cured(stand.now_s, kind, by, car))


def test_a_lost_link_puts_the_car_out_and_back_with_its_laps_and_the_race_goes_on():
    stand = racing()
    stand.until(lambda: len(stand.records(records.LapDone)) >= 8)
    stand.lose_link(A[1])
    fail(stand, "link", A[1], "Ground Shock A2 lost its link")
    (out,) = stand.records(records.CarOut)
    assert (out.seat, out.why) == (2, "its link is lost")
    stand.until(lambda: stand.records(records.CarBack))
    cure(stand, "link", A[1])
    stand.until(lambda: stand.show.stage is Stage.RESULT)
    (finished,) = stand.records(records.RaceFinished)
    assert [standing.laps for standing in finished.standings if standing.seat != 2] == [5, 5, 5]
    (incident,) = stand.snapshot().incidents
    assert (incident.severity, incident.cured_by, incident.owner) == (
        "visitors notice",
        "reconnected",
        "pitboard",
    )
    assert stand.records(records.IncidentCured)[0].took_s > 0.0


def test_a_battery_that_dies_in_a_race_never_spoils_the_result():
    stand = racing()
    stand.die(A[0])
    stand.until(lambda: stand.show.stage is Stage.RESULT)
    (finished,) = stand.records(records.RaceFinished)
    assert finished.winner != 1
    assert finished.standings[-1].out == "its link is lost"


def test_a_resting_car_s_trouble_is_noticed_by_nobody_yet():
    stand = racing()
    fail(stand, "silent", PACK.sets[1].cars[0].identifier)
    assert stand.snapshot().incidents[0].severity == "nobody notices yet"
    fail(stand, "silent", PACK.sets[1].cars[0].identifier)
    assert len(stand.records(records.IncidentBegan)) == 1
    fail(stand, "link", 0xDEAD)
    assert len(stand.records(records.IncidentBegan)) == 1


def test_the_radio_gone_for_a_moment_stands_the_race_still_and_gives_the_time_back():
    stand = racing()
    ends_s = stand.show.game.race.ends_s
    stand.lose_radio()
    assert "radio" in stand.show.pauses
    assert stand.snapshot().headline == "The race stands until the cars are back."
    stand.run(8.0)
    assert stand.records(records.CarOut) == []
    stand.mend_radio()
    stand.until(lambda: not stand.show.pauses)
    assert stand.show.game.race.ends_s > ends_s + 8.0
    stand.until(lambda: stand.show.stage is Stage.RESULT)
    assert stand.records(records.RaceFinished)[0].standings[0].laps == 5
    assert stand.records(records.RaceInterrupted)


def test_the_radio_gone_for_long_stops_the_race_offers_a_rerun_and_shows_a_calm_fault():
    stand = racing()
    stand.lose_radio()
    stand.until(lambda: stand.show.stage is Stage.FAULT)
    assert stand.records(records.RaceStopped)[0].why == "the radio failed"
    seen = stand.snapshot()
    assert {"rerun", "incident-1"} <= {task.key for task in seen.tasks}
    button = next(task.button for task in seen.tasks if task.key == "incident-1")
    assert button["do"] == "Restart"
    assert seen.uptime["share"] < 1.0
    down = [record for record in stand.records(records.PlayableChanged) if not record.is_playable]
    assert down[-1].is_planned is False
    stand.mend_radio()
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert stand.records(records.PlayableChanged)[-1].is_playable


def test_results_that_cannot_be_written_keep_the_next_race_from_starting():
    stand = racing()
    fail(stand, "log", words="The disk is full")
    stand.until(lambda: stand.show.stage is Stage.FAULT)
    assert stand.snapshot().headline == "No race can be run: The disk is full."
    assert next(task for task in stand.snapshot().tasks if task.key.startswith("incident")).owner == "it"
    cure(stand, "log", by="space was freed")
    stand.until(lambda: stand.show.stage is Stage.RACE)


def test_a_car_off_the_road_is_out_until_it_is_put_back():
    stand = racing()
    fail(stand, "off-road", A[2], "Thermo A3 left the road")
    assert stand.records(records.CarOut)[0].why == "it left the road"
    assert stand.snapshot().incidents[0].owner == "crew"
    cure(stand, "off-road", A[2], "put back")
    assert stand.records(records.CarBack)[0].seat == 3


@pytest.mark.parametrize("kind", ["screens", "something new"])
def test_what_is_no_race_s_trouble_disturbs_none(kind):
    stand = racing()
    fail(stand, kind)
    stand.until(lambda: stand.show.stage is Stage.RESULT)
    assert stand.snapshot().incidents[0].action


def test_a_new_pack_is_live_from_the_next_race_on_and_other_cars_need_a_restart():
    from dataclasses import replace

    stand = racing()
    brand = replace(PACK.brand, client="Another client")
    new = replace(PACK, brand=brand, modes=(*PACK.modes[:2], replace(PACK.modes[2], laps=2)))
    stand.tell(inputs.PackRead(stand.now_s, new))
    assert stand.show.pack.brand.client == PACK.brand.client
    stand.until(lambda: len(stand.records(records.RaceLinedUp)) == 2)
    assert stand.show.pack.brand.client == "Another client"
    other = replace(PACK, sets=(PACK.sets[1], PACK.sets[0]))
    stand.tell(inputs.PackRead(stand.now_s, other))
    assert stand.snapshot().incidents[0].words.startswith("The new show pack has other cars")


def test_midnight_begins_a_new_day():
    stand = ToyFloor(PACK)
    stand.minute_from = 23 * 60 + 57
    stand.open()
    stand.join("p1")
    stand.until(lambda: stand.records(records.RaceFinished))
    assert stand.snapshot().day_board
    stand.until(lambda: stand.minute < 10)
    assert stand.snapshot().day_board == ()
    assert stand.snapshot().uptime["races"] <= 1.0
    assert stand.show.game.count >= 1
