"""A car for the contract suite: an echo car that counts, floods, changes its name and leaves the air when told."""

from __future__ import annotations

from rig.sim.car.contract import Notify
from tests.rig.sim.echo_car import EchoCar

FLOOD_ID = 0x27
_COMPLETE_NAME = 0x09


def numbered_frame(number):
    """The frame that carries this number: a position update in size and id, so that it decodes."""
    return bytes([17, FLOOD_ID]) + number.to_bytes(4, "little") + bytes(12)


def number_in(frame):
    """The number in such a frame, None in any other."""
    return int.from_bytes(frame[2:6], "little") if len(frame) == 18 and frame[1] == FLOOD_ID else None


class ContractCar(EchoCar):
    """Car number 1 to 255. `name_bytes` None: an ordinary name with the state in it."""

    def __init__(self, number):
        super().__init__(number)
        self.name_bytes = None
        self._flood_until = 0
        self._flood_period_s = 1.0

    def flood(self, count, per_s, now_s):
        """Sends `count` numbered frames, the next one at once, `per_s` a second."""
        self._flood_period_s = 1.0 / per_s
        self._flood_until = self.sequence + count
        self._next_stream_s = now_s

    def fall_silent(self, _now_s):
        """Stops advertising."""
        self.asleep = True

    def wake(self, _now_s):
        """Advertises again."""
        self.asleep = False

    def scan_response(self, now_s):
        if self.name_bytes is None:
            return super().scan_response(now_s)
        return bytes([len(self.name_bytes) + 1, _COMPLETE_NAME]) + self.name_bytes + b"\x02\x0a\x00"

    def advance(self, now_s):
        while self._next_stream_s is not None and self._next_stream_s <= now_s:
            self._out.append(Notify(numbered_frame(self.sequence)))
            self.sequence += 1
            self._next_stream_s += self._flood_period_s
            if self.sequence >= self._flood_until:
                self._next_stream_s = None
        out, self._out = self._out, []
        return out

    @property
    def written_frames(self):
        """Every frame the car was sent, in order."""
        return [entry[2] for entry in self.log if entry[0] == "written"]

    def count(self, event):
        """How often this stands in its log: `up`, `down`, `subscribed`, `unsubscribed`, `written`."""
        return sum(entry[0] == event for entry in self.log)
