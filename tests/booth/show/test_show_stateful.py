"""The show at random: crew mistakes, deaths, links and radio lost, restarts at any moment, anything asked in any order.
Whatever happens no rule of the rotation is broken, no lap counted twice, no result lost, and there is a way on."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from booth.pack.files import load_pack
from booth.show import commands, inputs, records
from booth.show.commands import Role
from booth.show.phases import RACING
from booth.show.records import from_body, to_body
from booth.show.troubles import EMPTY
from booth.show.view import Stage
from rig.rotation.invariants import IN_TIME, NOT_BOTH_OFF
from tests.booth.show.toy_floor import ToyFloor

PACK = load_pack()
CARS = sorted(car.identifier for group in PACK.sets for car in group.cars)
ANY_CAR = st.sampled_from(CARS)
ANY_PLAYER = st.sampled_from(["p1", "p2", "p3", "p4", "p5"])
NAME = st.sampled_from(["A", "B"])
CREW = "crew"
ASKED = st.one_of(
    st.sampled_from(
        [
            commands.StartRace(CREW),
            commands.StopRace(CREW, "for the test"),
            commands.Hold(CREW),
            commands.Resume(CREW),
            commands.CallSwap(CREW),
            commands.CloseShow(CREW),
            commands.OpenShow(CREW),
            commands.Restart(CREW, "radio"),
            commands.StageDraw(CREW, "rules", {}),
            commands.StageDraw(CREW, "", {}),
            commands.ChooseMode(CREW, "battle"),
            commands.ChooseMode(CREW, "race"),
            commands.AcceptChange(CREW, 1),
            commands.UndoChange(CREW, 1),
        ]
    ),
    st.builds(commands.SetUp, st.just(CREW), NAME),
    st.builds(commands.MayCharge, st.just(CREW), ANY_CAR),
    st.builds(commands.TakeOut, st.just(CREW), ANY_CAR, st.just("slow")),
    st.builds(commands.Readmit, st.just(CREW), ANY_CAR),
    st.builds(commands.Rerun, st.just(CREW), st.integers(1, 5)),
    st.builds(commands.Skip, st.just(CREW), st.integers(1, 4)),
    st.builds(commands.Restart, st.just(CREW), ANY_CAR.map(lambda car: f"{car:08x}")),
    st.builds(
        commands.Correct,
        st.just(CREW),
        st.integers(1, 4),
        st.just((2, 1, 3, 4)),
        st.sampled_from(["", "seen"]),
    ),
    st.builds(
        commands.Tick, st.just(CREW), st.sampled_from(["placed-A", "placed-B", "unplugged-A", "unplugged-B"])
    ),
)


class ShowAtRandom(RuleBasedStateMachine):
    @initialize(life_s=st.sampled_from([250.0, 600.0, 1200.0]), share=st.sampled_from([0.0, 0.1, 0.3]))
    def begin(self, life_s, share):
        self.stand = ToyFloor(PACK, dt_s=1.0, life_s=life_s).open()
        self.stand.slips.share = share
        self.finished = {}

    @rule(seconds=st.integers(1, 150))
    def time_passes(self, seconds):
        self.stand.run(float(seconds))

    @rule(car=ANY_CAR)
    def a_wrong_button_is_pressed(self, car):
        self.stand.mistakes += 1
        self.stand.press(car)

    @rule(car=ANY_CAR, on=st.booleans())
    def a_car_goes_on_its_charger_or_off_it_unasked(self, car, on):
        self.stand.plug(car, on=on, by_mistake=True)

    @rule(car=ANY_CAR)
    def a_car_is_taken_off_the_track(self, car):
        self.stand.place(car, on=False)

    @rule(car=ANY_CAR, broken=st.booleans())
    def a_link_breaks(self, car, broken):
        self.stand.cars[car].works = not broken
        self.stand.lose_link(car)

    @rule(car=ANY_CAR)
    def a_battery_dies(self, car):
        if not self.stand.cars[car].charging:
            self.stand.cars[car].left_s = 0.0
            self.stand.die(car)

    @rule(lost=st.booleans())
    def the_radio_goes_or_comes(self, lost):
        if lost and self.stand.radio_works:
            self.stand.lose_radio()
        else:
            self.stand.mend_radio()

    @rule(away_s=st.sampled_from([0.0, 2.0, 90.0]))
    def the_race_process_is_killed(self, away_s):
        laps = self.laps()
        self.stand.wake(away_s)
        assert self.laps()[: len(laps)] == laps

    @rule(command=ASKED, role=st.sampled_from([Role.CREW, Role.IT, Role.PLAYER]))
    def somebody_asks(self, command, role):
        refused = self.stand.ask(command, role)
        assert refused is None or refused[:-1]

    @rule(
        mode=st.sampled_from(["race", "battle", "time-trial"]),
        state=st.sampled_from(["beta", "verified", "default"]),
    )
    def it_promotes_a_mode(self, mode, state):
        self.stand.ask(commands.Promote("it", mode, state, "a night"), Role.IT)

    @rule(player=ANY_PLAYER, leaves=st.booleans())
    def a_player_comes_or_goes(self, player, leaves):
        if leaves:
            self.stand.ask(commands.Leave(player), Role.PLAYER)
            self.stand.players.pop(player, None)
        else:
            self.stand.join(player)

    @rule(player=ANY_PLAYER)
    def a_phone_goes_dark(self, player):
        self.stand.players.pop(player, None)

    @rule(kind=st.sampled_from(["log", "screens", "off-road"]), car=ANY_CAR, cured=st.booleans())
    def something_else_fails(self, kind, car, cured):
        of = car if kind == "off-road" else None
        self.stand.tell(inputs.Trouble(self.stand.now_s, kind, "For the test", of))
        if cured:
            self.stand.tell(inputs.Cured(self.stand.now_s, kind, "by itself", of))

    def laps(self):
        return [(lap.race, lap.seat, lap.number) for lap in self.stand.records(records.LapDone)]

    @invariant()
    def no_rule_of_the_rotation_is_broken(self):
        # a crew that presses at random can put everything off; time belongs to its hands
        grave = [one for one in self.stand.breaches if one.invariant not in {IN_TIME, NOT_BOTH_OFF}]
        assert grave == []

    @invariant()
    def no_lap_is_counted_twice(self):
        laps = self.laps()
        assert len(laps) == len(set(laps))

    @invariant()
    def no_result_is_lost(self):
        found = [record.race for record in self.stand.records(records.RaceFinished)]
        assert len(found) == len(set(found))
        assert set(found) == set(self.stand.show.game.races)

    @invariant()
    def every_race_ends_once(self):
        started = {record.race for record in self.stand.records(records.RaceLinedUp)}
        stopped = {record.race for record in self.stand.records(records.RaceStopped)}
        finished = {record.race for record in self.stand.records(records.RaceFinished)}
        now = self.stand.show.game.race
        assert not stopped & finished
        assert started - stopped - finished == (set() if now is None else {now.race})
        assert (now is not None) is (self.stand.show.stage in RACING)

    @invariant()
    def there_is_a_way_on_and_every_view_can_be_made(self):
        seen = self.stand.snapshot()
        assert seen.headline
        assert seen.tasks, self.stand.where()
        assert seen.to_json()
        for _, record in self.stand.written[-5:]:
            kind, body = to_body(record)
            assert from_body(kind, body) == record

    def teardown(self):
        """However it stands: a crew that does what its screen says gets to a race."""
        stand = self.stand
        stand.slips.share = 0.0
        for car in stand.cars.values():
            car.works = True
        stand.mend_radio()
        for kind in ("log", "screens"):
            stand.tell(inputs.Cured(stand.now_s, kind, "by itself"))
        for car in CARS:
            stand.tell(inputs.Cured(stand.now_s, "off-road", "by itself", car))
            stand.ask(commands.Readmit(CREW, car))
        stand.ask(commands.Resume(CREW))
        stand.ask(commands.StageDraw(CREW, "", {}))
        if stand.show.is_closing:
            stand.until(lambda: stand.show.stage is Stage.CLOSED)
        if not stand.show.is_open:
            assert stand.ask(commands.OpenShow(CREW)) is None
        done = len(stand.records(records.RaceFinished))

        def is_on_again():
            if stand.show.stage is Stage.FAULT and stand.show.troubles.why_stuck == EMPTY:
                assert stand.ask(commands.CloseShow(CREW)) is None
                stand.run(600.0)
                assert stand.ask(commands.OpenShow(CREW)) is None
            return len(stand.records(records.RaceFinished)) > done

        stand.until(is_on_again, limit_s=3600.0)
        self.no_rule_of_the_rotation_is_broken()


TestShowAtRandom = ShowAtRandom.TestCase
TestShowAtRandom.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


@pytest.mark.nightly
class TestShowAtRandomByNight(ShowAtRandom.TestCase):
    settings = settings(max_examples=600, stateful_step_count=60, deadline=None)
