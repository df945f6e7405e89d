"""Units and crontab lines carry every value unharmed to the program they start."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from rig.errors import InputError
from rig.timetable.crontab import lines_of
from rig.timetable.job import Job
from rig.timetable.systemd import units_of
from rig.timetable.when import When, parse_when

NASTY = (
    "soak",
    "100 %",
    "a b",
    'quo"te',
    "it's",
    "$HOME",
    "$$x",
    "back\\slash",
    ";",
    "~",
    "%h",
    "{x}",
    "#no",
    "ü&|<",
)


def job(command, folder="/", environment=None, user=None):
    return Job(
        "pitboard-soak",
        "100 % $HOME",
        command,
        (command[0], "soak", "--resume"),
        folder,
        environment or {},
        user,
    )


@pytest.mark.parametrize(
    ("at", "days", "calendar", "cron"),
    [
        ("22:00", "", "*-*-* 22:00:00", "0 22 * * *"),
        ("7:05", "mon-fri", "Mon,Tue,Wed,Thu,Fri *-*-* 07:05:00", "5 7 * * 1,2,3,4,5"),
        ("23:59", "sat-mon", "Mon,Sat,Sun *-*-* 23:59:00", "59 23 * * 0,1,6"),
        ("00:00", "Monday, thu", "Mon,Thu *-*-* 00:00:00", "0 0 * * 1,4"),
    ],
)
def test_times_and_days_in_both_languages(at, days, calendar, cron):
    when = parse_when(at, days)
    assert (when.calendar, when.cron_fields) == (calendar, cron)
    if tool := shutil.which("systemd-analyze"):
        said = subprocess.run([tool, "calendar", calendar], capture_output=True, text=True, check=True).stdout
        assert f"Normalized form: {calendar}" in said.replace("Mon..Fri", "Mon,Tue,Wed,Thu,Fri")


@pytest.mark.parametrize(
    ("at", "days"), [("24:00", ""), ("22", ""), ("22:60", ""), ("22:00", "mo"), ("22:00", "mon-x")]
)
def test_what_is_no_time_is_refused(at, days):
    with pytest.raises(InputError, match=r"no time of day|is no day"):
        parse_when(at, days)


@pytest.fixture
def make_program(tmp_path):
    """Makes a program with an awkward path that writes down how it was called."""
    return lambda folder: _program(tmp_path, tmp_path / folder)


@pytest.fixture
def program(make_program):
    return make_program(
        "100 % of $HOME"
    )  # quotes and backslashes, systemd itself refuses in a program's path


def _program(tmp_path, folder):
    folder.mkdir()
    path = folder / "pitboard"
    path.write_text(
        "#!/usr/bin/env python3\nimport json, os, sys\n"
        f"json.dump([sys.argv[1:], os.environ['PITBOARD_HOME'], os.getcwd()], open({str(tmp_path / 'called')!r}, 'w'))\n"
    )
    path.chmod(0o755)
    return path


def test_cron_starts_the_program_with_exactly_these_words(make_program, tmp_path):
    program = make_program('100 % of $HOME\'s "bin"')
    wanted = job((str(program), *NASTY), str(program.parent), {"PITBOARD_HOME": "/a b/%'$x"})
    line, at_boot = lines_of(wanted, When(22, 0), limit_h=1, log=str(tmp_path / "a log"))
    assert line.startswith("0 22 * * * ")
    assert at_boot.startswith("@reboot ")
    for command, words in (
        (line.removeprefix("0 22 * * * "), list(NASTY)),
        (at_boot[8:], ["soak", "--resume"]),
    ):
        assert command.count("%") == command.count("\\%"), "cron cuts the command at a bare %"
        subprocess.run(["/bin/sh", "-c", command.replace("\\%", "%")], check=True)  # what cron makes of it
        assert json.loads((tmp_path / "called").read_text()) == [words, "/a b/%'$x", str(program.parent)]
    assert (tmp_path / "a log").exists()


def as_systemd_reads(text):
    """The words of a command line: quotes, backslashes, %% and, from the second word on, $$ (man systemd.service)."""
    words, word, quoted, letters = [], None, False, iter(text)
    for letter in letters:
        if letter == '"':
            quoted, word = not quoted, word or ""
        elif letter == " " and not quoted:
            words, word = [*words, word], None
        else:
            word = (word or "") + (next(letters) if letter == "\\" else letter)
    words.append(word)
    for word in words:
        assert "%" not in word.replace("%%", "")
        assert word is words[0] or "$" not in word.replace("$$", "")
    path, *rest = (word.replace("%%", "%") for word in words)
    return [path, *(word.replace("$$", "$") for word in rest)]


def settings(text):
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_systemd_starts_the_program_with_exactly_these_words(program):
    wanted = job((str(program), *NASTY), str(program.parent), {"PITBOARD_HOME": "/a b/%'$x\\"}, "it")
    units = units_of(wanted, When(22, 0), limit_h=1.5, for_user=False)
    service = settings(units["pitboard-soak.service"])
    assert as_systemd_reads(service["ExecStart"]) == [str(program), *NASTY]
    assert service["WorkingDirectory"].replace("%%", "%") == str(program.parent)
    assert service["Environment"] == '"PITBOARD_HOME=/a b/%%\'$x\\\\"'
    assert (service["User"], service["TimeoutStartSec"], service["KillSignal"]) == ("it", "5400", "SIGTERM")
    limit = (service["TimeoutStartFailureMode"], service["WatchdogSignal"])
    assert limit == ("abort", "SIGINT"), "a run that reached its limit is not to go on at the next boot"
    assert settings(units["pitboard-soak.timer"])["OnCalendar"] == "*-*-* 22:00:00"
    resume = units["pitboard-soak-resume.service"]
    assert as_systemd_reads(settings(resume)["ExecStart"]) == [str(program), "soak", "--resume"]
    assert "WantedBy=multi-user.target" in resume
    assert "User" not in settings(
        units_of(wanted, When(22, 0), limit_h=1, for_user=True)["pitboard-soak.service"]
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="cannot run here: no systemd-analyze")
@pytest.mark.parametrize("for_user", [False, True])
def test_systemd_itself_finds_nothing_wrong(program, tmp_path, for_user):
    wanted = job((str(program), *NASTY), "/", {"PITBOARD_HOME": "/a b/%'$x\\"}, "root")
    units = units_of(wanted, When(22, 0, (0, 4)), limit_h=11, for_user=for_user)
    folder = tmp_path / "units"
    folder.mkdir()
    for name, text in units.items():
        (folder / name).write_text(text)
    files = [str(folder / name) for name in units]
    manager = ["--user"] if for_user else ["--system"]
    done = subprocess.run(
        ["systemd-analyze", *manager, "verify", "--man=no", *files],
        capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "pitboard" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_a_line_break_is_refused_rather_than_smuggled_in():
    with pytest.raises(InputError, match="control character"):
        job(("/bin/pitboard", "a\nExecStart=/bin/rm"))
    with pytest.raises(InputError, match="cannot work in the folder"):
        units_of(job(("/bin/pitboard",), "/x\\"), When(1, 1), limit_h=1, for_user=False)
    with pytest.raises(InputError, match="quotes or backslashes in its path"):
        units_of(job(("/it's/pitboard",)), When(1, 1), limit_h=1, for_user=False)
    with pytest.raises(InputError, match="no absolute path"):
        units_of(job(("pitboard",)), When(1, 1), limit_h=1, for_user=False)
