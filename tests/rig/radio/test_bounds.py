"""Every function of the radio layer that waits stands on the page of bounds, and the page names no others."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/radio-bounds.md").read_text(encoding="utf-8")
WAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith)
SIMULATED_HOSTS = [ROOT / f"rig/sim/{name}.py" for name in ("host", "host_link", "quiet_host")]
MODULES = {
    path.stem: path
    for path in [*(ROOT / "rig/radio").rglob("*.py"), *SIMULATED_HOSTS]
    if path.stem != "__init__"
}
"""Every module of the radio layer; the simulated world beside its hosts belongs to nobody's bench."""


def waiting_functions(path):
    found = set()

    def look(node, names):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                look(child, (*names, child.name))
                continue
            if isinstance(child, WAITS):
                found.add(".".join(names))
            look(child, names)

    look(ast.parse(path.read_text(encoding="utf-8")), ())
    return found


@pytest.mark.parametrize("module", MODULES)
def test_every_wait_stands_on_the_page_with_what_ends_it(module):
    named = set(re.findall(rf"^\| `{module}\.([\w.]+)` \| \S", PAGE, re.MULTILINE))
    assert named == waiting_functions(MODULES[module])


def test_the_figures_on_the_page_are_those_of_the_code():
    modules = [
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)) for path in MODULES.values()
    ]
    for name, digits in re.findall(r"`([\w.]*_S)` = (\d+)", PAGE):
        values = {getattr(module, name.rpartition(".")[2], None) for module in modules}
        assert float(digits) in values, name
