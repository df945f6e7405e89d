"""An erased person is found in no file."""

from __future__ import annotations

import base64
import threading

import pytest

from booth.errors import BadInput, BoothBroken
from booth.people.contact import read_contact
from booth.people.copies import Copy
from booth.people.lead import open_leads
from booth.people.store import PeopleStore
from booth.people.tickets import Reason

HOSTILE = {
    "first_name": '=HYPERLINK("http://evil.example","Zaphodia")',
    "last_name": "\u202eQuetzalcoatlus\u200f 🦖'; DROP TABLE person;--",
    "email": "Zaphodia.Quetzal@Betelgeuse.example.com",
    "phone": "+1 312 555 0199",
    "company": "<script>alert('Magrathea')</script>",
    "job_title": "@SUM(1+1)*cmd|' /C calc'!Vogon" + "n" * 150,
}
NICKNAME = "Trillian\u202e🏁"
SECRETS = (
    "Zaphodia", "Quetzalcoatlus", "Zaphodia.Quetzal@Betelgeuse.example.com", "Betelgeuse", "+13125550199", "3125550199",
    "Magrathea", "Vogon", "Trillian", "Slartibartfast", "improbability", *HOSTILE.values(), NICKNAME,
)  # fmt: skip


def traces(folder):
    """Where any of it is found, in the encodings that it could lie in."""
    for path in (each for each in folder.rglob("*") if each.is_file()):
        held = path.read_bytes()
        folded = held.decode("utf-8", errors="ignore").casefold()
        for secret in SECRETS:
            coded = secret.encode()
            shapes = [coded, secret.encode("utf-16-le"), secret.encode("utf-16-be"), coded.hex().encode()]
            shapes += [base64.b64encode(b" " * lead + coded)[4:-4] for lead in range(3) if len(coded) > 8]
            if secret.casefold() in folded or any(shape in held for shape in shapes):
                yield path.name, secret


def capture_hostile(house):
    player = house.people.add_player(NICKNAME, "en")
    house.people.enter_draw(player, Reason.WON, race=7)
    captured = house.capture(
        HOSTILE,
        player=player,
        ticked={"email"},
        note="Slartibartfast said so",
        answers={"why": ("infinite improbability",)},
    )
    house.capture({**HOSTILE, "phone": ""}, player=player)
    return player, captured.ticket


def contact(**typed):
    return read_contact(typed, region="US")


@pytest.mark.parametrize("by", ["email", "phone", "ticket", "player", "id"])
def test_an_erased_person_is_found_by_a_byte_search_in_no_file(house, tmp_path, by):
    player, ticket = capture_hostile(house)
    house.capture({"email": "bob@example.com"})
    (lead, _), _ = open_leads(house.office.exportable(), [house.opener])
    assert lead.contact.last_name == HOSTILE["last_name"]
    copy = Copy("r1", "json", "0" * 64, ("fair-leads.json",), {lead.external_id: 2})
    house.office.note_copy(copy, "crew")
    house.office.copied("r1", "account service")
    assert {name for name, _ in traces(tmp_path / "home")} != set(), "the search finds the nickname before"

    gone = {
        "email": lambda: house.office.erase(contact(email=HOSTILE["email"].lower()), "crew"),
        "phone": lambda: house.office.erase(contact(phone="312 555 0199"), "crew"),
        "ticket": lambda: house.office.erase_ticket(ticket.code, "crew"),
        "player": lambda: house.office.erase_player(player, "crew"),
        "id": lambda: house.office.erase_id(lead.external_id, "crew"),
    }[by]()

    assert list(traces(tmp_path / "home")) == []
    assert gone.person == lead.external_id
    assert [(each.files, each.by) for each in gone.copies] == [(("fair-leads.json",), "account service")]
    assert house.office.erased_since_copied() == (lead.external_id,)
    assert house.people.nicknames([player]) == {}
    (kept,) = house.people.tickets_of(house.people.today())
    assert (kept.code, kept.is_erased) == (ticket.code, True)
    assert len(house.office.exportable()) == 1
    count, broken = house.office.audit()
    assert (count > 4, broken) == (True, None)
    with pytest.raises(BadInput):
        house.office.erase_ticket(ticket.code, "crew")


