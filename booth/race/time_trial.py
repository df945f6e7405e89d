"""Time trial: the best single lap within the limit wins. Pure."""

from __future__ import annotations

from booth.race.rules import Key, Rules, or_last
from booth.race.state import Race, Racer


class TimeTrial(Rules):
    """Only whole laps count, ended before the limit."""

    def rank(self, race: Race, racer: Racer) -> Key:
        """The best lap, penalties added; then whoever drove theirs earlier; then the most laps."""
        best_s = racer.best_lap_s
        driven_s = min(
            (lap.crossed_s for lap in racer.laps if lap.is_whole and lap.time_s == best_s), default=None
        )
        return (self._with_penalty(race, racer), or_last(driven_s), -len(racer.laps), racer.seat)

    def has_won(self, race: Race, racer: Racer) -> bool:
        """It has a whole lap."""
        return racer.best_lap_s is not None

    def lead(self, race: Race, racer: Racer) -> float:
        """The best lap so far."""
        return -self._with_penalty(race, racer)

    @staticmethod
    def _with_penalty(race: Race, racer: Racer) -> float:
        return or_last(racer.best_lap_s) + racer.false_starts * race.fairness.penalty_s
