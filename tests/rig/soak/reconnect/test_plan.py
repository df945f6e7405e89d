"""Plans are read strictly: what is wrong is named, with the nearest known word."""

from __future__ import annotations

import pytest

from rig.builtin_data import builtin_names
from rig.errors import InputError
from rig.soak.abilities import Abilities, refuse_unmet
from rig.soak.kinds import kind_named, load_plan, parse_plan
from rig.soak.plan_file import DEFAULT_BENCH_PLAN, DEFAULT_PLAN
from rig.soak.reconnect.plan import Figure, Loss, Order
from rig.soak.run_plan import load_run_plan
from rig.soak.schedule import SoakCar

SMALL = """
kind = "reconnect"
name = "small"
cycles_per_car = 5
{more}
[[limit]]
figure = "reconnect"
quantile = 0.95
at_most_s = 8
{in_limit}
"""


def small(more="", in_limit=""):
    return SMALL.format(more=more, in_limit=in_limit)


def test_every_shipped_plan_is_valid():
    assert DEFAULT_PLAN in builtin_names("plans")
    for name in builtin_names("plans"):
        assert load_run_plan(name).head.name == name


def test_the_default_plan_can_bound_p95():
    assert load_plan(DEFAULT_PLAN).cycles_per_car >= 59


def test_the_plan_for_real_radios_wants_only_losses_they_can_make():
    needs = kind_named("reconnect").needs
    refuse_unmet("bench", needs(load_plan(DEFAULT_BENCH_PLAN)), Abilities(simulated=False), [])
    with pytest.raises(
        InputError, match=r"the loss 'vanish', which only a simulated.*or use plan 'reconnect-bench'"
    ):
        refuse_unmet("reconnect", needs(load_plan(DEFAULT_PLAN)), Abilities(simulated=False), [])


def test_a_plan_whose_losses_need_a_bench_is_refused_without_one():
    plan = load_plan("reconnect-hard")
    needs = kind_named("reconnect").needs(plan)
    assert needs.uses_bench
    cars = [SoakCar(1, "Skull A1"), SoakCar(2, "Thermo A3")]
    with pytest.raises(
        InputError, match=r"'after charge', which needs a charger.*there is no bench for Skull A1, Thermo A3"
    ):
        refuse_unmet("hard", needs, Abilities(simulated=True), cars)
    with pytest.raises(
        InputError, match=r"'after power button'.*bench 'two' has none for Thermo A3; .*--bench"
    ):
        refuse_unmet(
            "hard", needs, Abilities(True, "two", frozenset({1, 2}), frozenset(), frozenset({1})), cars
        )
    refuse_unmet(
        "hard", needs, Abilities(True, "two", frozenset({1, 2}), frozenset(), frozenset({1, 2})), cars
    )


def test_every_loss_stands_in_a_shipped_plan():
    assert set(load_plan("reconnect-hard").losses) == set(Loss)
    at_once = load_plan("reconnect-at-once")
    assert (at_once.at_once, at_once.pace_s) == (4, 20.0)


def test_limits_say_after_which_loss_in_plain_words():
    assert [
        loss.words for loss in (Loss.VANISH, Loss.AGAIN_SEEKING, Loss.ADAPTER, Loss.CROWDED, Loss.AFTER_APP)
    ] == [
        "after vanish",
        "when lost again while seeking",
        "after adapter loss",
        "in crowded air",
        "after vendor app",
    ]


def test_a_plan_needs_little():
    plan = parse_plan(small(), source="small.toml")
    assert plan.losses == (Loss.DISCONNECT,)
    assert plan.order is Order.IN_TURN
    assert plan.limits[0].figure is Figure.RECONNECT
    assert plan.limits[0].name == "P95 reconnect ≤ 8 s"
    assert plan.limits[0].confidence == 0.95


def test_the_digest_is_of_the_text_as_written():
    assert (
        parse_plan(small(), source="a").head.digest != parse_plan(small("seed = 2"), source="a").head.digest
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (small("sede = 3"), r"small\.toml: unknown key 'sede'; did you mean 'seed'\?"),
        (small("[timing]\nsetle_least_s = 1"), r"\[timing\] unknown key 'setle_least_s'.*'settle_least_s'"),
        (small(in_limit="at_last = 1"), r"\[limit 1\] unknown key 'at_last'"),
        (
            small("losses = ['vanished']"),
            r"'losses' may hold disconnect, vanish, again while seeking, .*, not 'vanished'",
        ),
        (small("losses = []"), "'losses' must name at least one"),
        (small("order = 'random'"), "'order' must be one of in turn, shuffled"),
        (small("[timing]\ncycle_timeout_s = 5"), r"lies beyond timing\.cycle_timeout_s"),
        (small("[timing]\nsettle_least_s = 5"), "'settle_most_s' must be at least settle_least_s"),
        (small(in_limit="loss = 'vanish'"), "which 'losses' never makes"),
        (small(in_limit="confidence = 95"), "'confidence' must be a number from 0.5 to 0.9999"),
        (small().replace("cycles_per_car = 5", ""), "'cycles_per_car' is missing"),
        (
            small().replace('"reconnect"\nname', '"batery"\nname'),
            "'kind' must be one of reconnect.*did you mean 'battery'",
        ),
        (small().split("[[limit]]")[0], "'limit' is missing"),
        ("kind = ", "not valid TOML"),
        (small().replace('"small"', '"../../evil"'), "'name' may hold letters, digits, spaces and . _ -"),
        (small().replace('"small"', '"a/b"'), "'name' may hold letters"),
        (small().replace('"small"', r'"a\u0000b"'), r"not 'a\\x00b'"),
        (small().replace('"small"', '".hidden"'), "a letter or digit first"),
    ],
)
def test_what_is_wrong_is_named(text, says):
    with pytest.raises(InputError, match=says):
        parse_plan(text, source="small.toml")


def test_a_missing_plan_lists_the_shipped_ones():
    with pytest.raises(InputError, match=r"no plan named 'recconect'.*built in: .*reconnect"):
        load_plan("recconect")


def test_a_file_that_is_no_text_is_one_sentence(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot read the soak plan"):
        load_plan(str(path))
