"""`pitboard booth leads` and `keys`, as they are typed."""

from __future__ import annotations

import json
import stat

import pytest
from click.testing import CliRunner

from booth.people.fingerprint import CHEAPEST
from booth.people.sealing import make_key, public_key_in
from booth.people.store import PeopleStore
from booth.people.tickets import Reason
from rig.cli.main import pitboard
from rig.clock import SystemClock
from tests.booth.people.persons import form_of


@pytest.fixture
def show(tmp_path):
    """A home with a show of two leads, and the key on a stick."""
    (tmp_path / "stick").mkdir()
    public = public_key_in(make_key(tmp_path / "stick" / "fair.key"))
    folder = tmp_path / "home" / "booth" / "spring-fair"
    with PeopleStore(
        folder / "people.db",
        SystemClock(),
        show="Spring Fair",
        time_zone="UTC",
        public_key=public,
        cost=CHEAPEST,
    ) as people:
        player = people.add_player("Ann", "en")
        people.enter_draw(player, Reason.WON, race=1)
        ann = {"email": "ann@example.com", "last_name": "Ames", "company": "Ames Inc"}
        people.capture("a" * 16, form_of(ann, ticked={"email"}), player=player)
        people.capture("b" * 16, form_of({"email": "bob@example.com"}))
    return tmp_path


def run(show, *arguments, exit_code=0, key=False):
    command = ["booth", "leads", *arguments, "--show", "Spring Fair", "--home", str(show / "home")]
    if key:
        command += ["--key", str(show / "stick" / "fair.key")]
    done = CliRunner().invoke(pitboard, command, standalone_mode=False)
    code = getattr(done.exception, "exit_code", None) or (done.return_value if done.exception is None else 99)
    assert (code or 0) == exit_code, f"{done.output}{done.exception!r}"
    return done.output if done.exception is None else str(done.exception)


def test_count_needs_no_key_and_tells_nobody_s_name(show):
    body = json.loads(run(show, "count", "--json"))
    assert (body["not_copied"], body["counts"]["leads"], body["counts"]["consented"]) == (2, 2, 1)
    assert "leads          2" in run(show, "count")
    assert run(show, "count", "--day", "2020-01-01").count("0") > 3
    assert "--day" in run(show, "count", "--day", "x", exit_code=2)


def test_export_hand_over_and_count_again(show):
    out = show / "stick" / "out"
    told = run(show, "export", "--format", "salesforce", "--out", str(out), "--by", "AS", key=True)
    assert "cannot take, in rejected.csv and leads.json: 1" in told
    assert "ann@example.com" not in told
    (receipt,) = out.glob("*-receipt.json")
    assert json.loads(run(show, "count", "--json"))["not_copied"] == 2
    assert "2 leads handed over to AS; 0 not yet" in run(show, "handed-over", str(receipt), "--by", "AS")
    assert "already" in run(show, "handed-over", str(receipt), exit_code=2)


def test_the_sandbox_writes_nothing(show):
    before = sorted(show.rglob("*"))
    body = json.loads(run(show, "export", "--format", "marketo", "--sandbox", "--json", key=True))
    assert body["is_sandbox"]
    assert (body["leads"], body["audit_head"]) == (2, "")
    assert sorted(show.rglob("*")) == before
    assert json.loads(run(show, "audit", "verify", "--json"))["entries"] == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "csv"], "--out"),
        (["--format", "csv", "--out", "OUT"], "--key"),
        (["--format", "csv", "--out", "OUT", "--key", "KEY", "--sandbox"], "--sandbox"),
        (["--format", "csv", "--out", "SHOW/x", "--key", "KEY"], "off this machine"),
        (["--format", "csv", "--out", "HOME/x", "--key", "KEY"], "off this machine"),
        (["--format", "csv", "--out", "OUT", "--key", "OTHER"], "no lead can be opened"),
        (["--format", "csv", "--out", "OUT", "--key", "OUT"], "private key"),
        (["--format", "csv", "--out", "OUT", "--key", "KEY", "--marketing", "post"], "nobody was asked"),
        (["--format", "sealed", "--sandbox"], "--out"),
    ],
)
def test_what_cannot_be_exported_is_said_with_exit_code_2(show, arguments, words):
    make_key(show / "other.key")
    places = {
        "OUT": str(show / "out"),
        "KEY": str(show / "stick" / "fair.key"),
        "OTHER": str(show / "other.key"),
        "HOME/x": str(show / "home" / "x"),
        "SHOW/x": str(show / "home" / "booth" / "spring-fair" / "x"),
    }
    assert words in run(show, "export", *(places.get(each, each) for each in arguments), exit_code=2)


