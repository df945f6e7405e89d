"""The page over several parts: cards, the night with its gaps, exclusions drawn together."""

from __future__ import annotations

from dataclasses import replace

from rig.report.advice import advice
from rig.report.cards import cards_of
from rig.report.exclusion_groups import grouped
from rig.report.html import render_html
from rig.report.model import Exclusion
from rig.report.night_figure import night_figure
from rig.report.run_report import report_of
from rig.soak.outcome import Outcome


def test_advice_is_given_by_what_failed_then_by_what_is_open():
    assert advice({"reconnect": Outcome.PASS, "battery": Outcome.PASS}) == "Fit to race."
    failed = advice({"battery": Outcome.FAIL, "swap": Outcome.FAIL, "reconnect": Outcome.ERROR})
    assert failed.startswith("Do not race it: its battery does not last")
    assert "power button" in failed
    open_words = advice({"battery": Outcome.INCONCLUSIVE, "swap": Outcome.PASS})
    assert open_words == "Not decided yet (battery): test it longer. Do not race it before."
    assert advice({"battery": Outcome.ABORTED, "swap": Outcome.ERROR}).startswith(
        "Nothing is known yet (swap)"
    )


def test_every_car_has_a_card_with_its_verdicts_and_its_telling_figure(runs):
    report = report_of(runs.make_run(broken=["Thermo"]))
    cards = cards_of(report)
    assert [card.label for card in cards] == list(runs.MODELS)
    thermo = cards[2]
    assert (thermo.outcome, thermo.advice[:16]) == (Outcome.FAIL, "Do not race it: ")
    assert thermo.lines[0].figure.startswith("P95 ")
    assert cards[0].advice == "Fit to race."


def test_parts_of_one_kind_share_a_card(runs):
    report = report_of(runs.make_run(broken=["Thermo"]))
    (part,) = report.parts
    again = replace(part, row=replace(part.row, part=2, title="reconnect (2 of 2)"))
    twice = replace(report, parts=(part, again))
    assert [line.part for line in cards_of(twice)[0].lines] == [part.row.title, "reconnect (2 of 2)"]
    page = render_html(twice)
    assert page.count('<header class="part') == 2
    assert '<a href="#part-2">' in page


def test_the_night_shows_its_gaps_and_how_long_nobody_watched(runs):
    report = report_of(runs.make_run(gaps=[runs.gap()]))
    figure = night_figure(report)
    assert [lane.label for lane in figure.lanes] == ["reconnect, A", "reconnect, B"]
    assert [len(lane.bars) for lane in figure.lanes] == [2, 1], "cut in two by the gap"
    assert figure.gaps[0].label == "cut, 1 h 00 min"
    assert "gap: nobody watched" in render_html(report)


def test_exclusions_with_one_reason_stand_together_and_none_is_lost():
    items = [Exclusion("Skull", unit, "cut") for unit in (7, 3, 8, 9)]
    items += [Exclusion("Skull", None, "given up"), Exclusion("Nuke", 1, "cut")]
    groups = [(group.label, group.reason, group.times, group.units) for group in grouped(items)]
    assert groups == [("Skull", "cut", 4, "3, 7 to 9"), ("Skull", "given up", 1, ""), ("Nuke", "cut", 1, "1")]


def test_the_results_digest_is_of_the_figures_not_of_the_clock(runs):
    def digest(stored):
        page = render_html(report_of(stored))
        return page[page.index("Results <code>sha256 ") :][21:85]

    stored = runs.make_run(cycles=5)
    later = replace(stored, run=replace(stored.run, started_at="2026-11-23T00:00:00.000+00:00"))
    assert digest(stored) == digest(later)
    assert digest(stored) != digest(runs.make_run(cycles=5, seed=8))
