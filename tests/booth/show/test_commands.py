"""What comes over the wire is a command of the right shape, or refused in words."""

from __future__ import annotations

import json
import typing
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.show.commands import COMMANDS, BadCommand, Role, from_json, to_json

TEXT = st.text(max_size=20)
VALUES = {
    str: TEXT,
    int: st.integers(),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
}


def value_for(hint):
    if typing.get_origin(hint) is tuple:
        return st.lists(st.integers(), max_size=4).map(tuple)
    return VALUES.get(hint, st.dictionaries(TEXT, TEXT, max_size=3))


def commands():
    def made(kind):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{field.name: value_for(hints[field.name]) for field in fields(kind)})

    return st.sampled_from(sorted(COMMANDS)).flatmap(lambda name: made(COMMANDS[name]))


@given(commands())
def test_every_command_survives_the_wire(command):
    assert from_json(json.loads(json.dumps(to_json(command)))) == command


def test_every_command_says_whose_it_is():
    assert all(kind.roles and kind.roles <= set(Role) for kind in COMMANDS.values())
    assert Role.PLAYER not in COMMANDS["SetUp"].roles
    assert Role.CREW not in COMMANDS["Promote"].roles


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, "no such command"),
        ([], "no such command"),
        ({"do": "Explode"}, "no such command"),
        ({"do": "Join"}, "lacks a field"),
        ({"do": "Join", "player": 5}, "'player' is of the wrong kind"),
        ({"do": "Join", "player": "a", "role": "it"}, "no field 'role'"),
        ({"do": "Join", "player": "a", "roles": []}, "no field 'roles'"),
        ({"do": "Steer", "player": "a", "number": True, "throttle": 1.0}, "'number' is of the wrong kind"),
        ({"do": "Steer", "player": "a", "number": 1, "throttle": "fast"}, "'throttle' is of the wrong kind"),
        ({"do": "Correct", "by": "a", "race": 1, "ranking": [1, "2"], "comment": ""}, "'ranking'"),
        ({"do": "StageDraw", "by": "a", "step": "x", "body": {"a": 1}}, "'body'"),
    ],
)
def test_what_is_no_command_is_refused(body, said):
    with pytest.raises(BadCommand, match=said):
        from_json(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(sorted(COMMANDS)), st.dictionaries(st.sampled_from(["by", "player", "car", "race"]), JSON)
)
def test_whatever_comes_is_a_command_or_refused(name, body):
    try:
        made = from_json({"do": name, **body})
    except BadCommand:
        return
    assert type(made).__name__ == name
