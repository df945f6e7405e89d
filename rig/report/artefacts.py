"""Writes a run's reports to a folder."""

from __future__ import annotations

from pathlib import Path

from rig.report.html import render_html
from rig.report.json_report import render_json
from rig.report.junit import render_junit
from rig.report.model import RunReport
from rig.report.text import render_text
from rig.store.home import write_atomically

RENDERERS = {"text": render_text, "json": render_json, "junit": render_junit, "html": render_html}
FILE_NAMES = {"text": "report.txt", "json": "report.json", "junit": "junit.xml", "html": "report.html"}


def write_artefacts(report: RunReport, folder: Path) -> dict[str, Path]:
    """Writes all four; returns where each is.

    Raises:
        BenchError: no space, no permission. The run itself is in the database already.
    """
    paths = {}
    for kind, name in FILE_NAMES.items():
        paths[kind] = folder / name
        write_atomically(paths[kind], RENDERERS[kind](report))
    return paths
