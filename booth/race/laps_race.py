"""Race mode: the first to complete the laps wins. Pure."""

from __future__ import annotations

from dataclasses import replace

from booth.race.rules import Key, Rules, or_last, progress
from booth.race.state import LapTime, Race, Racer


class LapsRace(Rules):
    """Whoever completes `mode.laps` first has won. That is the flag: every other car ends the lap it is on and is done.
    Ranked by laps, then by when the last of them was completed, then by the best lap."""

    def kept(self, race: Race) -> Race:
        """As many laps as the race has, and after the flag one crossing for each car."""
        full = [replace(racer, laps=racer.laps[: race.mode.laps]) for racer in race.racers]
        race = race.put(*(now for now, was in zip(full, race.racers, strict=True) if now.laps != was.laps))
        flag_s = _flag_s(race)
        if flag_s is None:
            return race
        ended = [replace(racer, laps=_until_flag(racer, flag_s)) for racer in race.racers]
        return race.put(*(now for now, was in zip(ended, race.racers, strict=True) if now.laps != was.laps))

    def is_done(self, race: Race, racer: Racer) -> bool:
        """It has all laps, or crossed the line after the flag."""
        flag_s = _flag_s(race)
        return flag_s is not None and racer.last_s is not None and racer.last_s >= flag_s

    def is_over(self, race: Race, now_s: float) -> bool:
        """Every car is done or gone, or the grace after the flag is over, or the limit is."""
        if super().is_over(race, now_s):
            return True
        flag_s = _flag_s(race)
        if flag_s is None or now_s < flag_s + race.fairness.settle_s:
            return False
        if now_s >= flag_s + _grace_s(race) + race.fairness.settle_s:
            return True
        return all(self.is_done(race, racer) or self.is_gone(race, racer, now_s) for racer in race.racers)

    def rank(self, race: Race, racer: Racer) -> Key:
        """Most laps; then the earliest last crossing, penalties added; then the best lap."""
        last_s = or_last(racer.last_s) + racer.false_starts * race.fairness.penalty_s
        return (-len(racer.laps), last_s, or_last(racer.best_lap_s), racer.seat)

    def lead(self, race: Race, racer: Racer) -> float:
        """Laps and the share of the next."""
        return progress(racer)

    def why_rerun(self, race: Race, winner: Racer | None) -> str:
        """Nobody completed a lap, or a car died on its last lap while it led."""
        if winner is not None:
            for racer in race.racers:
                if racer.lost_lead and racer.seat != winner.seat:
                    return f"car {racer.seat} led on its last lap when it went out"
        return super().why_rerun(race, winner)


def _flag_s(race: Race) -> float | None:
    laps = race.mode.laps
    return min(
        (racer.laps[laps - 1].crossed_s for racer in race.racers if len(racer.laps) >= laps), default=None
    )


def _until_flag(racer: Racer, flag_s: float) -> tuple[LapTime, ...]:
    before = sum(lap.crossed_s < flag_s for lap in racer.laps)
    return racer.laps[: before + 1]


def _grace_s(race: Race) -> float:
    slowest_s = max((racer.best_lap_s or 0.0 for racer in race.racers), default=0.0)
    least_s, most_s = race.fairness.grace_s
    return min(max(slowest_s * race.fairness.grace_laps, least_s), most_s)
