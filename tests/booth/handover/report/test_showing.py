"""The report as text, JSON and one HTML page."""

import json
import re
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest

from booth.errors import BadInput
from booth.handover.report import html as html_module
from booth.handover.report.gathering import read_counts, records_of
from booth.handover.report.html import render_html
from booth.handover.report.json import as_document
from booth.handover.report.model import LogProof
from booth.handover.report.returns import PeopleCounts
from booth.handover.report.text import day_text
from booth.handover.report.words import count, money, share, span
from booth.log.store import ShowLog
from booth.pack.contrast import contrast
from booth.show.records import Closed, Opened
from tests.booth.handover.report.days import at, report_of, the_day

PAGE = render_html(the_day())
CSS = (Path(html_module.__file__).parent / "templates" / "day.css").read_text()
VOID = {"meta", "link", "br", "img", "input"}


class Checked(HTMLParser):
    """Every tag closed in order; what it saw."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.ids = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("page", [PAGE, render_html(report_of([]))], ids=["a day", "nothing"])
def test_the_page_is_well_formed_and_fetches_nothing(page):
    checked = Checked()
    checked.feed(page)
    assert checked.open == []
    assert len(set(checked.ids)) == len(checked.ids)
    tags = {tag for tag, _ in checked.seen}
    assert not tags & {"script", "link", "img", "iframe", "object"}
    assert "url(" not in page
    assert "@import" not in page
    assert not re.search(r'(src|href)="(?!#)', page)
    links = {attrs["href"][1:] for tag, attrs in checked.seen if tag == "a"}
    assert links <= set(checked.ids)


def test_both_views_and_the_words_are_there():
    for title in ("For account service", "For IT", "The words", "Objectives, as written down before"):
        assert title in PAGE
    assert "98.4\N{NO-BREAK SPACE}%" in PAGE
    assert "(return - cost) / cost" in PAGE
    assert "(after - before) x win rate - cost" in PAGE


def test_what_the_log_says_is_harmless():
    assert "&lt;Car 2&gt; does not answer &amp; is out" in PAGE
    assert "<Car 2>" not in PAGE


def palettes():
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in (light, dark)]


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_colours_can_be_read(palette):
    for ink, ground in product(("ink", "soft", "good", "bad", "wait"), ("paper", "card")):
        assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)
    for bar in ("playable", "down", "bar"):
        assert contrast(palette[bar], palette["paper"]) >= (3.0 if bar != "playable" else 2.5), bar


def test_states_are_told_apart_without_colour():
    heights = set(re.findall(r'class="(playable|planned|down)"[^>]*height="(\d+)"', PAGE))
    assert heights == {("playable", "26"), ("planned", "34"), ("down", "42")}


def test_the_document_is_json_with_every_figure():
    body = json.loads(json.dumps(as_document(the_day())))
    assert body["format"] == "pitboard-day/1"
    assert body["service"]["uptime_share"] == pytest.approx(0.984, abs=0.001)
    assert body["targets"][0]["is_met"] is True
    assert body["day"] == "2026-11-22"
    assert body["service"]["incidents"][0]["at"] == "2026-11-22T11:12:00Z"
    assert json.dumps(as_document(report_of([])))


def test_the_text_holds_both_views():
    text = day_text(the_day())
    assert "For account service" in text
    assert "  uptime         98.4 %" in text
    assert "pipeline       USD 72,600" in text
    assert day_text(report_of([])).startswith("Spring fair, 2026-11-22: visitors were not let in")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (count(1204.0), "1,204"), (count(3.52), "3.5"), (count(None), "?"),
        (share(0.9844), "98.4 %"), (share(None), "?"),
        (span(8), "8 s"), (span(125), "2 min 05 s"), (span(120), "2 min"), (span(59.7), "1 min"),
        (span(12_000), "3 h 20 min"), (span(3599.9), "1 h 00 min"), (span(None), "?"),
        (money(1250.4, "EUR"), "EUR 1,250"), (money(12.5, "EUR"), "EUR 12.50"), (money(-300, "USD"), "-USD 300"),
    ],
)  # fmt: skip
def test_figures_in_words(told, words):
    assert told == words


def test_records_of_a_stretch_are_put_in_order(tmp_path):
    with ShowLog(tmp_path / "show.db", create=True) as log:
        for when, record in (
            (at("17:00"), Closed("c")),
            (at("09:10"), Closed("c")),
            (at("09:00"), Opened("c")),
        ):
            log.append(record, when)
        assert records_of(log, at("08:30"), at("17:00")) == (
            (at("09:00"), Opened("c")),
            (at("09:10"), Closed("c")),
        )


def test_the_proof_of_the_log_is_told():
    good = report_of([], proof=LogProof("ab" * 32))
    assert f"its last link is {'ab' * 32}" in render_html(good)
    assert "log            whole" in day_text(good)
    bad = report_of([], proof=LogProof("ab" * 32, "row 3 was changed"))
    assert "The log does not hold: row 3 was changed" in render_html(bad)
    assert "log            row 3 was changed" in day_text(bad)


def test_counts_come_from_a_file(tmp_path):
    path = tmp_path / "counts.json"
    path.write_text('{"leads": 3, "calls_to_action": {"stage": 2}}')
    assert read_counts(path) == PeopleCounts(leads=3, calls_to_action={"stage": 2})
    for text in ("{", "[]", '{"names": 3}', '{"leads": -1}', '{"leads": true}', '{"calls_to_action": [1]}'):
        path.write_text(text)
        with pytest.raises(BadInput):
            read_counts(path)
    with pytest.raises(BadInput, match="cannot read the counts"):
        read_counts(tmp_path / "none.json")
