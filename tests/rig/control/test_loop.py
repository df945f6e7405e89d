"""The loop with cars behind sockets, behind simulated radio links, and with silent ones in virtual time."""

import asyncio
import gc
import socket

import pytest

from protocol import PingRequest, PingResponse, PositionUpdate, SetLights, SetSpeed, SetSpeedV4, StatusUpdate
from protocol.dialect import Dialect
from rig.compose import run_with_radio
from rig.control import ControlLoop, Cruise, Freshness, Heard, Ticked, Watchdog, control_process, cruise
from rig.control.link_port import LinkPort
from rig.control.socket_port import SocketPort
from rig.virtual_time import run_virtual

SLOW = PositionUpdate(14, 17, 0.0, 100, 7, 0, 0, 0, 400)
NEVER_TICKS_S = 3600.0


class Wire:
    """A car's end of a socket, for a test that plays the car."""

    def __init__(self, identifier=7, kind=socket.SOCK_SEQPACKET):
        ours, self.theirs = socket.socketpair(socket.AF_UNIX, kind)
        self.theirs.setblocking(False)
        self.ours = ours
        self.port = SocketPort(identifier, ours, Dialect.OVERDRIVE_266E)

    async def next_frame(self):
        return await asyncio.get_running_loop().sock_recv(self.theirs, 512)

    def say(self, frame):
        self.theirs.send(frame)

    def close(self):
        self.ours.close()
        self.theirs.close()


@pytest.fixture
def wire():
    made = Wire()
    yield made
    made.close()


async def until(condition):
    """Turns the loop until something has come true; the suite's time limit is the only clock."""
    while not condition():
        await asyncio.sleep(0)


def test_an_update_is_answered_when_it_comes(wire):
    async def main():
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S) as loop:
            loop.add(wire.port, Cruise(400))
            assert await wire.next_frame() == SetSpeed(400, 1000).encode()  # steered by being added
            for _ in range(3):
                wire.say(SLOW.encode())
                assert await wire.next_frame() == SetSpeed(400, 1000).encode()
            assert loop.car(7).position == SLOW
            assert loop.counts.messages == 3
            assert loop.counts.orders == 4
            assert loop.cars == (7,)

    asyncio.run(main())


def test_the_observer_sees_each_message_with_the_state_after_it_once_the_order_is_out(wire):
    async def main():
        seen = []

        def on_heard(car, message, now_s):
            seen.append((car.position, message, now_s == car.heard_s, wire.theirs.recv(512)))

        with ControlLoop(cruise, tick_s=NEVER_TICKS_S, on_heard=on_heard) as loop:
            loop.add(wire.port, Cruise(400))
            order = await wire.next_frame()
            wire.say(SLOW.encode())
            await until(lambda: seen)
        return seen == [(SLOW, SLOW, True, order)]

    assert asyncio.run(main())


def test_steering_replaces_the_intent_and_acts_at_once(wire):
    async def main():
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S) as loop:
            loop.add(wire.port, Cruise(400))
            await wire.next_frame()
            loop.steer(7, Cruise(600))
            assert await wire.next_frame() == SetSpeed(600, 1000).encode()
            assert loop.intent(7).speed_mm_s == 600
            with pytest.raises(KeyError):
                loop.steer(8, Cruise(600))

    asyncio.run(main())


def test_bytes_that_are_no_frame_are_counted_and_the_next_one_is_answered(wire):
    async def main():
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S) as loop:
            loop.add(wire.port, Cruise(400))
            await wire.next_frame()
            wire.say(b"\x63\x27\x00")
            wire.say(SLOW.encode())
            await wire.next_frame()
            assert wire.port.malformed == 1
            assert loop.counts.messages == 1

    asyncio.run(main())


def test_a_car_that_closes_its_socket_is_let_go_of_and_named_with_the_reason(wire):
    async def main():
        ended = []
        with ControlLoop(
            cruise, tick_s=NEVER_TICKS_S, on_ended=lambda car, reason: ended.append((car, reason))
        ) as loop:
            loop.add(wire.port, Cruise(400))
            await wire.next_frame()
            wire.theirs.close()
            await until(lambda: ended)
            assert loop.cars == ()
        return ended

    assert asyncio.run(main()) == [(7, "the other side closed the socket")]


def test_a_car_that_closes_with_orders_unread_ends_with_the_words_of_the_system(wire):
    async def main():
        ended = []
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S, on_ended=lambda *end: ended.append(end)) as loop:
            loop.add(wire.port, Cruise(400))
            wire.theirs.close()
            await until(lambda: ended)
        return ended

    assert asyncio.run(main()) == [(7, "the socket failed: Connection reset by peer")]


def test_a_car_that_ends_is_let_go_of_even_if_nobody_asked_to_hear(wire):
    async def main():
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S) as loop:
            loop.add(wire.port, Cruise(400))
            wire.theirs.close()
            await until(lambda: not loop.cars)

    asyncio.run(main())


