"""The boards of the hour and of the day: each player's best, the new entry highlighted. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from booth.pack.model import ModeKind
from booth.race.state import Race
from booth.show.state import Score
from booth.show.view import BoardRow

ROWS = 10
HOUR_S = 3600.0


def scores_of(race: Race, at_s: float) -> tuple[Score, ...]:
    """What a race puts on the boards: a best lap, or in a battle the score. AI drivers stand on no board."""
    if race.result is None:
        return ()
    kind = race.mode.kind.value
    found = []
    for standing in race.result.standings:
        if standing.player is None:
            continue
        if race.mode.kind is ModeKind.BATTLE:
            found.append(Score(at_s, race.race, standing.player, float(standing.score), kind))
        elif standing.best_lap_s is not None:
            found.append(Score(at_s, race.race, standing.player, standing.best_lap_s, kind))
    return tuple(found)


def board(
    scores: Iterable[Score], kind: ModeKind, since_s: float, latest: int | None
) -> tuple[BoardRow, ...]:
    """The best of a kind of game since `since_s`, one row a player; rows of race `latest` are new."""
    sign = -1.0 if kind is ModeKind.BATTLE else 1.0
    best: dict[str, Score] = {}
    for score in scores:
        if score.kind == kind.value and score.at_s >= since_s:
            before = best.get(score.player)
            if before is None or sign * score.value < sign * before.value:
                best[score.player] = score
    ranked = sorted(best.values(), key=lambda score: (sign * score.value, score.at_s))
    return tuple(
        BoardRow(score.player, score.race, score.value, is_new=score.race == latest)
        for score in ranked[:ROWS]
    )
