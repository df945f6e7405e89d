"""The smallest car there can be: answers a ping and the version, says hello when subscribed."""

import struct

from rig.sim.car.contract import DropLink, Notify, RequestLinkParameters

PING, PONG = 0x16, 0x17
CHANGE_PARAMETERS, DISCONNECT = 0x02, 0x0D
NAME = b"Drive"


class EchoCar:
    def __init__(self, number, *, stream_period_s=None):
        self.address = f"D0:00:00:00:00:{number:02X}"
        self.identifier = 0xAB000000 + number
        self.name_state = 0x10
        self.asleep = False
        self.connected = False
        self.log = []
        self.sequence = 0
        self.stream_period_s = stream_period_s
        self._next_stream_s = None
        self._out = []

    def is_advertising(self, now_s):
        return not (self.connected or self.asleep)

    def advertising_data(self):
        uuid = bytes.fromhex("f48d4d9cd80b81837e408661efbe15be")
        return (
            b"\x02\x01\x06\x11\x07" + uuid + b"\x09\xff\xbe\xef\x00\x08" + self.identifier.to_bytes(4, "big")
        )

    def scan_response(self, now_s):
        name = bytes([self.name_state]) + b"\x74\x27\x01    " + NAME + b"\0"
        return bytes([len(name) + 1, 9]) + name + b"\x02\x0a\x00"

    def link_up(self, now_s):
        self.connected = True
        self.log.append(("up", now_s))

    def subscribed(self, now_s, enabled):
        self.log.append(("subscribed" if enabled else "unsubscribed", now_s))
        if enabled:
            self._out.append(Notify(bytes([5, 0x3F, 1, 0, 0, 1])))
            if self.stream_period_s is not None:
                self._next_stream_s = now_s + self.stream_period_s
        else:
            self._next_stream_s = None

    def written(self, frame, now_s):
        self.log.append(("written", now_s, frame))
        if frame[1] == PING:
            self._out.append(Notify(bytes([frame[0], PONG]) + frame[2:]))
        elif frame[1] == CHANGE_PARAMETERS:
            self._out.append(RequestLinkParameters(*struct.unpack("<4H", frame[2:10])))
        elif frame[1] == DISCONNECT:
            self._out.append(DropLink(clean=True))

    def link_down(self, now_s, clean):
        self.connected = False
        self._next_stream_s = None
        self.name_state = 0x18
        self.log.append(("down", now_s, clean))

    def advance(self, now_s):
        while self._next_stream_s is not None and self._next_stream_s <= now_s:
            self._out.append(Notify(bytes([17, 0x27]) + self.sequence.to_bytes(4, "little") + bytes(12)))
            self.sequence += 1
            self._next_stream_s += self.stream_period_s
        out, self._out = self._out, []
        return out

    def next_event_s(self):
        return self._next_stream_s
