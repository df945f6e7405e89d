"""Stretches of a day, and what a visitor found in them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from booth.show.records import Closed, Opened, PlayableChanged, ProcessBegan, Record

Logged = tuple[datetime, Record]
"""A record with its time, aware."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` until just before `end`."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()


class Found(StrEnum):
    """What a visitor finds."""

    PLAYABLE = "playable"
    """A race could be started within one cycle."""
    PLANNED = "planned"
    """A planned swap of the sets."""
    DOWN = "down"
    """Neither: something is wrong, or nobody was watching."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span in which one thing was found, and why."""

    span: Span
    found: Found
    why: str = ""


def total_s(spans: Iterable[Span]) -> float:
    """Seconds in all of them."""
    return sum(span.seconds for span in spans)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time without overlaps, in order."""
    made: list[Span] = []
    for span in sorted(spans, key=lambda each: each.start):
        if span.seconds <= 0:
            continue
        if made and span.start <= made[-1].end:
            made[-1] = Span(made[-1].start, max(made[-1].end, span.end))
        else:
            made.append(span)
    return tuple(made)


def within(spans: Iterable[Span], windows: Iterable[Span]) -> tuple[Span, ...]:
    """The parts of the spans inside the windows."""
    held = merged(windows)
    cut = (
        Span(max(span.start, window.start), min(span.end, window.end))
        for span in merged(spans)
        for window in held
    )
    return tuple(span for span in cut if span.seconds > 0)


def open_spans(log: Sequence[Logged], until: datetime) -> tuple[Span, ...]:
    """When visitors were let in: from each `Opened` to the `Closed` after it, or `until`."""
    spans = []
    since = None
    for at, record in log:
        if isinstance(record, Opened) and since is None:
            since = at
        elif isinstance(record, Closed) and since is not None:
            spans.append(Span(since, at))
            since = None
    if since is not None:
        spans.append(Span(since, until))
    return merged(spans)


def stretches(log: Sequence[Logged], opened: Sequence[Span], until: datetime) -> tuple[Stretch, ...]:
    """What a visitor found in the open time. Before the first word it is DOWN; so is the time between the last record of
    a race process and the beginning of the next, for nobody was watching."""
    found, why, since = Found.DOWN, "not yet ready", None
    made: list[Stretch] = []
    last_at = None
    for at, record in log:
        if isinstance(record, ProcessBegan) and last_at is not None:
            made += _cut(since or last_at, last_at, found, why, opened)
            made += _cut(last_at, at, Found.DOWN, "the race process was away", opened)
            found, why, since = Found.DOWN, "not yet ready", at
        elif isinstance(record, PlayableChanged):
            if since is not None:
                made += _cut(since, at, found, why, opened)
            found, why, since = _found(record), record.why, at
        elif since is None:
            since = at
        last_at = at
    if since is not None:
        made += _cut(since, until, found, why, opened)
    return tuple(sorted(made, key=lambda each: each.span.start))


def _found(record: PlayableChanged) -> Found:
    if record.is_playable:
        return Found.PLAYABLE
    return Found.PLANNED if record.is_planned else Found.DOWN


def _cut(start: datetime, end: datetime, found: Found, why: str, opened: Sequence[Span]) -> list[Stretch]:
    return [Stretch(span, found, why) for span in within([Span(start, end)], opened)]


def hours_of(spans: Sequence[Span]) -> tuple[datetime, ...]:
    """The full hours that these spans touch."""
    if not spans:
        return ()
    at = spans[0].start.replace(minute=0, second=0, microsecond=0)
    hours = []
    while at < spans[-1].end:
        hours.append(at)
        at += timedelta(hours=1)
    return tuple(hours)
