"""Whole legs on the simulator with its bench, in virtual time, with cells that last a minute."""

from __future__ import annotations

import asyncio

import pytest

from rig.soak.battery.ends import ChargeEnd
from rig.soak.battery.events import Read, ReadCharge
from tests.rig.soak.battery.short_lives import PLAN, SHOCK, SKULL, Book, one_life, plan_of


def test_two_cars_live_and_charge_and_live_again(short_lives):
    book = short_lives((SKULL, SHOCK))
    assert book.ends(SKULL) == book.ends(SHOCK) == ["battery death"] * 2
    for _, life in book.kept:
        assert life.start_full
        assert 40.0 < life.drive_s + life.rest_s < 90.0
        assert life.rest_s == pytest.approx(6.0, abs=6.1)
        assert life.start_mv > 4100
        assert life.end_mv < 3600
        assert (life.gaps, life.stalls, life.off_tracks) == (0, 0, 0)
    assert [charge.end for _, charge in book.charges] == [ChargeEnd.FULL] * 4
    for _, charge in book.charges:
        assert charge.ended_s - charge.began_s == pytest.approx(36.0, abs=6.0)
        assert charge.charge_mah == pytest.approx(4.0, abs=1.0)
    assert {bay for _, act, bay in book.acts if act == "live"} == {"A1", "A2"}
    for odometer in book.odometers:
        assert odometer.speed_held == pytest.approx(1.0, abs=0.03)
        assert odometer.distance_mm > 20_000


def test_voltages_fall_and_charges_are_watched(short_lives):
    book = short_lives(plan=one_life())
    volts = [r.mv for _, r in book.readings if isinstance(r, Read)]
    assert len(volts) > 8
    assert volts[0] == max(volts)
    assert volts[-1] == min(volts)
    currents = [r.ma for _, r in book.readings if isinstance(r, ReadCharge) and r.ma is not None]
    assert max(currents) > 2 * currents[-2], "constant, then a taper"


def test_the_same_seed_gives_the_same_lives(short_lives):
    first, second = short_lives(plan=one_life()), short_lives(plan=one_life())
    assert first.kept == second.kept
    assert first.charges == second.charges
    assert first.readings == second.readings


def on_car(action):
    return lambda station: station.world.handle(SKULL.identifier, action)


def test_a_link_that_comes_back_is_a_gap_in_a_life_that_goes_on(short_lives):
    def out_of_range(station):
        station.world.inject("out_of_range", SKULL.identifier, lasts_s=6.0)

    book = short_lives(plan=one_life(), faults=[(20.0, out_of_range)])
    (life,) = [life for _, life in book.kept]
    assert life.end.value == "battery death"
    assert life.gaps == 1
    assert 5.0 < life.gap_s < 12.0


def stop_wheels(car, now_s):
    """Whatever it is told from now on."""
    car.driving._top_mm_s = 0.0


@pytest.mark.parametrize(
    ("strike", "end"),
    [
        (lambda station: station.world.inject("out_of_range", SKULL.identifier), "radio loss"),
        (lambda station: station.world.inject("asleep", SKULL.identifier), "radio loss"),
        (lambda station: station.world.inject("flat", SKULL.identifier), "battery death"),
        (lambda station: station.world.inject("flies_off", SKULL.identifier), "off track"),
        (on_car(lambda car, now_s: car.lift(now_s)), "off track"),
        (on_car(stop_wheels), "stall"),
    ],
    ids=["out of range", "asleep", "suddenly flat", "flies off", "lifted while driving", "stalls"],
)
def test_what_ends_a_life_is_told_apart(short_lives, strike, end):
    book = short_lives((SKULL, SHOCK), plan=one_life(), faults=[(20.0, strike)])
    assert book.ends(SKULL) == [end]
    assert book.ends(SHOCK) == ["battery death"], "the others go on"


def test_a_car_lifted_while_it_rests_was_taken_off(short_lives):
    lift = on_car(lambda car, now_s: car.lift(now_s))
    book = short_lives(plan=one_life(), faults=[(34.0, lift)])
    assert book.ends() == ["taken off"]


def test_a_car_put_on_another_charger_was_taken_off_and_drives_no_more(short_lives):
    put = on_car(lambda car, now_s: car.put_on_charger(now_s))
    book = short_lives(plan=one_life(), faults=[(20.0, put)])
    assert book.ends() == ["taken off"]
    assert book.kept[0][1].error == "on a live charger"


def test_a_hiccup_on_the_track_does_not_end_a_life(short_lives):
    def stumbles(station):
        station.world.inject("delocalised", SKULL.identifier)

    book = short_lives(plan=one_life(), faults=[(20.0, stumbles)])
    assert book.ends() == ["battery death"]
    assert book.kept[0][1].off_tracks == 1


def test_the_limit_ends_a_life_that_goes_on(short_lives):
    book = short_lives(plan=one_life(), cells={"capacity_mah": 40.0})
    life = book.kept[0][1]
    assert life.end.value == "limit reached"
    assert life.drive_s + life.rest_s == pytest.approx(300.0, abs=1.0)


def test_without_a_charger_a_car_has_one_life_and_the_next_is_not_asked_for(short_lives):
    plan = one_life(plan_of_no_charger())
    book = short_lives(plan=plan, bench=False)
    assert book.ends() == ["battery death"]
    assert book.charges == []


def plan_of_no_charger():

    text = PLAN.replace("lives_per_car = 2", 'lives_per_car = 1\nrecharge = "none"')
    return plan_of(text[: text.rindex("[[limit]]")])


def test_a_charger_without_contact_latches_the_bay_and_the_others_go_on(short_lives):
    def dirty(station):
        station.plant.lose_contact("A1")

    book = short_lives((SKULL, SHOCK), faults=[(20.0, dirty)])
    assert book.ends(SKULL) == ["battery death"]
    assert next((label, charge.end) for label, charge in book.charges) == ("Skull A1", ChargeEnd.VOID)
    assert "A1" in book.left_alone["Skull A1"]
    assert book.ends(SHOCK) == ["battery death"] * 2


def test_an_adapter_that_goes_voids_the_life_of_every_car(short_lives):
    book = short_lives((SKULL, SHOCK), faults=[(20.0, lambda station: station.world.inject("unplug"))])
    assert set(book.ends(SKULL) + book.ends(SHOCK)) == {"bench void"}
    assert all("the bench failed 2 times in a row" in why for why in book.left_alone.values())


def test_lives_on_record_are_not_lived_again(short_lives):

    book = Book()
    book.on_record = {(SKULL.identifier, 1)}
    short_lives(book=book)
    assert [life.life for _, life in book.kept] == [2]


def test_cancelled_it_leaves_cars_standing_links_ended_and_chargers_off(short_lives):
    def cancel(station):
        task = next(t for t in asyncio.all_tasks() if "lives of Skull" in t.get_name())
        task.get_loop().call_soon(station_main.cancel)

    station_main = None

    def remember(station):
        nonlocal station_main
        station_main = next(
            t for t in asyncio.all_tasks() if t.get_coro().__qualname__.endswith("with_station")
        )

    with pytest.raises(asyncio.CancelledError):
        short_lives((SKULL, SHOCK), faults=[(5.0, remember), (90.0, cancel)])
