"""The text format is read back by a parser written from its specification, and by nothing of ours."""

from __future__ import annotations

import math
import re

import pytest

from rig.report.exposition import Gauge, exposition

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"\s*(,|$)')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? ([^ ]+)")


def unescaped(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "\\": "\\", '"': '"'}[m[1]], text)


def parse(text):
    """Families by name: type, help and samples; strict where the specification says must."""
    assert text.endswith("\n")
    families, current = {}, None
    for line in text[:-1].split("\n"):
        if match := re.fullmatch(rf"# HELP ({NAME}) (.*)", line):
            assert match[1] not in families, "one HELP a family"
            current = families[match[1]] = {"help": match[2], "samples": {}}
            name = match[1]
        elif match := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge|histogram|summary|untyped)", line):
            assert match[1] == name
            assert "type" not in current
            assert not current["samples"]
            current["type"] = match[2]
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert match[1] == name, "the samples of a family stand together"
            labels, rest = {}, match[2] or ""
            while rest:
                label = LABEL.match(rest)
                assert label, rest
                assert label[1] not in labels
                labels[label[1]] = unescaped(label[2])
                rest = rest[label.end() :]
            key = tuple(sorted(labels.items()))
            assert key not in current["samples"]
            current["samples"][key] = float(match[3])
    return families


def test_what_is_written_is_read_back():
    nasty = 'a "quoted" \\ back\nslash, {b} = #c ü'
    gauges = [
        Gauge("pitboard_a", {"car": nasty, "q": "0.5"}, 1.25),
        Gauge("pitboard_b", {}, math.inf),
        Gauge("pitboard_a", {"car": "other", "q": "0.5"}, -3),
    ]
    families = parse(exposition({"pitboard_a": "back \\ slash\nand more", "pitboard_b": "b"}, gauges))
    assert families["pitboard_a"]["type"] == "gauge"
    assert families["pitboard_a"]["help"] == "back \\\\ slash\\nand more"
    assert families["pitboard_a"]["samples"] == {
        (("car", nasty), ("q", "0.5")): 1.25,
        (("car", "other"), ("q", "0.5")): -3.0,
    }
    assert families["pitboard_b"]["samples"] == {(): math.inf}


def test_not_a_number_is_written_as_the_format_says():
    assert exposition({"a": "h"}, [Gauge("a", {}, math.nan)]).endswith("\na NaN\n")
    assert exposition({"a": "h"}, [Gauge("a", {}, -math.inf)]).endswith("\na -Inf\n")


@pytest.mark.parametrize(
    "gauges",
    [
        [Gauge("1a", {}, 1)],
        [Gauge("a", {"b-c": "x"}, 1)],
        [Gauge("a", {"b": "x"}, 1), Gauge("a", {"b": "x"}, 2)],
    ],
)
def test_what_no_scraper_takes_is_refused(gauges):
    with pytest.raises(ValueError, match=r"name of a metric|same labels"):
        exposition({"a": "h", "1a": "h"}, gauges)
