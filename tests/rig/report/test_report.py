"""One model, four forms: they say the same, the same rows give the same bytes, nothing is fetched."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from rig.report.artefacts import write_artefacts
from rig.report.html import render_html
from rig.report.json_report import as_document, render_json
from rig.report.junit import render_junit
from rig.report.reconnect.model import STAGES, stage_times
from rig.report.run_report import report_of
from rig.report.text import render_text
from rig.soak.outcome import CycleOutcome, Outcome
from rig.soak.reconnect.plan import Loss
from rig.store.rows import LeftAloneRow


@pytest.fixture(scope="module")
def good(runs):
    return report_of(runs.make_run())


@pytest.fixture(scope="module")
def bad(runs):
    return report_of(runs.make_run(broken=["Thermo"], gaps=[runs.gap()], acts=[runs.unknown_act()]))


@pytest.fixture(scope="module")
def few(runs):
    return report_of(runs.make_run(cycles=20))


def test_a_healthy_run_passes_car_by_car_and_set_by_set(good):
    assert good.outcome is Outcome.PASS
    assert good.headline == "All 8 cars reconnect within their limits."
    assert [group.outcome for group in good.parts[0].sets] == [Outcome.PASS, Outcome.PASS]


def test_a_broken_car_fails_by_name_and_the_others_pass(bad):
    assert bad.headline == "Not fit to race: Thermo. 7 of 8 cars passed."
    assert [group.outcome for group in bad.parts[0].sets] == [Outcome.FAIL, Outcome.PASS]
    assert [car.label for car in bad.parts[0].cars if car.verdict.outcome is Outcome.FAIL] == ["Thermo"]


def test_too_few_cycles_are_inconclusive_with_the_number_needed(few):
    assert few.outcome is Outcome.INCONCLUSIVE
    assert "About 59 cycles per car would decide it." in few.headline


def test_an_unfinished_run_is_aborted_whatever_its_cars_did(runs):
    report = report_of(runs.make_run(cycles=5, status="running"))
    assert report.outcome is Outcome.ABORTED
    assert "cut short after 40 cycles" in report.headline


def test_a_broken_bench_is_an_error(runs):
    stored = runs.make_run()
    left = LeftAloneRow(1, stored.cars[0].identifier, bench_error="the bench failed 3 times in a row")
    report = report_of(replace(stored, left_alone=(left,)))
    assert report.outcome is Outcome.ERROR
    assert "The bench failed, so nothing is said about Skull." in report.headline


def test_stages_add_up_to_the_latency(runs):
    for row in runs.make_run(cycles=10, broken=["Thermo"]).cycles:
        times = stage_times(row)
        if row.first_data_s is None:
            assert times is None
        else:
            assert len(times) == len(STAGES)
            assert sum(times) == pytest.approx(row.first_data_s - row.loss_s)


def test_timeouts_stay_in_the_figures(bad):
    thermo = next(car for car in bad.parts[0].cars if car.label == "Thermo")
    assert thermo.outcomes[CycleOutcome.TIMEOUT] == thermo.reconnect.censored > 0
    assert thermo.reconnect.n == 93
    assert thermo.reconnect.largest.at_least
    assert {times.loss for times in thermo.stages} == {Loss.VANISH, Loss.DISCONNECT}


def test_what_was_under_way_at_a_cut_is_listed(bad):
    (exclusion,) = bad.parts[0].exclusions
    assert (exclusion.label, exclusion.unit) == ("Guardian", 12)
    assert "'connect' was under way when the run was cut: unknown" in exclusion.reason


def test_cycles_without_a_latency_are_listed_with_their_reason(runs):
    stored = runs.make_run(cycles=3)
    rows = list(stored.cycles)
    rows[0] = replace(rows[0], outcome="not ready", loss_s=None, first_data_s=None, error="CarNotFound")
    rows[1] = replace(rows[1], outcome="void", error="the adapter went away")
    left = LeftAloneRow(1, stored.cars[2].identifier, given_up="could not be connected")
    (part,) = report_of(replace(stored, cycles=tuple(rows), left_alone=(left,))).parts
    reasons = [item.reason for item in part.exclusions]
    assert "could not be brought up (CarNotFound)" in reasons[0]
    assert "the bench failed: the adapter went away" in reasons[1]
    assert "90 cycles not run: could not be connected" in reasons[2]


@pytest.mark.parametrize("render", [render_text, render_json, render_junit, render_html])
def test_the_same_rows_give_the_same_bytes(runs, render):
    one, two = (report_of(runs.make_run(cycles=8, broken=["Nuke"])) for _ in range(2))
    assert render(one) == render(two)


def test_json_holds_everything_and_keeps_the_clock_apart(runs, bad):
    document = json.loads(render_json(bad))
    assert document == json.loads(json.dumps(as_document(bad)))
    assert document["outcome"] == "FAIL"
    thermo = document["cars"][2]
    assert document["parts"][0]["sets"][0]["cars"][2] == thermo["label"] == "Thermo"
    assert thermo["outcome"] == "FAIL"
    assert thermo["cycles"] == len(thermo["samples"]) == 93
    assert thermo["limits"][0]["lower_bound"]["s"] > 10
    clocked = render_json(bad)
    for wall in ("2026-11-22T", bad.run.run_id):
        assert wall not in json.dumps({k: v for k, v in document.items() if k != "wall_clock"})
        assert wall in clocked


def test_json_of_another_seed_differs(runs):
    one, two = (as_document(report_of(runs.make_run(cycles=5, seed=seed))) for seed in (1, 2))
    assert one["cars"] != two["cars"]


def test_junit_has_a_case_per_car_and_limit(bad):
    root = ET.fromstring(render_junit(bad))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (str(8 * 5), "3", "0")
    failed = {case.get("classname") for case in root.iter("testcase") if case.find("failure") is not None}
    assert failed == {"pitboard.soak.A.Thermo"}
    assert "over the limit of 10 s" in next(root.iter("failure")).get("message")


def test_junit_is_not_green_where_nothing_was_shown(few, runs):
    root = ET.fromstring(render_junit(few))
    assert int(root.get("errors")) == 24
    cut = ET.fromstring(render_junit(report_of(runs.make_run(cycles=60, status="running"))))
    messages = [error.get("message") for error in cut.iter("error") if error.get("type") == "ABORTED"]
    assert messages[0] == "Skull: the run was cut short in cycle 61 of 93"
    assert len(messages) == 8


def test_html_is_one_file_that_fetches_nothing(bad):
    page = render_html(bad)
    loads = re.findall(r"""(?:src|href)\s*=\s*["'](?!#)([^"']+)|url\((?!["']?#)([^)]+)\)|@import""", page)
    assert loads == []
    assert "<script" not in page
    assert page.count("<svg") == 1 + len(bad.parts[0].sets) * 3 + 2, (
        "the night; latency, raw and corrected, cycles per set; stages per loss"
    )


