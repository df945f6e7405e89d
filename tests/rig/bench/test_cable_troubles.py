"""A cable that echoes, a board that browns out, a baud rate that is not the board's: the truth, or an error of ours."""

import asyncio

import pytest

from rig.bench.codecs.lcus import Dialect
from rig.bench.drivers.korad import KoradSupply
from rig.bench.drivers.lcus import LcusRelays
from rig.bench.drivers.maestro import MaestroButtons
from rig.bench.drivers.modbus_relay import ModbusRelays
from rig.bench.drivers.riden import RidenSupply
from rig.bench.errors import FixtureFault, NotConfirmed
from rig.bench.ports.serial_port import SerialPort
from rig.bench.twins.faults import FaultPlan, LineFault
from rig.bench.twins.gate import GateTwin
from rig.bench.twins.line import Line
from rig.bench.twins.maestro import MaestroTwin
from rig.bench.twins.plant import BenchPlant, Wire
from rig.bench.twins.pty_mount import on_pty
from rig.bench.twins.relay_bank import RelayBank
from rig.bench.twins.relays import LcusTwin, ModbusRelayTwin
from rig.bench.twins.supplies import KoradTwin, RidenTwin
from tests.rig.bench.boards import RELAYS, Direct, bank

ANSWERING = [board for board in RELAYS if board.name not in ("lcus-mute", "lcus-d0")]
BOARDS = pytest.mark.parametrize("board", ANSWERING, ids=lambda board: board.name)
WIRED = pytest.mark.parametrize(
    "board",
    [board for board in ANSWERING if board.name not in ("devantech", "numato")],
    ids=lambda board: board.name,
)
"""Boards on a serial line of their own or RS-485, where adapters that hear themselves exist; the others are USB
devices, of which Numato's echoes as part of its protocol."""
LOAD_MA = 354.0


def loaded(fixture="meter"):
    plant = BenchPlant({"1": Wire(relay=("relays", 1), meter=(fixture, 1), load_ma=350.0)})
    plant.closed["relays", 1] = True
    return plant


SUPPLIES = {
    "riden": (lambda: RidenTwin(plant=loaded()), lambda port: RidenSupply(port, "meter")),
    "korad": (lambda: KoradTwin(plant=loaded()), lambda port: KoradSupply(port, "meter")),
}


@WIRED
def test_relays_on_a_cable_that_echoes_never_say_what_is_not(board):
    """A board whose protocol has no direction cannot tell an echo from an answer; then it must be an error."""
    contacts = bank(board)

    async def scenario(relays):
        known = 0
        for on in (True, False, True):
            try:
                await relays.switch(2, on=on)
                said = await relays.is_on(2)
            except FixtureFault:
                continue
            assert said is contacts.states[1] is on
            known += 1
        return known

    known = Direct.run(Line(board.twin(contacts), echoes=True), board.driver, scenario)
    assert known == 3 or board.name == "lcus-status-bytes"


@WIRED
def test_a_dead_board_on_a_cable_that_echoes_is_not_taken_for_an_obedient_one(board):
    line = Line(board.twin(bank(board)), echoes=True, plan=FaultPlan(share=1.0, kinds=(LineFault.SILENT,)))
    line.device.receive = lambda *_: ()

    async def scenario(relays):
        with pytest.raises(FixtureFault):
            await relays.switch(2, on=True)

    Direct.run(line, board.driver, scenario)


@pytest.mark.parametrize("supply", list(SUPPLIES))
def test_a_supply_on_a_cable_that_echoes_measures_truly_or_not_at_all(supply):
    twin, driver = SUPPLIES[supply]

    async def scenario(meter):
        try:
            await meter.switch(1, on=True)
            return (await meter.measure(1)).current_ma
        except FixtureFault:
            return LOAD_MA

    assert Direct.run(Line(twin(), echoes=True), driver, scenario) == pytest.approx(LOAD_MA, abs=1)


@BOARDS
@pytest.mark.parametrize("reply", range(4))
def test_a_relay_board_that_browns_out_is_told_again_or_found_out(board, reply):
    contacts = bank(board)

    async def scenario(relays):
        for number in range(4):
            on = number % 2 == 0
            try:
                await relays.switch(2, on=on)
                said = await relays.is_on(2)
            except FixtureFault:
                continue
            assert said is contacts.states[1]

    plan = FaultPlan(at={reply: LineFault.BROWN_OUT})
    Direct.run(Line(board.twin(contacts), plan=plan), board.driver, scenario)


