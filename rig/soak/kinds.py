"""The soak kinds there are, and plans of any of them. How to add one: `rig.soak.kind`."""

from __future__ import annotations

from typing import Any

from rig.soak.battery.kind import BatteryKind
from rig.soak.kind import SoakKind
from rig.soak.plan_file import Plan, parse_head, read_plan
from rig.soak.reconnect.kind import ReconnectKind
from rig.soak.swap.kind import SwapKind
from rig.toml_tables import Table, parse_toml

KINDS: tuple[SoakKind[Any, Any], ...] = (ReconnectKind(), BatteryKind(), SwapKind())


def kind_named(name: str) -> SoakKind[Any, Any]:
    """The kind of this name; a KeyError's cousin is a fault in pitboard, not in a plan."""
    return next(kind for kind in KINDS if kind.name == name)


def load_plan(name_or_path: str) -> Plan:
    """Reads a builtin plan by name, or a file; not a nightly.

    Raises:
        InputError: no such plan, or something in it is wrong.
    """
    text, source = read_plan(name_or_path)
    return parse_plan(text, source=source)


def parse_plan(text: str, *, source: str) -> Plan:
    """Checks a plan's TOML; `source` names it in messages.

    Raises:
        InputError: a key is unknown, missing or out of range; the message names it, and the nearest known.
    """
    root = parse_toml(text, source=source)
    kind = root.choice("kind", [kind.name for kind in KINDS])
    return plan_of(root, kind, text)


def plan_of(root: Table, kind_name: str, text: str) -> Plan:
    """A plan of a known kind from its table, whose `kind` has been read.

    Raises:
        InputError: as `parse_plan`.
    """
    plan: Plan = kind_named(kind_name).parse(root, parse_head(root, kind_name, text))
    if not plan.limits:
        root.refuse("limit", "is missing: a plan without a limit can only be inconclusive")
    root.finish()
    return plan