def test_a_socket_that_fails_ends_the_car(wire):
    async def main():
        ended = []
        with ControlLoop(cruise, on_ended=lambda *end: ended.append(end)) as loop:
            loop.add(wire.port, Cruise(400))
            wire.ours.shutdown(socket.SHUT_RDWR)
            wire.theirs.shutdown(socket.SHUT_RDWR)
            loop.steer(7, Cruise(500))
            assert wire.port.refused == 1
            await until(lambda: ended)
        return ended

    assert len(asyncio.run(main())) == 1


def test_a_full_socket_queues_orders_and_sends_the_newest_speed_last(wire):
    async def main():
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S) as loop:
            loop.add(wire.port, Cruise(0))
            for speed_mm_s in range(1, 1500):
                loop.steer(7, Cruise(speed_mm_s))
            frames = []
            while not frames or frames[-1] != SetSpeed(1499, 1000).encode():
                frames.append(await wire.next_frame())
            assert len(frames) < 1500, "the socket never filled"
            wire.port.send(SetLights(1))
            assert await wire.next_frame() == SetLights(1).encode()
            assert wire.port.refused == 0

    asyncio.run(main())


def test_an_order_out_of_range_is_refused_and_the_loop_goes_on(wire):
    async def main():
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S) as loop:
            loop.add(wire.port, Cruise(400))
            await wire.next_frame()
            loop.steer(7, Cruise(100_000))
            assert wire.port.refused == 1
            loop.steer(7, Cruise(500))
            assert await wire.next_frame() == SetSpeed(500, 1000).encode()

    asyncio.run(main())


def test_a_closed_port_sends_nothing(wire):
    async def main():
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S) as loop:
            loop.add(wire.port, Cruise(400))
            await wire.next_frame()
            assert loop.remove(7).identifier == 7
            wire.port.send(SetSpeed(1, 1000))
            assert wire.port.refused == 1
            with pytest.raises(BlockingIOError):
                wire.theirs.recv(512)

    asyncio.run(main())


def test_a_car_cannot_be_added_twice(wire):
    async def main():
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S) as loop:
            loop.add(wire.port, Cruise())
            with pytest.raises(ValueError, match="00000007"):
                loop.add(wire.port, Cruise())

    asyncio.run(main())


def test_four_cars_are_kept_apart():
    async def main(wires):
        with ControlLoop(cruise, tick_s=NEVER_TICKS_S) as loop:
            for wire in wires:
                loop.add(wire.port, Cruise(100 * wire.port.identifier))
                await wire.next_frame()
            for wire in reversed(wires):
                wire.say(StatusUpdate(1, 0, 0, wire.port.identifier % 2).encode())
            await until(lambda: loop.counts.messages == 4)
            return [loop.car(car).status.charged for car in loop.cars]

    wires = [Wire(identifier) for identifier in (1, 2, 3, 4)]
    try:
        assert asyncio.run(main(wires)) == [1, 0, 1, 0]
    finally:
        for wire in wires:
            wire.close()


def test_real_ticks_reach_the_policy_and_the_observer(wire):
    events = []

    def remember(intent, car, event):
        events.append(event)
        return intent, ()

    async def main():
        ticks = []
        with ControlLoop(remember, tick_s=0.001, on_tick=ticks.append) as loop:
            loop.add(wire.port, None)
            await until(lambda: len(ticks) >= 3)
            assert loop.counts.ticks == len(ticks)
            assert loop.counts.missed_ticks == sum(tick.missed for tick in ticks)
        return ticks

    ticks = asyncio.run(main())
    assert sum(isinstance(event, Ticked) for event in events) == len(ticks)


class ScriptedPort:
    """A car that speaks at given times of the loop, for virtual time."""

    identifier = 9
    dialect = Dialect.OVERDRIVE_266E
    malformed = refused = 0

    def __init__(self, says=()):
        self.says = says
        self.sent = []

    def open(self, hear, ended):
        self.loop = asyncio.get_running_loop()
        self.handles = [self.loop.call_at(at_s, lambda m=m, t=at_s: hear(m, t)) for at_s, m in self.says]

    def send(self, message):
        self.sent.append((round(self.loop.time(), 3), message))

    def close(self):
        for handle in self.handles:
            handle.cancel()


def test_a_silent_car_is_asked_then_stopped_and_driven_on_when_it_is_back():
    async def main():
        fits = PositionUpdate(14, 17, 0.0, 400, 7, 0, 0, 0, 400)
        port = ScriptedPort([(0.1, fits), (5.05, PingResponse())])
        seen = {}
        with ControlLoop(cruise, tick_s=0.1, watchdog=Watchdog(1.0, 2.0)) as loop:
            loop.add(port, Cruise(400))
            for at_s in (0.5, 1.5, 4.0, 5.5):
                await asyncio.sleep(at_s - asyncio.get_running_loop().time())
                seen[at_s] = loop.freshness(9)
        return port.sent, seen

    sent, seen = run_virtual(main, limit_s=60)
    assert seen == {
        0.5: Freshness.FRESH, 1.5: Freshness.QUIET, 4.0: Freshness.STALE, 5.5: Freshness.FRESH
    }  # fmt: skip
    assert [type(message) for _, message in sent] == [SetSpeed, PingRequest, SetSpeed, SetSpeed, SetSpeed]
    assert [message.speed_mm_s for _, message in sent if isinstance(message, SetSpeed)] == [400, 0, 400, 400]
    assert [at_s for at_s, _ in sent[:4]] == [0.0, 1.1, 2.1, 5.05]


