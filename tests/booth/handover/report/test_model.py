"""The figures of a day, by hand and by property."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.handover.report.model import advertised_hours, day_span
from booth.handover.report.races import quantile
from booth.handover.report.returns import PeopleCounts, Pipeline, returns_of
from booth.handover.report.spans import Found, Span, merged, total_s, within
from booth.pack.model import Cost, Hours, Money, Objective
from booth.pack.reading_business import FIGURES
from booth.show.records import (
    Closed,
    IncidentBegan,
    IncidentCured,
    Opened,
    PlayableChanged,
    PlayerLeft,
    PlayerQueued,
    PlayerSeated,
    ProcessBegan,
    RaceInterrupted,
    RaceLinedUp,
    RestartAsked,
    SwapCalled,
    SwapDone,
)
from tests.booth.handover.report.days import DAY, PACK, PEOPLE, at, race, report_of, the_day

MINUTE = timedelta(minutes=1)
OPEN = [
    (at("08:59"), ProcessBegan("1", "p", "sim", 1)),
    (at("09:00"), PlayableChanged(True, "")),
    (at("09:00"), Opened("crew")),
]
CLOSE = [(at("17:00"), Closed("crew"))]


def test_a_day_without_a_log_has_no_figures_and_no_division_by_zero():
    report = report_of([])
    assert report.opened == ()
    assert report.service.uptime_share is None
    assert report.races.plays_per_hour is None
    assert report.service.missed_s == 8 * 3600
    assert [target.is_met for target in report.targets] == [None, None, None]


def test_uptime_is_what_a_visitor_would_say():
    log = [
        *OPEN,
        (at("10:00"), PlayableChanged(False, "the radio does not answer")),
        (at("10:30"), PlayableChanged(True, "")),
        (at("11:00"), PlayableChanged(False, "pit stop", is_planned=True)),
        (at("12:00"), PlayableChanged(True, "")),
        *CLOSE,
    ]
    service = report_of(log).service
    assert (service.playable_s, service.down_s, service.planned_s) == (6.5 * 3600, 1800, 3600)
    assert service.uptime_share == pytest.approx(6.5 / 7)
    assert [each.found for each in service.stretches] == [
        Found.PLAYABLE, Found.DOWN, Found.PLAYABLE, Found.PLANNED, Found.PLAYABLE,
    ]  # fmt: skip


def test_before_the_first_word_it_is_down():
    service = report_of([(at("09:00"), Opened("crew")), *CLOSE]).service
    assert service.uptime_share == 0


def test_time_in_which_the_race_process_was_away_is_down():
    log = [
        *OPEN,
        (at("12:00"), PlayerQueued("p", 1)),
        (at("12:20"), ProcessBegan("1", "p", "sim", 2)),
        (at("12:21"), PlayableChanged(True, "")),
        *CLOSE,
    ]
    service = report_of(log).service
    assert service.down_s == 21 * 60
    assert [each.why for each in service.stretches if each.found is Found.DOWN] == [
        "the race process was away",
        "not yet ready",
    ]
    assert service.processes == 2


def test_a_late_opening_stands_beside_uptime():
    log = [*OPEN[:2], (at("09:30"), Opened("crew")), (at("16:50"), Closed("crew"))]
    service = report_of(log).service
    assert service.uptime_share == 1.0
    assert service.missed_s == 40 * 60


def test_a_day_that_is_not_over_counts_up_to_now():
    report = report_of(OPEN, now=at("11:00"))
    assert report.service.open_s == 2 * 3600
    assert report.service.advertised_s == 2 * 3600
    assert report.opened == (Span(at("09:00"), at("11:00")),)


def test_another_day_s_records_are_left_out():
    yesterday = [(when - timedelta(days=1), record) for when, record in race(1, at("10:00"), ["p1"])]
    assert report_of([*yesterday, *OPEN]).races.plays == 0


def test_open_twice_a_day_is_open_twice():
    log = [*OPEN, (at("10:00"), Closed("crew")), (at("11:00"), Opened("crew")), *CLOSE]
    assert report_of(log).service.open_s == 7 * 3600


def test_plays_visitors_and_repeats():
    log = [
        *OPEN,
        *race(1, at("10:00"), ["a", "b"]),
        *race(2, at("10:05"), ["a", "c"], end="stopped"),
        *race(3, at("10:10"), ["a", "c"], rerun_of=2),
        *race(4, at("10:15"), []),
        *CLOSE,
    ]
    races = report_of(log).races
    assert (races.races, races.stopped) == (3, 1)
    assert (races.plays, races.unique_players, races.repeat_plays) == (4, 3, 1)
    assert races.plays_per_hour == pytest.approx(4 / 8)
    assert races.laps == 20
    assert [(hour.races, hour.plays) for hour in races.hours][:2] == [(0, 0), (4, 4)]


def test_a_race_that_never_went_green_is_no_play():
    log = [*OPEN, race(1, at("10:00"), ["a"])[0], (at("10:01"), PlayerLeft("a", "left", 0)), *CLOSE]
    assert report_of(log).races.plays == 0


def test_quiet_is_open_with_nobody_waiting_or_driving_and_no_swap():
    log = [
        *OPEN,
        (at("10:00"), PlayerQueued("a", 1)),
        (at("10:10"), PlayerLeft("a", "left")),
        (at("10:20"), PlayerSeated("b", 1, 1, 300.0)),
        *race(1, at("10:21"), ["b"], length_s=540),
        (at("11:00"), SwapCalled("A", "no race left")),
        (at("11:05"), SwapDone("B", 300.0)),
        *CLOSE,
    ]
    report = report_of(sorted(log, key=lambda each: each[0]))
    busy_min = 10 + 5 + 9.25 + 5
    assert report.races.idle_s == pytest.approx((480 - busy_min) * 60)
    assert report.races.gave_up == 1


def test_a_cycle_is_green_to_green_without_a_swap_in_between():
    log = [
        *OPEN,
        *race(1, at("10:00"), ["a"]),
        *race(2, at("10:03"), ["b"]),
        (at("10:05"), SwapDone("B", 30.0)),
        *race(3, at("10:20"), ["c"]),
        *race(4, at("10:24"), ["d"]),
        *CLOSE,
    ]
    assert report_of(log).races.cycle_s == 210


def test_a_race_that_broke_off_ends_when_the_next_is_lined_up():
    log = [*OPEN, *race(1, at("10:00"), ["a"], end="crash"), *race(2, at("10:30"), ["b"]), *CLOSE]
    report = report_of([*log, (at("10:05"), RaceInterrupted(1, 3.0))])
    assert report.races.races == 1
    assert report.races.idle_s == pytest.approx(8 * 3600 - (30 * 60 + 60 + 15))


def test_waits_are_by_nearest_rank():
    log = [*OPEN, *[(at("10:00", n), PlayerSeated(f"p{n}", 0, 1, float(n))) for n in range(1, 61)], *CLOSE]
    races = report_of(log).races
    assert (races.wait_p50_s, races.wait_p95_s) == (30, 57)
    assert races.hours[1].wait_p50_s == 30
    assert races.hours[0].wait_p50_s is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_quantile_is_one_of_the_values_with_enough_below(values, q):
    found = quantile(values, q)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * q - 1e-6


def test_incidents_swaps_and_restarts():
    log = [
        *OPEN,
        (at("10:00"), IncidentBegan(1, "link", 1, "Car 1 lost its link", "only staff notice")),
        (at("10:01"), IncidentCured(1, "reconnected", 60.0)),
        (at("11:00"), IncidentBegan(1, "radio", None, "The radio", "visitors notice")),
        (at("11:03"), IncidentCured(1, "restarted", 180.0)),
        (at("11:04"), IncidentCured(9, "restarted", 1.0)),
        (at("12:00"), IncidentBegan(2, "link", 1, "Car 2", "nobody notices yet")),
        (at("12:01"), RestartAsked("radio", "crew")),
        (at("12:02"), RestartAsked("radio", "crew")),
        (at("13:00"), SwapDone("B", 120.0)),
        *CLOSE,
    ]
    service = report_of(log).service
    assert [each.cured_by for each in service.incidents] == ["reconnected", "restarted", None]
    assert service.mttr_s == 120
    assert service.rungs == {"reconnected": 1, "restarted": 1}
    assert service.restarts == {"radio": 2}
    assert [(each.to_set, each.took_s, each.why) for each in service.swaps] == [("B", 120.0, "")]


def test_a_swap_that_is_not_over_lasts_until_now():
    log = [*OPEN, (at("10:00"), SwapCalled("A", "x"))]
    assert report_of(log, now=at("10:30")).races.idle_s == 3600


def test_cost_and_both_returns():
    money = Money("USD", (Cost("stand", 20_000), Cost("cars", 4_000)), 500)
    people = PeopleCounts(leads=200, qualified=80, lead_players=90)
    returns = returns_of(people, money, 180, Pipeline(6_000_000, 7_000_000, 0.2))
    assert returns.cost_per_lead == 120
    assert returns.cost_per_qualified_lead == 300
    assert returns.roi == pytest.approx((40_000 - 24_000) / 24_000)
    assert returns.pipeline_gain == pytest.approx(200_000 - 24_000)
    assert returns.conversion_share == 0.5


@pytest.mark.parametrize(
    ("people", "money"),
    [
        (None, Money("USD", (Cost("x", 5),), 3)),
        (PeopleCounts(), Money("USD", (Cost("x", 5),), 0)),
        (PeopleCounts(leads=3, qualified=1), Money()),
    ],
)
def test_what_cannot_be_said_is_none(people, money):
    returns = returns_of(people, money, 0, None)
    assert returns.roi is None
    assert returns.pipeline_gain is None
    assert returns.conversion_share is None
    assert returns.cost_per_lead is None


@pytest.mark.parametrize("key", FIGURES)
def test_every_figure_an_objective_may_name_is_in_the_report(key):
    report = report_of(OPEN, pack=replace(PACK, objectives=(Objective(key, 1, ""),)), people=PEOPLE)
    assert report.targets[0].actual is not None


def test_a_cost_is_reached_when_it_is_not_above_and_anything_else_when_not_below():
    met = {target.objective.key: target.is_met for target in the_day().targets}
    assert met == {"leads": True, "uptime_share": True, "cost_per_qualified_lead": True}
    dear = replace(PACK, objectives=(Objective("cost_per_lead", 100, ""), Objective("leads", 72, "")))
    assert [each.is_met for each in report_of(OPEN, pack=dear, people=PEOPLE).targets] == [False, False]


def test_hours_of_the_day_itself_come_first():
    pack = replace(PACK, hours=(Hours(time(9), time(17)), Hours(time(10), time(14), DAY)))
    assert advertised_hours(pack, DAY) == (Span(at("10:00"), at("14:00")),)
    assert advertised_hours(pack, DAY + timedelta(days=1))[0].seconds == 8 * 3600


def test_the_day_is_the_show_s_even_when_clocks_change():
    assert day_span(DAY, "Europe/Berlin").start == at("00:00") - timedelta(hours=1)
    autumn = DAY.replace(month=10, day=25)
    assert day_span(autumn, "Europe/Berlin").seconds == 25 * 3600


spans = st.lists(
    st.tuples(st.integers(0, 600), st.integers(0, 100)).map(
        lambda pair: Span(at("08:00") + pair[0] * MINUTE, at("08:00") + (pair[0] + pair[1]) * MINUTE)
    ),
    max_size=12,
)


def minutes(given_spans):
    return {
        n for span in given_spans for n in range(701) if span.start <= at("08:00") + n * MINUTE < span.end
    }


@given(spans, spans)
def test_merging_and_cutting_are_the_sets_they_stand_for(some, windows):
    assert minutes(merged(some)) == minutes(some)
    assert total_s(merged(some)) == 60 * len(minutes(some))
    assert minutes(within(some, windows)) == minutes(some) & minutes(windows)


changes = st.lists(
    st.tuples(
        st.integers(0, 540),
        st.sampled_from([
            PlayableChanged(True, ""), PlayableChanged(False, "x"), PlayableChanged(False, "y", is_planned=True),
            Opened("c"), Closed("c"), ProcessBegan("1", "p", "sim", 1), RaceLinedUp(1, "race", "A", ()),
        ]),
    ),
    max_size=20,
)  # fmt: skip


@given(changes)
def test_open_time_is_played_planned_or_down_and_never_two_at_once(made):
    log = sorted(
        ((at("08:00") + minute * MINUTE, record) for minute, record in made), key=lambda each: each[0]
    )
    report = report_of(log, now=at("19:00"))
    service = report.service
    assert service.playable_s + service.planned_s + service.down_s == pytest.approx(service.open_s)
    assert len(minutes(each.span for each in service.stretches)) * 60 == pytest.approx(service.open_s)
    assert 0 <= report.races.idle_s <= service.open_s
