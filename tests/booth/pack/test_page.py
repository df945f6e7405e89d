"""docs/booth-pack.md explains every key a pack may hold."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from booth.pack import model

PAGE = (Path(__file__).parents[3] / "docs" / "booth-pack.md").read_text(encoding="utf-8")
WRITTEN_OTHERWISE = {"digest", "sets", "modes", "cars", "qualifiers", "consents", "objectives", "costs", "leads", "draw",
                     "money", "help", "brand", "play", "words", "hours", "key", "day"}  # fmt: skip
"""Fields that are tables of their own, or computed."""


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            field.name
            for kind in vars(model).values()
            if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
            for field in fields(kind)
        }
        - WRITTEN_OTHERWISE
    ),
)
def test_the_page_explains(name):
    assert f"`{name}`" in PAGE
