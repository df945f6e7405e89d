"""Gives the tests of this folder the made-up nights."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("made_up_nights", Path(__file__).parent / "made_up_nights.py")
_made_up = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_made_up)


@pytest.fixture(scope="session")
def made_up():
    return _made_up
