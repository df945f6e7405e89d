"""Hand-written TOML: what is accepted, and the one sentence for everything that is not."""

from __future__ import annotations

import pytest

from rig.errors import InputError
from rig.toml_tables import Table, parse_toml


def table_of(text: str) -> Table:
    return parse_toml(text, source="night.toml")


def test_values_come_back_in_their_types():
    table = table_of('a = 3\nb = 2.5\nc = true\nd = "x"\ne = ["p", "q"]\nf = [1, 2]\ng = 4')
    assert table.integer("a") == 3
    assert table.number("b") == 2.5
    assert table.boolean("c") is True
    assert table.text("d") == "x"
    assert table.texts("e") == ("p", "q")
    assert table.integers("f", least=1) == (1, 2)
    assert isinstance(table.number("g"), float)
    table.finish()


def test_a_missing_key_takes_its_default():
    table = table_of("")
    assert table.integer("a", 7) == 7
    assert table.text("d", "") == ""
    assert table.table("sub").integer("b", 1) == 1
    assert table.tables("car") == []


@pytest.mark.parametrize(
    ("text", "read", "sentence"),
    [
        ("", lambda t: t.integer("seed"), "night.toml: 'seed' is missing"),
        (
            "sede = 1",
            lambda t: t.integer("seed"),
            "night.toml: 'seed' is missing ('sede' is not a known key)",
        ),
        ("a = true", lambda t: t.integer("a"), "night.toml: 'a' must be a whole number, not true"),
        (
            "a = 9",
            lambda t: t.integer("a", least=1, most=5),
            "night.toml: 'a' must be a whole number from 1 to 5, not 9",
        ),
        (
            "a = nan",
            lambda t: t.number("a", least=0),
            "night.toml: 'a' must be a number of at least 0, not nan",
        ),
        (
            "a = 2.5",
            lambda t: t.number("a", most=1),
            "night.toml: 'a' must be a number of at most 1, not 2.5",
        ),
        ("a = 1", lambda t: t.boolean("a"), "night.toml: 'a' must be true or false, not 1"),
        ("a = 1", lambda t: t.text("a"), "night.toml: 'a' must be a text in quotes, not 1"),
        ('a = ""', lambda t: t.text("a"), "night.toml: 'a' must not be empty"),
        (
            'a = "abcd"',
            lambda t: t.text("a", most_length=3),
            "night.toml: 'a' must have at most 3 characters, not 4",
        ),
        (
            'a = "skul"',
            lambda t: t.choice("a", ["skull", "thermo"]),
            "night.toml: 'a' must be one of skull, thermo, not 'skul'; did you mean 'skull'?",
        ),
        ('a = "x"', lambda t: t.texts("a"), "night.toml: 'a' must be a list of texts, not 'x'"),
        ("a = [1]", lambda t: t.texts("a"), "night.toml: 'a' must be a list of texts, but holds 1"),
        ("a = 1", lambda t: t.integers("a"), "night.toml: 'a' must be a list of whole numbers, not 1"),
        (
            "a = [1.5]",
            lambda t: t.integers("a"),
            "night.toml: 'a' must be a list of whole numbers, but holds 1.5",
        ),
        ("a = 1", lambda t: t.table("a"), "night.toml: 'a' must be a table [a], not 1"),
        ("a = [[]]", lambda t: t.tables("a"), "night.toml: 'a' must be written as [[a]]"),
        ("a = {}", lambda t: t.tables("a"), "night.toml: 'a' must be written as [[a]]"),
        ("a = {}", lambda t: t.integer("a"), "night.toml: 'a' must be a whole number, not a table"),
        ("a = []", lambda t: t.integer("a"), "night.toml: 'a' must be a whole number, not a list"),
    ],
)
def test_a_wrong_value_is_named_with_file_and_key(text, read, sentence):
    with pytest.raises(InputError) as caught:
        read(table_of(text))
    assert str(caught.value) == sentence


def test_an_unknown_key_gets_the_nearest_known_name():
    table = table_of("sedd = 1")
    table.integer("seed", 0)
    with pytest.raises(InputError, match=r"night.toml: unknown key 'sedd'; did you mean 'seed'\?"):
        table.finish()


def test_an_unknown_key_far_from_all_lists_the_known_ones():
    table = table_of("zzz = 1")
    table.integer("seed", 0)
    table.has("name")
    with pytest.raises(InputError, match="unknown key 'zzz'; known here: name, seed"):
        table.finish()


def test_messages_name_the_nested_table():
    (_, second) = table_of("[[car]]\nx = 1\n[[car]]\nx = 2").tables("car")
    with pytest.raises(InputError, match=r"night.toml: \[car 2\] 'x' must be a text"):
        second.text("x")
    battery = table_of("[car.battery]\nmv = 'x'").table("car").table("battery")
    with pytest.raises(InputError, match=r"night.toml: \[car.battery\] 'mv' must be a number"):
        battery.number("mv")


def test_broken_toml_is_one_sentence():
    with pytest.raises(InputError, match=r"night\.toml: not valid TOML: "):
        table_of("a = = 1")


def test_tables_of_free_names_are_read_by_their_keys():
    table = table_of("b = 1\na = 2")
    assert table.keys() == ["b", "a"]
    table.finish()
    assert table.source == "night.toml"
