"""What a car will do next, and when."""

from __future__ import annotations


class Agenda:
    """Named alarms, each set at most once; ties fall due in order of name, so runs repeat exactly."""

    __slots__ = ("_due",)

    def __init__(self) -> None:
        self._due: dict[str, float] = {}

    def set(self, name: str, due_s: float | None) -> None:
        """Sets or moves an alarm; None clears it."""
        if due_s is None:
            self._due.pop(name, None)
        else:
            self._due[name] = due_s

    def clear(self, *names: str) -> None:
        """Drops alarms; unknown names are fine."""
        for name in names:
            self._due.pop(name, None)

    def holds(self, name: str) -> bool:
        """Whether the alarm is set."""
        return name in self._due

    def next_due_s(self) -> float | None:
        """When the next alarm falls due."""
        return min(self._due.values()) if self._due else None

    def pop_due(self, now_s: float) -> tuple[str, float] | None:
        """Removes and returns the earliest alarm that is due by `now_s`, with its time."""
        found = None
        earliest = now_s
        for name, due in self._due.items():
            if due < earliest or (due <= earliest and (found is None or name < found)):
                found, earliest = name, due
        if found is None:
            return None
        del self._due[found]
        return found, earliest
