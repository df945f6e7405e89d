"""Copies and who took them, consents, keys, and the audit."""

from __future__ import annotations

import sqlite3
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.errors import BadInput, BoothBroken
from booth.people.audit import GENESIS, Entry, check, follow
from booth.people.consent import Answer
from booth.people.contact import read_contact
from booth.people.copies import Copy
from booth.people.lead import open_leads
from booth.people.sealing import Opener, key_id, make_key, public_key_in, public_key_of, read_key, seal
from booth.people.store import PeopleStore
from booth.people.tickets import Reason
from tests.booth.people.persons import PRIVATE, PUBLIC, TEXTS, House

ANN = {"first_name": "Ann", "email": "ann@example.com"}


def leads_of(house):
    return open_leads(house.office.exportable(), [house.opener])[0]


def copy_now(house, receipt="r1"):
    leads = {each.external_id: each.revision for each in house.office.exportable()}
    house.office.note_copy(Copy(receipt, "csv", "ab" * 32, ("leads.csv",), leads), "crew")


def test_a_lead_is_copied_only_when_somebody_has_taken_it(house):
    house.capture(ANN)
    house.capture({"email": "bob@example.com"})
    assert house.people.not_copied() == 2
    copy_now(house)
    assert house.people.not_copied() == 2
    assert house.office.copied("r1", "account service", "ab" * 32) == 2
    assert house.people.not_copied() == 0
    house.capture({**ANN, "company": "Ames Inc"})
    assert house.people.not_copied() == 1


def test_what_changed_between_export_and_hand_over_is_not_copied(house):
    house.capture(ANN)
    copy_now(house)
    house.capture({**ANN, "company": "Ames Inc"})
    house.office.copied("r1", "account service")
    assert house.people.not_copied() == 1


def test_a_ticket_after_the_copy_is_news(house):
    player = house.people.add_player("Ann", "en")
    house.capture(ANN, player=player)
    copy_now(house)
    house.office.copied("r1", "x")
    house.people.enter_draw(player, Reason.WON, race=2)
    assert house.people.not_copied() == 1


def test_wrong_receipts_are_told(house):
    house.capture(ANN)
    copy_now(house)
    for receipt, digest, words in (("r2", None, "no export"), ("r1", "cd" * 32, "not those")):
        with pytest.raises(BadInput, match=words):
            house.office.copied(receipt, "x", digest)
    house.office.copied("r1", "AB")
    with pytest.raises(BadInput, match="already, by AB"):
        house.office.copied("r1", "CD")


def test_consent_is_told_with_its_proof_and_never_read_out_of_an_empty_box(house):
    house.capture(ANN)
    assert leads_of(house)[0].consents["email"].answer is Answer.NOT_GIVEN
    house.capture(ANN, ticked={"email"}, language="de")
    house.capture(ANN)
    (lead,) = leads_of(house)
    held = lead.consents["email"]
    assert lead.agrees_to("email")
    assert not lead.agrees_to("post")
    assert (held.language, held.version, held.how) == ("de", "2026-11", "own-phone")
    with house.people.reading() as db:
        texts = dict(db.execute("SELECT sha256, text FROM consent_text").fetchall())
    assert texts[held.text_sha256] == TEXTS[0].text["de"]
    assert [each.answer for each in lead.consent_history] == ["not-given", "given", "not-given"]


def test_a_consent_taken_back_is_taken_back(house):
    house.capture(ANN, ticked={"email"})
    contact = read_contact(ANN, region="US")
    house.office.withdraw(contact, "email", "crew")
    assert not leads_of(house)[0].agrees_to("email")
    assert house.people.counts(house.people.today()).consented == 0
    with pytest.raises(BadInput, match="never agreed"):
        house.office.withdraw(contact, "post", "crew")
    house.capture(ANN, ticked={"email"})
    assert leads_of(house)[0].agrees_to("email")


def test_the_draw_is_no_consent(house):
    player = house.people.add_player("Ann", "en")
    house.people.enter_draw(player, Reason.WON, race=2)
    assert house.capture(ANN, player=player).ticket is not None
    assert not leads_of(house)[0].agrees_to("email")


def test_a_wrong_key_opens_nothing_and_says_so(house):
    house.capture(ANN)
    with pytest.raises(BadInput, match=key_id(PUBLIC)):
        open_leads(house.office.exportable(), [Opener(b"\1" * 32)])
    with pytest.raises(ValueError, match="another key"):
        Opener(b"\1" * 32).open(seal(PUBLIC, b"x"))


def test_after_a_change_of_key_both_keys_open_all_and_one_tells_the_rest(house):
    house.capture(ANN)
    other = Opener(b"\1" * 32)
    with PeopleStore(house.path, house.clock, public_key=other.public) as later:
        later.capture("f" * 16, _form({"email": "bob@example.com"}))
    leads, shut = open_leads(house.office.exportable(), [house.opener])
    assert ([each.contact.email for each in leads], len(shut)) == (["ann@example.com"], 1)
    leads, shut = open_leads(house.office.exportable(), [house.opener, other])
    assert (len(leads), shut) == (2, ())


