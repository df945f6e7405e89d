"""Bench fixtures on serial ports: what they can do, their drivers, their simulated twins. Opens all serial ports.

    rig.bench.wiring         load_wiring: which car is in which bay, and what is wired to it
    rig.bench.station        open_bench, Bench: the open fixtures of a wiring map, left safe
    rig.bench.capabilities   SwitchesPower, MeasuresCharge, PressesButtons, ReportsPassages; Traits, what to trust
    rig.bench.confirm        switch_charger: switched, and seen by the meter, or felt by the car
    rig.bench.dead_man       dead_man: timed channels stay on only while this program lives
    rig.bench.bays           Bays: charge, measure and press by car; faults latch per bay; all off at the end
    rig.bench.acts           Acts: where physical acts are journaled
    rig.bench.selftest       wiggle: every wire moved, one row each
    rig.bench.advert_sensor  AdvertSensor: the cars' adverts as the other sensor
    rig.bench.twins.bench_on_ptys   bench_on_ptys: a whole simulated bench for programs of their own
    rig.bench.twins.plant    Plant: what simulated fixtures act upon, the seam to a simulated world
    rig.bench.errors         what can go wrong, and what to do

    wiring = load_wiring("twin")
    async with open_bench(wiring) as bench, dead_man(bench.fixtures.values()):
        await switch_charger(bench, wiring.bays[0], on=True)

Nothing is imported here: who only reads a wiring map does not pay for pyserial. docs/bench.md is for those who wire.
"""
