"""Battle: whoever fires hits the next car ahead in range; a car without energy stands for a while. Pure."""

from __future__ import annotations

from dataclasses import replace

from booth.race.rules import Key, Rules, or_last
from booth.race.state import Race, Racer
from booth.show.records import Hit


class Battle(Rules):
    """Lasts until the limit. Ranked by score, then by how seldom a car was disabled, then by laps."""

    def rank(self, race: Race, racer: Racer) -> Key:
        """The highest score; then the fewest times disabled; then the most laps; then the best lap."""
        fight = racer.fight
        return (-fight.score, fight.times_disabled, -len(racer.laps), or_last(racer.best_lap_s), racer.seat)

    def has_won(self, race: Race, racer: Racer) -> bool:
        """It hit somebody."""
        return racer.fight.score > 0

    def lead(self, race: Race, racer: Racer) -> float:
        """The score; of equal ones the seldom disabled."""
        return racer.fight.score - racer.fight.times_disabled / 1000.0

    def why_rerun(self, race: Race, winner: Racer | None) -> str:
        """Nobody hit anybody."""
        return "" if winner is not None else "nobody hit anybody"

    def shot(self, race: Race, seat: int, now_s: float) -> tuple[Race, Hit | None]:
        """The next car ahead loses energy if it is in range; without any left it stands for a while, then has all of
        it again. Whoever is out, disabled or reloading does not shoot."""
        shooter = race.of_seat(seat)
        if shooter is None or not may_shoot(race, shooter, now_s):
            return race, None
        fired = replace(shooter, fight=replace(shooter.fight, fired_s=now_s, flashed_s=now_s))
        race = race.put(fired)
        victim = target_of(race, fired, now_s)
        if victim is None:
            return race, None
        return hit(race, fired.seat, victim.seat, now_s), Hit(race.race, fired.seat, victim.seat)


def may_shoot(race: Race, racer: Racer, now_s: float) -> bool:
    """Whether a racer's shot would leave the barrel."""
    fired_s = racer.fight.fired_s
    is_loaded = fired_s is None or now_s - fired_s >= race.mode.reload_s
    return is_loaded and racer.out is None and not racer.is_disabled(now_s)


def target_of(race: Race, shooter: Racer, now_s: float) -> Racer | None:
    """The next car ahead on the loop within range; None when there is none, or nobody knows where cars are."""
    from_mm = along_mm(race, shooter, now_s)
    if from_mm is None or shooter.spot is None:
        return None
    nearest: tuple[float, int] | None = None
    for other in race.racers:
        at_mm = along_mm(race, other, now_s)
        if other.seat == shooter.seat or at_mm is None or other.out is not None or other.is_disabled(now_s):
            continue
        ahead_mm = (at_mm - from_mm) % shooter.spot.lap_mm
        if ahead_mm <= race.mode.range_mm and (nearest is None or (ahead_mm, other.seat) < nearest):
            nearest = (ahead_mm, other.seat)
    return None if nearest is None else race.of_seat(nearest[1])


def hit(race: Race, seat: int, victim: int, now_s: float) -> Race:
    """The race after a hit, however it came about."""
    by, at = race.of_seat(seat), race.of_seat(victim)
    if by is None or at is None:
        return race
    energy = max(0, at.fight.energy - race.mode.hit)
    is_down = energy == 0
    points = race.fairness.hit_score + (race.fairness.disable_score if is_down else 0)
    wounded = replace(
        at.fight,
        energy=race.mode.energy if is_down else energy,
        times_disabled=at.fight.times_disabled + is_down,
        disabled_until_s=now_s + race.mode.disabled_s if is_down else at.fight.disabled_until_s,
        flashed_s=now_s,
    )
    scored = replace(by.fight, score=by.fight.score + points, fired_s=now_s, flashed_s=now_s)
    return race.put(replace(by, fight=scored), replace(at, fight=wounded))


def along_mm(race: Race, racer: Racer, now_s: float) -> float | None:
    """Where a car is on the loop, carried on a little from where it was last read; None: never read."""
    spot = racer.spot
    if spot is None:
        return None
    since_s = min(max(0.0, now_s - spot.at_s), race.fairness.reckon_s)
    is_driving = not racer.is_disabled(now_s)
    return (spot.along_mm + (spot.speed_mm_s * since_s if is_driving else 0.0)) % spot.lap_mm
