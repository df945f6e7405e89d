"""A run as JUnit XML: a suite per part and set, a test case per car and limit; one per part for what is no car.

FAIL becomes a failure; a broken bench, a unit that was under way when the run was cut, and a limit that could
not be decided become errors: what was not shown is never green, and never missing.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from rig.report.model import CarReport, PartReport, RunReport
from rig.soak.limits import LimitVerdict
from rig.soak.outcome import Outcome
from rig.soak.verdict import Verdict


def render_junit(report: RunReport) -> str:
    """The document, indented, ending in a newline."""
    root = ET.Element("testsuites", name=f"pitboard soak {report.run.plan_name}")
    for part in report.parts:
        before = f"{part.row.title}, " if len(report.parts) > 1 else ""
        for name in part.set_names:
            suite = _suite(root, report, part, f"{before}set {name}")
            for car in part.cars:
                if car.set_name == name:
                    place = f"{_place(report, part)}{name}.{car.label}"
                    _limits(suite, place, car.verdict)
                    _whole_car(suite, place, report, part, car)
            _totals(suite)
        if part.others:
            suite = _suite(root, report, part, f"{before}the whole of it")
            for verdict in part.others:
                place = f"{_place(report, part)}{verdict.label}"
                _limits(suite, place, verdict)
                if verdict.outcome is not Outcome.PASS and not verdict.limits:
                    _broken(
                        _case(suite, place, "as it should be"), verdict.outcome, "; ".join(verdict.reasons)
                    )
            _totals(suite)
    _totals(root)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _place(report: RunReport, part: PartReport) -> str:
    """The beginning of a class name: parts are told apart where there are several."""
    return f"pitboard.soak.{part.row.title}." if len(report.parts) > 1 else "pitboard.soak."


def _suite(root: ET.Element, report: RunReport, part: PartReport, name: str) -> ET.Element:
    suite = ET.SubElement(root, "testsuite", name=name, timestamp=report.run.started_at[:19])
    properties = ET.SubElement(suite, "properties")
    facts = {
        "run": report.run.run_id,
        "radio": report.run.radio,
        "seed": str(report.run.seed),
        "plan sha256": part.row.plan_digest,
        **report.versions,
    }
    for fact, value in facts.items():
        ET.SubElement(properties, "property", name=fact, value=value)
    return suite


def _limits(suite: ET.Element, place: str, verdict: Verdict) -> None:
    for limit in verdict.limits:
        _limit(_case(suite, place, limit.limit.name), limit)


def _limit(case: ET.Element, verdict: LimitVerdict) -> None:
    if verdict.outcome is not Outcome.PASS:
        _broken(case, verdict.outcome, verdict.reason)


def _broken(case: ET.Element, outcome: Outcome, message: str) -> None:
    tag = "failure" if outcome is Outcome.FAIL else "error"
    ET.SubElement(case, tag, type=outcome.value, message=message)


def _whole_car(suite: ET.Element, place: str, report: RunReport, part: PartReport, car: CarReport) -> None:
    """One case more for what no limit can say: that all of the car's units were run."""
    case = _case(suite, place, f"all {part.unit}s run")
    # the limits are judged in no time; only this case took any, and sums over cases come out right
    case.set("time", f"{car.busy_s:.3f}")
    missing = car.planned - car.done
    if car.bench_error is not None:
        _broken(case, Outcome.ERROR, f"{car.label}: {car.bench_error}")
    elif car.given_up is not None:
        _broken(case, Outcome.FAIL, f"{car.label}: {car.given_up}")
    elif report.outcome is Outcome.ABORTED and missing:
        where = f"in {part.unit} {car.done + 1} of {car.planned}"
        _broken(case, Outcome.ABORTED, f"{car.label}: the run was cut short {where}")


def _case(suite: ET.Element, place: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=place, name=name, time="0")


def _totals(element: ET.Element) -> None:
    element.set("tests", str(len(element.findall(".//testcase"))))
    element.set("failures", str(len(element.findall(".//failure"))))
    element.set("errors", str(len(element.findall(".//error"))))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in element.iter('testcase')):.3f}")
