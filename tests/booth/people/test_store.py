"""Who is whom, what is never lost, and what lies on the disk."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import threading
from datetime import date

import pytest

from booth.errors import BadInput, BoothBroken
from booth.people.fingerprint import CHEAPEST, USUAL, marks_of
from booth.people.lead import open_leads
from booth.people.store import PeopleStore
from booth.people.tickets import Reason, read_code
from tests.booth.people.persons import PUBLIC, House, SetClock

ANN = {"first_name": "Ann", "last_name": "Ames", "email": "Ann@Example.com", "company": "Ames Inc"}


def opened(house):
    return open_leads(house.office.exportable(), [house.opener])[0]


def test_a_player_is_an_opaque_id_with_a_nickname(house):
    ann = house.people.add_player("Ann 🏎", "en")
    bob = house.people.add_player("Bob", "de")
    assert len(ann) >= 22
    assert house.people.nicknames([ann, bob, "nobody"]) == {ann: "Ann 🏎", bob: "Bob"}
    assert house.people.nicknames([]) == {}
    with pytest.raises(BadInput):
        house.people.add_player("x" * 61, "en")


def test_contact_details_are_on_the_disk_but_not_to_be_read(house):
    house.capture(ANN, answers={"why": ("because",)}, note="met at the ramp")
    bytes_there = b"".join(path.read_bytes() for path in house.path.parent.iterdir())
    for word in ("Ames", "ann@example.com", "because", "ramp"):
        assert word.encode() not in bytes_there
    (lead,) = opened(house)
    assert (lead.contact.email, lead.contact.company) == ("Ann@example.com", "Ames Inc")
    assert (lead.answers, lead.note) == ({"why": ("because",)}, "met at the ramp")


def test_the_file_is_the_owners_alone(house):
    house.capture(ANN)
    for path in house.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_the_same_address_in_any_case_is_the_same_person_and_nothing_is_erased(house):
    assert house.capture(ANN).is_new
    house.clock.pass_days(1)
    again = house.capture({"email": "ANN@EXAMPLE.COM", "phone": "312 555 0142", "first_name": "Anna"})
    assert not again.is_new
    (lead,) = opened(house)
    assert lead.contact.first_name == "Anna"
    assert lead.contact.company == "Ames Inc"
    assert lead.contact.phone == "+13125550142"
    assert [version.contact.first_name for version in lead.versions] == ["Ann", "Anna"]
    assert "first_name" in lead.differs


def test_a_telephone_number_alone_is_a_person_until_an_address_comes(house):
    assert house.capture({"phone": "312 555 0142", "first_name": "Ann"}).is_new
    assert not house.capture({"phone": "+1 312 555 0142"}).is_new
    assert not house.capture({"phone": "+1 312 555 0142", "email": "ann@example.com"}).is_new
    assert len(opened(house)) == 1


def test_two_addresses_behind_one_switchboard_are_two_people(house):
    house.capture({"phone": "312 555 0142", "email": "ann@example.com"})
    assert house.capture({"phone": "312 555 0142", "email": "bob@example.com"}).is_new
    assert house.capture({"phone": "312 555 0142", "first_name": "Cy"}).is_new
    with pytest.raises(BadInput, match="people gave this"):
        house.office.erase(opened(house)[2].contact, "crew")


def test_a_player_who_mends_their_address_stays_one_person(house):
    player = house.people.add_player("Ann", "en")
    house.people.enter_draw(player, Reason.WON, race=3)
    first = house.capture({"email": "an@example.com"}, player=player)
    mended = house.capture({"email": "ann@example.com"}, player=player, corrects=True)
    assert mended.ticket == first.ticket
    (lead,) = opened(house)
    assert lead.contact.email == "ann@example.com"
    assert house.people.has_contact(player)


def test_somebody_elses_contact_from_the_same_phone_is_another_person(house):
    player = house.people.add_player("Ann", "en")
    house.capture({"email": "ann@example.com"}, player=player)
    assert house.capture({"email": "bob@example.com"}, player=player).is_new


def test_a_submission_sent_again_changes_nothing(house):
    player = house.people.add_player("Ann", "en")
    house.people.enter_draw(player, Reason.WON, race=1)
    first = house.capture(ANN, submission="a" * 16, player=player)
    again = house.capture(ANN, submission="a" * 16, player=player)
    assert (again.is_repeat, again.ticket) == (True, first.ticket)
    assert len(opened(house)[0].versions) == 1
    for wrong in ("short", "has spaces in it, see", "x" * 65):
        with pytest.raises(BadInput):
            house.capture(ANN, submission=wrong)


def test_one_submission_sent_by_four_threads_is_taken_once(house):
    found = []
    send = [
        threading.Thread(target=lambda: found.append(house.capture(ANN, submission="b" * 16)))
        for _ in range(4)
    ]
    for each in send:
        each.start()
    for each in send:
        each.join()
    assert sorted(each.is_repeat for each in found) == [False, True, True, True]
    assert house.people.not_copied() == 1


def test_a_player_the_booth_forgot_leaves_a_lead_all_the_same(house):
    house.capture(ANN, player="lost-player")
    assert house.people.has_contact("lost-player")


def test_a_ticket_comes_when_reason_wish_and_contact_have_met_in_any_order(house):
    won = house.people.add_player("Ann", "en")
    assert house.people.enter_draw(won, Reason.WON, race=4) is None
    ticket = house.capture(ANN, player=won).ticket
    assert ticket.reasons == ("won 4",)
    assert read_code(ticket.code.lower()) == ticket.code
    assert ticket.code.endswith("-23")

    before = house.people.add_player("Bob", "en")
    assert house.capture({"email": "bob@example.com"}, player=before).ticket is None
    assert house.people.enter_draw(before, Reason.PLAYED, race=5) is not None
    assert house.people.ticket_of(before).reasons == ("played 5",)

    wishless = house.people.add_player("Cy", "en")
    house.capture({"email": "cy@example.com"}, player=wishless, wants_draw=False, ticked={"email"})
    assert house.people.enter_draw(wishless, Reason.WON, race=6) is None

    walked_in = house.capture({"phone": "312 555 0142"}, entry=Reason.FREE_ENTRY)
    assert walked_in.ticket.reasons == ("free-entry",)
    assert len(house.people.tickets_of(house.people.today())) == 3


def test_one_ticket_a_person_and_day_whatever_they_win_and_on_whichever_phone(house):
    phones = [house.people.add_player(name, "en") for name in ("Ann", "Ann again")]
    for race, phone in enumerate(phones, 1):
        house.people.enter_draw(phone, Reason.WON, race=race)
        house.people.enter_draw(phone, Reason.WON, race=race)
        house.capture(ANN, player=phone)
    (ticket,) = house.people.tickets_of(house.people.today())
    assert ticket.reasons == ("won 1", "won 2")
    house.clock.pass_days(1)
    assert house.people.ticket_of(phones[0]) is None
    assert house.people.enter_draw(phones[0], Reason.WON, race=30).code.endswith("-24")


def test_the_day_is_the_shows_not_utcs(house):
    assert house.people.today() == date(2026, 11, 23)
    house.clock.now = house.clock.now.replace(hour=4)
    assert house.people.today() == date(2026, 11, 22)


def test_the_day_in_numbers(house):
    today = house.people.today()
    player = house.people.add_player("Ann", "en")
    house.people.enter_draw(player, Reason.WON, race=1)
    house.capture(ANN, player=player, ticked={"email"}, is_qualified=True)
    house.capture(ANN, player=player)
    house.capture({"email": "bob@example.com"})
    for _ in range(3):
        house.people.count_call_to_action("website")
    counts = house.people.counts(today)
    assert (counts.leads, counts.lead_players, counts.qualified, counts.consented, counts.entries) == (
        2,
        1,
        1,
        1,
        1,
    )
    assert counts.calls_to_action == {"website": 3}
    with pytest.raises(BadInput):
        house.people.count_call_to_action("=1+1")


def test_it_is_all_there_when_it_is_opened_again_and_on_a_second_connection(house):
    player = house.people.add_player("Ann", "en")
    house.capture(ANN, player=player)
    with PeopleStore(house.path, SetClock()) as other:
        assert (other.show, other.time_zone) == ("Fair", "America/Chicago")
        assert other.nicknames([player]) == {player: "Ann"}
        assert other.not_copied() == 1
        other.add_player("Bob", "en")
        with pytest.raises(BadInput, match="public_key"):
            House.capture(type("Half", (), {"people": other, "submission": lambda _: "c" * 16})(), ANN)


def test_reads_do_not_wait_for_a_writer(house):
    player = house.people.add_player("Ann", "en")
    with house.people.writing() as (db, _):
        db.execute("UPDATE player SET nickname = 'Eve'")
        assert house.people.nicknames([player]) == {player: "Ann"}
        assert house.people.not_copied() == 0


def test_it_opens_while_another_process_holds_the_shows_folder(house):
    house.people.close()
    folder = os.open(house.path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        opened_here = threading.Thread(
            target=lambda: PeopleStore(house.path, SetClock()).close(), daemon=True
        )
        opened_here.start()
        opened_here.join(20)
        assert not opened_here.is_alive()
    finally:
        os.close(folder)


def test_files_that_are_none_are_told(tmp_path):
    with pytest.raises(BadInput, match="no leads yet"):
        PeopleStore(tmp_path / "people.db", SetClock())
    (tmp_path / "bad.db").write_bytes(b"no database at all " * 100)
    with pytest.raises(BoothBroken, match="damaged"):
        PeopleStore(tmp_path / "bad.db", SetClock(), show="Fair", public_key=PUBLIC)
    (tmp_path / "empty.db").touch()
    with pytest.raises(BadInput, match="no show"):
        PeopleStore(tmp_path / "empty.db", SetClock())


def test_a_newer_pitboards_file_is_refused(house):
    house.people.close()
    with sqlite3.connect(house.path) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('people', 'm9999', '')"
        )
    db.close()
    with pytest.raises(BadInput, match="newer"):
        PeopleStore(house.path, SetClock())


def test_acknowledged_writes_are_synced_to_the_disk(house):
    with house.people.writing() as (db, _):
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA secure_delete").fetchone()[0] == 1


def test_a_form_that_fails_half_way_leaves_nothing(house, monkeypatch):
    monkeypatch.setattr("booth.people.capturing.note", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        house.capture(ANN, submission="d" * 16)
    monkeypatch.undo()
    assert house.people.not_copied() == 0
    assert not house.capture(ANN, submission="d" * 16).is_repeat


def test_fingerprints_differ_between_shows_and_are_slow_by_default(house):
    contact = opened_contact = house_contact()
    here, there = marks_of(contact, b"a" * 16, CHEAPEST), marks_of(opened_contact, b"b" * 16, CHEAPEST)
    assert here.email != there.email
    assert here.phone is None
    assert (USUAL.passes, USUAL.memory_bytes) == (3, 64 * 1024 * 1024)


def test_what_a_guess_costs_stays_with_the_file(house):
    house.capture(ANN)
    with PeopleStore(house.path, SetClock(), show="Fair", public_key=PUBLIC) as other:
        assert other.marks_of(house_contact()) == house.people.marks_of(house_contact())


def house_contact():
    from booth.people.contact import read_contact

    return read_contact(ANN, region="US")
