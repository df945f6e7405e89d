"""Collects the facts of this machine for a diagnosis. Nothing is opened or changed on the way."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rig.doctor import probe_mgmt, probe_sysfs
from rig.doctor.facts import AdapterFacts, Facts, StackAdapterFacts, StackFacts, Unknown, every
from rig.doctor.probe_system import serial_ports, system_facts, user_facts, virtual_controller

ROOT = Path("/")


async def collect() -> Facts:
    """The facts of this machine, within about ten seconds however it is broken; usually within one."""
    facts = Facts(system_facts(), user_facts(), serial_ports=serial_ports())
    if sys.platform != "linux":
        elsewhere = Unknown(f"not on {sys.platform}")
        return replace(facts, adapters=elsewhere, switches=elsewhere, virtual_controller=elsewhere)
    from rig.doctor.probe_stack import stack_facts  # noqa: PLC0415 - brings bleak, and D-Bus is Linux's

    stack, served = await stack_facts()
    return replace(
        facts,
        stack=stack,
        adapters=adapters(probe_sysfs.adapters(ROOT), stack, served),
        switches=probe_sysfs.switches(ROOT),
        virtual_controller=virtual_controller(),
    )


def adapters(
    seen: tuple[AdapterFacts, ...] | Unknown, stack: StackFacts, served: Mapping[str, StackAdapterFacts]
) -> tuple[AdapterFacts, ...] | Unknown:
    """The kernel's adapters with what BlueZ and the management socket say of each; those that only BlueZ shows
    (as inside a container) stand at the end."""
    unserved = stack.answered if isinstance(stack.answered, Unknown) else Unknown("BlueZ does not offer it")
    whole = [
        replace(
            adapter,
            controller=probe_mgmt.controller(_index(adapter.name)),
            link=probe_mgmt.link_defaults(_index(adapter.name)),
            stack=served.get(adapter.name, unserved),
        )
        for adapter in every(seen)
    ]
    names = {adapter.name for adapter in whole}
    hidden = Unknown("this kernel does not show it here")
    whole += [
        AdapterFacts(name, bus=hidden, driver=hidden, controller=hidden, link=hidden, stack=side)
        for name, side in served.items()
        if name not in names
    ]
    return tuple(whole) if whole else (seen if isinstance(seen, Unknown) else ())


def _index(name: str) -> int:
    return int(name.removeprefix("hci"))
