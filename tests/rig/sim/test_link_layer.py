"""Connection events, acknowledgement and supervision, on two bare link ends."""

import asyncio
from random import Random

import pytest

from rig.sim.link_layer import AirConnection, LinkEnd, LinkTiming, Pdu
from rig.virtual_time import run_virtual

TIMING = LinkTiming(24, 0, 72)  # 30 ms, 720 ms


class Bench:
    """Two ends, a log of what arrived when, and air that can be turned bad."""

    def __init__(self, *, timing=TIMING, seed=1, loss=0.0):
        self.loop = asyncio.get_running_loop()
        self.loss, self.reach = loss, True
        self.log = []
        self.over = []
        ends = [LinkEnd(name, self.loop.time(), self._closed(name)) for name in ("central", "peripheral")]
        self.central, self.peripheral = ends
        self.air = AirConnection(
            *ends,
            timing,
            anchor_s=self.loop.time() + 0.0025,
            pdus_per_event=4,
            random=Random(seed),
            loss=lambda: self.loss,
            in_reach=lambda: self.reach,
            on_over=lambda: self.over.append(self.loop.time()),
        )

    def _closed(self, name):
        return lambda reason: self.log.append((name, "closed", reason, round(self.loop.time(), 6)))

    def send(self, end, text, acknowledged=None):
        deliver = lambda: self.log.append((end.name, text, round(self.loop.time(), 6)))  # noqa: E731
        self.air.send(end, Pdu(deliver, acknowledged))

    def set_air(self, *, loss=None, reach=None):
        self.loss = self.loss if loss is None else loss
        self.reach = self.reach if reach is None else reach
        self.air.conditions_changed()


def run(scenario, **options):
    async def main():
        bench = Bench(**options)
        result = await scenario(bench)
        return bench.log if result is None else result

    return run_virtual(main, limit_s=100_000)


def test_data_arrives_at_the_next_connection_event():
    async def scenario(bench):
        await asyncio.sleep(0.010)
        bench.send(bench.central, "ping")
        await asyncio.sleep(0.1)

    assert run(scenario) == [("central", "ping", 0.0325)]


def test_an_idle_connection_has_no_timer():
    async def scenario(bench):
        await asyncio.sleep(1)
        return bench.air._timer is None

    assert run(scenario)


def test_four_packets_a_side_fit_into_one_event_and_keep_their_order():
    async def scenario(bench):
        await asyncio.sleep(0.010)
        for number in range(6):
            bench.send(bench.peripheral, number)
        await asyncio.sleep(0.2)

    log = run(scenario)
    assert [entry[1] for entry in log] == list(range(6))
    assert [entry[2] for entry in log] == [0.0325] * 4 + [0.0625] * 2


@pytest.mark.parametrize("loss", [0.1, 0.3, 0.5])
def test_loss_is_latency_nothing_is_missing_doubled_or_out_of_order(loss):
    async def scenario(bench):
        for number in range(300):
            bench.send(bench.peripheral, number)
            bench.send(bench.central, 1000 + number)
            await asyncio.sleep(0.1)
        await asyncio.sleep(5)

    log = run(scenario, loss=loss, timing=LinkTiming(24, 0, 3200))
    assert [e[1] for e in log if e[0] == "peripheral"] == list(range(300))
    assert [e[1] for e in log if e[0] == "central"] == list(range(1000, 1300))


def test_more_loss_means_more_latency():
    def mean_delay(loss):
        async def scenario(bench):
            sent = []
            for number in range(300):
                sent.append(bench.loop.time())
                bench.send(bench.peripheral, number)
                await asyncio.sleep(0.1)
            await asyncio.sleep(5)
            return [entry[2] - at for entry, at in zip(bench.log, sent, strict=True)]

        delays = run(scenario, loss=loss, timing=LinkTiming(24, 0, 3200))
        return sum(delays) / len(delays)

    clean, some, much = mean_delay(0.0), mean_delay(0.1), mean_delay(0.4)
    assert clean < some < much
    assert clean == pytest.approx(0.015, abs=0.005)
    # an event carries the answer when both packets are heard; each further event costs 30 ms
    assert some - clean == pytest.approx(0.030 * (1 / 0.9**2 - 1), abs=0.005)


def test_out_of_reach_both_sides_time_out_after_the_supervision_timeout():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        bench.set_air(reach=False)
        await asyncio.sleep(5)

    log = run(scenario)
    assert [(entry[0], entry[2]) for entry in log] == [("central", 0x08), ("peripheral", 0x08)]
    last_event_s = 0.0025 + 33 * 0.030
    assert all(entry[3] == pytest.approx(last_event_s + 0.720) for entry in log)


