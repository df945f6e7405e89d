"""A run as JUnit XML: a suite per set, a test case per car and limit.

FAIL becomes a failure; a broken bench, a cycle that was under way when the run was cut, and a limit that could
not be decided become errors: what was not shown is never green, and never missing.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from rig.report.model import CarReport, RunReport
from rig.soak.outcome import Outcome
from rig.soak.verdict import LimitVerdict


def render_junit(report: RunReport) -> str:
    """The document, indented, ending in a newline."""
    root = ET.Element("testsuites", name=f"pitboard soak {report.run.plan_name}")
    for group in report.sets:
        suite = ET.SubElement(
            root, "testsuite", name=f"set {group.name}", timestamp=report.run.started_at[:19]
        )
        _properties(suite, report)
        for car in group.cars:
            for verdict in car.verdict.limits:
                _limit(suite, car, verdict)
            _whole_car(suite, report, car)
        _totals(suite)
    _totals(root)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _properties(suite: ET.Element, report: RunReport) -> None:
    properties = ET.SubElement(suite, "properties")
    facts = {
        "run": report.run.run_id,
        "radio": report.run.radio,
        "seed": str(report.run.seed),
        "plan sha256": report.run.plan_digest,
        **report.versions,
    }
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=name, value=value)


def _limit(suite: ET.Element, car: CarReport, verdict: LimitVerdict) -> None:
    case = _case(suite, car, verdict.limit.name)
    if verdict.outcome is Outcome.FAIL:
        ET.SubElement(case, "failure", type="FAIL", message=verdict.reason)
    elif verdict.outcome is not Outcome.PASS:
        ET.SubElement(case, "error", type=verdict.outcome.value, message=verdict.reason)


def _whole_car(suite: ET.Element, report: RunReport, car: CarReport) -> None:
    """One case more for what no limit can say: that all of the car's cycles were run."""
    case = _case(suite, car, "all cycles run")
    # the limits are judged in no time; only this case took any, and sums over cases come out right
    case.set("time", f"{sum(row.ended_s - row.began_s for row in car.rows):.3f}")
    missing = car.cycles_planned - car.cycles_done
    if car.bench_error is not None:
        ET.SubElement(case, "error", type="ERROR", message=f"{car.label}: {car.bench_error}")
    elif car.given_up is not None:
        ET.SubElement(case, "failure", type="FAIL", message=f"{car.label}: {car.given_up}")
    elif report.outcome is Outcome.ABORTED and missing:
        message = f"{car.label}: the run was cut short in cycle {car.cycles_done + 1} of {car.cycles_planned}"
        ET.SubElement(case, "error", type="ABORTED", message=message)


def _case(suite: ET.Element, car: CarReport, name: str) -> ET.Element:
    return ET.SubElement(
        suite, "testcase", classname=f"pitboard.soak.{car.set_name}.{car.label}", name=name, time="0"
    )


def _totals(element: ET.Element) -> None:
    element.set("tests", str(len(element.findall(".//testcase"))))
    element.set("failures", str(len(element.findall(".//failure"))))
    element.set("errors", str(len(element.findall(".//error"))))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in element.iter('testcase')):.3f}")
