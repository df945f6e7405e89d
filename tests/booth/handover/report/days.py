"""Made-up days at the stand, as the event log tells them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from booth.handover.report.model import day_report
from booth.handover.report.returns import PeopleCounts, Pipeline
from booth.pack.files import load_pack
from booth.pack.model import Cost, Hours, Money, Objective
from booth.show.records import (
    Closed,
    Entry,
    IncidentBegan,
    IncidentCured,
    LapDone,
    ModeChanged,
    Opened,
    PlayableChanged,
    PlayerLeft,
    PlayerSeated,
    ProcessBegan,
    RaceFinished,
    RaceLinedUp,
    RaceStarted,
    RaceStopped,
    Refused,
    RestartAsked,
    ResultCorrected,
    SwapCalled,
    SwapDone,
)

DAY = date(2026, 11, 22)
PACK = replace(
    load_pack(),
    name="Spring fair",
    hours=(Hours(time(9), time(17)),),
    objectives=(
        Objective("leads", 60, "Contacts a day"),
        Objective("uptime_share", 0.95, "A visitor can race within one cycle"),
        Objective("cost_per_qualified_lead", 300, "A qualified lead costs less than at the last show"),
    ),
    money=Money("USD", (Cost("stand", 6000), Cost("cars", 1400)), 300),
)
PEOPLE = PeopleCounts(
    entries=88,
    leads=71,
    lead_players=64,
    consented=52,
    qualified=31,
    calls_to_action={"stage": 44, "winner": 12},
)


def at(text, plus_s=0.0):
    return datetime.combine(DAY, time.fromisoformat(text), UTC) + timedelta(seconds=plus_s)


def race(number, start, players, *, length_s=60.0, laps=5, end="finished", rerun_of=None):
    """One race with these players at the wheel, AIs on the other seats; lined up 15 s before green."""
    entries = tuple(
        Entry(seat, 0x10 + seat, players[seat] if seat < len(players) else None) for seat in range(4)
    )
    log = [(start - timedelta(seconds=15), RaceLinedUp(number, "race", "A", entries, rerun_of))]
    log.append((start, RaceStarted(number)))
    for lap in range(laps):
        after = timedelta(seconds=length_s * (lap + 1) / (laps + 1))
        log.append((start + after, LapDone(number, 0, lap + 1, 9.5, after.total_seconds())))
    done = start + timedelta(seconds=length_s)
    if end == "finished":
        log.append((done, RaceFinished(number, ())))
    elif end == "stopped":
        log.append((done, RaceStopped(number, "a car went off the road", "crew")))
    return log


def a_day():
    """Nine to five: 300 odd plays, a swap every fifty minutes, four incidents, one crash of the race process."""
    log = [
        (at("08:40"), ProcessBegan("1.2.3", "9ef3", "sim:stand", 1)),
        (at("08:52"), ModeChanged(1, "race", "beta", "verified", "it", "soaked", "accepted")),
        (at("09:06"), PlayableChanged(True, "")),
        (at("09:06"), Opened("crew")),
        (at("11:12"), IncidentBegan(1, "link", 0x11, "Car 1 of set A lost its link", "only staff notice")),
        (at("11:12", 9), IncidentCured(1, "reconnected", 9.0)),
        (at("13:02"), IncidentBegan(2, "radio", None, "The radio does not answer", "visitors notice")),
        (at("13:02"), PlayableChanged(False, "the radio does not answer")),
        (at("13:05"), RestartAsked("radio", "crew")),
        (at("13:09"), IncidentCured(2, "restarted", 420.0)),
        (at("13:09"), PlayableChanged(True, "")),
        (at("15:20", 40), ProcessBegan("1.2.4", "9ef3", "sim:stand", 2)),
        (at("15:20", 41), PlayableChanged(True, "")),
        (at("15:31"), Refused("SetUp", "set A is not off yet", "crew")),
        (at("16:10"), IncidentBegan(3, "off-road", 0x13, "Car 3 left the road", "visitors notice")),
        (at("16:10", 25), IncidentCured(3, "put back", 25.0)),
        (
            at("16:50"),
            IncidentBegan(4, "link", 0x12, "<Car 2> does not answer & is out", "nobody notices yet"),
        ),
        (at("17:00"), Closed("crew")),
    ]
    number, minute = 0, 8.0
    while minute < 474:
        start = at("09:00", minute * 60)
        if 240 <= minute < 250:  # the radio
            minute = 250.0
            continue
        number += 1
        many = (2, 3, 4, 4, 3, 1)[number % 6] if not 170 < minute < 205 else 0
        players = [f"p{(number * 5 + seat * 3) % 230}" for seat in range(many)]
        end = "stopped" if number in {17, 60} else "finished"
        log += race(number, start, players, end=end)
        log += [
            (
                start - timedelta(seconds=12),
                PlayerSeated(player, seat, number, 40 + 37 * (number % 9) + 4 * seat),
            )
            for seat, player in enumerate(players)
        ]
        minute += 2.4
        if number % 22 == 0:
            called = start + timedelta(seconds=70)
            took = 95.0 + number
            log += [
                (called, SwapCalled("A", "set A has no race left")),
                (called, PlayableChanged(False, "pit stop", is_planned=True)),
                (called + timedelta(seconds=took), SwapDone("B" if number % 44 else "A", took)),
                (called + timedelta(seconds=took), PlayableChanged(True, "")),
            ]
            minute += 3.5
    log += [(at("12:00"), PlayerLeft(f"p{each}", "left")) for each in range(7)]
    log.append((at("14:00"), ResultCorrected(9, "crew", "lap missed", ())))
    return sorted(log, key=lambda each: each[0])


def report_of(log, *, pack=PACK, now=None, **given):
    return day_report(pack, DAY, log, now or at("23:00"), **given)


def the_day():
    return report_of(
        a_day(),
        people=PEOPLE,
        pipeline=Pipeline(6_000_000, 6_400_000, 0.2),
        responsiveness_p95_ms=11.4,
    )
