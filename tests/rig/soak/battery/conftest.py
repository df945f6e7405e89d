"""The leg runner of short lives, for every test here."""

from __future__ import annotations

from tests.rig.soak.battery.short_lives import short_lives

__all__ = ["short_lives"]