def test_a_blip_shorter_than_the_timeout_is_survived_and_nothing_is_lost():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        bench.set_air(reach=False)
        bench.send(bench.peripheral, "during")
        await asyncio.sleep(0.6)
        bench.set_air(reach=True)
        await asyncio.sleep(5)

    log = run(scenario)
    assert [entry[1] for entry in log] == ["during"]
    assert 1.6 < log[0][2] < 1.64


def test_heavy_loss_on_an_idle_link_kills_it_in_the_end():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        bench.set_air(loss=0.9)
        await asyncio.sleep(600)

    log = run(scenario)
    assert {entry[2] for entry in log} == {0x08}
    assert len(log) == 2


def test_terminate_closes_both_sides_at_the_next_event_with_their_reasons():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        bench.air.terminate(bench.central, 0x13)
        await asyncio.sleep(1.0)
        return bench.log, bench.over

    log, over = run(scenario)
    assert log == [("peripheral", "closed", 0x13, 1.0225), ("central", "closed", 0x16, 1.0225)]
    assert over == [pytest.approx(1.0225)]


def test_the_peripheral_can_terminate_too():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        bench.air.terminate(bench.peripheral, 0x13)
        await asyncio.sleep(1.0)

    assert run(scenario) == [("central", "closed", 0x13, 1.0225), ("peripheral", "closed", 0x16, 1.0225)]


def test_terminate_out_of_reach_ends_by_the_timeout():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        bench.set_air(reach=False)
        bench.air.terminate(bench.central, 0x13)
        await asyncio.sleep(5.0)

    log = run(scenario)
    assert [(entry[0], entry[2]) for entry in log] == [("peripheral", 0x08), ("central", 0x16)]
    assert log[1][3] == pytest.approx(1.720)


def test_silence_of_one_end_is_noticed_by_the_other_only_after_the_timeout():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        bench.air.fall_silent(bench.peripheral)
        await asyncio.sleep(5.0)

    assert run(scenario) == [("central", "closed", 0x08, pytest.approx(1.7125))]


def test_a_ghost_believes_longer():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        bench.peripheral.hold_s = 6.0
        bench.air.fall_silent(bench.central)
        await asyncio.sleep(10.0)

    assert run(scenario) == [("peripheral", "closed", 0x08, pytest.approx(6.9925))]


def test_a_connection_never_heard_fails_to_be_established_after_six_intervals():
    async def scenario(bench):
        bench.set_air(reach=False)
        await asyncio.sleep(5.0)

    log = run(scenario)
    assert [(entry[0], entry[2]) for entry in log] == [("central", 0x3E), ("peripheral", 0x3E)]
    assert all(entry[3] == pytest.approx(0.180) for entry in log)


def test_new_parameters_take_effect_six_events_later_on_both_sides():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        changed = []
        bench.air.update_timing(LinkTiming(6, 0, 200), lambda: changed.append(bench.loop.time()))
        await asyncio.sleep(1.0)
        bench.send(bench.central, "fast")
        asked_s = bench.loop.time()
        await asyncio.sleep(0.1)
        return changed, bench.log[0][2] - asked_s, bench.air.timing.timeout_s

    changed, delay_s, timeout_s = run(scenario)
    assert changed == [pytest.approx(1.0225 + 6 * 0.030)]
    assert delay_s <= 0.0075
    assert timeout_s == 2.0


def test_with_peripheral_latency_the_host_waits_and_the_car_does_not():
    async def scenario(bench):
        await asyncio.sleep(1.0)
        for name in ("central", "peripheral"):
            bench.send(getattr(bench, name), name)
            await asyncio.sleep(1.0)
        return [entry[2] for entry in bench.log]

    to_car_s, to_host_s = run(scenario, timing=LinkTiming(24, 9, 300))
    assert (to_car_s - 0.0025) / 0.030 % 10 == pytest.approx(0, abs=1e-6)
    assert to_host_s - 2.0 <= 0.030


def test_acknowledgement_frees_the_senders_buffer():
    async def scenario(bench):
        freed = []
        await asyncio.sleep(0.010)
        bench.send(bench.central, "a", lambda: freed.append(bench.loop.time()))
        assert bench.air.tx_pending(bench.central) == 1
        await asyncio.sleep(0.1)
        return freed, bench.air.tx_pending(bench.central)

    assert run(scenario) == ([pytest.approx(0.0325)], 0)
