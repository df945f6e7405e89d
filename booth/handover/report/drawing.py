"""The report's two pictures as inline SVG, drawn by hand: no font, no script, colours from the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from booth.handover.report.model import DayReport
from booth.handover.report.spans import Found, Span
from booth.handover.report.words import count, span

_WIDE = 1000
_FOUND_WORDS = {
    Found.PLAYABLE: "a race could start",
    Found.PLANNED: "planned swap",
    Found.DOWN: "no race could start",
}


def timeline(report: DayReport) -> Markup:
    """What a visitor found all day, with incidents above. Empty when the stand never opened."""
    if not report.opened:
        return Markup()
    shown = Span(report.opened[0].start, report.opened[-1].end)
    scale = _Scale(shown)
    parts = [
        _bar(scale, each.span, each.found.value, f"{_FOUND_WORDS[each.found]}{_why(each.why)}")
        for each in report.service.stretches
    ]
    parts += [_mark(scale, each.at, each.words) for each in report.service.incidents]
    parts += _hours(scale, ZoneInfo(report.time_zone), 78)
    return _svg("What a visitor found, through the day", 0, 96, parts)


def by_hour(report: DayReport) -> Markup:
    """Plays an hour, as columns with their numbers; the median wait below."""
    hours = report.races.hours
    if not hours:
        return Markup()
    most = max(1, *(hour.plays for hour in hours))
    width = _WIDE / len(hours)
    zone = ZoneInfo(report.time_zone)
    parts: list[Markup] = []
    for number, hour in enumerate(hours):
        left, tall = number * width, 130 * hour.plays / most
        middle = left + width / 2
        parts += [
            Markup(
                '<rect class="plays" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="3"/>'
            ).format(left + width * 0.14, 156 - tall, width * 0.72, tall),
            _text(middle, 148 - tall, "number", count(hour.plays)),
            _text(middle, 178, "axis", f"{hour.at.astimezone(zone):%H}:00"),
            _text(middle, 200, "axis", "-" if hour.wait_p50_s is None else span(hour.wait_p50_s)),
        ]
    return _svg("Plays an hour, and below the median wait", 0, 210, parts)


class _Scale:
    def __init__(self, shown: Span) -> None:
        self.shown = shown

    def at(self, when: datetime) -> float:
        part = (when - self.shown.start).total_seconds() / max(1.0, self.shown.seconds)
        return _WIDE * min(1.0, max(0.0, part))


def _why(why: str) -> str:
    return f": {why}" if why else ""


def _bar(scale: _Scale, part: Span, name: str, words: str) -> Markup:
    left, right = scale.at(part.start), scale.at(part.end)
    height, top = {"playable": (26, 32), "planned": (34, 28), "down": (42, 24)}[name]
    return Markup(
        '<rect class="{}" x="{:.2f}" y="{}" width="{:.2f}" height="{}"><title>{}, {}</title></rect>'
    ).format(name, left, top, max(0.8, right - left), height, words, span(part.seconds))


def _mark(scale: _Scale, at: datetime, words: str) -> Markup:
    x = scale.at(at)
    return Markup('<path class="mark" d="M{:.2f} 20l-6 -12h12z"><title>{}</title></path>').format(x, words)


def _hours(scale: _Scale, zone: ZoneInfo, top: int) -> Iterator[Markup]:
    from_utc = scale.shown.start.timestamp()
    step_s = 3600 if scale.shown.seconds <= 14 * 3600 else 7200
    if scale.shown.seconds < 2 * 3600:
        step_s = 900 if scale.shown.seconds > 1800 else 300
    first = -(-from_utc // step_s) * step_s
    at_s = first
    while at_s <= scale.shown.end.timestamp():
        when = datetime.fromtimestamp(at_s, zone)
        x = scale.at(when)
        yield Markup('<path class="tick" d="M{:.2f} 66v6"/>').format(x)
        yield _text(min(_WIDE - 22, max(22, x)), top + 10, "axis", f"{when:%H:%M}")
        at_s += step_s


def _text(x: float, y: float, name: str, words: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(name, x, y, words)


def _svg(title: str, top: int, height: int, parts: list[Markup]) -> Markup:
    return Markup('<svg viewBox="0 {} {} {}" role="img" aria-label="{}">{}</svg>').format(
        top, _WIDE, height, escape(title), Markup().join(parts)
    )