def test_a_timed_board_that_browned_out_is_on_again_with_the_next_renewal():
    contacts = RelayBank(4)
    line = Line(ModbusRelayTwin(contacts))

    async def scenario(relays):
        await relays.switch(2, on=True)
        line.device.restart(asyncio.get_running_loop().time())
        fell = contacts.states[1]
        await relays.renew()
        return fell, contacts.states[1]

    def driver(port):
        return ModbusRelays(port, "relays", channels=4, holds_s=10.0)

    assert Direct.run(line, driver, scenario) == (False, True)


@pytest.mark.parametrize("supply", list(SUPPLIES))
def test_a_supply_that_browned_out_is_off_and_says_so(supply):
    twin, driver = SUPPLIES[supply]
    line = Line(twin())

    async def scenario(meter):
        await meter.switch(1, on=True)
        line.device.restart(asyncio.get_running_loop().time())
        return await meter.is_on(1), (await meter.measure(1)).current_ma

    assert Direct.run(line, driver, scenario) == (False, 0.0)


def test_a_servo_board_that_browns_out_under_a_press_is_noticed_and_lets_go():
    plant = BenchPlant({})
    plan = FaultPlan(at={2: LineFault.BROWN_OUT})

    async def scenario(servo):
        try:
            await servo.press(2, 0.2)
        except FixtureFault:
            return "noticed"
        return "pressed"

    line = Line(MaestroTwin(plant=plant), plan=plan)
    assert Direct.run(line, lambda port: MaestroButtons(port, "servo"), scenario) in ("noticed", "pressed")
    assert plant.pulses_us["servo", 2][-1] == 0.0


def test_a_gate_that_browns_out_starts_its_clock_and_its_numbers_anew():
    twin = GateTwin()
    twin.tick(0.0)
    assert len(twin.tick(5.0)) == 5
    twin.car_passes(1, 6.0)
    twin.restart(5.5)
    (beat,) = twin.tick(6.2)
    assert beat[2] == 0, "its sequence begins anew, and the car that it had not told is lost"
    assert int.from_bytes(beat[5:9], "little") == 500_000


@BOARDS
def test_at_the_wrong_rate_a_relay_board_is_an_error_and_never_a_state(board):
    contacts = bank(board)
    line = Line(board.twin(contacts))
    line.misread = True

    async def scenario(relays):
        with pytest.raises(FixtureFault):
            await relays.is_on(1)
        with pytest.raises(FixtureFault):
            await relays.switch(1, on=True)

    Direct.run(line, board.driver, scenario)


ON_A_TTY = {
    "modbus": (
        lambda: ModbusRelayTwin(RelayBank(4)),
        lambda port: ModbusRelays(port, "relays", channels=4),
        9600,
    ),
    "lcus": (
        lambda: LcusTwin(RelayBank(4), dialect=Dialect.FEEDBACK),
        lambda port: LcusRelays(port, "relays", channels=4, dialect=Dialect.FEEDBACK),
        9600,
    ),
    "riden": (lambda: RidenTwin(plant=loaded()), lambda port: RidenSupply(port, "meter"), 115200),
    "korad": (lambda: KoradTwin(plant=loaded()), lambda port: KoradSupply(port, "meter"), 9600),
}


@pytest.mark.parametrize(
    ("kind", "host_baud"),
    [
        *[(kind, 9600) for kind in ON_A_TTY],
        ("riden", 115200),
        ("modbus", 115200),
    ],
)
def test_on_a_real_tty_the_rate_that_the_host_set_decides(kind, host_baud):
    """A pseudo-terminal carries any rate, but remembers which was set: the twin listens at its own alone."""
    twin, driver, baud = ON_A_TTY[kind]

    async def main(path):
        fixture = driver(await SerialPort.open(path, name="bench", baud=host_baud))
        try:
            await fixture.switch(1, on=True)
            return await fixture.is_on(1)
        except FixtureFault as fault:
            return fault
        finally:
            await fixture.close()

    with on_pty(Line(twin(), baud=baud)) as path:
        found = asyncio.run(main(path))
    if host_baud == baud:
        assert found is True
    else:
        assert isinstance(found, FixtureFault)
        assert not isinstance(found, NotConfirmed)
