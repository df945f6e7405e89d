"""`--bench` names a map by a name that holds in every folder."""

import click
from click.testing import CliRunner

from rig.cli.bench_options import bench_option
from rig.errors import InputError


@click.command()
@bench_option
def command(bench):
    click.echo(str(bench))


def call(*arguments):
    return CliRunner().invoke(command, arguments)


def test_a_file_is_named_absolutely_and_a_shipped_map_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text("")
    assert call("--bench", "mine.toml").stdout.strip() == str(tmp_path / "mine.toml")
    assert call("--bench", "two-sets").stdout.strip() == "two-sets"
    assert call().stdout.strip() == "None"


def test_a_map_that_is_not_there_is_bad_input():
    refused = call("--bench", "no-such").exception
    assert isinstance(refused, InputError)
    assert "no bench named 'no-such' and no such file; built in: " in str(refused)
