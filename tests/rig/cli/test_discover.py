"""The quick search for entry points finds what importlib.metadata finds."""

import sys
from importlib import metadata

import pytest

from rig.cli.discover import GROUP, command_tables, entry_points, resolve


def by_importlib(path):
    found = {}
    for distribution in metadata.distributions(path=path):
        for point in distribution.entry_points.select(group=GROUP):
            found.setdefault(point.name, point.value)
    return dict(sorted(found.items()))


def install(folder, distribution, text):
    home = folder / f"{distribution}.dist-info"
    home.mkdir(parents=True)
    (home / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution.partition('-')[0]}\nVersion: 1\n"
    )
    (home / "entry_points.txt").write_text(text)


def test_this_environment():
    assert entry_points() == {point.name: point.value for point in metadata.entry_points(group=GROUP)}
    assert set(entry_points()) >= {"rig", "booth"}
    assert entry_points() == by_importlib(sys.path)


@pytest.mark.parametrize(
    "text",
    [
        "[pitboard.commands]\nnight = some.where:TABLE\n",
        "[console_scripts]\nx = y:z\n\n[pitboard.commands]\n a=b:C \nd = e.f:G\n[other]\nh = i:j\n",
        "[console_scripts]\npitboard.commands = y:z\n",
        "",
    ],
)
def test_metadata_of_other_packages(tmp_path, text):
    install(tmp_path, "other-1", text)
    assert entry_points([str(tmp_path)]) == by_importlib([str(tmp_path)])


def test_the_first_of_two_installations_counts(tmp_path):
    install(tmp_path / "a", "other-2", "[pitboard.commands]\nnew = a:A\n")
    install(tmp_path / "b", "other-1", "[pitboard.commands]\nnew = b:B\nold = b:C\n")
    path = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert entry_points(path) == {"new": "a:A"}


def test_missing_folders_and_bare_metadata_are_passed_over(tmp_path):
    (tmp_path / "bare-1.dist-info").mkdir()
    assert entry_points([str(tmp_path), str(tmp_path / "missing")]) == {}


def test_every_command_named_in_a_table_exists():
    tables = command_tables()
    assert tables
    for name, (target, text) in tables.items():
        command = resolve(target)
        assert command.name == name
        assert text
