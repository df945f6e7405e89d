"""What a game decides, and what holds unless it says otherwise: a game that lasts until its limit. Pure."""

from __future__ import annotations

from math import inf

from booth.race.state import Race, Racer
from booth.show.records import Hit

Key = tuple[float, ...]


class Rules:
    """The rules of one kind of game."""

    def kept(self, race: Race) -> Race:
        """The race with only those laps that count."""
        return race

    def is_done(self, race: Race, racer: Racer) -> bool:
        """Whether a racer has nothing more to win: its car rolls on slowly, out of the others' way."""
        return False

    def is_over(self, race: Race, now_s: float) -> bool:
        """Whether the race has its result."""
        fairness = race.fairness
        if race.ends_s is not None and now_s >= race.ends_s + fairness.settle_s:
            return True
        return all(self.is_gone(race, racer, now_s) for racer in race.racers)

    def is_gone(self, race: Race, racer: Racer, now_s: float) -> bool:
        """Whether a racer is out, and no longer waited for."""
        return racer.out_s is not None and now_s >= racer.out_s + race.fairness.out_hold_s

    def rank(self, race: Race, racer: Racer) -> Key:
        """Sorts racers from first to last; the seat decides what nothing else does."""
        raise NotImplementedError

    def has_won(self, race: Race, racer: Racer) -> bool:
        """Whether the first in rank did anything to win."""
        return bool(racer.laps)

    def lead(self, race: Race, racer: Racer) -> float:
        """How far a racer has come while the race is on; the most leads. None of the screens' figures, an order."""
        return 0.0

    def why_rerun(self, race: Race, winner: Racer | None) -> str:
        """Why the race should be run again; "": it need not."""
        return "" if winner is not None else "nobody completed a lap"

    def shot(self, race: Race, seat: int, now_s: float) -> tuple[Race, Hit | None]:
        """The race after a seat's shot, where there is shooting."""
        return race, None


def or_last(value: float | None) -> float:
    """For a rank: what is missing comes last."""
    return inf if value is None else value


def progress(racer: Racer) -> float:
    """Laps and the share of the next, from just below 0 on the grid."""
    share = racer.spot.share if racer.spot is not None else 0.0
    return len(racer.laps) + share if racer.last_s is not None else share - 1.0
