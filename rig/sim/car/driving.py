"""A car on the road: turns commands, marks and mishaps into movement and the messages a real car sends about it."""

from __future__ import annotations

import random
from collections.abc import Callable

from protocol import (
    AutoRecoveryEntered,
    AutoRecoverySuccess,
    CollisionDetected,
    Delocalized,
    JumpPieceBoost,
    JumpPieceResult,
    LaneChangeUpdate,
    Message,
    OffsetUpdate,
)
from protocol.track import FINISH_SHORT, PieceKind
from rig.sim.car.agenda import Agenda
from rig.sim.car.chance import stream
from rig.sim.car.firmware import CommandMemory, Firmware
from rig.sim.car.lanes import LaneKeeping
from rig.sim.car.motion import Grounding
from rig.sim.car.progress import Ahead, Mark, Progress
from rig.sim.car.road import LANE_LIMIT_MM, Code, Road
from rig.sim.car.sensing import GARBAGE_HILLS, GARBAGE_WHEELS_CM, Senses, skid_sides, skids_per_s, whole_cm
from rig.sim.car.traits import CarTraits, StartPlace

LATERAL_LIMIT_M_S2 = 6.5
"""At grip 1; the recorded car takes a curve of 0.28 m at 1.04 m/s all day and still holds at 1.15."""

DELOCALIZED_EVERY_S = 0.3
LANE_UPDATE_EVERY_S = 0.25
U_TURN_S = 0.5
U_TURN_SIDE_STEP_MM = 45.0
STOP_ACCEL_MM_S2 = 2500.0
_CODES_TO_RECOVER = 2
_LANE_CHANGE_LOST_IN_CURVE = 0.1
_DUPLICATE_AFTER_S = 0.03
_JUMP_NEEDS_MM_S = 500.0
_SKID_AT_START = 0.5

Send = Callable[[Message, float], None]

ALARMS = ("mark", "skid", "lane", "lost", "turned")