def test_html_puts_the_verdict_first_in_plain_words(bad):
    page = render_html(bad)
    body = page[page.index("<main>") :]
    assert body.index("Not fit to race: Thermo") < body.index("<table>")
    assert "P95 of reconnect is at least" in body
    assert "Cut at 10 min 00 s" in body


def test_cars_with_the_same_reasons_stand_together(few):
    said = [(reason.who, reason.texts) for reason in few.parts[0].reasons]
    assert said
    assert len({texts for _, texts in said}) == len(said), "the same words once"
    for text in (render_html(few), render_text(few)):
        assert all(text.count(who) for who, _ in said)


def test_junit_suites_carry_the_time_of_their_cases(good):
    root = ET.fromstring(render_junit(good))
    for suite in root.findall("testsuite"):
        cases = sum(float(case.get("time")) for case in suite.findall("testcase"))
        assert float(suite.get("time")) == pytest.approx(cases)
        assert cases > 0


def test_html_escapes_what_people_wrote(runs):
    stored = runs.make_run(cycles=3)
    evil = replace(stored.cars[0], label="<script>alert(1)</script>")
    page = render_html(report_of(replace(stored, cars=(evil, *stored.cars[1:]))))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_html_ids_are_unique_within_the_page(bad):
    ids = re.findall(r'\sid="([^"]+)"', render_html(bad))
    assert len(ids) == len(set(ids))


def test_html_knows_dark_screens_and_paper(good):
    page = render_html(good)
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert "#010203" not in page


def test_reports_of_a_run_without_a_cycle_say_so(runs):
    report = report_of(runs.make_run(cycles=0))
    assert "Too little data" in render_html(report)
    assert "Too little data" in render_text(report)
    assert ET.fromstring(render_junit(report)).get("failures") == "0"
    json.loads(render_json(report))


def test_text_fits_a_terminal_of_eighty_columns(bad, good, few):
    for report in (bad, good, few):
        text = render_text(report, width=80)
        table = [line for line in text.splitlines() if line.startswith((" ", "set "))]
        assert not any(word.endswith("…") for line in table for word in line.split())
        assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    assert "gap at 10 min 00 s" in render_text(bad)


def test_artefacts_are_written_side_by_side(good, tmp_path):
    paths = write_artefacts(good, tmp_path / "deep")
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == [
        "junit.xml",
        "report.html",
        "report.json",
        "report.txt",
    ]
    assert paths["html"].read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_broken_bench_does_not_hide_the_cars_that_failed(runs):
    stored = runs.make_run(broken=["Thermo"])
    left = LeftAloneRow(1, stored.cars[0].identifier, bench_error="the bench failed 3 times in a row")
    report = report_of(replace(stored, left_alone=(left,)))
    assert report.outcome is Outcome.ERROR
    assert report.headline == "The bench failed, so nothing is said about Skull. Not fit to race: Thermo."


def test_what_had_to_be_waited_for_is_in_the_latency_from_the_intended_loss(runs):
    stored = runs.make_run(cycles=2)
    first = stored.cycles[0]
    waited = replace(first, intended_s=first.loss_s - 5.0)
    never = replace(
        stored.cycles[1], outcome="not ready", loss_s=None, first_data_s=None, intended_s=first.loss_s
    )
    report = report_of(replace(stored, cycles=(waited, never, *stored.cycles[2:])))
    by_identifier = {car.identifier: car for car in report.parts[0].cars}
    late = by_identifier[first.identifier]
    assert late.from_intended.largest.value_s == pytest.approx(waited.first_data_s - waited.intended_s)
    absent = by_identifier[never.identifier]
    assert (absent.from_intended.n, absent.from_intended.censored, absent.reconnect.n) == (2, 1, 1)
