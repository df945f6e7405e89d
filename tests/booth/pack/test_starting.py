"""`pitboard booth new` and `check`: a pack to fill in that is valid as it stands."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from booth.cli.check import check
from booth.cli.new import new
from booth.errors import BadInput
from booth.pack.files import load_pack
from booth.pack.starting import folder_for, new_pack


def test_a_new_pack_is_valid_and_has_its_own_name(tmp_path):
    pack = load_pack(str(new_pack('Spring "fair" \\ 2027', tmp_path / "x")))
    assert pack.name == 'Spring "fair" \\ 2027'
    assert pack.brand.logo == "demo.svg"


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "keep").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        new_pack("fair", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["keep"]


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 81])
def test_a_name_that_cannot_be_one(tmp_path, name):
    with pytest.raises(BadInput, match="cannot name a show"):
        new_pack(name, tmp_path / "x")


def test_the_folder_is_named_after_the_show():
    assert folder_for("Spring fair: 2027!") == "spring-fair-2027"
    with pytest.raises(BadInput, match="--dir"):
        folder_for("…")


def test_the_commands(tmp_path):
    made = CliRunner().invoke(new, ["Fair", "--dir", str(tmp_path / "fair"), "--json"])
    pack = json.loads(made.output)["pack"]
    told = CliRunner().invoke(check, [pack])
    assert told.exit_code == 0
    assert "still to do: [leads] has no public_key" in told.output
    assert json.loads(CliRunner().invoke(check, [pack, "--json"]).output)["modes"]["battle"] == "verified"
