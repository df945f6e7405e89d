"""The store against a simple model of it: whatever happens in whatever order, nobody is lost, nobody has two tickets."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from booth.errors import BadInput
from booth.people.contact import read_contact
from booth.people.copies import Copy
from booth.people.lead import open_leads
from booth.people.tickets import Reason
from tests.booth.people.persons import House

EMAILS = st.sampled_from([f"{name}@example.com" for name in ("ann", "ANN", "bob", "cy")])
NAMES = st.sampled_from(["", "Ann", "Anna", "=1+1"])
PLAYERS = st.integers(0, 3)


class Show(RuleBasedStateMachine):
    """`who` is each address's latest non-empty name; `won` and `of` the players' reasons and people, today."""

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        self.house = House(self.folder)
        self.players = [self.house.people.add_player(f"P{n}", "en") for n in range(4)]
        self.who, self.forms, self.copied, self.receipts = {}, {}, {}, 0
        self.agreed, self.revision = {}, 0

    @rule(email=EMAILS, name=NAMES, player=PLAYERS, agrees=st.booleans(), wishes=st.booleans())
    def capture(self, email, name, player, agrees, wishes):
        key = email.casefold()
        captured = self.house.capture(
            {"email": email, "first_name": name},
            player=self.players[player],
            ticked={"email"} if agrees else (),
            wants_draw=wishes,
        )
        assert captured.is_new == (key not in self.who)
        self.who[key] = name or self.who.get(key, "")
        self.forms[key] = self.forms.get(key, 0) + 1
        self.agreed[key] = agrees or self.agreed.get(key, False)

    @rule(player=PLAYERS, race=st.integers(1, 5))
    def win(self, player, race):
        self.house.people.enter_draw(self.players[player], Reason.WON, race=race)

    @rule(email=EMAILS)
    def erase(self, email):
        contact = read_contact({"email": email}, region="US")
        if email.casefold() in self.who:
            self.house.office.erase(contact, "crew")
            for known in (self.who, self.forms, self.agreed):
                del known[email.casefold()]
        else:
            with pytest.raises(BadInput):
                self.house.office.erase(contact, "crew")

    @rule(email=EMAILS)
    def withdraw(self, email):
        contact = read_contact({"email": email}, region="US")
        if self.agreed.get(email.casefold()):
            self.house.office.withdraw(contact, "email", "crew")
            self.agreed[email.casefold()] = False

    @rule(is_taken=st.booleans())
    def copy(self, is_taken):
        self.receipts += 1
        leads = {each.external_id: each.revision for each in self.house.office.exportable()}
        self.house.office.note_copy(Copy(f"r{self.receipts}", "csv", "0" * 64, (), leads), "crew")
        before = self.house.people.not_copied()
        if is_taken:
            self.house.office.copied(f"r{self.receipts}", "crew")
        assert self.house.people.not_copied() == (0 if is_taken else before)

    @rule()
    def sleep(self):
        self.house.clock.pass_days(1)

    @rule()
    def restart(self):
        before = self.house
        before.people.close()
        self.house = House(self.folder)
        self.house.clock.now = before.clock.now
        self.house.forms_sent = before.forms_sent

    @invariant()
    def everybody_is_there_with_all_they_said(self):
        leads, shut = open_leads(self.house.office.exportable(), [self.house.opener])
        assert shut == ()
        found = {each.contact.email.casefold(): each for each in leads}
        assert {key: each.contact.first_name for key, each in found.items()} == self.who
        assert {key: len(each.versions) for key, each in found.items()} == self.forms
        assert {key: each.agrees_to("email") for key, each in found.items()} == self.agreed

    @invariant()
    def nobody_has_two_tickets_of_a_day(self):
        for sealed in self.house.office.exportable():
            days = [each.day for each in sealed.tickets]
            assert len(days) == len(set(days))

    @invariant()
    def the_log_holds_together(self):
        assert self.house.office.audit(self.house.office.audit_head())[1] is None

    def teardown(self):
        if hasattr(self, "house"):
            self.house.people.close()
            shutil.rmtree(self.folder)


def test_the_store_is_as_its_model_says():
    run_state_machine_as_test(Show, settings=settings(max_examples=6, stateful_step_count=15, deadline=None))


@pytest.mark.nightly
def test_the_store_is_as_its_model_says_for_long():
    examples = min(int(os.environ.get("PITBOARD_EXAMPLES", "200")), 300)
    run_state_machine_as_test(
        Show, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None)
    )