def _form(typed):
    from tests.booth.people.persons import form_of

    return form_of(typed)


def test_a_damaged_version_shuts_its_lead_alone(house):
    house.capture(ANN)
    house.capture({"email": "bob@example.com"})
    with house.people.writing() as (db, _):
        db.execute("UPDATE version SET sealed = zeroblob(400) WHERE number = 1")
    leads, shut = open_leads(house.office.exportable(), [house.opener])
    assert (len(leads), len(shut)) == (1, 1)


def test_the_private_key_is_its_owners_and_never_written_over(tmp_path):
    path = tmp_path / "key"
    public = make_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path).public == public_key_in(public)
    with pytest.raises(BadInput, match="there already"):
        make_key(path)
    with pytest.raises(BoothBroken):
        make_key(tmp_path / "nowhere" / "key")


@pytest.mark.parametrize(
    "content", [b"", b"pitboard private key 1\nAAAA\n", b"\xff\xfe", b"hello\n" + b"A" * 44]
)
def test_a_file_that_is_no_key_is_told(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(BadInput, match="no private key"):
        read_key(tmp_path / "key")


def test_the_demo_makes_its_pair_once_outside_its_show(tmp_path):
    assert public_key_of(None, tmp_path / "home") == public_key_of(None, tmp_path / "home")
    key = tmp_path / "home" / "demo.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.write_bytes(b"")  # as a power cut leaves it
    assert public_key_of(None, tmp_path / "home") == read_key(key).public
    assert public_key_of("A" * 43 + "=", tmp_path) == bytes(32)
    with pytest.raises(BadInput):
        public_key_of("AAAA", tmp_path)


@given(st.binary(max_size=600))
def test_what_is_sealed_comes_back_and_its_length_is_hidden(secret):
    sealed = seal(PUBLIC, secret)
    assert Opener(PRIVATE).open(sealed) == secret
    assert (len(sealed) - 48) % 256 == 0


BODIES = st.dictionaries(st.text(max_size=5), st.text(max_size=8) | st.integers(), max_size=3)


def chain(bodies):
    entries, before = [], GENESIS
    for number, body in enumerate(bodies, 1):
        entries.append(follow(number, before, f"2026-11-23T00:00:{number:02d}", "act", body))
        before = entries[-1].digest
    return entries


@given(st.lists(BODIES, min_size=2, max_size=6), st.data())
def test_the_first_bad_entry_is_named(bodies, data):
    entries = chain(bodies)
    assert check(entries) is None
    at = data.draw(st.integers(0, len(entries) - 1))
    old = entries[at]
    spoilt = list(entries)
    spoilt[at] = Entry(old.number, old.at, old.act + "!", old.body, old.before, old.digest)
    assert check(spoilt).number == at + 1
    if at < len(entries) - 1:
        assert check(entries[:at] + entries[at + 1 :]).number == at + 1
    assert check(entries[:-1], entries[-1].digest).number == len(entries)
    assert check(entries, old.digest) is None


def test_the_log_in_the_store_is_verified_down_to_the_entry(house):
    for email in ("a@example.com", "b@example.com", "c@example.com"):
        house.capture({"email": email})
    head = house.office.audit_head()
    assert house.office.audit(head) == (3, None)
    assert house.office.audit("ff" * 32)[1].number == 4
    for change, number in (
        ("UPDATE audit SET body = '{}' WHERE number = 2", 2),
        ("UPDATE audit SET body = 'x' WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 1", 1),
    ):
        with sqlite3.connect(house.path) as db:
            db.execute(change)
        db.close()
        assert house.office.audit()[1].number == number


def test_a_sealed_copy_is_a_whole_database_without_a_contact_to_read(house, tmp_path):
    house.capture(ANN)
    house.people.copy_sealed(tmp_path / "copy.db")
    with pytest.raises(BadInput):
        house.people.copy_sealed(tmp_path / "copy.db")
    assert b"ann@example.com" not in (tmp_path / "copy.db").read_bytes()
    with PeopleStore(tmp_path / "copy.db", house.clock) as copied:
        assert copied.not_copied() == 1


def test_one_winner_is_looked_up_by_ticket(house):
    player = house.people.add_player("Ann", "en")
    house.people.enter_draw(player, Reason.WON, race=2)
    ticket = house.capture(ANN, player=player).ticket
    house.capture({"email": "bob@example.com"})
    (sealed,) = house.office.exportable(ticket=ticket.code)
    assert open_leads([sealed], [house.opener])[0][0].contact.email == "ann@example.com"
    house.office.note_reading({"ticket": ticket.code}, "account service")
    with pytest.raises(BadInput):
        house.office.exportable(ticket="nope")


def test_two_houses_keep_apart(tmp_path):
    one, two = House(tmp_path / "a"), House(tmp_path / "b")
    one.capture(ANN)
    assert (one.people.not_copied(), two.people.not_copied()) == (1, 0)
    one.people.close()
    two.people.close()
