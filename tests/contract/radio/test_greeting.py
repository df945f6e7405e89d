"""What a car says first, right after the subscription, is heard: also when its last link was lost, not closed."""

import pytest

from rig.radio.bring_up import NUDGE_AFTER_S
from tests.contract.radio.abilities import Ability, needs


@needs(Ability.KNOWS_WORLD, Ability.CAR_SIDE)
@pytest.mark.parametrize("times", [pytest.param(2, marks=pytest.mark.smoke), 5])
def test_a_car_whose_link_was_lost_is_heard_at_once_when_it_is_back(on_stand, times):
    """A program that leaves its bleak client open keeps BlueZ subscribed: the next greeting would go astray."""

    async def scenario(stand):
        waits_s, heard = [], []
        for _ in range(times + 1):
            frames = []
            link = await stand.connect(on_frame=frames.append)
            waits_s.append(link.milestones.first_data_s - link.milestones.subscribed_s)
            heard.append(frames[0].frame)
            stand.world.break_link(stand.cars[0], "silent_end")
            await link.lost.wait()
        subscribed = stand.car().count("subscribed")
        await link.disconnect()
        return waits_s, heard, subscribed

    waits_s, heard, subscribed = on_stand(scenario)
    assert max(waits_s) < NUDGE_AFTER_S / 2, waits_s
    assert len(set(heard)) == 1
    assert subscribed == times + 1
