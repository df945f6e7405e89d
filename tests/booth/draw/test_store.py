"""The draws on disk: one act after the other, whatever happens in between."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from booth.draw.acts import Announce, CorrectThrow, Decide, Freeze, Throw, Void
from booth.draw.ceremony import Phase
from booth.draw.declaration import Terms
from booth.draw.errors import Refused
from booth.draw.folders import read_bundle
from booth.draw.reasons import Change, Outcome, Reason, VoidReason
from booth.draw.store import DrawStore
from booth.draw.verify import verify
from booth.errors import BadInput, BoothBroken
from booth.pack.model import Randomness
from tests.booth.draw.draws import CLOSES, CODES, DAY, MORNING, PACK, STAFF, THROWS

DICE = Terms(closes_at=CLOSES, randomness=Randomness.DICE)
STEPS = (
    Freeze(CODES, STAFF),
    Throw(THROWS[:7]),
    CorrectThrow(1, 5),
    Throw(THROWS[7:]),
    "run",
    Announce(),
    Decide(Outcome.DECLINED, Reason.NOT_WANTED),
    Announce(),
    Decide(Outcome.CLAIMED, Reason.CAME),
)


@pytest.fixture
def draws(tmp_path):
    return DrawStore(tmp_path / "draws", "1.2.3")


def declared(draws):
    return draws.declare(PACK, DAY, MORNING, "crew", DICE)


def take(draws, name, what, at=CLOSES):
    return draws.run(name, at, "crew") if what == "run" else draws.do(name, what, at, "crew")


def test_a_draw_is_done_step_by_step_each_in_a_new_process(tmp_path):
    name = declared(DrawStore(tmp_path, "1"))
    for what in STEPS:
        after = take(DrawStore(tmp_path, "1"), name, what)
        assert DrawStore(tmp_path, "1").load(name).phase is after.phase
    path = DrawStore(tmp_path, "1").bundle(name)
    assert path == tmp_path / "2026-11-22" / "draw-2026-11-22.zip"
    checked = verify(read_bundle(path))
    assert checked.is_good
    assert checked.ceremony.phase is Phase.CLOSED
    content = path.read_bytes()
    assert DrawStore(tmp_path, "1").bundle(name).read_bytes() == content


@pytest.mark.parametrize("broken", ["replace", "fsync"])
def test_a_write_that_fails_leaves_the_draw_before_the_step(draws, monkeypatch, broken):
    name = declared(draws)
    for what in STEPS:
        before = draws.load(name)
        with monkeypatch.context() as patch:
            place = Path if broken == "replace" else os
            patch.setattr(place, broken, disk_full)
            with pytest.raises(BoothBroken, match=r"cannot write .*No space.*what was acknowledged is kept"):
                take(draws, name, what)
        assert draws.load(name) == before
        take(draws, name, what)
    assert sorted(each.name for each in (draws._folder / name).iterdir()) == ["draw.json", "secret"]


def disk_full(*_):
    raise OSError(28, "No space left on device")


STEPPER = """
import sys
from pathlib import Path
from booth.draw.acts import Throw
from booth.draw.store import DrawStore
from tests.booth.draw.draws import CLOSES
draws = DrawStore(Path(sys.argv[1]), "1")
for value in range(20):
    draws.do("2026-11-22", Throw((value % 6 + 1,)), CLOSES, "crew")
    print(value, flush=True)
