"""A run of laps as a car drives them: first the track's map, then the laps. Pure but for what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rig.driving import laps, track_scan
from rig.driving.lap_events import Event, Lap, Started
from rig.driving.laps import LapRules, LapState
from rig.driving.track_map import TrackMap
from rig.driving.track_scan import Failure, Found, ScanRules, ScanState


@dataclass(slots=True)
class LapRun:
    """Feeds one car's events to the track scan until it ends, and to the lap detector from the start.

    `on_track`, `on_failure` and `on_lap` are called as things are found.
    """

    on_track: Callable[[TrackMap], None]
    on_failure: Callable[[Failure], None]
    on_lap: Callable[[Lap], None]
    scan: ScanState = field(default_factory=ScanState)
    state: LapState = field(default_factory=LapState)
    laps: list[Lap] = field(default_factory=list)
    track: TrackMap | None = None

    @classmethod
    def with_rules(
        cls,
        rules: ScanRules,
        on_track: Callable[[TrackMap], None],
        on_failure: Callable[[Failure], None],
        on_lap: Callable[[Lap], None],
    ) -> LapRun:
        """A run whose scan gives up by `rules`."""
        return cls(on_track, on_failure, on_lap, ScanState(rules))

    def feed(self, event: Event) -> None:
        """One event, in order of time."""
        self._scanned(track_scan.step(self.scan, event))
        self.state, found = laps.step(self.state, event)
        for finding in found:
            if isinstance(finding, Started):
                continue
            self.laps.append(finding)
            self.on_lap(finding)

    def check(self, now_s: float) -> None:
        """No news until now: the scan may be out of time."""
        self._scanned(track_scan.check(self.scan, now_s))

    def begin_laps(self) -> None:
        """Forgets the laps so far and counts from the next crossing on, with the track's length if known."""
        rules = LapRules()
        if self.track is not None and self.track.lap_mm is not None:
            rules = LapRules(lap_cm=self.track.lap_mm / 10, lap_pieces=len(self.track.pieces))
        self.state = LapState(rules)
        self.laps.clear()

    def _scanned(self, after: ScanState) -> None:
        ended = self.scan.outcome is None and after.outcome is not None
        self.scan = after
        if not ended:
            return
        if isinstance(after.outcome, Found):
            self.track = after.outcome.track
            self.on_track(self.track)
        elif after.outcome is not None:
            self.on_failure(after.outcome)
