"""The remedies of an adapter of this machine, on a small BlueZ of our own at the seam of `rig.radio.bluez`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from protocol.gatt import SERVICE_UUID
from rig.radio.bluez import AdapterFacts, DeviceFacts
from rig.radio.errors import AdapterMissing, AdapterOff, HostTrouble, NotPermitted, StackBusy, StackMissing
from rig.radio.recovery.bluez_remedies import BluezRemedies, run_restart, systemd_restart
from rig.radio.recovery.machine import Situation
from rig.radio.recovery.rungs import Rung
from rig.virtual_time import run_virtual

OURS, OTHER, MOUSE = "E8:8B:00:00:00:01", "E8:8B:00:00:00:02", "AA:AA:AA:AA:AA:AA"
HCI0 = AdapterFacts("hci0", "00:00:00:00:00:01", "laptop", True, False, ("central",), "")


def device(address, **facts):
    known = {"connected": True, "services_resolved": True, "paired": False, "uuids": (SERVICE_UUID,)}
    return DeviceFacts(f"/org/bluez/hci0/dev_{address.replace(':', '_')}", address, "", **(known | facts))


class SmallBluez:
    """Adapters and devices in memory; `refusals` are raised by the next wishes to switch on."""

    def __init__(self, *devices, adapters=(HCI0,)):
        self.known = {found.path: found for found in devices}
        self.hci = {found.name: found for found in adapters}
        self.refusals, self.log, self.missing = [], [], 0

    @asynccontextmanager
    async def connect(self):
        yield self

    async def adapters(self):
        if self.missing:
            self.missing -= 1
            raise StackMissing("BlueZ")
        return tuple(self.hci.values())

    async def devices(self, adapter):
        return tuple(self.known.values())

    async def set_powered(self, adapter, on):
        self.log.append(("on" if on else "off", adapter))
        if on and self.refusals:
            refusal = self.refusals.pop(0)
            if refusal is not None:
                raise refusal
            return
        self.hci[adapter] = replace(self.hci[adapter], powered=on)

    async def disconnect(self, path):
        self.log.append(("disconnect", path[-2:]))
        raise StackBusy("hci0")

    async def remove(self, path):
        self.log.append(("remove", path[-2:]))
        self.known.pop(path, None)


class InUse:
    """A radio that talks to these addresses."""

    def __init__(self, *addresses):
        self.addresses = frozenset(addresses)


def remedies(bluez, *in_use, restart=None, adapter="hci0"):
    return BluezRemedies(lambda: adapter, InUse(*in_use), restart=restart, connect=bluez.connect)


def situation(bluez, *in_use, address=OURS):
    return run_virtual(lambda: remedies(bluez, *in_use).situation(address))


def apply(bluez, rung, *in_use, address=OURS, **more):
    return run_virtual(lambda: remedies(bluez, *in_use, **more).apply(rung, address))


def test_a_car_nobody_listens_to_is_stale_and_everybody_else_is_somebody():
    bluez = SmallBluez(
        device(OURS),
        device(OTHER, notifying=True),
        device(MOUSE, uuids=()),
        device("E8:8B:00:00:00:03", connected=False),
    )
    assert situation(bluez) == Situation(others=2, stale=1, droppable=1)
    assert situation(bluez, address=None) == Situation(others=2, stale=1, droppable=1)


def test_a_car_of_ours_is_never_stale_but_for_the_one_in_question():
    bluez = SmallBluez(device(OURS), device(OTHER))
    assert situation(bluez, OURS, OTHER) == Situation(others=1, stale=1, droppable=1)


def test_what_bluez_remembers_of_the_car_in_question_can_be_dropped_also_when_it_is_not_connected():
    assert situation(SmallBluez(device(OURS, connected=False))) == Situation(stale=0, droppable=1)
    assert situation(SmallBluez(device(OURS, notifying=True))) == Situation(stale=0, droppable=0)


def test_without_bluetoothd_or_adapter_nobody_is_on_it():
    bluez = SmallBluez(device(MOUSE))
    bluez.missing = 1
    assert situation(bluez) == Situation(others=0, droppable=0)
    assert situation(SmallBluez(adapters=())) == Situation(others=0, droppable=0)


def test_dropping_forgets_what_is_stale_and_nothing_else():
    bluez = SmallBluez(device(OURS), device(OTHER, notifying=True), device(MOUSE, uuids=()))
    apply(bluez, Rung.DROP_STALE)
    assert bluez.log == [("disconnect", "01"), ("remove", "01")]


def test_a_power_cycle_switches_off_and_on_and_tries_again_while_it_boots():
    bluez = SmallBluez()
    bluez.refusals = [StackBusy("hci0"), None]
    apply(bluez, Rung.POWER_CYCLE)
    assert [what for what, _ in bluez.log] == ["off", "on", "on", "on"]
    assert bluez.hci["hci0"].powered


def test_an_adapter_that_is_off_is_only_switched_on():
    bluez = SmallBluez(adapters=(replace(HCI0, powered=False),))
    apply(bluez, Rung.POWER_CYCLE, adapter="")
    assert bluez.log == [("on", "hci0")]


@pytest.mark.parametrize(
    ("refusal", "tries"), [(AdapterOff("hci0", "blocked"), 3), (NotPermitted("hci0"), 1)]
)
def test_an_adapter_that_stays_off_is_an_error(refusal, tries):
    bluez = SmallBluez()
    bluez.refusals = [refusal] * 9
    with pytest.raises(type(refusal)):
        apply(bluez, Rung.POWER_CYCLE)
    assert [what for what, _ in bluez.log] == ["off", *["on"] * tries]


def test_an_adapter_that_is_not_there_cannot_be_switched():
    with pytest.raises(AdapterMissing):
        apply(SmallBluez(adapters=()), Rung.POWER_CYCLE)


def test_a_restart_waits_until_the_adapter_is_there_and_on():
    bluez = SmallBluez(adapters=(replace(HCI0, powered=False),))

    async def restart():
        bluez.missing = 5

    apply(bluez, Rung.RESTART_STACK, restart=restart)
    assert bluez.log == [("on", "hci0")]


def test_a_stack_that_does_not_come_back_is_an_error():
    bluez = SmallBluez()

    async def restart():
        bluez.missing = 10**6

    with pytest.raises(StackMissing):
        apply(bluez, Rung.RESTART_STACK, restart=restart)


def test_a_restart_is_only_offered_where_somebody_can_do_it():
    async def restart():
        pass

    assert Rung.RESTART_STACK in remedies(SmallBluez(), restart=restart).can
    without = remedies(SmallBluez())
    without._restart = None
    assert without.can == {Rung.DROP_STALE, Rung.POWER_CYCLE}
    with pytest.raises(HostTrouble, match="nobody here"):
        run_virtual(lambda: without.apply(Rung.RESTART_STACK, None))


def test_systemd_is_asked_only_where_it_runs(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.which", lambda _name: "/bin/systemctl")
    monkeypatch.setattr("rig.radio.recovery.bluez_remedies._SYSTEMD", tmp_path / "none")
    assert systemd_restart() is None
    monkeypatch.setattr("rig.radio.recovery.bluez_remedies._SYSTEMD", tmp_path)
    assert systemd_restart() is not None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Interactive authentication required.", NotPermitted),
        ("Unit bluetooth.service not found.", HostTrouble),
    ],
)
def test_a_restart_that_fails_says_why(words, kind):
    program = f"import sys; sys.exit({words!r})"
    with pytest.raises(kind, match=words[:10]):
        asyncio.run(run_restart(sys.executable, "-c", program))


def test_a_restart_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr("rig.radio.recovery.bluez_remedies.RESTART_LIMIT_S", 0.2)
    with pytest.raises(HostTrouble, match="did not end"):
        asyncio.run(run_restart(sys.executable, "-c", "import signal; signal.pause()"))


def test_a_restart_that_works_says_nothing():
    asyncio.run(run_restart(sys.executable, "-c", "pass"))
