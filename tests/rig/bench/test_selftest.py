"""The wiggle test finds what is wrong with a bench, and two-sensor confirmation names it."""

import asyncio

import pytest

from rig.bench.confirm import switch_charger
from rig.bench.dead_man import dead_man
from rig.bench.errors import NoReply, NotConfirmed
from rig.bench.selftest import Result, leave_safe, wiggle
from rig.bench.station import open_bench
from rig.bench.twins.build import plant_of, twin_line
from rig.bench.twins.faults import FaultPlan, LineFault
from rig.bench.wiring import load_wiring, parse_wiring
from rig.errors import InputError
from rig.virtual_time import run_virtual

TWIN = load_wiring("twin")


def lines(*, stuck=None, plans=None):
    """Makes the twins' lines: contacts that stick, faults on the line, by fixture."""

    def make(spec, plant):
        return twin_line(
            spec, plant, stuck=(stuck or {}).get(spec.name, frozenset()), plan=(plans or {}).get(spec.name)
        )

    return make


def on_bench(scenario, wiring=TWIN, **options):
    plant = plant_of(wiring)

    async def main():
        async with open_bench(wiring, plant=plant, **options) as bench:
            return await scenario(bench)

    return run_virtual(main, limit_s=3600), plant


async def all_steps(bench):
    return (await wiggle(bench)).steps[:-1]  # the last is `left safe`


def failures(steps):
    return [(step.subject, step.action) for step in steps if step.result is Result.FAIL]


def test_a_sound_bench_passes_and_is_left_safe():
    steps, plant = on_bench(all_steps)
    assert failures(steps) == []
    assert sum(step.result is Result.PASS for step in steps) == 9
    assert not any(plant.closed.values())
    assert all(pulses[-1] == 0.0 for pulses in plant.pulses_us.values())


def test_a_stuck_relay_is_found_and_named_by_board_channel_and_bay():
    steps, _ = on_bench(all_steps, twin=lines(stuck={"chargers": frozenset({3})}))
    assert failures(steps) == [("bay A3", "charger")]
    (words,) = [step.words for step in steps if step.result is Result.FAIL]
    assert words == (
        "bay A3, relay chargers 3: not confirmed (told on, but meter meter 1 saw +0 mA in 3 s, not +50 mA);"
        " check this wire and this contact by hand before the bay is used again"
    )


def test_a_dead_relay_board_fails_its_bays_and_spares_the_rest():
    plans = {"chargers": FaultPlan(share=1.0, kinds=(LineFault.SILENT,))}
    steps = []

    async def scenario(bench):
        steps.extend(await all_steps(bench))

    with pytest.raises(NoReply, match="chargers"):  # nor can it be made safe, and that is not kept quiet
        on_bench(scenario, twin=lines(plans=plans))
    assert failures(steps) == [("chargers", "identify")] + [(f"bay A{n}", "charger") for n in (1, 2, 3, 4)]
    assert sum(step.action == "button" and step.result is Result.UNPROVEN for step in steps) == 4


def test_an_unplugged_servo_is_found():
    plans = {"buttons": FaultPlan(at={0: LineFault.UNPLUG})}
    steps, plant = [], plant_of(TWIN)

    async def main():
        async with open_bench(TWIN, plant=plant, twin=lines(plans=plans), leave_safe=False) as bench:
            steps.extend([*await all_steps(bench), await leave_safe(bench)])

    run_virtual(main, limit_s=3600)
    assert failures(steps) == [
        ("buttons", "identify"),
        *[(f"bay A{n}", "button") for n in (1, 2, 3, 4)],
        ("bench", "left safe"),
    ]
    assert not any(plant.closed.values())


def test_an_error_says_when_the_bench_could_not_be_made_safe_either():
    async def scenario(bench):
        bench.lines["chargers"].unplugged = True
        raise ValueError("something else")

    with pytest.raises(ValueError, match="something else") as caught:
        on_bench(scenario)
    (note,) = caught.value.__notes__
    assert note.startswith("and the bench could not be made safe: chargers (twin): its port went away")