def test_a_policy_that_fails_one_car_is_reported_and_the_others_get_their_tick():
    ticked = []

    def policy(intent, car, event):
        if isinstance(event, Ticked):
            ticked.append(intent)
            if intent == "bad":
                raise RuntimeError("a bug")
        return intent, ()

    async def main():
        reports = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: reports.append(context["message"])
        )
        first, second = ScriptedPort(), ScriptedPort()
        second.identifier = 10
        with ControlLoop(policy, tick_s=0.1) as loop:
            loop.add(first, "bad")
            loop.add(second, "good")
            await asyncio.sleep(0.15)
        return reports

    assert run_virtual(main) == ["the policy failed for car 00000009"]
    assert ticked == ["bad", "good"]


def test_a_car_that_never_spoke_goes_stale_too():
    async def main():
        port = ScriptedPort()
        with ControlLoop(cruise, tick_s=0.1) as loop:
            loop.add(port, Cruise())
            await asyncio.sleep(3)
            return loop.freshness(9)

    assert run_virtual(main, limit_s=60) is Freshness.STALE


def test_a_firmware_learnt_later_reaches_the_policy_with_the_next_tick():
    async def main():
        port = ScriptedPort()
        with ControlLoop(cruise, tick_s=0.1) as loop:
            loop.add(port, Cruise(400))
            port.dialect = Dialect.V4
            await asyncio.sleep(0.5)
            return {type(message) for _, message in port.sent[1:]}

    assert run_virtual(main, limit_s=60) == {SetSpeedV4}


def test_simulated_cars_over_radio_links_are_driven_and_a_lost_one_is_named():
    async def main(station):
        loop_time = asyncio.get_running_loop().time
        links = []
        for identifier in list(station.world.cars)[:2]:
            sighting = await station.radio.find(identifier, 10)
            links.append(await station.radio.connect(sighting))
        heard, ended = [], []

        def watching(intent, car, event):
            if isinstance(event, Heard) and isinstance(event.message, PositionUpdate):
                heard.append(car.identifier)
            return cruise(intent, car, event)

        with ControlLoop(watching, on_ended=lambda car, reason: ended.append((car, reason))) as loop:
            for link in links:
                await link.write(b"\x03\x90\x01\x01")  # SDK mode
                loop.add(LinkPort(link), Cruise(400))
            await asyncio.sleep(10)
            speeds = [loop.car(link.identifier).position.speed_mm_s for link in links]
            station.world.break_link(links[0].identifier)
            broken_s = loop_time()
            while not ended and loop_time() < broken_s + 60:
                await asyncio.sleep(0.1)
            left = loop.cars
        for link in links:
            await link.disconnect()
        return [link.identifier for link in links], heard, speeds, ended, left

    cars, heard, speeds, ended, left = run_with_radio("sim:", main, seed=1)
    assert set(heard) == set(cars)
    assert all(250 < speed < 550 for speed in speeds)
    assert ended == [(cars[0], "lost")]
    assert left == (cars[1],)


def test_a_port_on_a_link_sends_nothing_once_closed_and_counts_it():
    async def main(station):
        identifier = next(iter(station.world.cars))
        link = await station.radio.connect(await station.radio.find(identifier, 10))
        port = LinkPort(link)
        loop = ControlLoop(cruise)
        with loop:
            loop.add(port, Cruise(300))
        port.send(SetSpeed(300, 1000))
        still_open = link.is_open
        await link.disconnect()
        return port.refused, still_open

    assert run_with_radio("sim:", main, seed=1) == (1, True)


def test_what_a_link_cannot_decode_or_encode_is_counted_and_the_link_stays():
    async def main(station):
        identifier = next(iter(station.world.cars))
        link = await station.radio.connect(await station.radio.find(identifier, 10))
        port = LinkPort(link)
        with ControlLoop(cruise) as loop:
            loop.add(port, Cruise(100_000))
            link.received(None, bytearray(b"\x63\x27\x00"))
            while not port.refused:
                await asyncio.sleep(0.01)
            loop.steer(identifier, Cruise(300))
            await asyncio.sleep(1)
            left = loop.cars
        await link.disconnect()
        return port.malformed, port.refused, left == (identifier,)

    assert run_with_radio("sim:", main, seed=1) == (1, 1, True)


def test_the_control_process_sets_the_start_up_aside_and_takes_it_back():
    with control_process() as priority:
        assert gc.get_freeze_count() > 0
        assert str(priority)
    assert gc.get_freeze_count() == 0
