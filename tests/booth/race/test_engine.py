"""The first words of a race."""

from booth.pack.model import Mode, ModeKind, ModeState
from booth.race.engine import line_up, step
from booth.race.events import BeginCountdown, Lapped, Ticked
from booth.race.state import Phase
from booth.show.records import Entry, LapDone, RaceFinished

MODE = Mode("race", ModeKind.RACE, ModeState.DEFAULT, {"en": "Race"}, {"en": "Drive"}, laps=2, limit_s=60.0)
ENTRIES = (Entry(1, 11, "p"), Entry(2, 12, None, 0.5))


def test_the_first_to_complete_the_laps_wins():
    race, _ = line_up(1, MODE, "A", ENTRIES)
    race, _ = step(race, BeginCountdown(0.0, 5.0))
    race, _ = step(race, Ticked(5.0))
    assert race.phase is Phase.RUNNING
    said = []
    for n in range(3):
        for car, pace in ((12, 5.0), (11, 6.0)):
            crossed = 6.0 + n * pace
            race, out = step(race, Lapped(crossed + 0.1, car, crossed, pace if n else None, is_first=not n))
            said += out
    race, out = step(race, Ticked(18.6))
    said += out
    assert race.phase is Phase.FINISHED
    assert next(r for r in said if isinstance(r, LapDone)) == LapDone(1, 2, 1, 5.0, 6.0)
    finished = said[-1]
    assert isinstance(finished, RaceFinished)
    assert finished.winner == 2
    assert [s.seat for s in finished.standings] == [2, 1]
