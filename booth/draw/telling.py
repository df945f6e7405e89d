"""A draw in sentences, each with the file that proves it."""

from __future__ import annotations

from collections.abc import Iterator

from booth.draw.acts import Correct, Declare, Freeze, Redeclare
from booth.draw.canonical import instant_text
from booth.draw.ceremony import Ceremony, Phase
from booth.draw.reasons import CHANGE_WORDS, CORRECTION_WORDS, REASON_WORDS, VOID_WORDS


def told(ceremony: Ceremony) -> Iterator[tuple[str, str]]:
    """File and sentence, in the order it happened."""
    yield from _declared(ceremony)
    yield from _frozen(ceremony)
    if ceremony.picks and ceremony.frozen is not None:
        yield "sources.json", f"{randomness(ceremony)}; the secret is the one committed to"
        ranks, pool = len(ceremony.picks), len(ceremony.frozen.codes)
        yield "ranking.json", f"RFC 3797 gives these {ranks} ranks of {pool} tickets"
    for called in ceremony.called:
        if called.outcome is not None and called.reason is not None:
            words = f"rank {called.rank}, {called.code}: {called.outcome}, {REASON_WORDS[called.reason]}"
            yield "decisions.json", words
    yield "decisions.json", ending(ceremony)


def randomness(ceremony: Ceremony) -> str:
    """Where the randomness came from."""
    if ceremony.answers:
        number = ceremony.declaration.drand_round
        return f"two mirrors agree on drand round {number}, the SHA-256 of its signature"
    return f"{len(ceremony.throws)} throws of a die, enough for every ranking of the pool"


def ending(ceremony: Ceremony) -> str:
    """How the draw ended, or how far it is."""
    if ceremony.void is not None:
        return f"the draw is void: {VOID_WORDS[ceremony.void]}"
    if ceremony.phase is not Phase.CLOSED:
        return f"the draw is not over: it is {ceremony.phase}"
    winner = ceremony.winner
    return "no rank claimed the prize" if winner is None else f"ticket {winner.code} has the prize"


def _declared(ceremony: Ceremony) -> Iterator[tuple[str, str]]:
    number = 0
    for act in ceremony.acts:
        if isinstance(act.what, Declare | Redeclare):
            number += 1
            again = f", again: {CHANGE_WORDS[act.what.why]}" if isinstance(act.what, Redeclare) else ""
            sha256 = act.what.declaration.sha256
            yield f"declaration-{number}.json", f"declared {instant_text(act.at)}{again}; SHA-256 {sha256}"


def _frozen(ceremony: Ceremony) -> Iterator[tuple[str, str]]:
    number = 0
    for act in ceremony.acts:
        if isinstance(act.what, Freeze | Correct):
            number += 1
            many = f"{len(set(act.what.tickets) - set(act.what.struck))} tickets"
            struck = f"{len(act.what.struck)} struck out with reason"
            why = f", corrected: {CORRECTION_WORDS[act.what.why]}" if isinstance(act.what, Correct) else ""
            yield f"list-{number}.txt", f"{many} frozen {instant_text(act.at)}, {struck}{why}"
    if ceremony.frozen is not None:
        yield f"list-{number}.txt", f"SHA-256 {ceremony.frozen.sha256}"
