import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.screens.nicknames import MOST, BadNickname, nickname_of


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Ada  Lovelace ", "Ada Lovelace"),
        ("<b>Ada</b>", "<b>Ada</b>"),
        ("Ada\u202egnirts", "Ada gnirts"),
        ("a\nb\tc\x00d", "a b c d"),
        ("محمد", "محمد"),
        ("🏎️", "🏎️"),
        ("A" * 10_000, "A" * MOST),
        ("Z\u0335\u0336\u0337\u0338algo", "Z\u0335algo"),
        ("'; DROP TABLE x;--", "'; DROP TABLE x;--"),
    ],
)
def test_a_nickname_is_short_and_on_one_line(typed, shown):
    assert nickname_of(typed) == shown


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u202e", "\u0301", "\u200d\u200d"])
def test_nothing_to_call_somebody_by(typed):
    with pytest.raises(BadNickname):
        nickname_of(typed)


@given(st.text())
def test_whatever_is_typed_gives_a_harmless_name_or_none(typed):
    try:
        name = nickname_of(typed)
    except BadNickname:
        return
    assert 1 <= len(name) <= MOST
    assert name == nickname_of(name)
    assert not set(name) & set("\n\r\x00\u202e\u2066\u2028")
