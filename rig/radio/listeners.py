"""Who is told what passes on a link; one that fails is told no more, and the others do not notice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Listeners(Generic[T]):
    """Called in the order they were added, from the event loop.

    A listener must not raise. One that does is taken off and reported once to the loop's exception handler:
    a car must not become undrivable because somebody who watches it has a bug.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[T], None]] = []

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def add(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Adds it and returns its remover, which may be called again without harm."""
        self._listeners.append(listener)

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

    def tell(self, item: T) -> None:
        """Calls every listener that was there when this began."""
        for listener in tuple(self._listeners):
            try:
                listener(item)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not the link's fault
                if listener in self._listeners:
                    self._listeners.remove(listener)
                asyncio.get_running_loop().call_exception_handler(
                    {"message": f"a listener failed and is told no more: {listener!r}", "exception": error}
                )
