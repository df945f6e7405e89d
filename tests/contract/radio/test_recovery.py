"""The recovery ladder under every injected fault that this bench can have; the figures stand in docs/recovery.md."""

from __future__ import annotations

import pytest

from rig.radio.recovery.records import RungState
from rig.radio.recovery.rungs import Rung
from tests.contract.radio.abilities import Ability, needs
from tests.contract.radio.recovery_trials import FAULTS, POLICY, trial

pytestmark = needs(Ability.KNOWS_WORLD, Ability.MONIKER)
SLOW = pytest.mark.slow_in_real_time(240)
SEEDS = (1, 2)


def _cases():
    for name, known in FAULTS.items():
        marks = [SLOW, *([needs(Ability.STOCK_BLUEZ)] if known.only == "vhci" else [])]
        yield pytest.param(name, marks=marks)


def climb(bench, name, seed):
    """A trial whose fault is within the ladder's patience, and the recovery it took (None: none was needed)."""
    done = trial(bench.name, name, seed, mild=True)
    if done.recovery is not None:
        check(done.recovery)
    return done


def check(recovery):
    """Whatever happened: bounded, told, and complete."""
    assert len(recovery.taken) <= POLICY.rungs_at_most
    assert recovery.tries <= 1 + len(recovery.taken)
    assert all(record.state is not RungState.INTENDED for record in recovery.records)
    assert all(record.helped is not None for record in recovery.taken)
    assert all(record.began_s - recovery.first_fault_s < POLICY.limit_s for record in recovery.taken)
    assert all(record.cost_s >= record.act_s >= 0 for record in recovery.taken)
    assert bool(recovery.said) is not recovery.recovered


@pytest.mark.parametrize("name", list(_cases()))
def test_a_fault_is_recovered_from_or_a_person_is_told(bench, name):
    for seed in SEEDS:
        done = climb(bench, name, seed)
        assert (done.back_s is None) is FAULTS[name].needs_person, done
        if FAULTS[name].needs_person:
            assert done.recovery is not None
            assert not done.recovery.recovered


@SLOW
@pytest.mark.parametrize(
    ("name", "rung"),
    [
        ("adapter_off", Rung.POWER_CYCLE),
        ("phantom", Rung.DROP_STALE),
        pytest.param("bluetoothd_killed", Rung.RESTART_STACK, marks=needs(Ability.SERVICE)),
    ],
)
def test_what_only_one_rung_can_mend_is_mended_by_it(bench, name, rung):
    recovery = climb(bench, name, 1).recovery
    assert recovery is not None
    assert recovery.taken[-1].rung is rung
    assert recovery.taken[-1].helped


@pytest.mark.smoke
def test_an_adapter_that_was_switched_off_is_switched_on_and_the_car_comes_back(bench):
    done = climb(bench, "adapter_off", 7)
    assert done.back_s is not None


@SLOW
def test_a_car_alone_never_costs_the_others_their_links(bench):
    """A second car is up meanwhile: the adapter stays on, whatever the first one does."""
    done = climb(bench, "wedged_beside_another", 1)
    assert done.recovery is not None
    assert Rung.POWER_CYCLE not in {record.rung for record in done.recovery.taken}
    assert not done.other_lost


@needs(Ability.VIRTUAL_TIME)
def test_the_same_seed_gives_the_same_recovery(bench):
    one, same = (climb(bench, "abort_connect", 3) for _ in range(2))
    assert one == same
