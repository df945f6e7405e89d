"""Nightly plans, and runs of several parts: stored whole, run in order, resumed, reported part by part."""

from __future__ import annotations

import pytest

from rig.errors import InputError
from rig.soak.run_plan import load_run_plan, part_rows, part_seed, stored_part

NIGHTLY = """
kind = "nightly"
name = "weeknight"
seed = 4
[[part]]
plan = "reconnect"
[[part]]
plan = "reconnect-bench"
repeat = 2
{more}
"""


@pytest.fixture
def load(tmp_path):
    def load(more="", text=NIGHTLY):
        path = tmp_path / "night.toml"
        path.write_text(text.replace("{more}", more))
        return load_run_plan(str(path))

    return load


def test_a_nightly_is_other_plans_one_after_the_other(load):
    plan = load()
    assert (plan.head.name, plan.head.kind, plan.head.seed) == ("weeknight", "nightly", 4)
    assert [(part.number, part.title) for part in plan.parts] == [
        (1, "reconnect"),
        (2, "reconnect-bench (1 of 2)"),
        (3, "reconnect-bench (2 of 2)"),
    ]
    assert plan.size == "3 parts: reconnect, reconnect-bench (1 of 2), reconnect-bench (2 of 2)"


def test_parts_are_stored_so_that_no_file_is_read_again(load):
    plan = load()
    assert tuple(stored_part(row) for row in part_rows(plan)) == plan.parts


def test_each_part_has_a_seed_of_its_own_but_one_alone_has_the_runs():
    assert part_seed(7, 1, ["only"]) == 7
    assert len({part_seed(7, part, ["a", "b"]) for part in (1, 2)} | {7}) == 3


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("[[part]]\nplan = 'recconect'", "no plan named 'recconect'"),
        (
            "[[part]]\nplan = 'reconnect'\nrepeet = 2",
            r"\[part 3\] unknown key 'repeet'; did you mean 'repeat'",
        ),
        ("[[part]]\nplan = 'reconnect'\nrepeat = 0", "'repeat' must be a whole number from 1"),
        ("[[parts]]\nplan = 'reconnect'", "unknown key 'parts'"),
    ],
)
def test_what_is_wrong_with_a_nightly_is_named(load, more, says):
    with pytest.raises(InputError, match=says):
        load(more)


def test_a_nightly_without_parts_and_one_within_another_are_refused(load, tmp_path):
    with pytest.raises(InputError, match="'part' is missing: a nightly is made of other plans"):
        load(text=NIGHTLY.split("[[part]]", maxsplit=1)[0])
    load()
    outer = tmp_path / "outer.toml"
    outer.write_text(f'kind = "nightly"\nname = "outer"\n[[part]]\nplan = "{tmp_path / "night.toml"}"\n')
    with pytest.raises(InputError, match="'kind' must be one of reconnect"):
        load_run_plan(str(outer))
