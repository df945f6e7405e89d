"""What a user sees of the ladder when a car does not connect at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from rig.cli.main import pitboard
from rig.errors import RigError
from rig.radio.recovery.policy import RecoveryPolicy

SKULL = "0880eadb"


@pytest.fixture
def aborting(tmp_path):
    """A world whose adapter aborts every connect in the first seconds."""
    world = tmp_path / "aborting.toml"
    text = Path("fixtures/builtin/worlds/one-car.toml").read_text()
    fault = "at_s = 0.0\nkind = 'abort_connect'\ncar = 0x0880EADB\nvalue = 1.0\nlasts_s = 3.0\n"
    world.write_text(f"{text}\n[[fault]]\n{fault}")
    return f"sim:{world}"


def drive(radio, *arguments):
    return CliRunner().invoke(
        pitboard,
        ["drive", SKULL, "--radio", radio, "--seconds", "2", "--fast", *arguments],
        standalone_mode=False,
    )


def test_a_connect_that_fails_is_tried_again_with_a_line_for_each_rung(aborting):
    result = drive(aborting)
    assert result.return_value == 0
    said = result.stderr.splitlines()
    first = next(line for line in said if "trying again" in line)
    assert first.startswith("Skull 0880eadb: the connection failed to be established")
    assert first.endswith(f"; trying again (2 of {RecoveryPolicy().rungs_at_most})")
    assert "trying again in 0." in result.stderr
    assert any(line.startswith("Skull 0880eadb: recovered after") for line in said)
    assert any("connected in" in line for line in said)


def test_it_can_be_told_not_to(aborting):
    result = drive(aborting, "--recovery", "off")
    assert isinstance(result.exception, RigError)
    assert result.exception.exit_code == 1
    assert "trying again" not in result.stderr


def test_what_is_hopeless_is_told_at_once(tmp_path):
    result = CliRunner().invoke(
        pitboard, ["drive", "herbie", "--seconds", "1", "--fast"], standalone_mode=False
    )
    assert isinstance(result.exception, RigError)
    assert "gave up" not in result.stderr


def test_in_json_nobody_is_told(aborting):
    result = drive(aborting, "--json")
    assert result.return_value == 0
    assert result.stderr == ""
