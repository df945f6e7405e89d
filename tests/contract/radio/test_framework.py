"""The suite itself: abilities are declared, not skipped, and what is left behind is seen."""

import asyncio
import os
from types import SimpleNamespace

import pytest

from tests.contract.radio import conftest as hooks
from tests.contract.radio.abilities import Ability, car_abilities, cars_promised, needed_by, needs
from tests.contract.radio.benches import (
    BENCHES,
    Bench,
    Setup,
    Stand,
    bench_class,
    declared_somewhere,
    make_bench,
)
from tests.contract.radio.leftovers import check_nothing_left
from tests.contract.radio.sim_bench import SimBench

EVERY_BENCH = tuple(BENCHES)


def test_every_ability_is_declared_by_some_bench():
    assert declared_somewhere() == frozenset(Ability)


@pytest.mark.parametrize("name", EVERY_BENCH)
def test_every_bench_has_a_name_and_can_be_asked_for_its_abilities_anywhere(name):
    kind = bench_class(name)
    assert kind.name == name
    assert kind.abilities <= set(Ability)


def test_a_need_that_no_bench_declares_is_an_error(monkeypatch):
    monkeypatch.setattr(hooks, "declared_somewhere", frozenset)
    item = SimpleNamespace(nodeid="test_x", iter_markers=lambda _name: [needs(Ability.SILENCE).mark])
    with pytest.raises(pytest.UsageError, match=r"test_x needs what no bench declares: SILENCE"):
        hooks._refuse_what_nobody_declares([item])


def test_needs_of_a_module_and_of_a_test_add_up():
    marks = [needs(Ability.SILENCE).mark, needs(Ability.FOUR_CARS, Ability.ODD_NAMES).mark]
    item = SimpleNamespace(iter_markers=lambda _name: marks)
    assert needed_by(item) == {Ability.SILENCE, Ability.FOUR_CARS, Ability.ODD_NAMES}
    assert cars_promised(needed_by(item)) == 4
    assert car_abilities(4) == {Ability.TWO_CARS, Ability.FOUR_CARS}


def test_a_skip_in_the_suite_is_a_failure(request):
    report = SimpleNamespace(skipped=True, outcome="skipped", longrepr=None)
    hook = hooks.pytest_runtest_makereport(request.node, None)
    next(hook)
    with pytest.raises(StopIteration) as ended:
        hook.send(report)
    assert ended.value.value.outcome == "failed"


def test_a_link_left_open_is_seen():
    async def forgets_its_link(stand):
        await stand.connect()

    with pytest.raises(AssertionError, match="links left open"):
        SimBench().run(forgets_its_link)


def test_a_file_left_open_is_seen(tmp_path):
    left = []

    async def main():
        async with check_nothing_left():
            left.append(os.open(tmp_path, os.O_RDONLY))

    try:
        with pytest.raises(AssertionError, match="left behind"):
            asyncio.run(main())
    finally:
        os.close(left[0])


def test_a_scenario_that_does_not_end_is_ended():
    async def waits_for_ever(stand):
        await asyncio.sleep(1e6)

    with pytest.raises(TimeoutError):
        SimBench().run(waits_for_ever, limit_s=5)


def test_a_bench_gives_its_stand_back_when_the_scenario_fails():
    closed = []

    class Watched(Bench):
        name, abilities = "watched", SimBench.abilities

        def stand(self, setup):
            inner = SimBench().stand(setup)

            class Both:
                async def __aenter__(self):
                    return await inner.__aenter__()

                async def __aexit__(self, *error):
                    closed.append(error[0])
                    return await inner.__aexit__(*error)

            return Both()

    async def fails(stand: Stand):
        raise ValueError("as planned")

    with pytest.raises(ValueError, match="as planned"):
        Watched().run(fails)
    assert closed == [ValueError]
    assert Setup().cars == 1


def options(bench=None, device=None, cars=None):
    given = {"--bench": bench, "--device": device, "--cars": cars}
    return SimpleNamespace(getoption=given.__getitem__)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bench": "vhci", "device": "ble"}, "give one of them"),
        ({"bench": "device"}, "--device ble"),
        ({"bench": "steam"}, "no bench 'steam': there are sim, vhci"),
        ({"device": "ble"}, "--cars with the identifiers"),
        ({"device": "ble", "cars": "my car"}, "identifiers in hex, not 'my car'"),
        ({"device": "steam", "cars": "0880eadb"}, "unknown radio 'steam'"),
    ],
)
def test_options_that_name_no_bench_or_two_are_refused(given, words):
    with pytest.raises(pytest.UsageError, match=words):
        make_bench(options(**given))


def test_without_options_the_bench_is_the_simulated_one():
    assert isinstance(make_bench(options()), SimBench)


def test_a_radio_named_by_its_moniker_declares_as_many_cars_as_are_named():
    bench = make_bench(options(device="sim:two-sets", cars="0880eadb, 0a41c37e"))
    assert bench.name == "sim:two-sets"
    assert bench.abilities == {Ability.TWO_CARS}

    async def scenario(stand):
        link = await stand.connect(1)
        await link.disconnect()
        return link.identifier

    assert bench.run(scenario, cars=2) == 0x0A41C37E
