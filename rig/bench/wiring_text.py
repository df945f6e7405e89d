"""Writes a wiring map as the TOML that `rig.bench.wiring` reads. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import Enum

from rig.bench.wiring import Bay, FixtureSpec, Wire, Wiring


def wiring_text(wiring: Wiring, ports: Mapping[str, str] | None = None) -> str:
    """The map's text; `ports` gives fixtures other ports than their own."""
    lines = [
        f"name = {_text(wiring.name)}",
        "",
        "[confirm]",
        f"within_s = {wiring.within_s!r}",
        f"least_ma = {wiring.least_ma!r}",
    ]
    for spec in wiring.fixtures.values():
        lines += ["", "[[fixture]]", *_fixture(spec, (ports or {}).get(spec.name, spec.port))]
    for bay in wiring.bays:
        lines += ["", "[[bay]]", *_bay(bay)]
    return "\n".join(lines) + "\n"


def _fixture(spec: FixtureSpec, port: str) -> Iterator[str]:
    yield f"name = {_text(spec.name)}"
    yield f"kind = {_text(spec.kind.name)}"
    yield f"port = {_text(port)}"
    yield f"channels = {spec.channels}"
    yield f"baud = {spec.baud}"
    for key, value in spec.options.items():
        yield f"{key} = {_value(value)}"


def _bay(bay: Bay) -> Iterator[str]:
    yield f"name = {_text(bay.name)}"
    yield f"set = {_text(bay.set_name)}"
    if bay.car is not None:
        yield f"car = 0x{bay.car:08X}"
    for key, wire in (("charger", bay.charger), ("meter", bay.meter)):
        if wire is not None:
            yield f"{key} = {{ {_wire(wire)} }}"
    if bay.button is not None:
        pulses = f"rest_us = {bay.button.rest_us!r}, press_us = {bay.button.press_us!r}"
        yield f"button = {{ {_wire(bay.button.wire)}, {pulses} }}"


def _wire(wire: Wire) -> str:
    return f"fixture = {_text(wire.fixture)}, channel = {wire.channel}"


def _value(value: object) -> str:
    if isinstance(value, Enum):
        return _text(str(value.value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _text(text: str) -> str:
    """A TOML basic string; JSON's escapes are among its own."""
    return json.dumps(text, ensure_ascii=False)
