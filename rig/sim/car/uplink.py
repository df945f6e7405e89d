"""A car's end of the radio link: connected or not, listened to or not, and what waits to be sent."""

from __future__ import annotations

from rig.sim.car.contract import CarOutput


class Uplink:
    """The link as the car sees it, and its adverts while there is none."""

    __slots__ = ("_waiting", "advertises_from_s", "connected", "silent", "subscribed")

    def __init__(self, now_s: float) -> None:
        self.connected = False
        self.subscribed = False
        self.silent = False
        """Does not advertise although it could: the fault `silent_after_loss`."""
        self.advertises_from_s = now_s
        self._waiting: list[tuple[float, CarOutput]] = []

    def advertises(self, now_s: float) -> bool:
        """Whether a powered car would be on the air."""
        return not self.connected and not self.silent and now_s >= self.advertises_from_s

    def open(self) -> None:
        """A central connected."""
        self.connected = True
        self.subscribed = False

    def close(self) -> None:
        """The link is gone, and with it what was not sent yet."""
        self.connected = False
        self.subscribed = False
        self._waiting.clear()

    def put(self, due_s: float, output: CarOutput) -> None:
        """Queues an output for a moment; it never overtakes an earlier one."""
        if self._waiting and self._waiting[-1][0] > due_s:
            due_s = self._waiting[-1][0]
        self._waiting.append((due_s, output))

    def take(self, now_s: float) -> list[CarOutput]:
        """Removes and returns what may go out by `now_s`."""
        waiting = self._waiting
        if not waiting or waiting[0][0] > now_s:
            return []
        if waiting[-1][0] <= now_s:
            self._waiting = []
            return [output for _, output in waiting]
        self._waiting = [item for item in waiting if item[0] > now_s]
        return [output for due_s, output in waiting if due_s <= now_s]

    def next_due_s(self) -> float | None:
        """When the first output may go."""
        return self._waiting[0][0] if self._waiting else None