def test_what_was_sealed_and_fingerprinted_goes_too(house, tmp_path):
    capture_hostile(house)
    with house.people.reading() as db:
        held = [
            row[0]
            for row in db.execute("SELECT sealed FROM version UNION ALL SELECT mark FROM mark").fetchall()
        ]
    house.office.erase(contact(email=HOSTILE["email"]), "crew")
    left = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
    assert len(held) == 4
    assert not any(bytes(each) in left for each in held)


def test_it_is_gone_while_the_screens_have_the_file_open(house, tmp_path):
    capture_hostile(house)
    with PeopleStore(house.path, house.clock) as screens:
        screens.tickets_of(screens.today())
        house.office.erase(contact(email=HOSTILE["email"]), "crew")
        assert list(traces(tmp_path / "home")) == []


def test_a_reader_that_never_ends_is_told_not_passed_over(house, monkeypatch):
    capture_hostile(house)
    with PeopleStore(house.path, house.clock) as screens, screens.reading() as db:
        db.execute("SELECT COUNT(*) FROM person").fetchall()
        house.people._writer.execute("PRAGMA busy_timeout = 10")
        with pytest.raises(BoothBroken, match="scrub"):
            house.office.erase(contact(email=HOSTILE["email"]), "crew")
    house.people.scrub()
    assert list(traces(house.path.parent)) == []


def test_a_player_without_a_contact_can_be_erased(house, tmp_path):
    player = house.people.add_player(NICKNAME, "en")
    assert house.office.erase_player(player, "crew").person == ""
    assert list(traces(tmp_path / "home")) == []


def test_whoever_is_erased_and_comes_again_is_new_and_their_old_form_does_not_bring_them_back(house):
    house.capture(HOSTILE, submission="e" * 16)
    house.office.erase(contact(email=HOSTILE["email"]), "crew")
    again = house.capture(HOSTILE, submission="e" * 16)
    assert again.is_repeat
    assert house.office.exportable() == ()
    assert house.capture(HOSTILE).is_new


@pytest.mark.parametrize("wrong", ["erase", "erase_ticket", "erase_player", "erase_id"])
def test_erasing_nobody_is_told(house, wrong):
    who = contact(email="nobody@example.com") if wrong == "erase" else "ZZZZ-99"
    with pytest.raises(BadInput):
        getattr(house.office, wrong)(who, "crew")
    capture_hostile(house)
    with pytest.raises(BadInput, match="who does it"):
        house.office.erase(contact(email=HOSTILE["email"]), "  ")


def test_what_is_older_than_its_retention_is_purged(house, tmp_path):
    capture_hostile(house)
    idle = house.people.add_player("Slartibartfast", "en")
    house.clock.pass_days(80)
    house.capture({"email": "bob@example.com"})
    assert house.office.expired(90) == ()
    house.clock.pass_days(11)
    assert len(house.office.expired(90)) == 1
    assert len(house.office.purge(90, "timer")) == 1
    assert list(traces(tmp_path / "home")) == []
    assert house.people.nicknames([idle]) == {}
    assert len(house.office.exportable()) == 1


def test_erasing_while_others_capture_loses_nobody(house):
    capture_hostile(house)
    more = [
        threading.Thread(
            target=lambda n=n: house.capture({"email": f"p{n}@example.com"}, submission=f"{n:016d}")
        )
        for n in range(6)
    ]
    for each in more:
        each.start()
    house.office.erase(contact(email=HOSTILE["email"]), "crew")
    for each in more:
        each.join()
    assert len(house.office.exportable()) == 6


def test_an_erasure_that_a_power_cut_stopped_half_way_is_finished_at_the_next_start(
    house, tmp_path, monkeypatch
):
    capture_hostile(house)
    monkeypatch.setattr(PeopleStore, "scrub", lambda _: None)
    house.office.erase(contact(email=HOSTILE["email"]), "crew")
    monkeypatch.undo()
    assert list(traces(tmp_path / "home")) != []
    with PeopleStore(house.path, house.clock):
        assert list(traces(tmp_path / "home")) == []
