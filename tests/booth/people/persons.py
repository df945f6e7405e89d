"""Made-up people and a store that takes them quickly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nacl.public import PrivateKey

from booth.pack.model import ConsentText
from booth.people.consent import How, shown
from booth.people.contact import read_contact
from booth.people.fingerprint import CHEAPEST
from booth.people.form import Form
from booth.people.office import Office
from booth.people.sealing import Opener
from booth.people.store import PeopleStore
from rig.clock import Uptime

PRIVATE = bytes(range(32))
PUBLIC = bytes(PrivateKey(PRIVATE).public_key)
TEXTS = (ConsentText("email", "2026-11", {"en": "They may write to me.", "de": "Sie dürfen schreiben."}),)


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self):
        self.now = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)

    def utc_now(self):
        return self.now

    def uptime(self):
        return Uptime("test", 0.0)

    def pass_days(self, days):
        self.now += timedelta(days=days)


class House:
    """A store, its office and the private key."""

    def __init__(self, folder, public=PUBLIC):
        self.clock = SetClock()
        self.path = folder / "people.db"
        self.people = PeopleStore(
            self.path, self.clock, show="Fair", time_zone="America/Chicago", public_key=public, cost=CHEAPEST
        )
        self.office = Office(self.people, self.clock)
        self.opener = Opener(PRIVATE)
        self.forms_sent = 0

    def submission(self):
        self.forms_sent += 1
        return f"submission-{self.forms_sent:06d}"

    def capture(self, typed, *, submission=None, player=None, entry=None, corrects=False, **form):
        return self.people.capture(
            submission or self.submission(),
            form_of(typed, **form),
            player=player,
            entry=entry,
            corrects=corrects,
        )


def form_of(typed, *, ticked=(), language="en", wants_draw=True, **more):
    return Form(
        contact=read_contact(typed, region="US"),
        how=How.OWN_PHONE,
        language=language,
        consents=shown(TEXTS, language=language, ticked=ticked),
        wants_draw=wants_draw,
        **more,
    )
