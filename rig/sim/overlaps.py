"""Faults that overlap: several may hold the same setting at once, and each ends by itself, in any order."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

V = TypeVar("V")

Undo = Callable[[], None]


@dataclass(slots=True)
class _Held(Generic[V]):
    """A setting that faults hold: its value without them and what each makes of it, oldest first."""

    base: V
    write: Callable[[V], None]
    changes: dict[int, Callable[[V], V]] = field(default_factory=dict)

    def apply(self) -> None:
        value = self.base
        for change in self.changes.values():
            value = change(value)
        self.write(value)


class Overlaps:
    """The settings that are held by faults now.

    The value of a setting is what the active faults make, one after the other, of the value it had before the
    first; when the last has ended it is that value again.
    """

    def __init__(self) -> None:
        self._held: dict[Hashable, _Held[Any]] = {}
        self._strikes = 0

    def hold(
        self, setting: Hashable, read: Callable[[], V], write: Callable[[V], None], change: Callable[[V], V]
    ) -> Undo:
        """Makes `change` act on `setting` until the returned function is called; calling that twice is harmless."""
        held: _Held[V] | None = self._held.get(setting)
        if held is None:
            held = self._held[setting] = _Held(read(), write)
        self._strikes += 1
        number = self._strikes
        held.changes[number] = change
        held.apply()

        def undo() -> None:
            if held.changes.pop(number, None) is None:
                return
            held.apply()
            if not held.changes:
                del self._held[setting]

        return undo
