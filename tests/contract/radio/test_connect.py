"""Connecting, on every radio."""

import pytest


@pytest.mark.smoke
def test_a_car_is_found_and_connected_and_speaks(on_stand):
    async def scenario(stand):
        frames = []
        link = await stand.connect(on_frame=frames.append)
        steps = link.milestones
        await link.disconnect()
        return steps, frames

    steps, frames = on_stand(scenario)
    times = [
        steps.seen_s, steps.asked_s, steps.connected_s, steps.services_s, steps.subscribed_s, steps.first_data_s,
    ]  # fmt: skip
    assert times == sorted(times)
    assert frames
