"""The algorithm against what the RFC and later nominating committees published."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.draw.errors import Refused
from booth.draw.rfc3797 import entropy_needed_bits, key_string, ranking

PUBLISHED = json.loads((Path(__file__).parent / "published_selections.json").read_text())

integers = st.lists(st.integers(0, 2**40), min_size=1, max_size=16).map(tuple)
some_sources = st.lists(integers, min_size=1, max_size=16)


@pytest.mark.parametrize("selection", PUBLISHED, ids=[each["name"] for each in PUBLISHED])
def test_a_published_selection_comes_out_byte_for_byte(selection):
    sources = [tuple(source) for source in selection["sources"]]
    picks = ranking(selection["pool"], len(selection["ranks"]), sources)
    assert key_string(sources) == selection["key"]
    assert [[pick.md5, pick.left, pick.item] for pick in picks] == selection["ranks"]


def test_the_rfc_s_names_are_drawn():
    (example,) = (each for each in PUBLISHED if each["name"] == "RFC 3797, section 6")
    sources = [tuple(source) for source in example["sources"]]
    names = [example["names"][pick.item - 1] for pick in ranking(25, 16, sources)]
    assert names[:4] == ["Lee", "Doc", "Mary", "Charity"]
    assert names[-1] == "Dopey"


def test_the_rfc_s_entropy():
    assert entropy_needed_bits(25, 10) == pytest.approx(21.64, abs=0.005)
    assert entropy_needed_bits(25, 16) == pytest.approx(20.96, abs=0.005)
    # the reference code adds 0.1 and prints one place: 55.3 and 57.8 in the committees' own output
    assert f"{entropy_needed_bits(134, 12) + 0.1:.1f}" == "55.3"
    assert f"{entropy_needed_bits(154, 12) + 0.1:.1f}" == "57.8"


def test_leading_zeros_and_order_within_a_source_do_not_matter():
    assert key_string([(int("08285182"),), (3, 2, 1)]) == "8285182./1.2.3./"
    assert key_string([(10, 9, 100)]) == "9.10.100./"


@pytest.mark.parametrize(
    ("pool", "wanted", "sources", "sentence"),
    [
        (0, 1, [(1,)], "a pool of 1 to 65535"),
        (65_536, 1, [(1,)], "a pool of 1 to 65535 items, not 65536"),
        (5, 6, [(1,)], "6 of 5 items cannot be ranked"),
        (5, 0, [(1,)], "0 of 5 items cannot be ranked"),
        (5, 1, [], "1 to 16 sources, not 0"),
        (5, 1, [(1,)] * 17, "1 to 16 sources, not 17"),
        (5, 1, [(1,), ()], "source 2 has 0 integers"),
        (5, 1, [(1,) * 17], "source 1 has 17 integers"),
        (5, 1, [(3, -1)], "source 1 holds -1"),
    ],
)
def test_limits_are_refused_with_a_sentence(pool, wanted, sources, sentence):
    with pytest.raises(Refused, match=sentence):
        ranking(pool, wanted, sources)


def test_the_largest_pool_and_the_most_sources_work():
    picks = ranking(65_535, 3, [tuple(range(16))] * 16)
    assert [pick.left for pick in picks] == [65_535, 65_534, 65_533]


def test_more_than_all_cannot_be_chosen():
    with pytest.raises(Refused, match="cannot be chosen"):
        entropy_needed_bits(3, 4)


@given(st.integers(1, 60), some_sources)
def test_a_ranking_of_all_is_a_permutation(pool, sources):
    picks = ranking(pool, pool, sources)
    assert sorted(pick.item for pick in picks) == list(range(1, pool + 1))
    assert [pick.rank for pick in picks] == list(range(1, pool + 1))


@given(st.integers(1, 60), some_sources, st.data())
def test_asking_for_more_never_changes_earlier_ranks(pool, sources, data):
    wanted = data.draw(st.integers(1, pool))
    assert ranking(pool, pool, sources)[:wanted] == ranking(pool, wanted, sources)


@given(st.integers(1, 40), some_sources)
def test_each_rank_is_the_published_formula(pool, sources):
    key = key_string(sources).encode()
    left = list(range(1, pool + 1))
    for pick in ranking(pool, pool, sources):
        two = bytes([(pick.rank - 1) // 256, (pick.rank - 1) % 256])
        value = int(hashlib.md5(two + key + two, usedforsecurity=False).hexdigest(), 16)
        assert pick.item == left.pop(value % len(left))
