"""Every relay driver against its twin, in process and over a real pty: one suite, every board."""

import pytest

from rig.bench.capabilities import Confirms
from rig.bench.codecs.lcus import Dialect
from rig.bench.drivers.devantech import DevantechRelays
from rig.bench.drivers.lcus import LcusRelays
from rig.bench.drivers.modbus_relay import ModbusRelays
from rig.bench.errors import FixtureFault, NoReply, NotConfirmed, PortGone, RequestRefused, UnknownModel
from rig.bench.twins.faults import FaultPlan, LineFault
from rig.bench.twins.line import Line
from rig.bench.twins.relay_bank import RelayBank
from rig.bench.twins.relays import DevantechTwin, LcusTwin, ModbusRelayTwin
from rig.errors import InputError
from tests.rig.bench.boards import MOUNTS, RELAYS, Direct, Pty, bank

BOARDS = pytest.mark.parametrize("board", RELAYS, ids=lambda board: board.name)
ON_EACH_MOUNT = pytest.mark.parametrize("mount", MOUNTS, ids=lambda mount: mount.name)
ANSWERING = [board for board in RELAYS if board.name not in ("lcus-mute", "lcus-d0")]


@BOARDS
@ON_EACH_MOUNT
def test_each_channel_switches_alone_and_all_end_off(board, mount):
    contacts = bank(board)

    async def scenario(relays):
        assert await relays.identify()
        seen = []
        for channel in range(1, board.channels + 1):
            await relays.switch(channel, on=True)
            said = await relays.is_on(channel)
            assert said is (True if relays.traits.readable else None)
            await settled(relays)
            seen.append(contacts.states)
            await relays.switch(channel, on=False)
        await relays.switch(1, on=True)
        await relays.safe()
        await settled(relays)
        return seen

    seen = mount.run(Line(board.twin(contacts)), board.driver, scenario)
    assert seen == [
        tuple(n == channel for n in range(1, board.channels + 1)) for channel in range(1, board.channels + 1)
    ]
    assert not any(contacts.states)


async def settled(relays):
    """A mute board gives no sign of having read: wait as a driver does before its next word."""
    if not relays.traits.readable:
        await relays._talk._port.read(0.3)


@BOARDS
def test_what_each_board_declares_is_true_of_its_driver(board):
    async def scenario(relays):
        said = await relays.is_on(1)
        assert (said is not None) == relays.traits.readable
        assert relays.traits.readable == (relays.traits.confirms is not Confirms.NOTHING)
        assert relays.traits.note

    Direct.run(Line(board.twin(bank(board))), board.driver, scenario)


@pytest.mark.parametrize("board", ANSWERING, ids=lambda board: board.name)
@pytest.mark.parametrize(
    ("mount", "fault"),
    [
        *[(Direct, f) for f in (LineFault.DROPPED_BYTE, LineFault.SPLIT, LineFault.LATE, LineFault.SILENT)],
        (Pty, LineFault.SPLIT),
        (Pty, LineFault.DROPPED_BYTE),  # the others take the same way, and seconds of real time
    ],
)
def test_one_spoilt_reply_is_met_by_asking_again(board, fault, mount):
    """A reply that is late, torn, short or lost never becomes a wrong state."""

    async def scenario(relays):
        for _ in range(3):
            await relays.switch(2, on=True)
            assert await relays.is_on(2) is True
            await relays.switch(2, on=False)
            assert await relays.is_on(2) is False
        return relays.repeated

    line = Line(board.twin(bank(board)), plan=FaultPlan(at={2: fault}))
    repeated = mount.run(line, board.driver, scenario)
    assert repeated == (0 if fault is LineFault.SPLIT else 1)


@pytest.mark.parametrize("board", ANSWERING, ids=lambda board: board.name)
@pytest.mark.parametrize("seed", range(20))
def test_under_a_storm_of_faults_the_truth_or_an_error_of_ours(board, seed):
    contacts = bank(board)

    async def scenario(relays):
        wrong = known = 0
        for number in range(40):
            channel, on = number % 4 + 1, number % 3 > 0
            try:
                await relays.switch(channel, on=on)
                said = await relays.is_on(channel)
            except FixtureFault:
                continue
            known += 1
            wrong += said is not contacts.states[channel - 1]
        return wrong, known

    checked = board.name in ("modbus", "modbus-timed", "lcus-feedback")
    kinds = [LineFault.DROPPED_BYTE, LineFault.SPLIT, LineFault.LATE, LineFault.SILENT]
    kinds += [LineFault.WRONG_CHECKSUM, LineFault.JUNK] if checked else []
    plan = FaultPlan(share=0.3, kinds=tuple(kinds), seed=seed)
    wrong, known = Direct.run(Line(board.twin(contacts), plan=plan), board.driver, scenario)
    assert wrong == 0
    assert known > 5


@BOARDS
@ON_EACH_MOUNT
def test_an_unplugged_board_is_one_clear_sentence(board, mount):
    line = Line(board.twin(bank(board)))

    async def scenario(relays):
        await relays.switch(1, on=True)
        line.unplugged = True
        with pytest.raises(
            PortGone, match=r"^relays .(twin|bench).: its port went away .*; plug it in again and restart"
        ):
            await switch_until_it_fails(relays)

    mount.run(line, board.driver, scenario)


