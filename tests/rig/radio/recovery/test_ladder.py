"""The ladder in virtual time: what it executes, writes down and tells."""

from __future__ import annotations

import asyncio

import pytest

from rig.errors import BenchError
from rig.radio.errors import (
    AdapterOff,
    AlreadyConnected,
    CarNotFound,
    ConnectTimedOut,
    HostTrouble,
    LinkLost,
    ServicesMissing,
    StackBusy,
)
from rig.radio.recovery.executor import REMEDY_LIMIT_S, Ladder, Patient
from rig.radio.recovery.machine import Situation
from rig.radio.recovery.policy import RecoveryPolicy
from rig.radio.recovery.records import RungState
from rig.radio.recovery.remedies import NoRemedies
from rig.radio.recovery.rungs import REMEDIES, Rung
from rig.radio.recovery.scribe import Listeners
from rig.radio.recovery.words import end_line, step_line
from rig.virtual_time import run_virtual

CAR = "Skull 0880eadb"
POLICY = RecoveryPolicy(jitter=0.0)


class Tries:
    """Attempts that fail as listed, each taking a second, and then succeed."""

    def __init__(self, *faults):
        self.faults = list(faults)
        self.made = 0

    async def __call__(self):
        self.made += 1
        await asyncio.sleep(1.0)
        if self.faults:
            raise self.faults.pop(0)
        return "link"


class Toolbox:
    """Remedies that note what they are asked for; `do` maps a rung to what happens then."""

    can = REMEDIES

    def __init__(self, others=0, do=None):
        self.others, self.do, self.applied = others, do or {}, []

    async def situation(self, address):
        if isinstance(self.others, Exception):
            raise self.others
        if self.others == "hangs":
            await asyncio.Event().wait()
        return Situation(self.others)

    async def apply(self, rung, address):
        self.applied.append((rung, address))
        await asyncio.sleep(2.0)
        act = self.do.get(rung)
        if isinstance(act, Exception):
            raise act
        if act == "hangs":
            await asyncio.Event().wait()


class Ear:
    """Everything a recovery tells, in order."""

    def __init__(self):
        self.steps, self.ends, self.journal = [], [], []

    def intend(self, record):
        self.journal.append(("intend", record))
        return len(self.journal)

    def done(self, act, record):
        self.journal.append((act, record))

    @property
    def listeners(self):
        return Listeners(self.steps.append, self.ends.append, self)


def climb(tries, policy=POLICY, toolbox=None, ear=None, *, first=None, patient=None, limit_s=60.0):
    async def main():
        ladder = Ladder(
            tries,
            policy,
            remedies=toolbox,
            patient=patient,
            listeners=(ear or Ear()).listeners,
            attempt_limit_s=limit_s,
        )
        return await ladder.climb(first)

    return run_virtual(main, limit_s=600)


def test_what_works_at_once_is_no_recovery():
    ear = Ear()
    assert climb(Tries(), ear=ear) == "link"
    assert not ear.steps
    assert not ear.ends


def test_a_retry_that_helps_is_recorded_with_its_cost():
    ear = Ear()
    assert climb(Tries(LinkLost(CAR)), ear=ear) == "link"
    (end,) = ear.ends
    assert (end.recovered, end.tries, end.took_s) == (True, 2, 1.0)
    before, after = ear.steps
    assert (before.state, before.helped) == (RungState.INTENDED, None)
    assert (after.rung, after.state, after.helped, after.then, after.cost_s) == (
        Rung.RETRY,
        RungState.OK,
        True,
        "",
        1.0,
    )


