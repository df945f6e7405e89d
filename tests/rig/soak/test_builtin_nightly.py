"""The builtin nightly, whole: all kinds, eight cars, eight hours, the same bytes from the same seed."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from rig.cli.soak import soak

LIMIT_S = 600


@pytest.mark.nightly
@pytest.mark.timeout(3 * LIMIT_S)
def test_the_same_seed_gives_the_same_night(tmp_path):
    documents = []
    for name in ("one", "two"):
        done = CliRunner().invoke(
            soak, ["nightly", "--json", "--home", str(tmp_path / name)], standalone_mode=False
        )
        assert done.exception is None, done.output
        documents.append(json.loads(done.stdout))
    for document in documents:
        document.pop("wall_clock")
    assert documents[0] == documents[1]
    night = documents[0]
    assert night["outcome"] == "PASS"
    assert {part["kind"] for part in night["parts"]} == {"battery", "reconnect", "swap"}
    assert len({car["label"] for car in night["cars"]}) == 8
    assert night["run_seconds"] > 8 * 3600
