"""The journal as a bench sees it: acts are written before they are tried, and how they ended after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Acts(Protocol):
    """Where physical acts are journaled."""

    def intend(self, subject_kind: str, subject: str, act: str, detail: str = "") -> int:
        """Writes that `act` is about to be tried on a subject (`bay` A1, or the `bench`); its number for `done`."""
        ...

    def done(self, number: int, error: str | None = None) -> None:
        """Writes how it ended: well, or with the error of this name."""
        ...


class NotJournaled:
    """For those who only try things out and keep no record."""

    def intend(self, subject_kind: str, subject: str, act: str, detail: str = "") -> int:
        """Nothing is written."""
        return 0

    def done(self, number: int, error: str | None = None) -> None:
        """Nothing is written."""


@contextmanager
def journaled(acts: Acts, subject_kind: str, subject: str, act: str, detail: str = "") -> Iterator[None]:
    """Journals the block as one act; however it ends, cancelled too, that is written."""
    number = acts.intend(subject_kind, subject, act, detail)
    try:
        yield
    except BaseException as error:
        acts.done(number, type(error).__name__)
        raise
    acts.done(number)