def test_each_rung_is_written_down_before_it_is_tried_and_after():
    ear, toolbox = Ear(), Toolbox()
    tries = Tries(*(ConnectTimedOut(CAR) for _ in range(8)))
    toolbox.apply, apply = None, toolbox.apply

    async def watched(rung, address):
        assert ear.journal[-1][0] == "intend"
        assert ear.journal[-1][1].rung is rung
        await apply(rung, address)

    toolbox.apply = watched
    assert climb(tries, toolbox=toolbox, ear=ear) == "link"
    rungs = [record.rung.value for act, record in ear.journal if act == "intend"]
    assert rungs == [
        "retry",
        *["back off"] * 3,
        "drop stale connection",
        "power-cycle adapter",
        *["back off"] * 2,
    ]
    done = [record for act, record in ear.journal if act != "intend"]
    assert [record.helped for record in done] == [False] * 7 + [True]
    assert [record.cost_s for record in done] == [1.0, 1.5, 2.0, 3.0, 3.0, 3.0, 5.0, 9.0]
    assert [record.act_s for record in done] == [0.0, 0.5, 1.0, 2.0, 2.0, 2.0, 4.0, 8.0]
    assert ear.ends[0].took_s == pytest.approx(27.5)


def test_a_fault_that_is_replaced_by_another_was_helped():
    ear = Ear()
    climb(Tries(AdapterOff("hci0"), LinkLost(CAR)), ear=ear, patient=Patient(worked=True))
    done = [record for record in ear.steps if record.state is not RungState.INTENDED]
    assert [(record.fault, record.helped, record.then) for record in done] == [
        ("AdapterOff", True, "LinkLost"),
        ("LinkLost", True, ""),
    ]


def test_a_person_is_asked_in_the_end_and_the_last_fault_is_raised():
    ear = Ear()
    with pytest.raises(ServicesMissing):
        climb(Tries(LinkLost(CAR), ServicesMissing(CAR)), ear=ear)
    (end,) = ear.ends
    assert not end.recovered
    assert (end.first_fault, end.last_fault) == ("LinkLost", "ServicesMissing")
    assert end.said.startswith(f"{CAR}: it does not offer the car's GATT service; check")


def test_a_caller_s_mistake_is_not_recovered_from():
    tries = Tries(AlreadyConnected(CAR))
    with pytest.raises(AlreadyConnected):
        climb(tries)
    assert tries.made == 1


def test_a_fault_that_has_happened_already_counts_as_the_first_try():
    tries = Tries()
    ear = Ear()
    climb(tries, ear=ear, first=StackBusy("hci0"))
    assert tries.made == 1
    assert ear.ends[0].tries == 2


def test_a_remedy_that_fails_is_told_and_the_next_is_taken():
    ear = Ear()
    toolbox = Toolbox(do={Rung.DROP_STALE: HostTrouble("hci0", "no such device")})
    policy = RecoveryPolicy(retries=0, back_offs=0)
    climb(Tries(LinkLost(CAR)), policy, toolbox, ear, patient=Patient(address="AA"))
    assert toolbox.applied == [(Rung.DROP_STALE, "AA"), (Rung.POWER_CYCLE, "AA")]
    done = [record for record in ear.steps if record.state is not RungState.INTENDED]
    assert [(record.state, record.helped) for record in done] == [
        (RungState.FAIL, False),
        (RungState.OK, True),
    ]
    assert "no such device" in done[0].detail


def test_a_remedy_that_hangs_is_given_up_and_its_outcome_unknown():
    ear = Ear()
    toolbox = Toolbox(do={Rung.DROP_STALE: "hangs"})
    climb(Tries(LinkLost(CAR)), RecoveryPolicy(retries=0, back_offs=0), toolbox, ear)
    record = ear.steps[-1]
    assert (record.state, record.helped) == (RungState.UNKNOWN, True)
    assert record.act_s == pytest.approx(REMEDY_LIMIT_S, abs=2.0)


@pytest.mark.parametrize("others", [HostTrouble("hci0"), "hangs"])
def test_when_nobody_can_tell_who_uses_the_adapter_it_is_left_alone(others):
    toolbox = Toolbox(others=others)
    with pytest.raises(LinkLost):
        climb(Tries(*(LinkLost(CAR) for _ in range(9))), RecoveryPolicy(retries=0, back_offs=0), toolbox)
    assert [rung for rung, _ in toolbox.applied] == [Rung.DROP_STALE]


