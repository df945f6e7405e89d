"""The kinds that can be reported, by name. How to add one: `rig.soak.kind`."""

from __future__ import annotations

from typing import Any

from rig.report.battery.kind import BatteryReports
from rig.report.kind import ReportKind
from rig.report.reconnect.kind import ReconnectReports
from rig.report.swap.kind import SwapReports

KINDS: tuple[ReportKind[Any, Any], ...] = (ReconnectReports(), BatteryReports(), SwapReports())


def kind_named(name: str) -> ReportKind[Any, Any]:
    """The kind of this name."""
    return next(kind for kind in KINDS if kind.name == name)
