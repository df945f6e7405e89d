"""Both supplies against their twins, in process and over a real pty."""

import pytest

from rig.bench.drivers.korad import KoradSupply
from rig.bench.drivers.riden import RidenSupply
from rig.bench.errors import BadReply, FixtureFault, NoReply, NotConfirmed, UnknownModel
from rig.bench.twins.faults import FaultPlan, LineFault
from rig.bench.twins.line import Line
from rig.bench.twins.plant import BenchPlant, Wire
from rig.bench.twins.supplies import KoradTwin, RidenTwin
from tests.rig.bench.boards import MOUNTS, Direct

ON_EACH_MOUNT = pytest.mark.parametrize("mount", MOUNTS, ids=lambda mount: mount.name)


def plant():
    wired = BenchPlant({"1": Wire(relay=("relays", 1), meter=("meter", 1), load_ma=350.0)})
    wired.closed["relays", 1] = True
    return wired


SUPPLIES = {
    "riden": (lambda: RidenTwin(plant=plant()), lambda port: RidenSupply(port, "meter")),
    "riden-6006p": (lambda: RidenTwin(plant=plant(), model=60065), lambda port: RidenSupply(port, "meter")),
    "korad": (lambda: KoradTwin(plant=plant()), lambda port: KoradSupply(port, "meter")),
    "korad-line-feed": (
        lambda: KoradTwin(plant=plant(), line_feed=True),
        lambda port: KoradSupply(port, "meter"),
    ),
}
EACH = pytest.mark.parametrize("supply", list(SUPPLIES))


@EACH
@ON_EACH_MOUNT
def test_it_switches_and_measures(supply, mount):
    twin, driver = SUPPLIES[supply]

    async def scenario(meter):
        name = await meter.identify()
        await meter.set_limits(voltage_mv=5200.0, current_ma=2000.0)
        off = await meter.measure(1)
        await meter.switch(1, on=True)
        on = await meter.measure(1)
        await meter.safe()
        return name, off, on, await meter.is_on(1)

    name, off, on, at_end = mount.run(Line(twin()), driver, scenario)
    assert name.split()[0] in ("Riden", "KORADKA3005PV2.0,")
    assert off.current_ma == 0
    assert on.current_ma == pytest.approx(354, abs=1)
    assert on.voltage_mv == pytest.approx(5200)
    assert at_end is False


@EACH
@pytest.mark.parametrize("seed", range(15))
def test_under_a_storm_of_faults_a_true_number_or_an_error_of_ours(supply, seed):
    twin, driver = SUPPLIES[supply]
    kinds = [LineFault.DROPPED_BYTE, LineFault.SPLIT, LineFault.LATE, LineFault.SILENT]
    if supply.startswith("riden"):
        kinds += [LineFault.WRONG_CHECKSUM, LineFault.JUNK]

    async def scenario(meter):
        right = 0
        try:
            await meter.identify()
        except FixtureFault:
            return 30
        for number in range(30):
            on = number % 2 == 0
            try:
                await meter.switch(1, on=on)
                read = await meter.measure(1)
            except FixtureFault:
                continue
            assert read.current_ma == pytest.approx(354 if on else 0, abs=1)
            right += 1
        return right

    plan = FaultPlan(share=0.15, kinds=tuple(kinds), seed=seed)
    assert Direct.run(Line(twin(), plan=plan), driver, scenario) > 5


@EACH
def test_a_silence_is_never_a_zero(supply):
    twin, driver = SUPPLIES[supply]

    async def scenario(meter):
        with pytest.raises(NoReply, match=r"meter .twin.: no reply"):
            await meter.measure(1)
        with pytest.raises(NoReply):
            await meter.identify()

    Direct.run(Line(twin(), plan=FaultPlan(share=1.0, kinds=(LineFault.SILENT,))), driver, scenario)


def test_riden_counts_charge_and_energy():
    async def scenario(meter):
        await meter.switch(1, on=True)
        before = await meter.measure(1)
        await meter._talk._port.read(600.0)
        after = await meter.measure(1)
        return after.charge_mah - before.charge_mah, after.energy_mwh - before.energy_mwh

    charge, energy = Direct.run(
        Line(RidenTwin(plant=plant())), lambda port: RidenSupply(port, "meter"), scenario
    )
    assert charge == pytest.approx(354 / 6, abs=1)
    assert energy == pytest.approx(354 / 6 * 5, abs=3)


def test_riden_refuses_a_model_whose_scaling_it_does_not_know():
    async def scenario(meter):
        with pytest.raises(UnknownModel, match="model register 60125, whose scaling is not known"):
            await meter.measure(1)

    Direct.run(Line(RidenTwin(model=60125)), lambda port: RidenSupply(port, "meter"), scenario)


def test_riden_says_that_a_protection_tripped():
    async def scenario(meter):
        with pytest.raises(NotConfirmed, match="told on, but its over-current protection has tripped"):
            await meter.switch(1, on=True)

    Direct.run(Line(RidenTwin(protection=2)), lambda port: RidenSupply(port, "meter"), scenario)


def test_korad_drops_what_comes_too_soon_and_is_told_again():
    """A busy time longer than our pace: every other command is lost, none silently."""
    twin = KoradTwin(plant=plant(), busy_s=0.12)

    async def scenario(meter):
        await meter.set_limits(voltage_mv=6000.0, current_ma=1000.0)
        await meter.switch(1, on=True)
        return (await meter.measure(1)).voltage_mv

    assert Direct.run(Line(twin), lambda port: KoradSupply(port, "meter"), scenario) == 6000
    assert twin.dropped > 0


def test_a_garbled_korad_name_is_refused():
    class Garbled(KoradTwin):
        def _answer(self, command, now_s):
            return b"\x01\xff"

    async def scenario(meter):
        with pytest.raises(BadReply, match="a reply made no sense"):
            await meter.identify()

    Direct.run(Line(Garbled()), lambda port: KoradSupply(port, "meter"), scenario)
