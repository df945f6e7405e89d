"""One set of facts in two languages: what account service and IT each call it, and how it is counted here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A figure: account service's word for it, IT's, and how it is counted."""

    account: str
    it: str
    meaning: str


GLOSSARY = (
    Word(
        "player",
        "seat taken",
        "A visitor at the wheel of a race that went green; a rerun is not counted again.",
    ),
    Word("visitor", "unique player", "One telephone's player of the day, however often they played."),
    Word(
        "wait",
        "queue latency",
        "From joining the queue to taking a seat. P50: half waited no longer; P95: one in twenty waited longer.",
    ),
    Word(
        "quiet time",
        "idle time",
        "Open, and no visitor waiting or between line-up and result; swaps of the sets left out.",
    ),
    Word(
        "cycle", "cycle time", "From green to the next green with visitors, no swap in between; the median."
    ),
    Word("race given up", "stopped race", "A race that was lined up and ended without a result."),
    Word(
        "the stand worked",
        "uptime",
        "The share of the open time in which a visitor could start a race within one cycle. Planned swaps are left out of"
        " both and shown apart; time in which the race process was away counts as down.",
    ),
    Word(
        "opened late",
        "missed hours",
        "Advertised hours in which visitors were not let in; beside uptime, not in it.",
    ),
    Word(
        "it answers at once",
        "responsiveness",
        "From a player's input to the command's write to the car, the 95th percentile, in milliseconds.",
    ),
    Word(
        "pit stop",
        "swap",
        "One set goes to charge and the other races, from the call to the first race of the other.",
    ),
    Word(
        "something went wrong",
        "incident",
        "By severity: visitors notice, only staff notice, nobody notices yet.",
    ),
    Word(
        "back in order",
        "mean time to recover",
        "The mean of how long the cured incidents took; the rung is what cured them, 'restarted' the last one.",
    ),
    Word("lead", "record with contact", "Contact details left by a visitor, one person once."),
    Word(
        "qualified lead", "lead with a qualifying answer", "An answer that the show pack lists as qualifying."
    ),
    Word("opted in", "consent record", "A lead who agreed to be contacted, in words and version on record."),
    Word(
        "in the draw", "ticket", "One per person and day; the draw proves itself: pitboard booth draw verify."
    ),
    Word("call to action", "scan of a code", "A visitor opened the address behind a code on a screen."),
    Word("conversion", "leads per unique player", "The share of visitors who played and left their details."),
    Word(
        "cost per lead",
        "cost / leads",
        "The day's share of what the show costs, by leads, and by qualified leads.",
    ),
    Word(
        "ROI",
        "(return - cost) / cost",
        "The return: qualified leads times what one is worth by the show pack.",
    ),
    Word(
        "pipeline",
        "(after - before) x win rate - cost",
        "With what sales says of its pipeline before and after the show; in money, not in percent.",
    ),
)
