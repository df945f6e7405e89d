"""The frozen list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.draw.errors import Refused
from booth.draw.freeze import codes_in, freeze
from booth.draw.reasons import Strike
from booth.draw.rfc3797 import MOST_ITEMS
from tests.booth.draw.draws import CODES, STAFF

codes = st.lists(st.from_regex(r"[A-Z0-9][A-Z0-9-]{2,8}", fullmatch=True), unique=True, max_size=12)


def test_the_list_is_sorted_lines_and_its_hash_is_what_sha256sum_says():
    frozen = freeze(CODES, {})
    assert frozen.content == b"A1TC-04\nB3XD-02\nC8WN-06\nK7Q2-01\nM4RR-05\nY2HJ-07\nZ9PM-03\n"
    assert frozen.sha256 == "6ce1e877ed3db6b1a560e628d5948cae1f49e2c0a0e93e785e4dc276a158ee81"


def test_who_is_struck_out_stays_visible():
    frozen = freeze(CODES, STAFF)
    assert "Z9PM-03" not in frozen.codes
    assert frozen.struck == {"Z9PM-03": Strike.STAFF}


@given(codes, st.randoms())
def test_the_order_of_entry_is_irrelevant(given_codes, random):
    mixed = given_codes[:]
    random.shuffle(mixed)
    assert freeze(mixed, {}) == freeze(given_codes, {})


@given(codes)
def test_a_list_is_read_as_it_was_written(given_codes):
    frozen = freeze(given_codes, {})
    assert codes_in(frozen.content, "list-1.txt") == frozen.codes


@pytest.mark.parametrize(
    ("tickets", "struck", "sentence"),
    [
        (["AAA", "BBB", "AAA"], {}, "AAA is among the tickets twice"),
        (["ann@example.org"], {}, "'ann@example.org' is no ticket code"),
        (["aaa"], {}, "no ticket code"),
        (["AAA\n"], {}, "no ticket code"),
        (["AAA"], {"BBB": Strike.STAFF}, "'BBB' is to be struck out but is no ticket"),
        ([f"T{number:05}" for number in range(MOST_ITEMS + 1)], {}, "65536 tickets are more"),
    ],
)
def test_what_cannot_be_frozen(tickets, struck, sentence):
    with pytest.raises(Refused, match=sentence):
        freeze(tickets, struck)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"AAA", "each ended by a line feed"),
        (b"AAA\r\nBBB\r\n", "each ended by a line feed"),
        (b"AAA\n\nBBB\n", "line 2: '' is no ticket code"),
        (b"BBB\nAAA\n", "line 2: 'AAA' is out of order"),
        (b"AAA\nAAA\n", "or there twice"),
        (b"\xff\xfe\n", "no list of ticket codes"),
        (b"bbb\n", "line 1: 'bbb' is no ticket code"),
    ],
)
def test_a_list_that_is_not_canonical_is_refused(content, sentence):
    with pytest.raises(Refused, match=sentence):
        codes_in(content, "list-1.txt")
