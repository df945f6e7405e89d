"""A trend in words: each finding one sentence that says what, whose, how much, since when, and what changed then."""

from __future__ import annotations

from collections.abc import Sequence

from rig.history.findings import Finding, Trend, nights_to_confirm
from rig.history.judging import LEAST_NIGHTS
from rig.history.shapes import FADED_TO, Drift, Forecast, Judgement, Shape


def headline(trend: Trend) -> str:
    """The whole in one sentence."""
    count = len(trend.nights)
    if trend.nights_needed:
        return (
            f"Too early: {count} {_nights(count)} so far, {trend.nights_needed} more until a trend can be told"
            f" ({LEAST_NIGHTS} in all)."
        )
    looked = f"{len(trend.judgements)} figures over {count} nights"
    if not trend.findings:
        return f"Nothing stands out in {looked}."
    found = len(trend.findings)
    return f"{found} {'thing stands' if found == 1 else 'things stand'} out in {looked}."


def finding_words(finding: Finding, cars: int) -> str:
    """A finding as a sentence or two; `cars` is how many subjects the figures have in all."""
    subjects = who(finding.subjects, cars)
    if finding.shape is Shape.DRIFT:
        told = [member for member in finding.members if member.series.covers] or finding.members
        return " ".join(f"{subjects}: {_drift_words(member)}" for member in told)
    way = "higher" if finding.effect > 0 else "lower"
    levels = [
        f"{metric} {percent(abs(effect), finding.is_share)}" for metric, effect in finding.effects.items()
    ]
    sentence = f"From night {finding.night} {way} ({_judged(finding)}) for {subjects}: {named(levels)}."
    if finding.changed:
        return f"{sentence} Changed that night: {'; '.join(map(str, finding.changed))}."
    return f"{sentence} Nothing on record changed on the bench that night."


def pending_words(finding: Finding, cars: int) -> str:
    """A step that is not confirmed yet."""
    needed = nights_to_confirm(finding)
    changes = [member.pending.change for member in finding.members if member.pending is not None]
    way = "higher" if changes[0] > 0 else "lower"
    most = max(abs(change) for change in changes)
    return (
        f"Not confirmed: since night {finding.night} {named(finding.metrics)} up to"
        f" {percent(most, finding.is_share)} {way} for {who(finding.subjects, cars)};"
        f" {needed} more {_nights(needed)} will tell."
    )


def outcome_words(judgement: Judgement) -> str:
    """What a table says of one series, in a few words."""
    match judgement.shape:
        case Shape.DRIFT if judgement.drift is not None:
            drift, share = judgement.drift, judgement.series.is_share
            return f"{signed(drift.per_night, share)} a night{_by(drift.forecast)}"
        case Shape.STEP:
            share = judgement.series.is_share
            return ", ".join(
                f"{signed(step.change, share)} at night {step.night}" for step in judgement.steps
            )
        case Shape.TOO_EARLY:
            return f"{judgement.nights_needed} more {_nights(judgement.nights_needed)} needed"
    return "not confirmed" if judgement.pending is not None else "steady"


def percent(value: float, is_share: bool) -> str:
    """A change: relative in per cent, of a share in points."""
    digits = 1 if abs(value) < 0.1 else 0
    return f"{value * 100:.{digits}f} {'points' if is_share else '%'}"


def signed(value: float, is_share: bool) -> str:
    """The same with its sign, always."""
    words = percent(abs(value), is_share)
    if not float(words.split()[0]):
        return f"±{words}"
    return f"{'+' if value > 0 else '-'}{words}"


def who(subjects: Sequence[str], out_of: int) -> str:
    """The subjects by name, or all of them."""
    return f"all {out_of} cars" if 2 < out_of == len(subjects) else named(subjects)


def named(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _drift_words(judgement: Judgement) -> str:
    drift, series = judgement.drift, judgement.series
    assert isinstance(drift, Drift)
    way = "rises" if drift.per_night > 0 else "falls"
    low, high = sorted((abs(drift.lower), abs(drift.upper)))
    sentence = (
        f"{series.metric} {way} by {percent(abs(drift.per_night), series.is_share)} a night"
        f" (95 %: {low * 100:.2f} … {high * 100:.2f}),"
        f" {percent(abs(drift.total), series.is_share)} over {series.nights[-1] - series.nights[0] + 1} nights"
    )
    if drift.forecast is None:
        return f"{sentence}."
    when = drift.forecast
    latest = "never" if when.latest is None else str(when.latest)
    verb = "was down to" if when.night <= series.nights[-1] else "will be down to"
    return f"{sentence}; it {verb} {FADED_TO * 100:.0f} % by night {when.night} ({when.earliest} … {latest})."


def _by(forecast: Forecast | None) -> str:
    return "" if forecast is None else f", {FADED_TO * 100:.0f} % by night {forecast.night}"


def _judged(finding: Finding) -> str:
    worse = (finding.effect > 0) == (finding.members[0].series.better == "low")
    return "worse" if worse else "better"


def _nights(count: int) -> str:
    return "night" if count == 1 else "nights"