def test_a_try_that_does_not_end_is_a_fault_too():
    async def hangs():
        await asyncio.Event().wait()

    with pytest.raises(HostTrouble, match="did not end in 5 s"):
        climb(hangs, RecoveryPolicy(retries=1, back_offs=0), limit_s=5.0)


def test_cancelled_in_a_pause_it_ends_and_the_rung_stays_unknown():
    ear = Ear()

    async def main():
        ladder = Ladder(Tries(LinkLost(CAR)), RecoveryPolicy(retries=0), listeners=ear.listeners)
        task = asyncio.create_task(ladder.climb())
        await asyncio.sleep(1.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main)
    assert ear.steps[-1].state is RungState.UNKNOWN
    assert ear.journal[-1][1].state is RungState.UNKNOWN


def test_cancelled_in_a_remedy_it_sees_that_through_first():
    finished = []

    class Slow(Toolbox):
        async def apply(self, rung, address):
            await asyncio.sleep(3.0)
            finished.append(rung)

    async def main():
        ladder = Ladder(Tries(LinkLost(CAR)), RecoveryPolicy(retries=0, back_offs=0), remedies=Slow())
        task = asyncio.create_task(ladder.climb())
        await asyncio.sleep(1.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_virtual(main)
    assert finished == [Rung.DROP_STALE]


def test_a_journal_that_cannot_be_written_ends_it():
    class Full(Ear):
        def intend(self, record):
            raise BenchError("the disk is full; free some space")

    tries = Tries(LinkLost(CAR))
    with pytest.raises(BenchError, match="disk"):
        climb(tries, ear=Full())
    assert tries.made == 1


def test_without_remedies_nothing_but_patience_is_left():
    ear = Ear()
    with pytest.raises(CarNotFound):
        climb(Tries(*(CarNotFound(CAR) for _ in range(9))), ear=ear, patient=Patient(worked=True))
    assert [record.rung for record in ear.ends[0].taken] == [Rung.BACK_OFF] * 8
    assert {record.rung for record in ear.ends[0].skipped} == REMEDIES

    async def refuse():
        await NoRemedies().apply(Rung.POWER_CYCLE, None)

    with pytest.raises(HostTrouble, match="power-cycle"):
        run_virtual(refuse)


def test_the_lines_a_user_reads():
    ear = Ear()
    faults = [ConnectTimedOut(CAR, waited_s=10.0) for _ in range(9)]
    with pytest.raises(ConnectTimedOut):
        climb(Tries(*faults), RecoveryPolicy(jitter=0.0, back_offs=1), Toolbox(others=2), ear)
    lines = [step_line(record) for record in ear.steps if record.state is RungState.INTENDED]
    what = f"{CAR}: connecting timed out (after 10 s waiting for link)"
    assert lines == [
        f"{what}; trying again (2 of 4)",
        f"{what}; trying again in 0.5 s (3 of 4)",
        f"{what}; dropping its stale connection and trying again (4 of 4)",
    ]
    assert end_line(ear.ends[0]) == (
        f"{CAR}: gave up after 4 tries in 5.5 s, no rung is left (retry, back off, drop stale connection; left out:"
        " power-cycle adapter (2 other links use the adapter), restart stack (not allowed without allow_stack_restart))"
    )
    assert ear.ends[0].as_json()["rungs"][0] == {
        "rung": "retry",
        "state": "ok",
        "fault": "ConnectTimedOut",
        "began_s": 0.0,
        "act_s": 0.0,
        "cost_s": 1.0,
        "helped": False,
        "then": "ConnectTimedOut",
        "detail": "",
    }


def test_a_recovery_ends_with_one_line():
    ear = Ear()
    climb(Tries(LinkLost(CAR)), ear=ear)
    assert end_line(ear.ends[0]) == f"{CAR}: recovered after 2 tries in 1.0 s (retry)"
