"""Lamps follow both light commands, and go out with the power."""

from __future__ import annotations

from protocol import (
    LightChannel,
    LightChannelId,
    LightEffect,
    LightsPattern,
    LightsPatternDrive,
    SetLights,
    Unknown,
)
from rig.sim.car.lights import Glow, Lamp
from rig.sim.car.traits import CarTraits


def test_the_mask_changes_only_the_lamps_it_names(bench):
    bench.connect().write(SetLights(0x44)).write(SetLights(0x22))
    assert bench.car.lights.lit == {Lamp.FRONT, Lamp.BRAKE}
    bench.write(SetLights(0x04))
    assert bench.car.lights.lit == {Lamp.BRAKE}


def test_patterns_set_their_channels(bench):
    red = LightChannel(LightChannelId.RED, LightEffect.THROB, 0, 14, 5)
    bench.connect().write(LightsPattern.padded(red))
    assert bench.car.lights.channels == {0: Glow(2, 0, 14, 5)}


def test_the_first_generation_counts_cycles_a_minute(make_bench):
    bench = make_bench(CarTraits(0x11, firmware=0x2159)).connect()
    bench.write(LightsPatternDrive(LightChannelId.RED, LightEffect.FLASH, 0, 14, 60))
    assert bench.car.lights.channels == {0: Glow(3, 0, 14, 10)}


def test_a_radio_reset_puts_them_out(bench):
    bench.connect().write(SetLights(0xFF)).write(Unknown(0x89, b""))
    assert bench.car.lights.lit == frozenset()
    assert len(bench.wait(0.1).drops) == 1
    assert bench.wait(3.0).car.is_advertising(bench.now_s)
