"""What an importer gets, what it is spared, and what is told."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import re
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booth.errors import BadInput, BoothBroken
from booth.handover.exports.cells import csv_bytes, csv_rows, harmless, is_formula
from booth.handover.exports.marketo import central_time
from booth.handover.exports.plain import json_bytes
from booth.handover.exports.planning import WHOLE, check_file, plan_export
from booth.handover.exports.receipt import digest_of, read_receipt
from booth.handover.exports.target import Setting
from booth.handover.exports.writing import TARGETS, prepare, write, write_sealed
from booth.people.consent import Answer, Consent
from booth.people.contact import Contact, read_contact
from booth.people.lead import Lead, Version
from booth.people.store import PeopleStore
from booth.people.tickets import Reason
from tests.booth.people.persons import House

SETTING = Setting("Spring Fair", "Europe/Zurich", ("email",), ("role",))
AT = "2026-11-24T03:30:00.000+00:00"
EVERYBODY = [*TARGETS]


def consent(answer):
    return {"email": Consent("email", answer, "2026-11", "en", "ab" * 32, AT, "own-phone")}


def lead(number=1, *, agrees=True, note="", answers=None, **contact):
    held = Contact(
        **{
            "first_name": "Ann",
            "last_name": "Ames",
            "email": f"ann{number}@example.com",
            "phone": "+13125550142",
            "company": "Ames Inc",
            **contact,
        }
    )
    consents = consent(Answer.GIVEN if agrees else Answer.NOT_GIVEN)
    version = Version(AT, "own-phone", "en", held, answers or {}, note)
    return Lead(
        external_id=f"{number:032x}", contact=held, answers=answers or {}, note=note, is_qualified=True, language="en",
        first_at=AT, last_at=AT, how="own-phone", consents=consents, consent_history=tuple(consents.values()),
        tickets=(), nicknames=(), versions=(version,), differs=(),
    )  # fmt: skip


def table(plan, name):
    head, *rows = csv_rows(plan.files[name])
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_marketo_gets_its_exact_headers_and_us_central_time():
    plan = plan_export(TARGETS["marketo"], [lead()], SETTING)
    (row,) = table(plan, "marketo")
    assert list(row)[:8] == [
        "First Name", "Last Name", "Email Address", "Company Name", "Job Title", "Phone Number", "Person Source",
        "Unsubscribed",
    ]  # fmt: skip
    assert row["Phone Number"] == "+13125550142"
    assert row["Booth Captured At"] == "11/23/26 21:30"
    assert (row["Unsubscribed"], row["Consent email"]) == ("false", "given")
    assert row["Consent email At"] == "2026-11-24T04:30:00+01:00"


def test_summer_time_in_chicago_is_summer_time():
    summer = lead()
    object.__setattr__(summer, "first_at", "2026-07-01T05:05:00.000+00:00")
    assert central_time(summer, SETTING) == "7/1/26 0:05"


def test_the_bulk_api_gets_rest_names():
    plan = plan_export(TARGETS["marketo-bulk"], [lead()], SETTING)
    assert plan.files["marketo-bulk"].startswith(b"firstName,lastName,email,company,title,phone,leadSource,")


@pytest.mark.parametrize("email", ["jörg@example.com", "x@bücher.example"])
def test_marketo_is_spared_an_address_that_is_not_ascii_and_the_lead_is_told_in_full(email):
    plan = plan_export(TARGETS["marketo"], [lead(email=email), lead(2)], SETTING)
    assert [each.column for each in plan.problems] == ["Email Address", WHOLE]
    assert len(table(plan, "marketo")) == 1
    rejected = table(plan, "rejected")
    assert {row["email"] for row in rejected} == {email}
    assert rejected[0]["phone"] == "+13125550142"
    assert "ASCII" in rejected[0]["reason"]


@pytest.mark.parametrize(("agrees", "cell"), [(True, "0"), (False, "1")])
def test_salesforce_email_opt_out_says_out(agrees, cell):
    (row,) = table(plan_export(TARGETS["salesforce"], [lead(agrees=agrees)], SETTING), "salesforce")
    assert row["Email Opt Out"] == cell
    assert "Full Name" not in row


@pytest.mark.parametrize("missing", ["last_name", "company"])
def test_salesforce_takes_no_lead_without_last_name_and_company(missing):
    plan = plan_export(TARGETS["salesforce"], [lead(**{missing: ""})], SETTING)
    assert table(plan, "salesforce") == []
    assert plan.problems[0].column == WHOLE


def test_a_field_too_long_stays_empty_there_and_is_told():
    plan = plan_export(TARGETS["salesforce"], [lead(first_name="A" * 41)], SETTING)
    assert table(plan, "salesforce")[0]["First Name"] == ""
    (row,) = table(plan, "rejected")
    assert (row["column"], row["value"]) == ("First Name", "A" * 41)
    assert "40 characters" in row["reason"]


def test_a_file_ends_where_the_importer_stops_counting():
    assert TARGETS["salesforce"].most_rows == 50_000
    few = dataclasses.replace(TARGETS["salesforce"], most_rows=50)
    plan = plan_export(few, [lead(n) for n in range(101)], SETTING)
    assert plan.rows == {"salesforce-1": 50, "salesforce-2": 50, "salesforce-3": 1}


def test_a_file_stays_below_the_bytes_the_importer_takes():
    assert TARGETS["marketo-bulk"].most_bytes == 10_000_000
    small = dataclasses.replace(TARGETS["marketo-bulk"], most_bytes=100_000)
    plan = plan_export(small, [lead(n, note="ü" * 900) for n in range(100)], SETTING)
    assert len(plan.files) == 3
    assert all(len(content) < 100_000 for content in plan.files.values())
    assert sum(plan.rows.values()) == 100


def test_hubspot_gets_a_file_for_each_marketing_status():
    plan = plan_export(TARGETS["hubspot"], [lead(), lead(2, agrees=False)], SETTING)
    assert [row["Email"] for row in table(plan, "hubspot-marketing")] == ["ann1@example.com"]
    assert [row["Email"] for row in table(plan, "hubspot-non-marketing")] == ["ann2@example.com"]


def test_hubspot_needs_a_name_or_an_address_and_each_address_once():
    bare = lead(1, first_name="", last_name="", email="")
    plan = plan_export(TARGETS["hubspot"], [bare, lead(2), lead(3, email="ANN2@example.com")], SETTING)
    assert [each.column for each in plan.problems] == [WHOLE, WHOLE]
    assert len(table(plan, "hubspot-marketing")) == 1


def test_hubspot_refuses_a_thousand_columns():
    wide = Setting("Fair", "UTC", (), tuple(f"q{n}" for n in range(1_000)))
    with pytest.raises(BoothBroken, match="too many columns"):
        plan_export(TARGETS["hubspot"], [lead()], wide)


@pytest.mark.parametrize("target", EVERYBODY)
def test_a_control_character_stays_out_of_importers_and_is_told(target):
    plan = plan_export(TARGETS[target], [lead(job_title="Chief\x00Officer")], SETTING)
    assert bool(plan.problems) == (target != "csv")


@pytest.mark.parametrize("target", EVERYBODY)
def test_nobody_is_a_file_with_its_headers(target):
    plan = plan_export(TARGETS[target], [], SETTING)
    assert [len(csv_rows(content)) for content in plan.files.values()] == [1]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text.replace(b"First Name", b"FirstName", 1), "headers"),
        (lambda text: text.replace(b"Ann,", b"=1+1,", 1), "formula"),
        (lambda text: text.replace(b"Ames Inc", b"A,B", 1), "cells"),
        (lambda text: text.replace(b"ann1@", b"\xff@", 1), "UTF-8"),
        (lambda text: text.replace(b"ann1@", "jörg@".encode(), 1), "not what it takes"),
        (lambda text: text.replace(b"ann1@example.com", b"", 1), "required"),
        (lambda text: text + text.splitlines()[1] + b"\r\n", "twice"),
        (lambda text: text + b'"open', "no CSV"),
    ],
)
def test_the_check_finds_a_file_its_importer_would_refuse(spoil, words):
    target = TARGETS["marketo"]
    good = plan_export(target, [lead()], SETTING).files["marketo"]
    columns = target.columns(SETTING)
    check_file(target, columns, good, "good")
    with pytest.raises(BoothBroken, match=words):
        check_file(target, columns, spoil(good), "spoilt")


def test_every_rule_names_the_page_that_documents_it():
    for target in TARGETS.values():
        assert target.rules
        assert all(re.match(r"[a-z.-]+\.[a-z]+: \w", source) for source in target.rules.values())


DIRE = [
    '=HYPERLINK("http://evil.example","click")', "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\u202e=1",
    "\u200f-1", "\uff1d1+1", "\uff0b1", "\u00a0@x", "\x00=1", "\ufeff=1", "|calc", "'; DROP TABLE person;--", "<script>",
    "\U0001f3ce\ufe0f", 'a"b,c\r\nd', "\u2028=1", "%0A=1", "x" * 200,
]  # fmt: skip


@pytest.mark.parametrize("text", DIRE)
def test_dire_cells_are_harmless_and_the_rest_is_left_alone(text):
    cell = harmless(text)
    assert not is_formula(cell)
    assert cell in {text, f"'{text}"}
    assert csv_rows(csv_bytes([[cell, "end"]])) == [[cell, "end"]]


HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
    st.sampled_from(DIRE),
    st.text(string.printable, max_size=60),
    st.sampled_from("=+-@\t\r\n\uff1d").flatmap(
        lambda first: st.text(max_size=10).map(lambda rest: first + rest)
    ),
).filter(lambda text: not any("\ud800" <= each <= "\udfff" for each in text))


@given(texts=st.tuples(*[HOSTILE] * 6))
@settings(max_examples=60, deadline=None)
def test_hostile_text_is_unharmed_in_json_and_harmless_in_every_csv(texts):
    first, last, company, title, note, answer = texts
    held = lead(
        first_name=first,
        last_name=last,
        company=company,
        job_title=title,
        note=note,
        answers={"role": (answer,)},
    )
    document = json.loads(json_bytes([held], SETTING, AT, ()))
    (told,) = document["leads"]
    assert (told["first_name"], told["last_name"], told["company"], told["job_title"]) == (
        first,
        last,
        company,
        title,
    )
    assert (told["note"], told["answers"]["role"]) == (note, [answer])
    for target in TARGETS.values():
        for content in plan_export(target, [held], SETTING).files.values():
            assert content.endswith(b"\r\n")
            for row in csv.reader(io.StringIO(content.decode(), newline=""), strict=True):
                for cell in row:
                    assert not is_formula(cell) or re.fullmatch(r"\+[0-9]+", cell)


@given(name=HOSTILE)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_visitor_types_arrives_through_the_sealed_store_as_it_was_typed(house, name):
    typed = {"email": "ann@example.com", "last_name": name}
    house.capture(typed, note=name)
    prepared = ready(house, "json")
    (content,) = prepared.files.values()
    (told,) = json.loads(content)["leads"]
    assert told["versions"][-1]["last_name"] == read_contact(typed, region="US").last_name
    assert told["versions"][-1]["note"] == name


def test_ten_kilobytes_arrive(house):
    note = "=" + "Ж" * 9_999
    house.capture({"email": "ann@example.com"}, note=note)
    (content,) = ready(house, "json").files.values()
    assert json.loads(content)["leads"][0]["note"] == note
    plan = ready(house, "marketo").plan
    assert table(plan, "marketo")[0]["Booth Note"] == f"'{note}"
    assert len(plan.neutralised) == 1


# whole exports


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path / "home" / "booth" / "fair")
    yield made
    made.people.close()


def ready(house, target, openers=None, marketing="email"):
    return prepare(
        house.people, house.office, target=target, openers=openers or [house.opener], marketing=marketing,
        at=house.clock.utc_now(), by="AS",
    )  # fmt: skip


def fill(house):
    player = house.people.add_player("Ann", "en")
    house.people.enter_draw(player, Reason.WON, race=1)
    house.capture(
        {"email": "ann@example.com", "last_name": "Ames", "company": "Ames Inc"},
        player=player,
        ticked={"email"},
        answers={"role": ("buys",)},
        is_qualified=True,
    )
    house.capture({"email": "bob@example.com", "last_name": "=Bob"})
    house.capture({"phone": "312 555 0142"})


def test_only_the_consent_opts_in_and_never_the_draw(house):
    player = house.people.add_player("Cy", "en")
    house.people.enter_draw(player, Reason.WON, race=1)
    house.capture({"email": "cy@example.com"}, player=player)
    (row,) = table(ready(house, "marketo").plan, "marketo")
    assert (row["Unsubscribed"], row["Consent email"]) == ("true", "not-given")
    assert row["Booth Draw Tickets"].endswith("-23")


def test_an_export_is_written_for_its_owner_with_a_receipt_that_anybody_can_recompute(house, tmp_path):
    fill(house)
    out = tmp_path / "stick"
    receipt = write(house.office, ready(house, "marketo"), out)
    stem = f"fair-20261123-{receipt.receipt}"
    ends = ("marketo.csv", "marketo-rejected.csv", "leads.json", "receipt.json")
    assert {path.name for path in out.iterdir()} == {f"{stem}-{end}" for end in ends}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in out.iterdir())
    assert (receipt.leads, receipt.opted_in, receipt.rejected, receipt.neutralised) == (3, 1, 1, 1)
    held = {each.name: hashlib.sha256((out / each.name).read_bytes()).hexdigest() for each in receipt.files}
    assert receipt.sha256 == digest_of(held)
    path = out / f"{stem}-receipt.json"
    assert read_receipt(path) == (receipt.receipt, receipt.sha256)
    assert house.office.audit(receipt.audit_head) == (5, None)
    assert house.people.not_copied() == 3
    assert house.office.copied(*read_receipt(path)[:1], "AS", receipt.sha256) == 3
    assert house.people.not_copied() == 0


def test_a_receipt_whose_files_changed_is_no_receipt(house, tmp_path):
    fill(house)
    receipt = write(house.office, ready(house, "csv"), tmp_path / "stick")
    path = tmp_path / "stick" / f"fair-20261123-{receipt.receipt}-receipt.json"
    victim = tmp_path / "stick" / receipt.files[0].name
    victim.write_bytes(victim.read_bytes() + b"x")
    with pytest.raises(BadInput, match="not what was exported"):
        read_receipt(path)
    victim.unlink()
    with pytest.raises(BadInput, match="cannot read"):
        read_receipt(path)
    path.write_text("{}")
    with pytest.raises(BadInput, match="no receipt"):
        read_receipt(path)


def test_exports_of_the_same_second_lie_side_by_side_and_none_is_written_over(house, tmp_path):
    fill(house)
    prepared = ready(house, "csv")
    write(house.office, prepared, tmp_path)
    write(house.office, ready(house, "csv"), tmp_path)
    with pytest.raises(BadInput, match="there already"):
        write(house.office, prepared, tmp_path)


def test_a_folder_that_cannot_be_is_told(house, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BoothBroken):
        write(house.office, ready(house, "csv"), tmp_path / "file" / "below")


def test_whoever_was_erased_is_told_to_the_next(house, tmp_path):
    fill(house)
    write(house.office, ready(house, "json"), tmp_path / "one")
    gone = house.office.erase(read_contact({"email": "ann@example.com"}, region="US"), "crew")
    assert len(gone.copies) == 1
    house.clock.pass_days(1)
    prepared = ready(house, "csv")
    (name,) = [name for name in prepared.files if name.endswith("erased.csv")]
    assert csv_rows(prepared.files[name]) == [["external_id"], [gone.person]]
    assert not any(b"ann@example.com" in content for content in prepared.files.values())


def test_a_purpose_nobody_was_asked_for_is_refused(house):
    fill(house)
    with pytest.raises(BadInput, match="nobody was asked for 'post'"):
        ready(house, "csv", marketing="post")


def test_a_sealed_copy_needs_no_key_and_is_a_copy(house, tmp_path):
    fill(house)
    receipt = write_sealed(
        house.people, house.office, tmp_path / "stick", at=house.clock.utc_now(), by="crew"
    )
    assert house.office.copied(receipt.receipt, "crew") == 3
    assert house.people.not_copied() == 0
    with PeopleStore(tmp_path / "stick" / receipt.files[0].name, house.clock) as copied:
        assert copied.show == "Fair"