def test_a_lead_sealed_to_another_key_is_told_and_the_exit_code_is_1(show):
    other = public_key_in(make_key(show / "other.key"))
    path = show / "home" / "booth" / "spring-fair" / "people.db"
    with PeopleStore(path, SystemClock(), public_key=other) as people:
        people.capture("c" * 16, form_of({"email": "cy@example.com"}))
    out = str(show / "out")
    told = run(show, "export", "--format", "json", "--out", out, key=True, exit_code=1)
    assert "sealed to key" in told
    both = ["--key", str(show / "other.key")]
    assert "3 leads" in run(show, "export", "--format", "json", "--sandbox", *both, key=True)


def test_a_sealed_copy_works_on_another_machine(show):
    out = show / "stick" / "copy"
    run(show, "export", "--format", "sealed", "--out", str(out))
    (copy,) = out.glob("*-people.db")
    command = ["booth", "leads", "export", "--show", str(copy), "--key", str(show / "stick" / "fair.key")]
    command += ["--format", "csv", "--out", str(show / "office")]
    done = CliRunner().invoke(pitboard, command, standalone_mode=False)
    assert "2 leads" in done.output, done.exception
    assert any("ann@example.com" in each.read_text() for each in (show / "office").glob("*.csv"))


def test_the_winner_is_reached_by_ticket_and_the_log_knows(show):
    with PeopleStore(show / "home" / "booth" / "spring-fair" / "people.db", SystemClock()) as people:
        (ticket,) = people.tickets_of(people.today())
    assert json.loads(run(show, "who", ticket.code, "--json", key=True))["email"] == "ann@example.com"
    assert "'Ames'" in run(show, "who", ticket.code.lower(), key=True)
    assert json.loads(run(show, "audit", "verify", "--json"))["entries"] == 5


def test_erase_tells_which_exports_hold_the_person_still(show):
    run(show, "export", "--format", "json", "--out", str(show / "out"), key=True)
    told = run(show, "erase", "--email", "ANN@example.com", "--by", "AS")
    assert "earlier exports hold them still" in told
    assert "spring-fair-" in told
    assert "not handed over" in told
    assert json.loads(run(show, "count", "--json"))["counts"]["leads"] == 1
    (receipt,) = (show / "out").glob("*-receipt.json")
    assert "to be erased there too" in run(show, "handed-over", str(receipt), "--by", "AS")
    assert "nobody here" in run(show, "erase", "--email", "ann@example.com", exit_code=2)
    assert "name one person" in run(show, "erase", exit_code=2)
    assert "name one person" in run(show, "erase", "--ticket", "X", "--player", "Y", exit_code=2)


def test_withdraw_purge_and_scrub(show):
    assert "taken back" in run(show, "withdraw", "--email", "ann@example.com")
    assert "0 people" in run(show, "purge", "--dry-run")
    assert "0 people" in run(show, "purge", "--days", "30")
    assert "out of the file" in run(show, "scrub")


def test_the_log_is_verified_and_a_change_is_an_exit_code_of_1(show):
    head = json.loads(run(show, "audit", "verify", "--json"))["head"]
    assert "each as it was written" in run(show, "audit", "verify", "--head", head)
    assert "cut off" in run(show, "audit", "verify", "--head", "f" * 64, exit_code=1)


def test_a_show_that_is_not_there_is_told_with_those_that_are(show):
    done = CliRunner().invoke(
        pitboard,
        ["booth", "leads", "count", "--show", "Autumn", "--home", str(show / "home")],
        standalone_mode=False,
    )
    assert "there are spring-fair" in str(done.exception)
    done = CliRunner().invoke(
        pitboard, ["booth", "leads", "count", "--home", str(show / "home")], standalone_mode=False
    )
    assert "no leads yet" in str(done.exception)
    folder = str(show / "home" / "booth" / "spring-fair")
    done = CliRunner().invoke(pitboard, ["booth", "leads", "count", "--show", folder], standalone_mode=False)
    assert done.exception is None


def test_keys_are_made_for_their_owner_and_not_beside_the_leads(show):
    path = show / "stick" / "new.key"
    home = ["--home", str(show / "home")]
    made = CliRunner().invoke(
        pitboard, ["booth", "keys", "new", str(path), *home, "--json"], standalone_mode=False
    )
    public = json.loads(made.output)["public_key"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    shown = CliRunner().invoke(pitboard, ["booth", "keys", "show", str(path)], standalone_mode=False)
    assert public in shown.output
    inside = CliRunner().invoke(
        pitboard, ["booth", "keys", "new", str(show / "home" / "x.key"), *home], standalone_mode=False
    )
    assert "on a stick" in str(inside.exception)
    again = CliRunner().invoke(pitboard, ["booth", "keys", "new", str(path), *home], standalone_mode=False)
    assert again.exception.exit_code == 2
