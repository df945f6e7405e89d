"""What the stage shows of a draw, and what the crew may do next."""

from __future__ import annotations

from datetime import datetime

from booth.draw.canonical import instant_text
from booth.draw.ceremony import Ceremony, Phase
from booth.draw.reasons import STRIKE_WORDS
from booth.draw.rfc3797 import key_string


def staged(ceremony: Ceremony, bundle_id: str = "") -> tuple[str, dict[str, str]]:
    """The step, which is the phase, and its facts as texts, for the command StageDraw. Instants are UTC; the screens
    know the show's time zone. Words in a language are the screens' own.

    Always: prize, value, closes_at, declaration_sha256, commitment. From the freeze on: tickets, list_sha256,
    struck ("CODE reason" a line), throws_wanted, throws ("3 6 1") or drand_round, drand_comes_at. Once ranked: key.
    Once told: rank, code, deadline while it runs, outcome, reason. When over: bundle_id.
    """
    declared = ceremony.declaration
    body = {
        "prize": declared.prize,
        "value": declared.value,
        "closes_at": instant_text(declared.closes_at),
        "declaration_sha256": declared.sha256,
        "commitment": declared.commitment,
    }
    if declared.drand_round is not None and declared.drand_comes_at is not None:
        body["drand_round"] = str(declared.drand_round)
        body["drand_comes_at"] = instant_text(declared.drand_comes_at)
    if ceremony.frozen is not None:
        body |= _of_list(ceremony)
    if ceremony.sources:
        body["key"] = key_string(ceremony.sources)
    if ceremony.called:
        body |= _of_rank(ceremony)
    if bundle_id:
        body["bundle_id"] = bundle_id
    return ceremony.phase.value, body


def _of_list(ceremony: Ceremony) -> dict[str, str]:
    assert ceremony.frozen is not None
    struck = ceremony.frozen.struck
    body = {
        "tickets": str(len(ceremony.frozen.codes)),
        "list_sha256": ceremony.frozen.sha256,
        "struck": "\n".join(f"{code} {STRIKE_WORDS[why]}" for code, why in struck.items()),
    }
    if ceremony.throws_wanted:
        body["throws_wanted"] = str(ceremony.throws_wanted)
        body["throws"] = " ".join(map(str, ceremony.throws))
    return body


def _of_rank(ceremony: Ceremony) -> dict[str, str]:
    last = ceremony.called[-1]
    body = {"rank": str(last.rank), "code": last.code}
    if ceremony.deadline is not None:
        body["deadline"] = instant_text(ceremony.deadline)
    if last.outcome is not None and last.reason is not None:
        body |= {"outcome": last.outcome.value, "reason": last.reason.value}
    return body


_NEXT = {
    Phase.DECLARED: ("Freeze", "Redeclare", "Void"),
    Phase.FROZEN: ("Throw", "Correct", "Void"),
    Phase.ENTERING: ("Throw", "CorrectThrow", "Void"),
    Phase.READY: ("Run", "CorrectThrow", "Void"),
    Phase.DRAWN: ("Announce", "Void"),
    Phase.ANNOUNCED: ("Decide", "Void"),
    Phase.CLOSED: (),
    Phase.VOID: (),
}


def may_do(ceremony: Ceremony, at: datetime) -> tuple[str, ...]:
    """The names of the acts (`booth.draw.acts`) that would be granted now, the usual one first. While a drand round or
    the closing time is waited for, only what is left. Empty when the draw is over."""
    declared = ceremony.declaration
    comes_at = declared.drand_comes_at
    names = list(_NEXT[ceremony.phase])
    is_known = comes_at is not None and at >= comes_at
    if ceremony.phase is Phase.DECLARED and (at < declared.closes_at or is_known):
        names.remove("Freeze")
    if comes_at is not None:
        names = ["TakeDrand" if name == "Throw" else name for name in names if name != "CorrectThrow"]
    if ceremony.phase is Phase.FROZEN:
        if is_known:
            names.remove("Correct")
        if not ceremony.wanted:
            return tuple(name for name in names if name not in {"Throw", "TakeDrand"})
        if comes_at is not None and not is_known:
            names.remove("TakeDrand")
    return tuple(names)
