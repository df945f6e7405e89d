"""A new day: boards, counters, checklists and everybody's races begin again; races keep their numbers."""

from __future__ import annotations

from booth.seats import events as of_seats
from booth.show.racing import tell_seats
from booth.show.state import Book
from booth.show.turn import Turn


def new_day(turn: Turn) -> None:
    """Midnight in the show's time zone."""
    book = turn.show.book
    turn.put(book=Book(playable=book.playable, counted_s=book.counted_s, draw=book.draw))
    turn.game(races={})
    tell_seats(turn, of_seats.NewDay(turn.now_s))
