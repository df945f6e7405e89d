"""How dice, drand and the secret become sources, and when a drand round is."""

import hashlib
import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.draw.commitment import check_secret, commitment_to
from booth.draw.declaration import MOST_ALTERNATES
from booth.draw.dice import BITS_PER_THROW, MOST_THROWS, check_throws, throws_needed
from booth.draw.drand import (
    DEFAULT,
    QUICKNET,
    Beacon,
    agreed,
    chain_named,
    check_beacon,
    first_round_from,
    parse_beacon,
    round_at,
    time_of,
)
from booth.draw.errors import Refused
from booth.draw.rfc3797 import MOST_ITEMS, key_string
from booth.draw.sources import all_sources, dice_sources, wide_source
from tests.booth.draw.draws import BEACON, ROUND, SECRET

# published in the README of the drand-verify package, as BEACON
OLD_ROUND = 3311596
OLD_BEACON = Beacon(
    OLD_ROUND,
    "647c07b2abbf7ff2afb4d670214f565e5cd9f9c91bfdcecb59a21f3c78d73920",
    "a696b9409ababce45749c3a4ec369074453dd4a79967734e1390d969c8ad8d98897d217b9121e92c8ddebbddda8d92f9"
    "00e3bd6bf9deb166863b1a19390d743f82774001487594c5c09e581db7365f02b70a2c8cc41ce32446ef08e4890c4754",
    "8ed588f2a7716fb1349e2d9803da5db0005e98a83783c353d4a08f183236a9ad91d70ddb01266f4b7c576983db464b43"
    "0e65680b9e0098552758afd6c1e6afcb77e3f62fe1b93d42d1cb63abbb2205512fe12fbf74ea9c5ac3b8f5c1e283a1d8",
)
throws = st.lists(st.integers(1, 6), min_size=1, max_size=MOST_THROWS)
instants = st.integers(1_700_000_000, 1_900_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


@pytest.mark.parametrize(
    ("at", "number"),
    [("2026-04-20T00:00:00", 27_946_612), ("2026-04-20T12:30:45", 27_961_627)],
)
def test_the_round_of_an_instant_as_another_client_publishes_it(at, number):
    at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert round_at(QUICKNET, at) == number
    assert time_of(QUICKNET, 27_946_612) == datetime(2026, 4, 20, tzinfo=UTC)


@given(instants, st.sampled_from([QUICKNET, DEFAULT]))
def test_the_first_round_from_an_instant_comes_then_or_just_after(at, chain):
    number = first_round_from(chain, at)
    assert timedelta(0) <= time_of(chain, number) - at < timedelta(seconds=chain.period_s)
    assert round_at(chain, time_of(chain, number)) == number
    assert round_at(chain, time_of(chain, number) - timedelta(microseconds=1)) == number - 1


def test_before_the_first_round_there_is_none():
    assert round_at(QUICKNET, datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert first_round_from(QUICKNET, datetime(2020, 1, 1, tzinfo=UTC)) == 1
    for number in (0, -3, 10**30):
        with pytest.raises(Refused, match="no round"):
            time_of(QUICKNET, number)
    with pytest.raises(Refused, match="quicknet and default"):
        chain_named("fastnet")


@pytest.mark.parametrize(
    ("beacon", "chain"), [(BEACON, QUICKNET), (OLD_BEACON, DEFAULT)], ids=["quicknet", "default"]
)
def test_a_published_round_is_accepted(beacon, chain):
    assert check_beacon(beacon, chain, beacon.round, "answer").hex() == beacon.randomness
    assert agreed((beacon, beacon), chain, beacon.round) == bytes.fromhex(beacon.randomness)


def answer(**changed):
    body = {"round": ROUND, "randomness": BEACON.randomness, "signature": BEACON.signature}
    return json.dumps({**body, **changed})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (answer(round=ROUND + 1), "declared was round 657413"),
        (answer(randomness="00" * 32), "not the SHA-256 of the signature"),
        (answer(signature=BEACON.signature[:-2]), "96 lower-case hex digits"),
        (answer(randomness=BEACON.randomness.upper()), "lower-case hex"),
        (answer(randomness=7), "no answer of a drand mirror"),
        (answer(round="657413"), "no answer of a drand mirror"),
        (answer(round=True), "no answer of a drand mirror"),
        (answer(previous_signature="00"), "the previous signature must be"),
        (answer(previous_signature=[]), "no answer of a drand mirror"),
        ("[]", "no answer of a drand mirror"),
        ("<html>", "no answer of a drand mirror"),
        ("[" * 3000, "no answer of a drand mirror"),
        ("1" * 5000, "no answer of a drand mirror"),
    ],
)
def test_another_answer_is_refused(text, sentence):
    with pytest.raises(Refused, match=sentence):
        check_beacon(parse_beacon(text, "mirror.json"), QUICKNET, ROUND, "mirror.json")


