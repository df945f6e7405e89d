"""What may be asked by whom: roles first, one answer each, refusals in sentences; steering needs no answer."""

from __future__ import annotations

import math

import pytest

from booth.pack.files import load_pack
from booth.race.wish import Wish
from booth.show import actions, commands, inputs, records
from booth.show.asking import _ANSWERS
from booth.show.commands import COMMANDS, Role
from booth.show.machine import step
from booth.show.view import Stage
from tests.booth.show.toy_floor import ToyFloor

PACK = load_pack()
A, B = ([car.identifier for car in group.cars] for group in PACK.sets)
CREW = "crew"


@pytest.fixture(scope="module")
def racing_stand():
    stand = ToyFloor(PACK).open()
    for player in ("p1", "p2"):
        stand.join(player)
    stand.until(lambda: stand.show.stage is Stage.RACE)
    stand.run(3.0)
    return stand


def asked(show, command, role=Role.CREW, *, at_s=1e4):
    show, given = step(show, inputs.Asked(at_s, 5, role, command))
    answers = [action for action in given if isinstance(action, actions.Answer)]
    return show, given, answers


SAMPLES = {
    "Join": ("p9",), "Leave": ("p9",), "Beat": ("p1",), "Steer": ("p1", 10**9, 0.5), "StopRace": (CREW, "why"),
    "Rerun": (CREW, 1), "Skip": (CREW, 1), "SetUp": (CREW, "A"), "MayCharge": (CREW, A[0]), "Tick": (CREW, "open-go"),
    "TakeOut": (CREW, A[0], "why"), "Readmit": (CREW, A[0]), "Promote": (CREW, "battle", "beta"),
    "AcceptChange": (CREW, 1), "UndoChange": (CREW, 1), "ChooseMode": (CREW, "battle"),
    "Correct": (CREW, 1, (1, 2), "why"), "StageDraw": (CREW, "rules", {}), "Restart": (CREW, "radio"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(COMMANDS))
@pytest.mark.parametrize("role", Role)
def test_roles_are_checked_and_everything_but_steering_is_answered_once(racing_stand, name, role):
    kind = COMMANDS[name]
    command = kind(*SAMPLES.get(name, (CREW,)))
    show, given, answers = asked(racing_stand.show, command, role)
    if name in {"Steer", "Beat"}:
        assert answers == []
        if role not in kind.roles:
            assert given == ()
            assert show == racing_stand.show
    else:
        assert [answer.number for answer in answers] == [5]
        if role not in kind.roles:
            assert answers[0].refused == f"a {role} may not ask for that"
            assert show == racing_stand.show


def test_every_command_has_its_answer():
    assert set(_ANSWERS) == set(COMMANDS.values()) - {commands.Steer, commands.Beat}


def steer(number, throttle=1.0, lane=0.0, player="p1"):
    return commands.Steer(player, number, throttle, lane)


def test_the_latest_word_reaches_the_car_at_once_and_an_older_one_does_not(racing_stand):
    now_s = racing_stand.now_s
    show, given, _ = asked(racing_stand.show, steer(10**8, 0.5, 0.5), Role.PLAYER, at_s=now_s)
    (drive,) = given
    assert isinstance(drive, actions.Drive)
    assert drive.wish.lane_mm == 30.0
    assert 400 < drive.wish.speed_mm_s < 700
    show, given, _ = asked(show, steer(10**8 - 1, 1.0), Role.PLAYER, at_s=now_s + 0.01)
    assert given == ()
    _, (drive,), _ = asked(show, steer(10**8 + 1, 5.0, -9.0), Role.PLAYER, at_s=now_s + 0.02)
    assert drive.wish == Wish(PACK.play.speed_cap_mm_s, -60.0)


@pytest.mark.parametrize("throttle", [math.nan, math.inf, -1.0, "fast", None])
def test_malformed_steering_stands(racing_stand, throttle):
    _, given, _ = asked(racing_stand.show, steer(10**8, throttle), Role.PLAYER, at_s=racing_stand.now_s)
    assert all(action.wish.speed_mm_s == 0 for action in given)


def test_strangers_steer_nothing(racing_stand):
    show, given, _ = asked(racing_stand.show, steer(1, player="nobody"), Role.PLAYER)
    assert given == ()
    assert show == racing_stand.show


def test_an_input_whose_time_is_no_number_changes_nothing(racing_stand):
    show, given = step(racing_stand.show, inputs.Ticked(math.nan, 5))
    assert (show, given) == (racing_stand.show, ())


def test_hold_stops_every_car_at_once_and_resume_gives_the_time_back():
    stand = ToyFloor(PACK).open()
    stand.until(lambda: stand.show.stage is Stage.RACE)
    stand.run(3.0)
    assert stand.ask(commands.Hold(CREW)) is None
    assert all(car.speed_mm_s == 0 for car in stand.cars.values())
    assert stand.snapshot().is_held
    ends_s = stand.show.game.race.ends_s
    stand.run(30.0)
    assert all(car.speed_mm_s == 0 for car in stand.cars.values())
    assert stand.ask(commands.StartRace(CREW)) == "the race may not start: every car is held: resume first"
    assert stand.ask(commands.Resume(CREW)) is None
    assert stand.ask(commands.Resume(CREW)) == "nothing is held"
    assert stand.show.game.race.ends_s == pytest.approx(ends_s + 30.0)
    stand.until(lambda: stand.records(records.RaceFinished))


def test_a_stopped_race_has_no_result_and_is_run_again_with_the_same_players():
    stand = ToyFloor(PACK).open()
    stand.join("p1")
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert stand.ask(commands.StopRace(CREW, "a child on the track")) is None
    assert stand.show.stage is Stage.ATTRACT
    assert stand.records(records.RaceStopped)[0].why == "a child on the track"
    rerun = next(task for task in stand.snapshot().tasks if task.key == "rerun")
    assert stand.ask(commands.Rerun(CREW, 7)) == "race 7 is not the last one, so its players have gone"
    assert stand.ask(commands.from_json(rerun.button)) is None
    stand.until(lambda: len(stand.records(records.RaceLinedUp)) == 2)
    again = stand.records(records.RaceLinedUp)[1]
    assert again.rerun_of == 1
    assert [entry.player for entry in again.entries if entry.player] == ["p1"]


def test_a_result_is_corrected_with_a_comment_and_the_old_one_stays_in_the_log():
    stand = ToyFloor(PACK).open()
    stand.until(lambda: stand.records(records.RaceFinished))
    before = stand.records(records.RaceFinished)[0].winner
    order = (*sorted({1, 2, 3, 4} - {before}), before)
    assert "needs a comment" in stand.ask(commands.Correct(CREW, 1, order, " "))
    assert "no result today" in stand.ask(commands.Correct(CREW, 9, order, "why"))
    assert stand.ask(commands.Correct(CREW, 1, order, "it took a short cut")) is None
    assert stand.snapshot().last.winner == order[0]
    assert stand.snapshot().last.corrected == "it took a short cut"
    assert stand.records(records.ResultCorrected)[0].winner == order[0]
    assert stand.records(records.RaceFinished)[0].winner == before


def test_restart_it_is_counted_and_the_last_rung():
    stand = ToyFloor(PACK).open()
    stand.run(30.0)
    assert stand.ask(commands.Restart(CREW, "radio")) is None
    assert stand.ask(commands.Restart(CREW, "the coffee")).startswith("'the coffee' cannot be restarted")
    assert stand.ask(commands.Restart(CREW, "Skull A1")) is None
    assert stand.restarts == ["radio"]
    assert [record.what for record in stand.records(records.RestartAsked)] == ["radio", "Skull A1"]
    assert stand.snapshot().uptime["restarts"] == 2.0
    task = next(task for task in stand.snapshot().tasks if task.key.startswith("restart-"))
    assert task.words == "Switch Skull A1 off and on again"
    stand.until(lambda: stand.records(records.RaceFinished))


def test_the_draw_stands_over_the_stage_between_races_and_no_race_starts_meanwhile():
    stand = ToyFloor(PACK).open()
    stand.until(lambda: stand.show.stage is Stage.RACE)
    assert stand.ask(commands.StageDraw(CREW, "dice", {"sum": "12"})) is None
    assert stand.snapshot().stage is Stage.RACE
    stand.until(lambda: stand.show.stage is Stage.ATTRACT)
    assert stand.snapshot().stage is Stage.DRAW
    assert stand.snapshot().draw == {"step": "dice", "sum": "12"}
    stand.run(60.0)
    assert len(stand.records(records.RaceLinedUp)) == 1
    end = next(task for task in stand.snapshot().tasks if task.key == "end-draw")
    assert stand.ask(commands.from_json(end.button)) is None
    stand.until(lambda: len(stand.records(records.RaceLinedUp)) == 2)


def test_a_called_player_who_does_not_come_is_skipped_by_one_tap():
    stand = ToyFloor(PACK).open()
    stand.join("p1")
    stand.join("p2")
    del stand.players["p1"]
    stand.run(8.0)
    skip = next(task for task in stand.snapshot().tasks if task.key.startswith("skip-"))
    assert stand.ask(commands.from_json(skip.button)) is None
    stand.until(lambda: stand.records(records.RaceLinedUp))
    players = {entry.player for entry in stand.records(records.RaceLinedUp)[-1].entries if entry.player}
    assert players <= {"p2"}
