"""What may be done in a draw, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from booth.draw.acts import (
    Act,
    Announce,
    Correct,
    CorrectThrow,
    Decide,
    Declare,
    Freeze,
    Redeclare,
    Run,
    TakeDrand,
    Throw,
    Void,
)
from booth.draw.bundle import bundled
from booth.draw.ceremony import Phase, step
from booth.draw.declaration import check_declaration
from booth.draw.drand import QUICKNET, time_of
from booth.draw.errors import Refused
from booth.draw.reasons import REASONS, Change, Correction, Outcome, Reason, Strike, VoidReason
from booth.draw.staging import may_do, staged
from booth.draw.verify import verify
from booth.pack.model import Randomness
from tests.booth.draw.draws import (
    BEACON,
    CLOSES,
    CODES,
    MORNING,
    ROUND,
    SECRET,
    STAFF,
    THROWS,
    TO_RANKING,
    declaration,
    done,
    drand_declaration,
    drand_draw,
    whole_draw,
)

MINUTE = timedelta(minutes=1)
DECLARED = done(Declare(declaration()))
FROZEN = done(Declare(declaration()), Freeze(CODES, STAFF))
ENTERING = done(Throw(THROWS[:3]), at=CLOSES + MINUTE, ceremony=FROZEN)
RANKED = done(*TO_RANKING)
ANNOUNCED = done(*TO_RANKING, Announce())
DRAND_DECLARED = done(Declare(drand_declaration()), at=drand_declaration().closes_at - timedelta(hours=5))
DRAND_FROZEN = done(Freeze(CODES, {}), at=drand_declaration().closes_at, ceremony=DRAND_DECLARED)


def refused(ceremony, what, sentence, *, at=None, by="crew"):
    at = max(ceremony.last_at, ceremony.declaration.closes_at) if at is None else at
    with pytest.raises(Refused, match=sentence):
        step(ceremony, Act(at, by, what))


def test_a_whole_draw_is_drawn_and_closed():
    draw = whole_draw()
    assert draw.phase is Phase.CLOSED
    assert [called.outcome for called in draw.called] == [Outcome.DECLINED, Outcome.CLAIMED]
    assert draw.winner.code == draw.code(2)
    assert draw.throws == (3, 6, 2, *THROWS[3:])


def test_a_drand_draw_is_drawn_from_the_round_and_the_secret():
    draw = drand_draw()
    assert draw.phase is Phase.CLOSED
    assert len(draw.sources) == 2


def test_nothing_begins_undeclared():
    with pytest.raises(Refused, match="declare it first"):
        step(None, Act(MORNING, "crew", Freeze(CODES, {})))


@pytest.mark.parametrize("by", ["", "Ann Lee", "ann@example.org", "x" * 13, "-x"])
def test_who_signs_is_a_role_or_initials(by):
    refused(DECLARED, Void(VoidReason.CALLED_OFF, SECRET.hex()), "sign with a role", by=by)


def test_time_is_in_whole_seconds_and_goes_on():
    refused(DECLARED, Freeze(CODES, {}), "whole ones", at=CLOSES + timedelta(microseconds=1))
    refused(FROZEN, Throw((1,)), "check the clock", at=CLOSES - MINUTE)


def test_nothing_is_frozen_before_closing():
    refused(DECLARED, Freeze(CODES, {}), "entries close at 2026-11-22T16:30:00Z", at=CLOSES - MINUTE)


def test_entries_may_close_earlier_when_it_is_declared():
    now = CLOSES - timedelta(hours=2)
    again = declaration(closes_at=now)
    draw = step(DECLARED, Act(now, "crew", Redeclare(again, Change.TIME)))
    draw = step(draw, Act(now, "crew", Freeze(CODES, {})))
    assert draw.phase is Phase.FROZEN
    assert set(bundled(draw)) >= {"declaration-1.json", "declaration-2.json"}


def test_another_declaration_keeps_show_day_and_secret():
    other = replace(declaration(), commitment="11" * 32)
    refused(DECLARED, Redeclare(other, Change.MISTAKE), "same show, day and morning secret")
    refused(FROZEN, Redeclare(declaration(), Change.MISTAKE), "must be declared for that")
    refused(DECLARED, Declare(declaration()), "with a new declaration and a reason")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"algorithm": "a hat"}, "'a hat' is not RFC 3797"),
        ({"alternates": 19}, "19 alternates"),
        ({"alternates": -1}, "-1 alternates"),
        ({"answer_minutes": 0}, "0 minutes to answer"),
        ({"dice_at_least": None}, "None throws"),
        ({"dice_at_least": 121}, "121 throws"),
        ({"drand_round": 5}, "dice and drand"),
        ({"commitment": "secret"}, "the commitment must be"),
        ({"follows": "x"}, "bundle id must be"),
        ({"randomness": Randomness.DRAND}, "names no chain and round"),
    ],
)
def test_a_declaration_that_cannot_be_kept_is_refused(changed, sentence):
    with pytest.raises(Refused, match=sentence):
        check_declaration(replace(declaration(), **changed), MORNING)


def test_a_drand_round_is_declared_before_anybody_can_know_it():
    declared, comes_at = drand_declaration(), time_of(QUICKNET, ROUND)
    with pytest.raises(Refused, match="declare a later one"):
        check_declaration(declared, comes_at)
    with pytest.raises(Refused, match="before the list can be frozen"):
        check_declaration(replace(declared, closes_at=comes_at), comes_at - MINUTE)
    with pytest.raises(Refused, match="comes at 2023-09-15T11:00:03Z"):
        check_declaration(replace(declared, drand_comes_at=comes_at + MINUTE), comes_at - MINUTE)


def test_after_the_round_is_known_the_list_cannot_be_frozen_or_changed():
    comes_at = time_of(QUICKNET, ROUND)
    refused(DRAND_DECLARED, Freeze(CODES, {}), "declare a later round first", at=comes_at)
    wrong = Correct(CODES, STAFF, Correction.WRONGLY_IN)
    refused(DRAND_FROZEN, wrong, "the list can no longer change", at=comes_at)
    assert step(DRAND_FROZEN, Act(comes_at - MINUTE, "crew", wrong)).frozen.struck == STAFF


def test_the_declared_round_is_waited_for_and_no_other_source_is_taken():
    comes_at = time_of(QUICKNET, ROUND)
    taken = TakeDrand((BEACON, BEACON))
    refused(DRAND_FROZEN, taken, "comes at .*; wait", at=comes_at - timedelta(seconds=1))
    refused(DRAND_FROZEN, Throw((1,)), "was declared, not dice", at=comes_at)
    refused(FROZEN, taken, "were declared, not drand")
    refused(DRAND_FROZEN, TakeDrand((BEACON,)), "two mirrors, not 1", at=comes_at)
    refused(DRAND_FROZEN, Run(SECRET.hex(), "1"), "must be ready for that, and it is frozen", at=comes_at)


def test_after_the_first_throw_the_list_stays():
    wrong = Correct(CODES, {}, Correction.WRONGLY_OUT)
    refused(ENTERING, wrong, "only before its sources are known.*'list-wrong'")
    refused(DECLARED, wrong, "must be frozen for that")
    refused(FROZEN, Freeze(CODES, {}), "must be declared for that, and it is frozen")


def test_a_corrected_list_names_the_one_it_replaces():
    draw = done(*TO_RANKING[:3])
    files = bundled(draw)
    assert draw.frozen.struck == {"Z9PM-03": Strike.STAFF}
    assert done(*TO_RANKING[:2]).frozen.sha256.encode() in files["freeze-2.json"]


def test_throws_are_counted_and_checked():
    refused(FROZEN, Throw(()), "0 throws came")
    refused(FROZEN, Throw((1,) * 21), "21 throws came, 20 are still")
    refused(FROZEN, Throw((7,)), "throw 1 is 7")
    refused(ENTERING, CorrectThrow(4, 1), "throw 4 is not entered; there are 3")
    refused(ENTERING, CorrectThrow(0, 1), "throw 0 is not entered")
    refused(RANKED, CorrectThrow(1, 1), "it is drawn")


def test_a_large_pool_takes_more_throws():
    many = tuple(f"T{number:05}" for number in range(40_000))
    draw = done(Declare(declaration()), Freeze(many, {}))
    assert draw.throws_wanted == 36
    assert draw.throws_missing == 36


def test_another_secret_is_refused():
    ready = done(*TO_RANKING[:-1])
    refused(ready, Run("22" * 32, "1"), "not the secret of this draw")


def test_an_empty_list_can_only_be_corrected_or_called_void():
    draw = done(Declare(declaration()), Freeze(("AAA",), {"AAA": Strike.TEST}))
    assert may_do(draw, draw.last_at) == ("Correct", "Void")
    refused(draw, Run(SECRET.hex(), "1"), "nobody is on the list")
    refused(draw, Throw((1,)), "nobody is on the list")
    void = done(Void(VoidReason.NOBODY, SECRET.hex()), at=draw.last_at, ceremony=draw)
    assert verify(bundled(void)).is_good


def test_one_ticket_alone_wins():
    draw = done(
        Declare(declaration(dice_at_least=1)), Freeze(("AAA",), {}), Throw((4,)), Run(SECRET.hex(), "1")
    )
    assert [draw.code(pick.rank) for pick in draw.picks] == ["AAA"]


def test_a_drawn_person_has_their_time():
    gone = Decide(Outcome.UNREACHABLE, Reason.NOBODY_CAME)
    deadline = ANNOUNCED.deadline
    assert deadline == ANNOUNCED.called[0].announced_at + 15 * MINUTE
    refused(ANNOUNCED, gone, "rank 1 has until", at=deadline - timedelta(seconds=1))
    draw = step(ANNOUNCED, Act(deadline, "crew", gone))
    assert draw.phase is Phase.DRAWN
    assert draw.deadline is None
    assert step(draw, Act(deadline, "crew", Announce())).called[-1].rank == 2


def test_an_outcome_has_its_own_reasons():
    refused(ANNOUNCED, Decide(Outcome.CLAIMED, Reason.NO_ANSWER), "no reason for claimed; there are came")
    refused(RANKED, Decide(Outcome.CLAIMED, Reason.CAME), "must be announced")
    refused(ANNOUNCED, Announce(), "must be drawn for that, and it is announced")


def test_when_nobody_claims_the_draw_closes_without_a_winner():
    draw = RANKED
    for _ in draw.picks:
        for what in (Announce(), Decide(Outcome.INELIGIBLE, Reason.UNDER_AGE)):
            draw = step(draw, Act(draw.last_at + MINUTE, "crew", what))
    assert draw.phase is Phase.CLOSED
    assert draw.winner is None
    refused(draw, Announce(), "it is closed")
    refused(draw, Void(VoidReason.CALLED_OFF, SECRET.hex()), "nothing is left")
    assert may_do(draw, draw.last_at) == ()


def test_the_stage_is_told_what_the_public_may_know():
    phase, body = staged(whole_draw(), "ab" * 32)
    assert phase == "closed"
    assert body["outcome"] == "claimed"
    assert body["struck"] == "Z9PM-03 staff of client, agency or organiser"
    assert body["bundle_id"] == "ab" * 32
    assert all(isinstance(value, str) for value in body.values())
    assert "key" not in staged(FROZEN)[1]
    assert SECRET.hex() not in str(staged(ENTERING))
    assert staged(ANNOUNCED)[1]["deadline"] == "2026-11-22T16:51:00Z"
    assert staged(DRAND_FROZEN)[1]["drand_round"] == str(ROUND)


@pytest.mark.parametrize(
    ("ceremony", "after", "names"),
    [
        (DECLARED, -timedelta(hours=1), ("Redeclare", "Void")),
        (DECLARED, timedelta(0), ("Freeze", "Redeclare", "Void")),
        (FROZEN, MINUTE, ("Throw", "Correct", "Void")),
        (ENTERING, MINUTE, ("Throw", "CorrectThrow", "Void")),
        (RANKED, MINUTE, ("Announce", "Void")),
        (ANNOUNCED, MINUTE, ("Decide", "Void")),
        (DRAND_FROZEN, MINUTE, ("Correct", "Void")),
        (DRAND_FROZEN, 10 * MINUTE, ("TakeDrand", "Void")),
        (DRAND_DECLARED, 10 * MINUTE, ("Redeclare", "Void")),
    ],
)
def test_what_the_crew_may_do(ceremony, after, names):
    assert may_do(ceremony, ceremony.declaration.closes_at + after) == names


class AnyDay(RuleBasedStateMachine):
    """Whatever a crew tries in whatever order: there is always a way on, and what came of it can be verified."""

    def __init__(self):
        super().__init__()
        self.draw = done(Declare(declaration(dice_at_least=3)))
        self.at = MORNING

    def tries(self, what):
        granted = may_do(self.draw, self.at)
        try:
            self.draw = step(self.draw, Act(self.at, "crew", what))
        except Refused:
            return
        assert type(what).__name__ in granted

    @rule(minutes=st.sampled_from([1, 20, 450]))
    def time_passes(self, minutes):
        self.at += minutes * MINUTE

    @rule(count=st.integers(0, 7), struck=st.booleans())
    def freeze(self, count, struck):
        codes = CODES[:count]
        self.tries(Freeze(codes, dict.fromkeys(codes[:1], Strike.TWICE) if struck else {}))

    @rule(count=st.integers(0, 7))
    def correct(self, count):
        self.tries(Correct(CODES[:count], {}, Correction.FORGOTTEN))

    @rule(values=st.lists(st.integers(1, 6), max_size=4))
    def throw(self, values):
        self.tries(Throw(tuple(values)))

    @rule(number=st.integers(1, 8), value=st.integers(1, 6))
    def correct_throw(self, number, value):
        self.tries(CorrectThrow(number, value))

    @rule()
    def redeclare(self):
        self.tries(Redeclare(declaration(closes_at=self.at, dice_at_least=4), Change.TIME))

    @rule()
    def run_it(self):
        self.tries(Run(SECRET.hex(), "1"))

    @rule()
    def announce(self):
        self.tries(Announce())

    @rule(outcome=st.sampled_from([*Outcome]))
    def decide(self, outcome):
        self.tries(Decide(outcome, REASONS[outcome][0]))

    @precondition(lambda self: self.draw.picks)
    @rule()
    def call_off(self):
        self.tries(Void(VoidReason.CALLED_OFF, SECRET.hex()))

    @invariant()
    def there_is_a_way_on(self):
        is_over = self.draw.phase in {Phase.CLOSED, Phase.VOID}
        assert bool(may_do(self.draw, self.at)) != is_over

    def teardown(self):
        checked = verify(bundled(self.draw))
        assert checked.is_good, checked.statements
        assert bundled(checked.ceremony) == bundled(self.draw)


AnyDay.TestCase.settings = settings(
    max_examples=40, stateful_step_count=20, suppress_health_check=[HealthCheck.too_slow], deadline=None
)
test_any_day = AnyDay.TestCase
