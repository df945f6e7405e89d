"""Why something was decided, from fixed lists: a free text would sooner or later hold a name."""

from __future__ import annotations

from enum import StrEnum


class Strike(StrEnum):
    """Why a ticket is struck out of the list, visibly."""

    STAFF = "staff"
    HOUSEHOLD = "household"
    UNDER_AGE = "under-age"
    TWICE = "twice"
    ASKED_OUT = "asked-out"
    TEST = "test"
    RULE = "rule"


STRIKE_WORDS = {
    Strike.STAFF: "staff of client, agency or organiser",
    Strike.HOUSEHOLD: "lives with staff",
    Strike.UNDER_AGE: "under age",
    Strike.TWICE: "a second ticket of the same person",
    Strike.ASKED_OUT: "asked to be taken out",
    Strike.TEST: "a ticket of a test",
    Strike.RULE: "against another rule of the draw",
}


class Change(StrEnum):
    """Why a declaration is replaced before the freeze."""

    TIME = "time"
    SOURCE = "source"
    PRIZE = "prize"
    MISTAKE = "mistake"


CHANGE_WORDS = {
    Change.TIME: "entries close at another time",
    Change.SOURCE: "another source of randomness",
    Change.PRIZE: "another prize or other rules",
    Change.MISTAKE: "a mistake in it",
}


class Correction(StrEnum):
    """Why a frozen list is replaced before the sources are known."""

    FORGOTTEN = "forgotten"
    WRONGLY_IN = "wrongly-in"
    WRONGLY_OUT = "wrongly-out"


CORRECTION_WORDS = {
    Correction.FORGOTTEN: "tickets were missing",
    Correction.WRONGLY_IN: "a ticket must be struck out",
    Correction.WRONGLY_OUT: "a ticket was struck out wrongly",
}


class Outcome(StrEnum):
    """What became of a drawn ticket."""

    CLAIMED = "claimed"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    INELIGIBLE = "ineligible"


class Reason(StrEnum):
    """And why."""

    CAME = "came"
    REACHED = "reached"
    NOT_WANTED = "not-wanted"
    NOBODY_CAME = "nobody-came"
    NO_ANSWER = "no-answer"
    STAFF = "staff"
    HOUSEHOLD = "household"
    UNDER_AGE = "under-age"
    TWICE = "twice"
    ERASED = "erased"
    RULE = "rule"


REASON_WORDS = {
    Reason.CAME: "came forward",
    Reason.REACHED: "answered when reached",
    Reason.NOT_WANTED: "does not want the prize",
    Reason.NOBODY_CAME: "nobody came forward in time",
    Reason.NO_ANSWER: "did not answer in time",
    Reason.STAFF: STRIKE_WORDS[Strike.STAFF],
    Reason.HOUSEHOLD: STRIKE_WORDS[Strike.HOUSEHOLD],
    Reason.UNDER_AGE: STRIKE_WORDS[Strike.UNDER_AGE],
    Reason.TWICE: "had another ticket",
    Reason.ERASED: "asked to be erased",
    Reason.RULE: STRIKE_WORDS[Strike.RULE],
}

REASONS = {
    Outcome.CLAIMED: (Reason.CAME, Reason.REACHED),
    Outcome.DECLINED: (Reason.NOT_WANTED,),
    Outcome.UNREACHABLE: (Reason.NOBODY_CAME, Reason.NO_ANSWER),
    Outcome.INELIGIBLE: (
        Reason.UNDER_AGE,
        Reason.STAFF,
        Reason.HOUSEHOLD,
        Reason.TWICE,
        Reason.ERASED,
        Reason.RULE,
    ),
}
"""Which reasons an outcome can have, the usual one first."""


class VoidReason(StrEnum):
    """Why a draw counts for nothing; another may follow, and names this one."""

    NOBODY = "nobody"
    LIST_WRONG = "list-wrong"
    SOURCES_LOST = "sources-lost"
    SECRET_LOST = "secret-lost"  # noqa: S105 - no password
    CALLED_OFF = "called-off"


VOID_WORDS = {
    VoidReason.NOBODY: "nobody is on the list",
    VoidReason.LIST_WRONG: "the list proved wrong after its sources were known",
    VoidReason.SOURCES_LOST: "the declared randomness could not be had",
    VoidReason.SECRET_LOST: "the morning secret is lost",
    VoidReason.CALLED_OFF: "the draw was called off",
}
