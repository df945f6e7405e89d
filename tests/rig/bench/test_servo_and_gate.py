"""The button servo and the lap gates against their twins."""

import asyncio
from itertools import pairwise

import pytest

from rig.bench.codecs.gate import GateFrame, Kind
from rig.bench.drivers.gate import GateClock, LapGate, LapLines
from rig.bench.drivers.maestro import MaestroButtons, Stroke
from rig.bench.errors import NoReply, NotConfirmed
from rig.bench.twins.faults import FaultPlan, LineFault
from rig.bench.twins.gate import GateTwin, LapLinesTwin
from rig.bench.twins.line import Line
from rig.bench.twins.maestro import MaestroTwin
from rig.bench.twins.plant import BenchPlant
from tests.rig.bench.boards import MOUNTS, Direct

ON_EACH_MOUNT = pytest.mark.parametrize("mount", MOUNTS, ids=lambda mount: mount.name)
STROKES = {2: Stroke(rest_us=1100.0, press_us=1500.0)}


def buttons(port, crc=False):
    return MaestroButtons(port, "servo", strokes=STROKES, crc=crc)


@ON_EACH_MOUNT
@pytest.mark.parametrize("crc", [False, True])
def test_a_press_goes_there_and_back_and_then_rests(mount, crc):
    plant = BenchPlant({})

    async def scenario(servo):
        assert await servo.identify() == "Pololu Maestro (no errors)"
        await servo.press(2, 0.1)

    mount.run(Line(MaestroTwin(plant=plant, crc=crc)), lambda port: buttons(port, crc), scenario)
    assert plant.pulses_us == {("servo", 2): [1500.0, 1100.0, 0.0]}


def test_a_cancelled_press_lets_go():
    plant = BenchPlant({})

    async def scenario(servo):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await servo.press(2, 60.0)

    Direct.run(Line(MaestroTwin(plant=plant)), buttons, scenario)
    assert plant.pulses_us["servo", 2] == [1500.0, 1100.0, 0.0]


def test_a_servo_that_is_not_sent_is_named():
    async def scenario(servo):
        with pytest.raises(NotConfirmed, match=r"servo .twin., channel 2: not confirmed"):
            await servo.press(2, 0.1)

    Direct.run(Line(MaestroTwin(stalled=frozenset({2}))), buttons, scenario)


def test_with_its_timeout_set_the_servo_goes_home_when_nobody_commands_it():
    plant = BenchPlant({})

    async def scenario(servo):
        await servo._go(2, 1500.0)
        await servo._talk._port.read(5.0)
        return await servo.identify()

    words = Direct.run(Line(MaestroTwin(plant=plant, timeout_s=2.0)), buttons, scenario)
    assert plant.pulses_us["servo", 2] == [1500.0, 1200.0]
    assert words == "Pololu Maestro (serial timeout)"


@pytest.mark.parametrize("fault", [LineFault.DROPPED_BYTE, LineFault.SPLIT, LineFault.LATE, LineFault.SILENT])
def test_one_spoilt_position_is_asked_again(fault):
    plant = BenchPlant({})

    async def scenario(servo):
        await servo.press(2, 0.1)

    line = Line(MaestroTwin(plant=plant), plan=FaultPlan(at={1: fault}))
    Direct.run(line, buttons, scenario)
    assert plant.pulses_us["servo", 2][-1] == 0.0


def listen(count, twin, passes, mount=Direct, *, plan=None, driver=LapGate):
    line = Line(twin, plan=plan)

    async def scenario(gate):
        words = await gate.identify()
        loop = asyncio.get_running_loop()
        for beam, after_s in passes:
            twin.car_passes(beam, loop.time() + after_s)
        line.on_news()
        found = []
        async with asyncio.timeout(6000):
            async for passage in gate.passages():
                found.append(passage)
                if len(found) == count:
                    break
        return words, found

    return mount.run(line, lambda port: driver(port, "gate"), scenario)


@ON_EACH_MOUNT
def test_passages_carry_the_boards_own_time(mount):
    words, found = listen(3, GateTwin(), [(1, 0.1), (2, 0.25), (1, 1.35)], mount)
    assert words.startswith("pitboard lap gate, clock ")
    assert [passage.beam for passage in found] == [1, 2, 1]
    assert found[1].at_us - found[0].at_us == pytest.approx(150_000, abs=2000)
    assert found[2].at_us - found[0].at_us == pytest.approx(1_250_000, abs=2000)
    assert [passage.lost for passage in found] == [0, 0, 0]


def test_the_clock_wraps_without_a_jump():
    twin = GateTwin(started_us=2**32 - 2_000_000)
    _, found = listen(2, twin, [(1, 0.5), (1, 4.5)])
    assert found[1].at_us - found[0].at_us == 4_000_000
    assert [passage.lost for passage in found] == [0, 0], "a wrap is no restart"


def test_a_lost_frame_is_counted():
    """Reply 0 answers `identify`; then beam 1 blocked, beam 1 free, beam 2 blocked."""
    plan = FaultPlan(at={1: LineFault.WRONG_CHECKSUM})
    _, found = listen(1, GateTwin(), [(1, 0.1), (2, 0.3)], plan=plan)
    assert (found[0].beam, found[0].lost) == (2, 1)


@pytest.mark.parametrize("seed", range(10))
def test_under_a_storm_each_passage_is_true_and_each_loss_known(seed):
    kinds = (LineFault.DROPPED_BYTE, LineFault.WRONG_CHECKSUM, LineFault.SILENT, LineFault.JUNK)
    passes = [(1 + number % 2, 0.2 + number * 0.3) for number in range(60)]
    plan = FaultPlan(share=0.1, kinds=kinds, seed=seed)
    line_twin = GateTwin()
    try:
        _, found = listen(40, line_twin, passes, plan=plan)
    except NoReply:  # its heartbeat was among the lost
        return
    steps = [b.at_us - a.at_us for a, b in pairwise(found)]
    assert all(step % 300_000 == 0 for step in steps)
    for step, after in zip(steps, found[1:], strict=True):
        assert (after.lost or 0) >= step // 300_000 - 1


def test_a_gate_without_heartbeat_is_not_an_empty_track():
    twin = GateTwin()

    async def scenario(gate):
        await gate.identify()
        twin.dumb = True
        with pytest.raises(NoReply, match=r"no heartbeat for 3.5 s"):
            async for _ in gate.passages():
                pass

    Direct.run(Line(twin), lambda port: LapGate(port, "gate"), scenario)


def test_a_restarted_gate_is_noticed_and_its_loss_unknown():
    clock = GateClock()
    assert clock.heard(GateFrame(Kind.HEARTBEAT, 200, 0, False, 900_000_000), 10.0) == (0, 0)
    assert clock.heard(GateFrame(Kind.HEARTBEAT, 201, 0, False, 901_000_000), 11.0) == (1_000_000, 0)
    again = GateFrame(Kind.HEARTBEAT, 0, 0, False, 1_000_000)
    assert clock.heard(again, 13.0) == (3_000_000, None)
    assert clock.heard(again, 13.1) is None
    assert clock.restarts == 1


@ON_EACH_MOUNT
def test_pc_lap_counter_lines(mount):
    _, found = listen(3, LapLinesTwin(), [(1, 0.1), (2, 0.2), (1, 0.6)], mount, driver=LapLines)
    assert [passage.beam for passage in found] == [1, 2, 1]
    assert found[2].at_us - found[0].at_us == pytest.approx(500_000, abs=1000)
    assert [passage.lost for passage in found] == [None] * 3