async def switch_until_it_fails(relays):
    """A mute board's cable is only missed once the tty is gone."""
    for _ in range(60):
        await relays.switch(1, on=False)
        await relays._talk._port.read(0.1)


@pytest.mark.parametrize("board", ANSWERING, ids=lambda board: board.name)
def test_a_silent_board_is_no_state(board):
    async def scenario(relays):
        with pytest.raises(NoReply, match=r"relays \(twin\): no reply"):
            await relays.is_on(1)

    plan = FaultPlan(share=1.0, kinds=(LineFault.SILENT,))
    Direct.run(Line(board.twin(bank(board)), plan=plan), board.driver, scenario)


@BOARDS
def test_a_channel_it_has_not_is_refused_before_a_byte_is_sent(board):
    line = Line(board.twin(bank(board)))

    async def scenario(relays):
        for channel in (0, board.channels + 1):
            with pytest.raises(InputError, match=f"no channel {channel}; this board has 1 to"):
                await relays.switch(channel, on=True)

    Direct.run(line, board.driver, scenario)
    assert not line.received


@pytest.mark.parametrize("dialect", list(Dialect))
@ON_EACH_MOUNT
def test_the_lcus_dialect_is_found_without_switching_anything(dialect, mount):
    contacts = RelayBank(1 if dialect is Dialect.D0 else 4)

    async def scenario(relays):
        return await relays.probe(), relays.channels

    found, channels = mount.run(
        Line(LcusTwin(contacts, dialect=dialect)),
        lambda port: LcusRelays(port, "relays", channels=4),
        scenario,
    )
    assert found is (Dialect.MUTE if dialect is Dialect.D0 else dialect)
    assert channels == 4
    assert not any(contacts.states)


def test_a_board_that_says_the_other_state_is_not_believed():
    class Stubborn(RelayBank):
        def set(self, channel, on, now_s, *, for_s=None):
            super().set(channel, False, now_s)

    async def scenario(relays):
        with pytest.raises(NotConfirmed, match=r"channel 2: not confirmed .told on, but the board says off"):
            await relays.switch(2, on=True)

    for board in ANSWERING:
        Direct.run(Line(board.twin(Stubborn(4))), board.driver, scenario)


@pytest.mark.parametrize("board", ANSWERING, ids=lambda board: board.name)
def test_a_board_that_powers_up_on_says_so_and_is_made_safe(board):
    contacts = bank(board, on_at_power_up=True)

    async def scenario(relays):
        before = [await relays.is_on(channel) for channel in range(1, 5)]
        await relays.safe()
        return before

    assert Direct.run(Line(board.twin(contacts)), board.driver, scenario) == [True] * 4
    assert not any(contacts.states)


def test_a_board_smaller_than_its_map_refuses_and_is_asked_only_once():
    async def scenario(relays):
        with pytest.raises(RequestRefused, match=r"function 1, address 0: it has no such address"):
            await relays.identify()
        return relays.repeated

    line = Line(ModbusRelayTwin(RelayBank(4)))
    assert Direct.run(line, lambda port: ModbusRelays(port, "relays", channels=8), scenario) == 0


@pytest.mark.parametrize("module", [8, 9, 10, 15])
def test_each_devantech_module_says_its_name(module):
    async def scenario(relays):
        return await relays.identify()

    line = Line(DevantechTwin(RelayBank(2), module=module))
    words = Direct.run(line, lambda port: DevantechRelays(port, "relays", channels=2), scenario)
    assert words.startswith("Devantech USB-RLY")


def test_an_unknown_devantech_module_is_refused():
    async def scenario(relays):
        with pytest.raises(UnknownModel, match="module id 77"):
            await relays.identify()

    line = Line(DevantechTwin(RelayBank(2), module=77))
    Direct.run(line, lambda port: DevantechRelays(port, "relays", channels=2), scenario)


@BOARDS
@pytest.mark.parametrize("seed", range(5))
def test_on_a_noisy_line_all_channels_are_off_in_the_end_or_it_says_so(board, seed):
    contacts = bank(board)
    line = Line(board.twin(contacts))

    async def scenario(relays):
        for channel in range(1, board.channels + 1):
            await relays.switch(channel, on=True)
        await settled(relays)
        kinds = (LineFault.DROPPED_BYTE, LineFault.SPLIT, LineFault.LATE, LineFault.SILENT)
        line.spoil(FaultPlan(share=0.3, kinds=kinds, seed=seed))
        try:
            await relays.safe()
        except FixtureFault:
            return
        finally:
            await settled(relays)

    Direct.run(line, board.driver, scenario)
    assert not any(contacts.states), "a reply may be lost, but every channel was told"


def test_a_channel_that_will_not_go_off_leaves_no_other_on():
    class Welded(RelayBank):
        def set(self, channel, on, now_s, *, for_s=None):
            super().set(channel, on or (channel == 2 and self.states[1]), now_s, for_s=for_s)

    for board in ANSWERING:
        contacts = Welded(4)

        async def scenario(relays):
            for channel in range(1, 5):
                await relays.switch(channel, on=True)
            with pytest.raises(
                NotConfirmed, match=r"channel 2: not confirmed .told off, but the board says on"
            ):
                await relays.safe()

        Direct.run(Line(board.twin(contacts)), board.driver, scenario)
        assert contacts.states == (False, True, False, False)