def test_two_mirrors_must_agree():
    with pytest.raises(Refused, match="two mirrors, not 1"):
        agreed((BEACON,), QUICKNET, ROUND)
    other = Beacon(OLD_ROUND, OLD_BEACON.randomness, OLD_BEACON.signature)
    with pytest.raises(Refused, match="the two mirrors differ"):
        agreed((OLD_BEACON, other), DEFAULT, OLD_ROUND)


def test_the_committed_secret_is_known_again():
    assert commitment_to(SECRET) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
    assert check_secret(SECRET.hex(), commitment_to(SECRET)) == SECRET
    with pytest.raises(Refused, match="not the secret of this draw"):
        check_secret("11" * 32, commitment_to(SECRET))
    for other in ("", "zz" * 32, "AB" * 32):
        with pytest.raises(Refused, match="64 lower-case hex digits"):
            check_secret(other, commitment_to(SECRET))


@pytest.mark.parametrize(("pool", "ranks", "throws_"), [(300, 1, 4), (300, 6, 20), (80, 4, 10), (1, 1, 0)])
def test_throws_needed(pool, ranks, throws_):
    assert throws_needed(pool, ranks) == throws_


@given(st.integers(1, 2000), st.integers(1, 19))
def test_throws_needed_are_the_fewest_with_enough_entropy(pool, ranks):
    ways = math.perm(pool, min(ranks, pool))
    count = throws_needed(pool, ranks)
    assert 6**count >= ways
    assert count == 0 or 6 ** (count - 1) < ways
    assert count == pytest.approx(math.log2(ways) / BITS_PER_THROW, abs=1)


def test_a_die_is_enough_for_the_largest_pool_and_the_most_alternates():
    assert throws_needed(MOST_ITEMS, 1 + MOST_ALTERNATES) <= MOST_THROWS


def test_what_no_die_shows_is_refused():
    for value in (0, 7, -1):
        with pytest.raises(Refused, match=f"throw 2 is {value}"):
            check_throws([3, value])


def test_throws_keep_their_order():
    assert dice_sources((3, 6, 1, 1, 5, 2, 4, 4, 6, 2)) == ((36115244,), (62,))


@given(throws, throws)
def test_other_throws_give_another_key(one, other):
    assert (one == other) == (key_string(dice_sources(one)) == key_string(dice_sources(other)))
    assert all(value < 2**31 for (value,) in dice_sources(one))


@given(st.binary(min_size=32, max_size=32))
def test_a_wide_value_is_sixteen_words_in_order(value):
    assert b"".join(word.to_bytes(2, "big") for word in wide_source(value)) == value


@given(st.binary(min_size=32, max_size=32), throws)
def test_all_sources_fit_the_rfc(secret, values):
    made = all_sources(secret, values, None)
    assert made == (wide_source(secret), *dice_sources(values))
    assert key_string(made)
    beacon = hashlib.sha256(secret).digest()
    assert all_sources(secret, (), beacon) == (wide_source(secret), wide_source(beacon))
