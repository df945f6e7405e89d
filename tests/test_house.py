"""The rules of the house that no linter knows."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest

from rig.cli.main import pitboard

ROOT = Path(__file__).parents[1]


def tracked(suffix):
    shown = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in shown.split("\n") if name.endswith(suffix) and (ROOT / name).is_file()]


@pytest.mark.parametrize("name", ["protocol", "rig", "booth"])
def test_each_top_level_name_has_exactly_one_owner(name):
    assert set(packages_distributions().get(name, ["pitboard"])) == {"pitboard"}, (
        "an editable install lists no files"
    )
    homes = {
        Path(folder or ".").resolve()
        for folder in sys.path
        if (Path(folder or ".") / name / "__init__.py").is_file()
    }
    assert len(homes) == 1, f"{name} is found in {homes}"


def test_open_work_lives_in_the_tracker_not_in_the_code():
    tags = re.compile("TO" + "DO|FIX" + "ME|X" + "XX")
    ours = [f for f in tracked(".py") if f.name != "test_bumble_overrides.py"]  # quotes bumble's own tags
    assert [str(f.relative_to(ROOT)) for f in ours if tags.search(f.read_text())] == []


def test_locks_are_hashed_and_name_no_download_address():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        assert "--index" not in text
        pinned = re.findall(r"^[a-z0-9].*", text, re.MULTILINE | re.IGNORECASE)
        assert pinned
        assert all(line.endswith("\\") for line in pinned), "every pin carries its hashes"


def test_readme_has_exactly_two_setup_commands_and_the_gate_can_extract_them():
    for name in ("soak", "tests"):
        done = subprocess.run(
            [sys.executable, ".ci/readme_command.py", "README.md", name],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "pip install" in done.stdout


def commands(command=pitboard, path="pitboard"):
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), f"{path} {name}")


@pytest.mark.parametrize(("path", "command"), list(commands()), ids=[path for path, _ in commands()])
def test_every_command_has_help_with_an_example(path, command):
    assert command.help, path
    assert re.search(r"Examples?:\n\s+(\$ |.*\| )?pitboard", command.help), path


def test_generated_pages_are_fresh():
    done = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
