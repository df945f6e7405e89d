"""Contacts are checked offline, and hostile text is text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.errors import BadInput
from booth.pack.model import Qualifier
from booth.people.answers import is_qualified, read_answers
from booth.people.consent import How
from booth.people.contact import BadContact, Problem, read_contact
from booth.people.form import Form

ANN = {"email": "ann@example.com"}
ROLE = Qualifier(
    "role",
    "single",
    {"en": "What do you do?"},
    {"buys": {"en": "Buy"}, "studies": {"en": "Study"}},
    ("buys",),
)
WHY = Qualifier("why", "text", {"en": "Why?"}, {})
USES = Qualifier("uses", "multiple", {"en": "Which?"}, {"a": {"en": "A"}, "b": {"en": "B"}})


@pytest.mark.parametrize(
    ("typed", "region", "phone"),
    [
        ("+41 79 123 45 67", "US", "+41791234567"),
        ("(312) 555-0142", "US", "+13125550142"),
        ("0171 2345678", "DE", "+491712345678"),
    ],
)
def test_telephone_numbers_become_e164(typed, region, phone):
    assert read_contact({"phone": typed}, region=region).phone == phone


def test_an_extension_is_kept():
    contact = read_contact({"phone": "312-555-0142 ext. 77"}, region="US")
    assert (contact.phone, contact.phone_extension) == ("+13125550142", "77")


@pytest.mark.parametrize("phone", ["12", "abc", "555-0142", "+1" + "2" * 80, "\uff1d1\uff0b1"])
def test_what_cannot_be_dialled_is_refused(phone):
    with pytest.raises(BadContact) as refused:
        read_contact({"phone": phone}, region="US")
    assert refused.value.problems == {"phone": Problem.NO_PHONE}


@pytest.mark.parametrize(
    "email", ["ann", "ann@", "@example.com", "a b@example.com", "=1+1@", "<b>@example.com", "ann@example"]
)
def test_what_is_no_address_is_refused(email):
    with pytest.raises(BadContact) as refused:
        read_contact({"email": email}, region="US")
    assert refused.value.problems == {"email": Problem.NO_EMAIL}


def test_every_wrong_field_is_told_at_once_each_in_a_sentence():
    with pytest.raises(BadContact) as refused:
        read_contact({"first_name": "a" * 201, "email": "x", "last_name": "\ud800"}, region="US")
    assert refused.value.problems == {
        "first_name": Problem.TOO_LONG,
        "email": Problem.NO_EMAIL,
        "last_name": Problem.NOT_TEXT,
    }
    assert all(problem.sentence.endswith(".") for problem in Problem)


def test_somebody_must_be_reachable():
    with pytest.raises(BadContact) as refused:
        read_contact({"first_name": "Ann"}, region="US")
    assert set(refused.value.problems) == {"email", "phone"}


def test_a_name_of_ten_thousand_characters_is_refused_quickly_and_one_of_200_is_not():
    with pytest.raises(BadContact):
        read_contact({**ANN, "first_name": "x" * 10_000}, region="US")
    decomposed = "e\u0301" * 200  # 200 characters after NFC
    assert read_contact({**ANN, "first_name": decomposed}, region="US").first_name == "é" * 200


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_whatever_a_name_is_it_is_kept(name):
    kept = read_contact({**ANN, "last_name": name}, region="US").last_name
    assert kept == unicodedata.normalize("NFC", name).strip()


def test_answers_are_the_packs():
    given_ = {"role": ["buys"], "why": [" 'cause "], "uses": ["b", "a", "b"], "other": ["x"]}
    assert read_answers(given_, (ROLE, WHY, USES)) == {
        "role": ("buys",),
        "why": ("'cause",),
        "uses": ("b", "a"),
    }
    assert is_qualified({"role": ("buys",)}, (ROLE,))
    assert not is_qualified({"role": ("studies",)}, (ROLE,))
    for wrong in ({"role": ["nope"]}, {"role": ["buys", "studies"]}, {"why": ["x" * 501]}):
        with pytest.raises(BadInput):
            read_answers(wrong, (ROLE, WHY, USES))


@pytest.mark.parametrize("note", ["x" * 10_001, "\udfff"])
def test_a_note_that_cannot_be_stored_is_refused(note):
    with pytest.raises(BadInput):
        Form(read_contact(ANN, region="US"), How.CREW_TABLET, "en", note=note)
