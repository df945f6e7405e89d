"""The rehearsed day is the same for a seed, has its waves, and names only faults that the simulated world knows."""

from __future__ import annotations

from collections import Counter

import pytest

from booth.pack.files import load_pack
from booth.rehearsal.crowd import CrowdPlan, crowd, rate_share
from booth.rehearsal.mishaps import SLIPS, Clumsiness, DayPlan, mishaps
from rig.sim.car.faults import CAR_FAULTS
from rig.sim.faults import FAULTS

PACK = load_pack()


def test_the_same_seed_is_the_same_day():
    assert crowd(3, 8.0) == crowd(3, 8.0) != crowd(4, 8.0)
    assert mishaps(3, 8.0, PACK) == mishaps(3, 8.0, PACK) != mishaps(4, 8.0, PACK)


def test_visitors_come_in_two_waves():
    by_hour = Counter(int(one.arrives_s // 3600) for seed in range(20) for one in crowd(seed, 8.0))
    assert min(by_hour[1], by_hour[5]) > 1.5 * max(by_hour[3], by_hour[7])
    assert rate_share(5.0, 8.0) == pytest.approx(1.0)
    assert rate_share(2.5, 4.0) == pytest.approx(1.0)


def test_a_visitor_is_somebody():
    day = crowd(1, 8.0, CrowdPlan(languages=("en", "de")))
    assert [one.number for one in day] == list(range(1, len(day) + 1))
    assert {one.language for one in day} == {"en", "de"}
    assert all(0 < one.skill <= 1 and one.patience_s > 0 and one.arrives_s < 8 * 3600 + 60 for one in day)


def test_mishaps_are_faults_the_world_knows():
    found = [one for seed in range(20) for one in mishaps(seed, 8.0, PACK)]
    for one in found:
        assert one.fault in (CAR_FAULTS if one.car and one.fault in CAR_FAULTS else FAULTS)
        assert (one.car is None) == (FAULTS[one.fault].scope == "adapter" if one.fault in FAULTS else False)
    assert len({one.fault for one in found}) >= 8
    assert mishaps(1, 8.0, PACK, DayPlan(radio_per_hour=0, car_per_hour=0)) == ()


def test_the_crew_slips_as_often_as_planned():
    crew = Clumsiness(1, 0.1)
    slips = [crew.slip(*SLIPS) for _ in range(5000)]
    assert 0.08 < sum(slip is not None for slip in slips) / 5000 < 0.12
    assert set(slips) >= set(SLIPS)
    assert Clumsiness(1, 1.0).slip() is None
    assert all(0 < crew.delay_s() <= 20 for _ in range(100))
    assert crew.pick((7,)) == 7