"""


@pytest.mark.parametrize("after", [1, 4, 9, 15])
def test_a_killed_process_loses_nothing_it_acknowledged(draws, after):
    name = declared(draws)
    draws.do(name, Freeze(CODES, {}), CLOSES, "crew")
    with subprocess.Popen(
        [sys.executable, "-c", STEPPER, str(draws._folder)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as process:
        for _ in range(after):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        acknowledged = after + len(process.stdout.readlines())
    thrown = draws.load(name).throws
    assert acknowledged <= len(thrown) <= acknowledged + 1
    assert thrown == tuple(value % 6 + 1 for value in range(len(thrown)))
    draws.do(name, Throw((1,) * (20 - len(thrown))), CLOSES, "crew")
    assert draws.run(name, CLOSES, "crew").phase is Phase.DRAWN


def test_two_at_once_each_get_their_throw_in(draws):
    name = declared(draws)
    draws.do(name, Freeze(CODES, {}), CLOSES, "crew")

    def throw():
        for _ in range(10):
            DrawStore(draws._folder, "1").do(name, Throw((6,)), CLOSES, "crew")

    both = [threading.Thread(target=throw) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert draws.load(name).throws == (6,) * 20


def test_a_day_has_one_draw_and_another_only_after_a_void_one(draws):
    assert declared(draws) == "2026-11-22"
    with pytest.raises(Refused, match="draw 2026-11-22 is declared; a day has one"):
        declared(draws)
    draws.void("2026-11-22", VoidReason.SOURCES_LOST, MORNING, "crew")
    void = verify(read_bundle(draws.bundle("2026-11-22")))
    assert declared(draws) == "2026-11-22-2"
    assert draws.load("2026-11-22-2").declaration.follows == void.bundle_id
    assert draws.names() == ["2026-11-22", "2026-11-22-2"]
    assert draws.latest(DAY) == "2026-11-22-2"
    assert draws.latest(DAY + timedelta(days=1)) is None


def test_closing_entries_now_is_a_new_declaration(draws):
    name, now = declared(draws), MORNING + timedelta(hours=1)
    with pytest.raises(Refused, match="entries close"):
        draws.do(name, Freeze(CODES, {}), now, "crew")
    draws.redeclare(name, PACK, Terms(closes_at=now), why=Change.TIME, at=now, by="crew")
    assert draws.do(name, Freeze(CODES, {}), now, "crew").phase is Phase.FROZEN


def test_a_clock_that_goes_back_does_not_hold_up_the_draw(draws):
    name = declared(draws)
    draws.do(name, Freeze(CODES, {}), CLOSES, "crew")
    after = draws.do(name, Throw((3,)), CLOSES - timedelta(hours=3), "crew")
    assert after.last_at == CLOSES


def test_the_secret_is_the_owner_s_alone_and_its_loss_leaves_a_way_on(draws):
    name = declared(draws)
    secret = draws._folder / name / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_text().strip().encode() not in (draws._folder / name / "draw.json").read_bytes()
    draws.do(name, Freeze(CODES, {}), CLOSES, "crew")
    draws.do(name, Throw(THROWS), CLOSES, "crew")
    secret.unlink()
    with pytest.raises(BoothBroken, match="restore it, or call the draw void with reason 'secret-lost'"):
        draws.run(name, CLOSES, "crew")
    with pytest.raises(BoothBroken, match="'secret-lost'"):
        draws.void(name, VoidReason.CALLED_OFF, CLOSES, "crew")
    with pytest.raises(Refused, match="a void draw reveals its morning secret"):
        draws.do(name, Void(VoidReason.CALLED_OFF), CLOSES, "crew")
    assert draws.void(name, VoidReason.SECRET_LOST, CLOSES, "crew").phase is Phase.VOID


def test_a_bundle_is_made_when_the_draw_is_over(draws):
    name = declared(draws)
    with pytest.raises(Refused, match="is declared; its bundle is made when it is over"):
        draws.bundle(name)


def test_a_damaged_draw_is_told(draws):
    name = declared(draws)
    path = draws._folder / name / "draw.json"
    body = json.loads(path.read_text())
    for spoilt in (path.read_text().replace("crew", "CREW", 1)[:-9], json.dumps(body), "{}\n"):
        path.write_text(spoilt)
        with pytest.raises(BoothBroken, match=r"is damaged: .*restore it from the copy"):
            draws.load(name)


def test_an_unknown_draw_is_told_with_those_there_are(draws):
    assert draws.names() == []
    with pytest.raises(BadInput, match="no draw '2026-11-22'; there are none yet"):
        draws.load("2026-11-22")
    declared(draws)
    with pytest.raises(BadInput, match="there are 2026-11-22"):
        draws.load("2026-11-23")
    for name in ("../people", "", "2026-11-22/.."):
        with pytest.raises(BadInput, match="is no name of a draw"):
            draws.load(name)


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BoothBroken, match="then do the step again"):
        declared(DrawStore(tmp_path / "file" / "draws", "1"))
    unreadable = DrawStore(tmp_path / "draws", "1")
    name = declared(unreadable)
    (tmp_path / "draws" / name / "draw.json").unlink()
    (tmp_path / "draws" / name / "draw.json").mkdir()
    with pytest.raises(BoothBroken, match="cannot read the draw"):
        unreadable.load(name)