class Driving:
    """Movement and localisation of one car.

    Tells what happens through `send(message, at_s)`; sets its alarms (`ALARMS`) in the shared agenda, and `ring`
    is called when one falls due.
    """

    def __init__(
        self,
        traits: CarTraits,
        road: Road,
        start: StartPlace,
        *,
        seed: int,
        now_s: float,
        agenda: Agenda,
        send: Send,
    ) -> None:
        self._grip = traits.grip
        self._top_mm_s = traits.top_speed_mm_s
        self._agenda = agenda
        self._send = send
        self.firmware = Firmware(traits.firmware)
        self.memory = CommandMemory()
        self.faults: dict[str, float] = dict(traits.faults)
        self.battery_mv: Callable[[], float] = float
        self.lanes = LaneKeeping(stream(seed, traits.identifier, "lanes"), start.lane_mm, traits.lane_drift)
        self.progress = Progress(
            road, stream(seed, traits.identifier, "pace"), Grounding(traits.trim, traits.grip), now_s
        )
        self._senses = Senses(
            seed, traits.identifier, read_quality=traits.read_quality, speed_noise=traits.speed_noise
        )
        self._mishaps: random.Random = stream(seed, traits.identifier, "mishaps")
        self.on_road = start.on in {"track", "bay"}
        self.lost = False
        self._codes_since_lost = 0
        self._first_transition = True
        self._wheels_mm = (0.0, 0.0)
        self._target_mm_s = 0.0
        self._accel_mm_s2 = 0.0
        self._stop_at_bar = False
        self._turn_at_intersection = False
        self._ahead: Ahead | None = None
        self.progress.place(
            now_s, start.piece_index, start.fraction, start.lane_mm, backwards=start.backwards
        )

    @property
    def target_mm_s(self) -> float:
        """The wheel speed the motor control is after; wheels turn in the air as well."""
        return self._target_mm_s

    def wheel_mm_s(self, now_s: float) -> float:
        """The wheel speed now."""
        return self.progress.profile.wheel_mm_s(now_s) if self.on_road else self._target_mm_s

    # commands

    def set_speed(self, now_s: float, speed_mm_s: float, accel_mm_s2: float) -> None:
        """The motor control takes a new target."""
        from_rest = self._target_mm_s == 0.0
        self._target_mm_s = min(self._top_mm_s, max(0.0, speed_mm_s))
        self._accel_mm_s2 = accel_mm_s2
        if self.on_road and not self._agenda.holds("turned"):
            self._drive(now_s)
            if from_rest and self._target_mm_s > 0.0 and self._mishaps.random() < _SKID_AT_START:
                self._send(CollisionDetected(0, 1), now_s + 0.1)
        elif not self.on_road:
            self._agenda.set("lost", now_s if self._target_mm_s > 0.0 else None)

    def stop_at_next_bar(self) -> None:
        """Stops when the next transition bar is passed (0x4a)."""
        self._stop_at_bar = True

    def change_lane(
        self, now_s: float, target_mm: float, speed_mm_s: float, accel_mm_s2: float, change_id: int | None
    ) -> None:
        """Starts a change of lane; silently nothing while the car stands, is lost or knows no offset."""
        self.memory.lane_speed_mm_s = round(speed_mm_s)
        if change_id is not None:
            self.memory.received_id = change_id
        possible = self.on_road and not self.lost and self.lanes.knows_offset and self._target_mm_s > 0.0
        if not possible or abs(target_mm) > 1e6 or target_mm != target_mm:  # noqa: PLR0124  NaN from the air
            return
        likely_lost = self.faults.get("lost_lane_change", 0.0)
        if self.progress.piece.is_curve:
            likely_lost = max(likely_lost, _LANE_CHANGE_LOST_IN_CURVE)
        if self._mishaps.random() < likely_lost:
            return
        change = self.lanes.begin(now_s, target_mm, speed_mm_s, accel_mm_s2, self.memory.received_id)
        self.memory.executed_id = change.change_id
        self._agenda.set("lane", now_s)

    def cancel_lane_change(self, now_s: float) -> None:
        """Ends a change of lane where it is (0x26)."""
        if self.lanes.change is not None:
            self.lanes.cancel(now_s)
            self._agenda.clear("lane")
            self._on_new_line(now_s)

    def u_turn(self, now_s: float) -> None:
        """Turns round on the spot, then drives on at the speed it had."""
        if self.on_road and not self._agenda.holds("turned"):
            self.lanes.settle(now_s)
            self.progress.halt(now_s)
            self._agenda.clear("mark", "skid", "lane")
            self._agenda.set("turned", now_s + U_TURN_S)

    def u_turn_at_intersection(self) -> None:
        """Turns round when the next intersection is reached."""
        self._turn_at_intersection = True

    # hands and mishaps

    def leave_road(self, now_s: float) -> None:
        """Off the road: in a hand, on a shelf or beside the track. Wheels keep turning if they were."""
        self.lanes.settle(now_s)
        self.lanes.change = None
        self.progress.halt(now_s)
        self.on_road = False
        self._agenda.clear("mark", "skid", "lane", "turned")
        self._agenda.set("lost", now_s + DELOCALIZED_EVERY_S if self._target_mm_s > 0.0 else None)

    def place(self, now_s: float, start: StartPlace) -> None:
        """Onto the road; a car whose wheels still turn drives off."""
        self.on_road = True
        self.lost = False
        self.lanes.place(start.lane_mm)
        self.progress.place(
            now_s, start.piece_index, start.fraction, start.lane_mm, backwards=start.backwards
        )
        self._wheels_mm = (0.0, 0.0)
        self._agenda.clear("lost")
        self._drive(now_s)

    def stop_motor(self, now_s: float) -> None:
        """Power is gone or the link is: the motor brakes."""
        self._target_mm_s = 0.0
        self.memory.speed_mm_s = 0
        self._agenda.clear("lost", "turned")
        if self.on_road:
            self._accel_mm_s2 = STOP_ACCEL_MM_S2
            self._drive(now_s)

    def lose_place(self, now_s: float) -> None:
        """Loses the thread of codes while still on the road."""
        if self.on_road and not self.lost:
            self.lost = True
            self._codes_since_lost = 0
            self._send(Delocalized(), now_s)
            self._agenda.set("lost", now_s + DELOCALIZED_EVERY_S)

    def skid(self, now_s: float) -> None:
        """The wheels slip enough to be noticed."""
        self._send(CollisionDetected(*skid_sides(self._mishaps)), now_s)

    def begin_session(self) -> None:
        """A new link: the first transition on it carries garbage."""
        self._first_transition = True

    # alarms

    def ring(self, alarm: str, due_s: float) -> None:
        """One of `ALARMS` fell due."""
        if alarm == "mark":
            self._pass_mark(due_s)
        elif alarm == "skid":
            self.skid(due_s)
            self._plan_skid(due_s)
        elif alarm == "lane":
            self._report_lane_change(due_s)
        elif alarm == "lost":
            self._stay_lost(due_s)
        else:
            self._finish_turn(due_s)

    def _drive(self, now_s: float) -> None:
        self.progress.command(now_s, self._target_mm_s, self._accel_mm_s2)
        self._plan_mark()
        self._plan_skid(now_s)

    def _plan_mark(self) -> None:
        self._ahead = self.progress.ahead()
        self._agenda.set("mark", self._ahead.due_s if self._ahead else None)

    def _plan_skid(self, now_s: float) -> None:
        rate = skids_per_s(self._target_mm_s, self._grip)
        self._agenda.set("skid", now_s + self._mishaps.expovariate(rate) if rate > 0.0 else None)

    def _pass_mark(self, due_s: float) -> None:
        ahead = self._ahead
        assert ahead is not None
        self.lanes.settle(due_s)
        if ahead.mark is Mark.CODE and ahead.code is not None:
            self.progress.pass_code(due_s)
            self._meet_code(due_s, ahead.code)
        else:
            self._meet_bar(due_s)
        if self.on_road and not self._agenda.holds("turned"):
            self._plan_mark()

    def _meet_code(self, due_s: float, code: Code) -> None:
        progress = self.progress
        piece = progress.piece
        wheel = progress.profile.wheel_mm_s(due_s)
        if self.faults.get("never_localises") or not self._senses.reads_code(piece, wheel):
            return
        if self.lost:
            self._recognise(due_s)
            return
        along, location_id, column = code
        if piece.kind is PieceKind.INTERSECTION:
            self._send(
                self.firmware.intersection(
                    offset_mm=self.lanes.believed_mm,
                    is_exiting=column > 0,
                    since_bar_mm=round(along),
                    since_code_mm=round(along - piece.codes(0.0)[0][0]),
                ),
                due_s,
            )
            return
        message = self.firmware.position(
            location_id=location_id,
            piece_id=piece.piece_id,
            offset_mm=self.lanes.believed_mm,
            speed_mm_s=self._senses.speed_mm_s(piece, column, wheel),
            reverse=piece.reverse,
            memory=self.memory,
        )
        self._send(message, due_s)
        if piece.piece_id == FINISH_SHORT and self._mishaps.random() < self.faults.get("double_finish", 0.0):
            self._send(message, due_s + _DUPLICATE_AFTER_S)

    def _meet_bar(self, due_s: float) -> None:
        progress, lanes = self.progress, self.lanes
        left_piece = progress.piece
        wheel = progress.profile.wheel_mm_s(due_s)
        gained = self._senses.wheels_mm(left_piece, lanes.true_mm, wheel)
        driven = 1.0 - progress.began_at
        self._wheels_mm = (self._wheels_mm[0] + driven * gained[0], self._wheels_mm[1] + driven * gained[1])
        if self._senses.reads_bar():
            if not self.lost:
                self._send(self._transition(wheel), due_s)
            self._first_transition = False
            self._wheels_mm = (0.0, 0.0)
        lanes.drift(left_piece.pull)
        progress.pass_bar(due_s, lanes.true_mm)
        if self._stop_at_bar:
            self._stop_at_bar = False
            self.memory.speed_mm_s = 0
            self._target_mm_s = 0.0
            progress.command(due_s, 0.0, STOP_ACCEL_MM_S2)
            self._plan_skid(due_s)
        if self._turn_at_intersection and progress.piece.kind is PieceKind.INTERSECTION:
            self._turn_at_intersection = False
            self.u_turn(due_s)
        self._meet_jump(due_s, left_piece.kind)
        self._hold_or_fly_off(due_s)

    def _transition(self, wheel_mm_s: float) -> Message:
        garbage = self._first_transition
        return self.firmware.transition(
            offset_mm=self.lanes.believed_mm,
            reverse=self.progress.piece.reverse,
            memory=self.memory,
            hills=GARBAGE_HILLS if garbage else self._senses.hills(self.progress.piece, wheel_mm_s),
            wheels_cm=GARBAGE_WHEELS_CM if garbage else whole_cm(self._wheels_mm),
            drift_px=round(self._mishaps.gauss(0.0, 2.0)),
            changing_lane=self.lanes.change is not None,
        )

    def _meet_jump(self, due_s: float, left: PieceKind) -> None:
        ground = round(self.progress.profile.ground_mm_s(due_s))
        if self.progress.piece.kind is PieceKind.JUMP_RAMP:
            self._send(JumpPieceBoost(ground, round(self.battery_mv())), due_s)
        elif left is PieceKind.JUMP_RAMP:
            self._send(JumpPieceResult(ground, ground < _JUMP_NEEDS_MM_S), due_s)

    def _hold_or_fly_off(self, due_s: float) -> None:
        radius_mm = self.progress.piece.radius_mm(self.lanes.true_mm)
        off = abs(self.lanes.true_mm) > LANE_LIMIT_MM
        if radius_mm is not None:
            ground = self.progress.profile.ground_mm_s(due_s)
            pull_m_s2 = ground * ground / radius_mm / 1000.0
            off = off or pull_m_s2 > LATERAL_LIMIT_M_S2 * self._grip * self._mishaps.gauss(1.0, 0.02)
        if off:
            self.fly_off(due_s)

    def fly_off(self, now_s: float) -> None:
        """Leaves the track and lies beside it."""
        if self.on_road:
            self._send(Delocalized(), now_s)
            self.leave_road(now_s)

    def _recognise(self, due_s: float) -> None:
        self._codes_since_lost += 1
        if self._codes_since_lost >= _CODES_TO_RECOVER:
            self.lost = False
            self._agenda.clear("lost")
            self._send(AutoRecoverySuccess(), due_s)

    def _stay_lost(self, due_s: float) -> None:
        if self.on_road:
            self._send(AutoRecoveryEntered(), due_s)
            return
        self._send(Delocalized(), due_s)
        self._agenda.set("lost", due_s + DELOCALIZED_EVERY_S)

    def _report_lane_change(self, due_s: float) -> None:
        change = self.lanes.change
        if change is None:
            return
        self.lanes.settle(due_s)
        vertical = round(self.progress.profile.wheel_mm_s(due_s))
        if self.lanes.change is None:
            self._send(OffsetUpdate(self.lanes.believed_mm, change.change_id), due_s)
        else:
            self._send(
                LaneChangeUpdate(
                    self.lanes.believed_mm, change.to_mm, change.speed_mm_s, vertical, change.change_id
                ),
                due_s,
            )
            self._agenda.set("lane", min(change.end_s, due_s + LANE_UPDATE_EVERY_S))
        self._on_new_line(due_s)

    def _on_new_line(self, now_s: float) -> None:
        self.progress.bring_forward(now_s)
        self.progress.change_line(self.lanes.true_mm)
        if abs(self.lanes.true_mm) > LANE_LIMIT_MM:
            self.fly_off(now_s)
        else:
            self._plan_mark()

    def _finish_turn(self, due_s: float) -> None:
        self.lanes.turn_round(U_TURN_SIDE_STEP_MM)
        self.progress.turn_round(due_s, self.lanes.true_mm)
        self._wheels_mm = (0.0, 0.0)
        self._drive(due_s)
