"""The day report from the command line."""

import json

import pytest
from click.testing import CliRunner

import booth.cli.report as command
from booth.log.store import FILE, ShowLog
from booth.people.fingerprint import CHEAPEST
from booth.people.store import FILE as PEOPLE_FILE
from booth.people.store import PeopleStore
from rig.cli.main import pitboard
from tests.booth.handover.report.days import DAY, a_day, at
from tests.booth.people.persons import PUBLIC, form_of


class NightClock:
    """Late on the day."""

    def utc_now(self):
        return at("22:00")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A results folder with the made-up day in the demo show's log."""
    home = tmp_path_factory.mktemp("home")
    with ShowLog(home / "booth" / "pitboard-demo-show" / FILE, create=True) as log:
        for when, record in a_day()[:300]:
            log.append(record, when)
    return home


@pytest.fixture
def call(home, monkeypatch):
    monkeypatch.setattr(command, "SystemClock", NightClock)

    def run(*words):
        line = ["booth", "report", "--home", str(home), *map(str, words)]
        done = CliRunner().invoke(pitboard, line, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        return done.output

    return run


def test_today_is_told_as_text(call):
    text = call()
    assert f"pitboard demo show, {DAY}: " in text
    assert "log            whole, last link" in text
    assert "For IT" in text


def test_people_are_counted_from_what_they_left_at_the_booth(call, home):
    path = home / "booth" / "pitboard-demo-show" / PEOPLE_FILE
    with PeopleStore(
        path, NightClock(), show="pitboard demo show", time_zone="UTC", public_key=PUBLIC, cost=CHEAPEST
    ) as people:
        people.capture("a" * 16, form_of({"email": "ann@example.com"}, ticked={"email"}))
        people.count_call_to_action("stage")
    told = json.loads(call("--json"))
    path.unlink()
    assert '"leads": 1' in json.dumps(told)
    assert '"stage": 1' in json.dumps(told)


def test_counts_and_money_come_from_outside(call, tmp_path):
    (tmp_path / "counts.json").write_text('{"leads": 71, "qualified": 31, "lead_players": 64}')
    told = json.loads(
        call(
            "--json",
            "--counts",
            tmp_path / "counts.json",
            "--pipeline",
            100,
            200,
            0.5,
            "--responsiveness",
            9.5,
        )
    )
    assert told["returns"]["people"]["leads"] == 71
    assert told["returns"]["pipeline_gain"] == 50 - told["returns"]["cost"]
    assert told["responsiveness_p95_ms"] == 9.5


def test_another_day_is_named(call):
    assert json.loads(call("--json", "--day", "2026-11-21"))["races"]["plays"] == 0
    with pytest.raises(Exception, match="takes a date such as 2026-11-22, not 'yesterday'"):
        call("--day", "yesterday")


def test_the_page_is_written_whole(call, tmp_path):
    call("--html", tmp_path / "pages" / "day.html")
    assert (tmp_path / "pages" / "day.html").read_text().rstrip().endswith("</html>")
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="name another file with --html") as caught:
        call("--html", tmp_path / "file" / "day.html")
    assert caught.value.exit_code == 3


def test_a_show_that_never_ran_is_told(call, tmp_path):
    with pytest.raises(Exception, match="'pitboard booth run' makes one"):
        call("--home", tmp_path / "elsewhere")
