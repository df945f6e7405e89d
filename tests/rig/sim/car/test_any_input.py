"""Whatever arrives, whenever: a car never raises, never goes back in time, never makes energy."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import protocol
from protocol import Direction, decode
from rig.sim.car.battery import BatteryTraits
from rig.sim.car.contract import Notify
from rig.sim.car.faults import CAR_FAULTS
from rig.sim.car.model import CarModel
from rig.sim.car.traits import CarTraits, StartPlace

FIRMWARES = (0x2120, 0x2159, 0x266E, 0x2774, 0x2B6E, 0x2E49, 0x2E5A, 0x3062, 0x307C, 0x0101)
TO_CAR_IDS = sorted(
    {kind.MSG_ID for kind in protocol.MESSAGE_TYPES if kind.FORM.direction is Direction.TO_CAR}
)

HAPPENINGS = {
    "written": lambda car, frame, now_s: car.written(frame, now_s),
    "inject": lambda car, fault, now_s: car.inject(fault, now_s),
    "link up": lambda car, _, now_s: car.link_up(now_s),
    "subscribe": lambda car, _, now_s: car.subscribed(now_s, True),
    "unsubscribe": lambda car, _, now_s: car.subscribed(now_s, False),
    "lost": lambda car, _, now_s: car.link_down(now_s, False),
    "closed": lambda car, _, now_s: car.link_down(now_s, True),
    "button": lambda car, _, now_s: car.press_power_button(now_s),
    "lift": lambda car, _, now_s: car.lift(now_s),
    "place": lambda car, _, now_s: car.place(now_s, piece_index=3),
    "charge": lambda car, _, now_s: car.put_on_charger(now_s),
    "relay": lambda car, _, now_s: car.set_charger_power(not car.power.charger_live, now_s),
}

frames = st.one_of(
    st.binary(max_size=20),
    st.tuples(st.sampled_from([*TO_CAR_IDS, 0x89]), st.binary(max_size=17)).map(
        lambda parts: bytes([len(parts[1]) + 1, parts[0]]) + parts[1]
    ),
    st.sampled_from(
        [
            bytes.fromhex(text)
            for text in (
                "03900101",
                "0624e803e80300",
                "0724e803e8030001",
                "052c00000000",
                "03320300",
                "010d",
                "0116",
            )
        ]
    ),
)
happenings = st.one_of(
    st.tuples(st.just("written"), frames),
    st.tuples(st.just("inject"), st.sampled_from(sorted(CAR_FAULTS))),
    st.tuples(st.sampled_from(sorted({*HAPPENINGS} - {"written", "inject"})), st.none()),
)


histories = (
    st.sampled_from(FIRMWARES),
    st.floats(0.0, 1.0),
    st.lists(st.tuples(st.sampled_from([0.0, 0.01, 0.3, 2.0, 40.0]), happenings), max_size=25),
)


@settings(deadline=None)
@given(*histories)
def test_any_history_is_survived(firmware, charge, history):
    survive(firmware, charge, history)


@pytest.mark.nightly
@settings(deadline=None, max_examples=20_000)
@given(*histories)
def test_any_of_many_histories_is_survived(firmware, charge, history):
    survive(firmware, charge, history)


def survive(firmware, charge, history):
    traits = CarTraits(0x11, firmware=firmware, battery=BatteryTraits(charge=charge))
    car = CarModel(traits, start=StartPlace(lane_mm=4.5), seed=3)
    now_s = 0.0
    car.link_up(now_s)
    car.subscribed(now_s, True)
    for pause_s, (what, with_what) in history:
        until_s = now_s + pause_s
        calls = 0
        while (due_s := car.next_event_s()) is not None and due_s <= until_s:
            assert calls < 5000
            calls += 1
            now_s = max(now_s, due_s)
            for output in car.advance(now_s):
                if isinstance(output, Notify):
                    decode(output.frame, Direction.TO_HOST, car.firmware.dialect)
        now_s = until_s
        HAPPENINGS[what](car, with_what, now_s)
        car.advance(now_s)
        after_s = car.next_event_s()
        assert after_s is None or after_s > now_s
        assert not (car.connected and car.is_advertising(now_s))
        assert len(car.scan_response(now_s)) <= 31
    battery = car.power.battery
    battery.bring_forward(now_s)
    assert battery.stored_mah == pytest.approx(
        battery.start_mah + battery.fed_mah - battery.drawn_mah, rel=1e-6, abs=1e-6
    )
    assert -1e-6 <= battery.share <= 1 + 1e-6
