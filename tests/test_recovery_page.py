"""The recovery page: drawn from the tables, and its commands exist."""

from __future__ import annotations

import json
from pathlib import Path

from docs.recovery_page import recovery_page, table_of
from rig.radio.recovery.rungs import WAYS
from tests.contract.radio.recovery_trials import FAULTS


def test_every_class_of_fault_stands_on_the_page():
    page = recovery_page()
    for kind in WAYS:
        assert f"| `{kind.__name__}` |" in page


def test_the_figures_are_those_of_faults_that_exist():
    for path in Path("docs/figures").glob("recovery-*.json"):
        document = json.loads(path.read_text())
        assert set(document["faults"]) <= set(FAULTS)
        for name, fault in document["faults"].items():
            assert fault["trials"] == fault["at_once"] + fault["recovered"] + fault["asked"]
            assert fault["what"] == FAULTS[name].what
        assert "all that need no hands" in table_of(document)
