"""What a trend finds in series whose truth is known, and that it finds nothing where there is nothing."""

from __future__ import annotations

import json

import pytest

from rig.errors import InputError
from rig.history.findings import nights_to_confirm, trend_of
from rig.history.judging import CONFIRMING_NIGHTS, LEAST_NIGHTS
from rig.history.nights import nights_of_document, series_of
from rig.history.shapes import Shape
from rig.history.trend_json import trend_document
from rig.history.trend_words import finding_words, headline, pending_words


def test_thirty_nights_with_a_fading_car_and_a_firmware_change_give_just_these_two(made_up):
    for seed in (1, 2):
        trend = trend_of("t", made_up.make_nights(fade=0.015, slower=0.3, seed=seed))
        fade, slower = trend.findings
        assert (fade.shape, fade.subjects) == (Shape.DRIFT, (made_up.FADES,))
        assert fade.metrics == ("battery.life_s", "battery.charge_mah")
        assert fade.effect == pytest.approx(-0.015, abs=0.001)
        assert (slower.shape, slower.night, slower.family) == (Shape.STEP, 19, "reconnect")
        assert slower.metrics == ("reconnect.p50_s", "reconnect.p95_s")
        assert set(slower.subjects) == set(made_up.CARS)
        assert slower.effect == pytest.approx(0.3, abs=0.03)
        assert [str(change) for change in slower.changed] == ["firmware of all 5 cars 0x2774 → 0x2b6e"]
        assert trend.pending == ()


def test_nothing_is_found_in_noise(made_up):
    for seed in (100, 101):
        trend = trend_of("t", made_up.make_nights(seed=seed))
        assert (trend.findings, trend.pending) == ((), ())


@pytest.mark.nightly
def test_noise_alone_is_news_less_than_once_in_a_hundred_reports(made_up):
    found = [trend_of("t", made_up.make_nights(seed=seed)).findings for seed in range(200, 400)]
    assert sum(map(bool, found)) <= 2


def test_a_forecast_says_when_a_fifth_is_gone(made_up):
    trend = trend_of("t", made_up.make_nights(12, fade=0.015))
    (finding,) = trend.findings
    life = next(each for each in finding.members if each.series.metric == "battery.life_s")
    # 0.985 ** 14.76 is 0.8, counted from night 1
    assert life.drift.forecast.night == pytest.approx(16, abs=1)
    assert life.drift.forecast.earliest <= life.drift.forecast.night <= life.drift.forecast.latest
    assert "it will be down to 80 % by night 1" in finding_words(finding, 5)


def test_a_fleet_that_fades_is_one_finding_and_the_car_that_fades_faster_another(made_up):
    trend = trend_of("t", made_up.make_nights(fade=0.01, fleet_fade=0.01))
    (finding,) = trend.findings
    assert set(finding.subjects) == set(made_up.CARS)
    assert finding_words(finding, 5).count("all 5 cars: ") == 2
    faster, fleet = trend_of("t", made_up.make_nights(fade=0.02, fleet_fade=0.01)).findings
    assert sorted((len(faster.subjects), len(fleet.subjects))) in ([1, 4], [1, 5])


def test_what_befalls_the_whole_fleet_is_seen_where_no_car_alone_would_show_it(made_up):
    trend = trend_of("t", made_up.make_nights(slower=0.15, noise=0.07, seed=3))
    (finding,) = trend.findings
    assert finding.night == 19
    assert set(finding.subjects) == set(made_up.CARS)
    assert any(member.series.subject_kind == "fleet" for member in finding.members)


def test_a_rate_that_falls_is_told_in_points(made_up):
    trend = trend_of("t", made_up.make_nights(failing=0.4))
    (finding,) = trend.findings
    assert (finding.metrics, finding.night) == (("reconnect.first_attempt",), 19)
    assert finding.effect == pytest.approx(-0.38, abs=0.08)
    words = finding_words(finding, 5)
    assert "From night 19 lower (worse) for all 5 cars: reconnect.first_attempt" in words
    assert "Nothing on record changed on the bench that night." in words


def test_it_is_too_early_before_the_tenth_night(made_up):
    for count in (1, LEAST_NIGHTS - 1):
        trend = trend_of("t", made_up.make_nights(count, fade=0.05))
        assert trend.findings == ()
        assert trend.nights_needed == LEAST_NIGHTS - count
        assert f"{LEAST_NIGHTS - count} more until" in headline(trend)
    assert trend_of("t", made_up.make_nights(LEAST_NIGHTS, fade=0.05)).nights_needed == 0


def test_a_step_waits_for_the_nights_that_confirm_it(made_up):
    for since in (1, 2):
        trend = trend_of("t", made_up.make_nights(18 + since, slower=0.3))
        assert trend.findings == ()
        (pending,) = trend.pending
        assert pending.night == 19
        assert nights_to_confirm(pending) == CONFIRMING_NIGHTS - since
        assert f"Not confirmed: since night 19 {'reconnect.p50_s'}" in pending_words(pending, 5)
    trend = trend_of("t", made_up.make_nights(18 + CONFIRMING_NIGHTS, slower=0.3))
    assert [finding.night for finding in trend.findings] == [19]


def test_one_odd_night_is_no_step(made_up):
    odd = made_up.make_nights(1, slower=0.5, from_night=1)[0]
    nights = [*made_up.make_nights(30)]
    nights[14] = type(odd)(15, odd.run_id, odd.started_at, odd.bench, odd.metrics)
    assert trend_of("t", nights).findings == ()


def test_what_a_car_has_is_not_looked_at_again_for_its_set(made_up):
    series = series_of(made_up.make_nights(3))
    assert {each.subject_kind for each in series if each.metric == "reconnect.p50_s"} == {"car", "fleet"}
    assert {each.subject_kind for each in series if each.metric == "swap.total_s"} == {"run"}


def test_a_night_that_is_missing_stays_a_gap(made_up):
    nights = [night for night in made_up.make_nights(fade=0.015) if night.number not in {5, 6, 20}]
    (finding,) = trend_of("t", nights).findings
    assert finding.effect == pytest.approx(-0.015, abs=0.001)


def test_the_document_gives_the_same_trend_again(made_up):
    trend = trend_of("t", made_up.make_nights(fade=0.015, slower=0.3))
    document = json.loads(json.dumps(trend_document(trend)))
    again = trend_of("t", nights_of_document(document, source="trend.json"))
    assert trend_document(again) == document


@pytest.mark.parametrize("document", [[], {}, {"format": 2}, {"format": 1, "nights": [{}]}, None])
def test_a_file_that_holds_no_nights_is_refused(document):
    with pytest.raises(InputError, match="holds no nights"):
        nights_of_document(document, source="x.json")
