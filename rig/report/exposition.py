"""Gauges in Prometheus' text format, version 0.0.4: what may be written, and how it is escaped. Pure.

Source: prometheus.io/docs/instrumenting/exposition_formats. One HELP and one TYPE line a family, its samples
right after them, label values with backslash, quote and line feed escaped, a line feed at the end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Gauge:
    """One sample of a gauge: the family's name, its labels, its value."""

    name: str
    labels: Mapping[str, str]
    value: float


def exposition(helps: Mapping[str, str], gauges: Iterable[Gauge]) -> str:
    """The text of these gauges; families stand in the order of their first sample. `helps` has a line for each.

    Raises:
        ValueError: a name is none, or a sample is there twice.
    """
    families: dict[str, list[Gauge]] = {}
    for gauge in gauges:
        families.setdefault(gauge.name, []).append(gauge)
    lines = []
    for name, samples in families.items():
        lines.append(f"# HELP {_checked(name)} {_escaped(helps[name], quotes=False)}")
        lines.append(f"# TYPE {name} gauge")
        written = [f"{name}{_labels(gauge.labels)}" for gauge in samples]
        if len(set(written)) < len(written):
            raise ValueError(f"{name} has two samples with the same labels")
        lines += [f"{key} {_number(gauge.value)}" for key, gauge in zip(written, samples, strict=True)]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{_checked(name)}="{_escaped(value, quotes=True)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"'{name}' is no name of a metric or label")
    return name


def _escaped(text: str, *, quotes: bool) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(float(value))
