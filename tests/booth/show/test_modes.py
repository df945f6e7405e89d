"""Modes are promoted with evidence, announced in plain words, accepted by one tap, undone as easily."""

from __future__ import annotations

import pytest

from booth.pack.files import load_pack
from booth.show import commands, records
from booth.show.commands import Role
from booth.show.view import Stage
from tests.booth.show.toy_floor import ToyFloor

PACK = load_pack()
CREW, IT = "crew", "it"


@pytest.fixture
def stand():
    return ToyFloor(PACK).open()


def promote(stand, mode, state, evidence=""):
    return stand.ask(commands.Promote(IT, mode, state, evidence), Role.IT)


def test_out_of_beta_this_morning_is_a_promotion_and_a_tap(stand):
    assert promote(stand, "time-trial", "default", "400 races in the soak, no failure") is None
    (change,) = stand.snapshot().changes
    assert change.state == "waiting"
    assert change.words == (
        "Time trial mode is ready and becomes the game: it is played from the next race on. "
        "It passed: 400 races in the soak, no failure"
    )
    assert stand.snapshot().modes["time-trial"] == "beta"
    task = next(task for task in stand.snapshot().tasks if task.key == "change-1")
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert stand.ask(commands.from_json(task.button)) is None
    assert stand.show.game.race.mode.name == "race"
    assert stand.snapshot().modes == {"race": "verified", "battle": "verified", "time-trial": "default"}
    stand.until(lambda: len(stand.records(records.RaceLinedUp)) == 2, limit_s=300.0)
    assert stand.records(records.RaceLinedUp)[1].mode == "time-trial"
    assert stand.ask(commands.UndoChange(CREW, 1)) is None
    assert stand.snapshot().modes == {"race": "default", "battle": "verified", "time-trial": "beta"}
    assert stand.snapshot().mode == "time-trial"
    stand.until(lambda: len(stand.records(records.RaceLinedUp)) == 3, limit_s=300.0)
    assert stand.records(records.RaceLinedUp)[2].mode == "race"
    assert [record.state for record in stand.records(records.ModeChanged)] == [
        "waiting",
        "accepted",
        "undone",
    ]


@pytest.mark.parametrize(
    ("mode", "state", "evidence", "words"),
    [
        ("time-trial", "verified", "", "needs evidence of what it passed"),
        ("time-trial", "verified", "  ", "needs evidence of what it passed"),
        ("chess", "verified", "much", "there is no mode 'chess'"),
        ("battle", "great", "much", "not 'great'"),
        ("battle", "verified", "much", "is verified already"),
        ("race", "hidden", "", "make another mode the default first"),
    ],
)
def test_what_may_not_be_promoted(stand, mode, state, evidence, words):
    assert words in promote(stand, mode, state, evidence)
    assert stand.snapshot().changes == ()


def test_only_it_promotes_and_only_staff_accepts(stand):
    refused = stand.ask(commands.Promote(CREW, "battle", "beta"))
    assert refused == "a crew may not ask for that"
    promote(stand, "battle", "beta")
    assert stand.ask(commands.AcceptChange("p1", 1), Role.PLAYER) == "a player may not ask for that"
    assert stand.ask(commands.AcceptChange(CREW, 7)) == "there is no change 7"
    assert stand.ask(commands.AcceptChange(CREW, 1)) is None
    assert stand.ask(commands.AcceptChange(CREW, 1)) == "change 1 is accepted already"


def test_visitors_never_play_a_mode_in_beta(stand):
    assert "only IT plays it" in stand.ask(commands.ChooseMode(CREW, "time-trial"))
    assert stand.ask(commands.ChooseMode(IT, "time-trial"), Role.IT) is None
    stand.join("p1")
    stand.until(lambda: stand.records(records.RaceLinedUp))
    (lined_up,) = stand.records(records.RaceLinedUp)
    assert lined_up.mode == "time-trial"
    assert all(entry.player is None for entry in lined_up.entries)
    assert stand.ask(commands.ChooseMode(CREW, "battle")) is None
    stand.until(lambda: len(stand.records(records.RaceLinedUp)) > 1, limit_s=300.0)
    assert stand.records(records.RaceLinedUp)[-1].mode == "battle"
    assert "p1" in {entry.player for entry in stand.records(records.RaceLinedUp)[-1].entries}


def test_a_mode_that_is_demoted_while_it_is_chosen_gives_way_to_the_default(stand):
    stand.ask(commands.ChooseMode(CREW, "battle"))
    promote(stand, "battle", "hidden")
    stand.ask(commands.AcceptChange(CREW, 1))
    assert stand.show.modes.chosen == "race"


def test_a_later_change_of_the_same_mode_is_undone_first(stand):
    promote(stand, "time-trial", "default", "much")
    stand.ask(commands.AcceptChange(CREW, 1))
    promote(stand, "race", "default")
    stand.ask(commands.AcceptChange(CREW, 2))
    assert "change 2 came after it" in stand.ask(commands.UndoChange(CREW, 1))
    assert stand.ask(commands.UndoChange(CREW, 2)) is None
    assert stand.ask(commands.UndoChange(CREW, 2)) == "change 2 is undone already"
    assert stand.ask(commands.UndoChange(CREW, 1)) is None
    assert stand.snapshot().modes["race"] == "default"


def test_a_new_promotion_of_the_same_mode_takes_the_place_of_the_one_that_waits(stand):
    promote(stand, "time-trial", "verified", "some")
    promote(stand, "time-trial", "default", "more")
    assert [(one.change, one.state) for one in stand.snapshot().changes] == [(2, "waiting")]


def test_what_was_accepted_holds_after_a_restart_and_is_undone_there(stand):
    promote(stand, "time-trial", "default", "much")
    stand.ask(commands.AcceptChange(CREW, 1))
    stand.ask(commands.ChooseMode(CREW, "battle"))
    stand.wake(2.0)
    assert stand.snapshot().modes["time-trial"] == "default"
    assert stand.show.modes.chosen == "battle"
    assert stand.ask(commands.UndoChange(CREW, 1)) is None
    stand.wake(2.0)
    assert stand.snapshot().modes == {"race": "default", "battle": "verified", "time-trial": "beta"}
