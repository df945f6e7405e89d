from __future__ import annotations

import pytest

from tests.booth.people.persons import House


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path / "home" / "booth" / "fair")
    yield made
    made.people.close()
