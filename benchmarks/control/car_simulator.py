"""Cars in a process of their own: one packet socket per car, position updates on an absolute schedule.

    python car_simulator.py '{"fds": [5, 6], "rate_hz": 20, "seconds": 10}'      then one line on stdin: go

Paced (`rate_hz`): update j is due at start + j / (cars * rate), whatever became of the ones before it, and the
reaction to it is counted from when it was *due*: an update that could not be sent in time because something was
stuck still counts with its whole delay. Orders come back in order, one per update, so they are matched by turn.

Saturating (`window`): every car keeps that many updates unanswered, as fast as they are answered.

Prints one JSON object. Speaks bytes of its own making, so that a mistake in our codec cannot cancel itself out.
"""

import array
import contextlib
import json
import os
import select
import socket
import struct
import sys
from collections import deque
from time import monotonic_ns

from rig.control.timerfd import ExpiryTimer

UPDATE = struct.Struct("<BBBBfHBBBHH")  # id 0x27, size 16
ORDER_ID = 0x24
WARM_UP_NS = 300_000_000
SETTLE_NS = 60_000_000
LAST_ANSWERS_NS = 500_000_000


def update(number):
    # 900 mm/s where 400 was ordered: every update asks for an answer
    return UPDATE.pack(16, 0x27, number % 48, 36, 0.0, 900, 7, 255, 255, 300, 400)


class Cars:
    def __init__(self, sockets):
        self.sockets = sockets
        self.due = [deque() for _ in sockets]
        self.reaction_ns = array.array("q")
        self.own_lateness_ns = array.array("q")
        self.sent = self.answered = self.surplus = self.unsent = 0
        self.epoll = select.epoll()
        self.by_fd = {}
        for index, sock in enumerate(sockets):
            self.by_fd[sock.fileno()] = index
            self.epoll.register(sock.fileno(), select.EPOLLIN)

    def send(self, index, due_ns):
        try:
            self.sockets[index].send(update(self.sent))
        except BlockingIOError:
            self.unsent += 1
            return
        self.due[index].append(due_ns)
        self.sent += 1

    def receive(self, fd):
        index = self.by_fd[fd]
        try:
            frame = self.sockets[index].recv(64)
        except BlockingIOError:
            return None
        now_ns = monotonic_ns()
        if not frame or frame[1] != ORDER_ID or not self.due[index]:
            self.surplus += 1
            return None
        self.answered += 1
        self.reaction_ns.append(now_ns - self.due[index].popleft())
        return index

    def forget(self):
        """Drops what was measured so far; what is still on its way is drained first."""
        until_ns = monotonic_ns() + SETTLE_NS
        while (left_ns := until_ns - monotonic_ns()) > 0:
            for fd, _ in self.epoll.poll(left_ns / 1e9):
                self.receive(fd)
        for waiting in self.due:
            waiting.clear()
        del self.reaction_ns[:], self.own_lateness_ns[:]
        self.sent = self.answered = self.surplus = self.unsent = 0

    def pace(self, rate_hz, for_ns):
        cars = len(self.sockets)
        period_ns = round(1e9 / (rate_hz * cars))
        start_ns = monotonic_ns() + 5_000_000
        timer = ExpiryTimer((start_ns + period_ns) / 1e9, period_ns / 1e9)
        self.epoll.register(timer.fd, select.EPOLLIN)
        number, updates = 0, for_ns // period_ns
        deadline_ns = start_ns + for_ns + LAST_ANSWERS_NS
        while number < updates or (any(self.due) and monotonic_ns() < deadline_ns):
            for fd, _ in self.epoll.poll(0.05):
                if fd != timer.fd:
                    self.receive(fd)
                    continue
                for _ in range(min(timer.expirations(), updates - number)):
                    number += 1
                    due_ns = start_ns + number * period_ns
                    self.own_lateness_ns.append(monotonic_ns() - due_ns)
                    self.send(number % cars, due_ns)
        self.epoll.unregister(timer.fd)
        timer.close()

    def saturate(self, window, for_ns):
        begin_ns = monotonic_ns()
        for index in range(len(self.sockets)):
            for _ in range(window):
                self.send(index, begin_ns)
        while (now_ns := monotonic_ns()) - begin_ns < for_ns:
            for fd, _ in self.epoll.poll(0.05):
                index = self.receive(fd)
                if index is not None:
                    self.send(index, now_ns)
        return (monotonic_ns() - begin_ns) / 1e9


def main():
    plan = json.loads(sys.argv[1])
    sockets = []
    for fd in plan["fds"]:
        sock = socket.socket(fileno=fd)
        sock.setblocking(False)
        sockets.append(sock)
    cars = Cars(sockets)
    if plan.get("priority"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(plan["priority"]))
    sys.stdin.readline()
    for_ns = round(plan["seconds"] * 1e9)
    found = {}
    if plan.get("window"):
        cars.forget()
        found["elapsed_s"] = cars.saturate(plan["window"], for_ns)
    else:
        cars.pace(plan["rate_hz"], WARM_UP_NS)
        cars.forget()
        cars.pace(plan["rate_hz"], for_ns)
        found["reaction_us"] = [ns / 1e3 for ns in sorted(cars.reaction_ns)]
        found["own_lateness_us"] = [ns / 1e3 for ns in sorted(cars.own_lateness_ns)]
    unanswered = 0 if plan.get("window") else sum(map(len, cars.due))
    found |= {
        "sent": cars.sent, "answered": cars.answered, "surplus": cars.surplus, "unsent": cars.unsent,
        "unanswered": unanswered,
    }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main()