@pytest.mark.parametrize("seed", range(8))
def test_a_noisy_line_costs_time_not_truth(seed):
    kinds = (LineFault.SPLIT, LineFault.WRONG_CHECKSUM, LineFault.JUNK, LineFault.DROPPED_BYTE)
    plans = {name: FaultPlan(share=0.05, kinds=kinds, seed=seed) for name in ("chargers", "meter")}
    _, plant = on_bench(all_steps, twin=lines(plans=plans))
    assert not any(plant.closed.values())


def test_a_charger_that_cannot_be_confirmed_on_is_off_again():
    async def scenario(bench):
        relays = bench.fixtures["chargers"]
        with pytest.raises(NotConfirmed) as caught:
            await switch_charger(bench, bench.wiring.bays[1], on=True)
        assert caught.value.exit_code == 3
        return await relays.is_on(2)

    assert on_bench(scenario, twin=lines(stuck={"chargers": frozenset({2})}))[0] is False


def test_when_the_meter_fails_the_charger_is_off_again():
    plans = {"meter": FaultPlan(at=dict.fromkeys(range(3, 60), LineFault.SILENT))}

    async def scenario(bench):
        with pytest.raises(NoReply):
            await switch_charger(bench, bench.wiring.bays[0], on=True)
        return await bench.fixtures["chargers"].is_on(1)

    off, plant = on_bench(scenario, twin=lines(plans=plans))
    assert off is False
    assert not any(plant.closed.values())


def test_what_cannot_change_is_not_proven():
    async def scenario(bench):
        bay = bench.wiring.bays[0]
        return [(await switch_charger(bench, bay, on=on)).proven for on in (False, True, True, False)]

    assert on_bench(scenario)[0] == [False, True, False, True]


def test_a_bay_without_charger_is_the_maps_fault():
    wiring = parse_wiring(
        'name = "b"\n[[fixture]]\nname = "m"\nkind = "korad"\nport = "twin"\n[[bay]]\nname = "A1"\n',
        source="b",
    )

    async def scenario(bench):
        with pytest.raises(InputError, match="bay A1 has no charger"):
            await switch_charger(bench, bench.wiring.bays[0], on=True)

    on_bench(scenario, wiring)


MUTE = """
name = "mute"
[[fixture]]
name = "relays"
kind = "lcus"
port = "twin"
dialect = "mute"
[[fixture]]
name = "meter"
kind = "korad"
port = "twin"
[[fixture]]
name = "gate"
kind = "pc-lap-counter"
port = "twin"
[[bay]]
name = "A1"
charger = { fixture = "relays", channel = 1 }
meter = { fixture = "meter", channel = 1 }
[[bay]]
name = "A2"
charger = { fixture = "relays", channel = 2 }
"""


def test_a_mute_relay_is_proven_by_the_meter_and_by_nothing_else():
    steps, _ = on_bench(all_steps, parse_wiring(MUTE, source="mute"))
    results = {(step.subject, step.action): step.result for step in steps}
    assert results["bay A1", "charger"] is Result.PASS
    assert results["bay A2", "charger"] is Result.UNPROVEN
    assert results["relays", "identify"] is Result.UNPROVEN
    assert results["gate", "identify"] is Result.UNPROVEN
    assert results["relays", "dead-man"] is Result.UNPROVEN
    assert on_bench(leave_safe, parse_wiring(MUTE, source="mute"))[0].result is Result.UNPROVEN


def test_renewals_outlive_single_lost_replies():
    plans = {"chargers": FaultPlan(share=0.2, kinds=(LineFault.SILENT,), seed=4)}

    async def scenario(bench):
        relays = bench.fixtures["chargers"]
        async with dead_man(bench.fixtures.values()) as keeper:
            await relays.switch(1, on=True)
            await asyncio.sleep(300.0)
            return bench.lines["chargers"].device.bank.states[0], keeper.every_s

    (on, every_s), _ = on_bench(scenario, twin=lines(plans=plans))
    assert on is True
    assert every_s == pytest.approx(5 / 3)
