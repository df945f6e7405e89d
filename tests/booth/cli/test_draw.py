"""The draw from the command line."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import booth.cli.draw as command
import booth.cli.draw_table as table
from booth.draw.drand import QUICKNET, time_of
from booth.errors import BoothBroken
from rig.cli.main import pitboard
from tests.booth.draw.draws import BEACON, CLOSES, CODES, MORNING, ROUND, THROWS


class SetClock:
    """A clock that shows what a test sets it to."""

    at = MORNING

    def utc_now(self):
        return type(self).at


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(table, "SystemClock", SetClock)
    SetClock.at = MORNING
    return SetClock


@pytest.fixture
def call(tmp_path, clock):
    codes = tmp_path / "codes.txt"
    codes.write_text("\n".join(CODES))

    def run(*words, home=True):
        at_home = ["--home", str(tmp_path / "home")] if home else []
        line = [*words, *at_home]
        done = CliRunner().invoke(pitboard, ["booth", "draw", *map(str, line)], standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        return done

    run.codes = str(codes)
    return run


def closed(call, clock):
    call("declare")
    clock.at = CLOSES
    call("freeze", "--tickets", call.codes, "--strike", "Z9PM-03=staff")
    call("dice", *THROWS)
    call("run")
    call("announce")
    call("decide", "claimed")
    return json.loads(call("bundle", "--json").output)


def test_a_day_s_draw_from_declaration_to_proof(call, clock, tmp_path):
    told = closed(call, clock)
    assert told["bundle"].endswith("booth/pitboard-demo-show/draws/2026-11-22/draw-2026-11-22.zip")
    done = call("verify", told["bundle"], "--id", told["bundle_id"], home=False)
    assert done.return_value == 0
    assert f"bundle id {told['bundle_id']}" in done.output
    assert "draw-2026-11-22.zip: the draw holds" in done.output
    shown = call("show").output
    assert "struck out   Z9PM-03: staff" in shown
    assert "has the prize" in shown
    assert "bundle id" in call("bundle").output


def test_verify_says_where_it_fails_and_exits_1(call, clock, tmp_path):
    told = closed(call, clock)
    other = call("verify", told["bundle"], "--list", "00" * 32, "--json", home=False)
    assert other.return_value == 1
    (fault,) = (each for each in json.loads(other.output)["statements"] if each["fault"])
    assert fault["words"] == "the list's SHA-256 is the one that was published"
    content = bytearray(Path(told["bundle"]).read_bytes())
    content[content.index(b"A1TC-04\n")] ^= 1
    (tmp_path / "bad.zip").write_bytes(content)
    done = call("verify", tmp_path / "bad.zip", home=False)
    assert done.return_value == 1
    assert "BAD  bad.zip, list-1.txt: damaged" in done.output
    assert "the draw does NOT hold" in done.output


def test_an_entrant_checks_a_ticket(call, clock, tmp_path):
    bundle = closed(call, clock)["bundle"]
    for code, result, words in (
        ("a1tc-04", 0, "A1TC-04 was in the draw: number 1 of 6, and was drawn as rank"),
        ("Z9PM-03", 1, "Z9PM-03 was struck out: staff"),
        ("QQQ-99", 1, "QQQ-99 is not in the list"),
    ):
        done = call("check-ticket", code, bundle, home=False)
        assert done.return_value == result
        assert words in done.output
    told = json.loads(call("check-ticket", "A1TC-04", bundle, "--json", home=False).output)
    assert told["is_in"] is True
    (tmp_path / "no.zip").write_bytes(b"no zip")
    assert call("check-ticket", "A1TC-04", tmp_path / "no.zip", home=False).return_value == 1


def test_a_draw_that_was_never_frozen_has_no_tickets(call):
    call("declare")
    call("void", "called-off")
    bundle = json.loads(call("bundle", "--json").output)["bundle"]
    assert "no list was frozen" in call("check-ticket", "AAA", bundle, home=False).output


def test_a_drand_draw_reads_the_answers_from_files(call, clock, tmp_path):
    clock.at = time_of(QUICKNET, ROUND) - timedelta(minutes=20)
    call("declare", "--randomness", "drand", "--closes", "10:50")
    clock.at += timedelta(minutes=12)
    shown = call("freeze", "--tickets", call.codes).output
    number = json.loads(call("show", "--json").output)["drand_round"]
    assert f"/{QUICKNET.hash}/public/{number}" in shown
    clock.at += timedelta(minutes=12)
    for name in ("one.json", "two.json"):
        body = {"round": int(number), "randomness": BEACON.randomness, "signature": BEACON.signature}
        (tmp_path / name).write_text(json.dumps(body))
    told = json.loads(call("drand", tmp_path / "one.json", tmp_path / "two.json", "--json").output)
    assert told["phase"] == "ready"
    assert told["next"] == ["Run", "Void"]


def test_drand_online_asks_the_mirrors(call, clock, monkeypatch):
    clock.at = time_of(QUICKNET, ROUND) - timedelta(minutes=30)
    call("declare", "--randomness", "drand", "--closes", "now")
    call("freeze", "--tickets", call.codes)

    def no_network(chain, number):
        raise BoothBroken(f"only 0 drand mirrors answered for round {number}")

    monkeypatch.setattr(command, "fetch", no_network)
    with pytest.raises(Exception, match=r"comes at .*; wait"):
        call("drand", "--online")
    clock.at += timedelta(minutes=11)
    with pytest.raises(Exception, match="only 0 drand mirrors answered"):
        call("drand", "--online")
    with pytest.raises(Exception, match="two files, or --online"):
        call("drand")


def test_entries_are_closed_now_by_declaring_again(call, clock):
    call("declare")
    clock.at += timedelta(hours=1)
    assert "10:00:00 UTC" in call("declare", "--again", "time", "--closes", "now").output
    told = call("freeze", "--tickets", call.codes, "--json").output
    assert json.loads(told)["phase"] == "frozen"
    more = call("freeze", "--tickets", call.codes, "--strike", "Z9PM-03=twice", "--correct", "wrongly-in")
    assert "Z9PM-03: a second ticket of the same person" in more.output
    call("dice", 1, 2)
    assert "1 5" in call("dice", "--correct", 2, 5).output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show"], "no draw on 2026-11-22; 'pitboard booth draw declare' begins one"),
        (["show", "--draw", "2025-01-01"], "no draw '2025-01-01'"),
        (["declare", "--closes", "soon"], "takes 'now' or a time such as 16:30"),
        (["declare", "--by", "Ann Lee"], "sign with a role or initials"),
        (["freeze", "--tickets", "-", "--strike", "AAA=ugly"], "CODE=REASON with one of staff"),
        (["dice", "1", "2", "--correct", "3"], "takes the one value"),
        (["decide", "ineligible"], "say why with --reason: under-age"),
    ],
)
def test_bad_input_is_one_sentence(call, words, sentence):
    with pytest.raises(Exception, match=sentence) as caught:
        call(*words)
    assert caught.value.exit_code == 2


def test_dice_or_drand_not_both(call, tmp_path):
    call("declare")
    with pytest.raises(Exception, match="dice were declared, not drand"):
        call("drand", "--online")


def test_a_list_that_is_no_text_is_refused(call, clock, tmp_path):
    call("declare")
    clock.at = CLOSES
    (tmp_path / "codes.bin").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Exception, match="no text of ticket codes"):
        call("freeze", "--tickets", tmp_path / "codes.bin")
