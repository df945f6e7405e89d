"""The group: lists without importing, turns deliberate errors into one sentence, hands exit codes on."""

import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from rig.cli import main as cli
from rig.cli.discover import command_tables
from rig.errors import BenchError, InputError


def test_help_lists_every_command():
    shown = CliRunner().invoke(cli.pitboard, ["--help"]).stdout
    assert all(f"  {name} " in shown for name in command_tables())


@pytest.mark.parametrize("name", command_tables())
def test_examples_keep_their_lines(name):
    shown = CliRunner().invoke(cli.pitboard, [name, "--help"]).stdout
    assert "\\b" not in shown
    assert re.search(r"^  Examples?:\n    pitboard ", shown, re.MULTILINE)


def test_examples_of_nested_commands_keep_their_lines():
    group = click.Group("outer", commands=[click.Command("inner", help="\\b\nExamples:\n  one\n  two")])
    cli.keep_line_breaks(group)
    assert group.commands["inner"].help == "\b\nExamples:\n  one\n  two"


def test_an_unknown_command_is_refused():
    result = CliRunner().invoke(cli.pitboard, ["drvie"])
    assert result.exit_code == 2
    assert "No such command 'drvie'" in result.stderr


def run_main(monkeypatch, behaviour):
    @click.command()
    def command():
        behaviour()

    monkeypatch.setattr(cli, "pitboard", command)
    monkeypatch.setattr(sys, "argv", ["pitboard"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (InputError("no such world"), 2, "pitboard: no such world\n"),
        (BenchError("no adapter"), 3, "pitboard: no adapter\n"),
        (FileNotFoundError(2, "No such file", "x.db"), 2, "pitboard: cannot go on at 'x.db': No such file\n"),
        (click.UsageError("what?"), 2, "\n\nError: what?\n"),
        (KeyboardInterrupt(), 130, "\ninterrupted\n"),
        (SystemExit(4), 4, ""),
    ],
)
def test_errors_become_a_sentence_and_an_exit_code(monkeypatch, capsys, error, code, sentence):
    def fail():
        raise error

    assert run_main(monkeypatch, fail) == code
    assert capsys.readouterr().err.endswith(sentence)


def test_a_time_out_is_a_bug_and_no_matter_of_files(monkeypatch):
    def bug():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        run_main_raw(monkeypatch, bug)


PITBOARD = f'"{sys.executable}" -c "from rig.cli.start import main; main()"'


@pytest.mark.parametrize(
    ("line", "code", "complaint"),
    [
        ("decode 0117 > /dev/full", 2, "pitboard: cannot go on: No space left on device\n"),
        ("decode 0117 > /dev/full 2> /dev/full", 2, ""),
        ("decode 0117 >&-", 0, ""),
        ("decode <&-", 2, "pitboard: standard input is closed: give arguments, or a file\n"),
        ("encode <&-", 2, "pitboard: standard input is closed: give arguments, or a file\n"),
    ],
)
def test_standard_streams_that_fail(line, code, complaint):
    done = subprocess.run(
        ["sh", "-c", f"{PITBOARD} {line}"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stderr) == (code, complaint)


def test_success_is_zero(monkeypatch):
    assert run_main(monkeypatch, lambda: None) == 0


def test_a_bug_keeps_its_traceback(monkeypatch):
    def bug():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_main_raw(monkeypatch, bug)


def run_main_raw(monkeypatch, behaviour):
    monkeypatch.setattr(cli, "pitboard", click.command()(behaviour))
    monkeypatch.setattr(sys, "argv", ["pitboard"])
    cli.main()


def test_a_closed_pipe_is_no_error():
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -c "from rig.cli.start import main; main()" encode --list | head -1'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
