"""`pitboard schedule` as IT calls it."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rig.cli.main import pitboard


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PITBOARD_HOME", str(tmp_path / "home"))

    def run(*arguments):
        return CliRunner().invoke(pitboard, ["schedule", *arguments], standalone_mode=False)

    return run


def test_units_and_lines_name_this_pitboard_and_these_results(call, tmp_path):
    result = call(
        "reconnect", "--at", "22:00", "--days", "mon-fri", "--radio", "ble:hci1", "--cars", "0880eadb"
    )
    assert result.return_value == 0
    program = Path(sys.executable).with_name("pitboard")
    assert f"\nExecStart={program} soak reconnect --radio ble:hci1 --cars 0880eadb\n" in result.stdout
    assert f"\nEnvironment=PITBOARD_HOME={tmp_path / 'home'}\n" in result.stdout
    assert f"\nExecStart={program} soak --resume --if-cut --home {tmp_path / 'home'}\n" in result.stdout
    assert f"\nWorkingDirectory={tmp_path}\n" in result.stdout
    assert "\n0 22 * * 1,2,3,4,5 cd " in result.stdout
    assert "\n@reboot cd " in result.stdout
    assert (
        "systemctl enable --now pitboard-soak.timer; systemctl enable pitboard-soak-resume.service\n"
        in result.stdout
    )


def test_either_form_alone_and_both_as_json(call):
    assert "ExecStart" not in call("--at", "22:00", "--cron").stdout
    assert "crontab" not in call("--at", "22:00", "--systemd", "--for-user").stdout
    record = json.loads(call("--at", "22:00", "--name", "night-b", "--json").stdout)
    assert sorted(record["units"]) == ["night-b-resume.service", "night-b.service", "night-b.timer"]
    assert record["calendar"] == "*-*-* 22:00:00"
    assert len(record["crontab"]) == 2


def test_units_are_written_where_they_belong(call, tmp_path):
    result = call("--at", "22:00", "--write", str(tmp_path / "units"))
    assert sorted(file.name for file in (tmp_path / "units").iterdir()) == [
        "pitboard-soak-resume.service", "pitboard-soak.service", "pitboard-soak.timer",
    ]  # fmt: skip
    assert "crontab" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--at", "25:00"), "no time of day"),
        (("--at", "22:00", "--days", "someday"), "is no day"),
        (("--at", "22:00", "--name", "a/b"), "no unit name"),
        (("nosuch", "--at", "22:00"), "no plan named 'nosuch'"),
        (("--at", "22:00", "--resume"), "leave --resume and --list-plans out"),
        (("--at", "22:00", "--raido", "ble"), "--raido"),
    ],
)
def test_what_would_fail_at_night_is_refused_now(call, arguments, says):
    result = call(*arguments)
    assert result.exception.exit_code == 2
    assert says in str(result.exception) or says in result.exception.format_message()
