"""What the help texts show works as shown, as far as it needs no hardware and no file of the user's."""

import shlex

import click
import pytest
from click.testing import CliRunner

from rig.cli.main import pitboard

RUNS = {"decode", "drive", "encode", "lap", "record", "scan"}
PASSES_TIME = {"drive", "lap", "record", "scan"}
NEEDS_END = {"drive"}


def examples(name):
    """The example lines in a command's help, from the first word on, without remarks and pipes."""
    context = click.Context(pitboard)
    text = pitboard.get_command(context, name).help.partition("Examples:")[2]
    for line in text.splitlines():
        words = line.strip().partition("      ")[0].partition(" | ")[0]
        if words.startswith("pitboard "):
            yield words


RUNNABLE = [
    line
    for name in sorted(RUNS)
    for line in examples(name)
    if not {"ble", "<", "btsnoop_hci.log"} & set(line.split())
    and line.split()[1] in RUNS
    and not any(word.startswith("hci:") for word in line.split())
]


def test_the_examples_are_found():
    assert len(RUNNABLE) > 10
    assert {line.split()[1] for line in RUNNABLE} == RUNS


@pytest.mark.parametrize("line", RUNNABLE)
def test_an_example_of_the_help_works_on_the_default_radio(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PITBOARD_RADIO", raising=False)
    command, *arguments = shlex.split(line)[1:]
    if command in PASSES_TIME and "--fast" not in arguments:
        arguments.append("--fast")
    if command in NEEDS_END and "--seconds" not in arguments:
        arguments += ["--seconds", "3"]
    result = CliRunner().invoke(pitboard, [command, *arguments], standalone_mode=False)
    assert result.exception is None, result.output
    assert (result.return_value or 0) == 0, result.output
