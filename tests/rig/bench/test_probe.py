"""Asking an unknown board what it is: found as itself, and nothing moved by the questions."""

import pytest

from rig.bench.codecs.lcus import Dialect
from rig.bench.kinds import KINDS, kinds_for_usb
from rig.bench.ports.direct_port import DirectPort
from rig.bench.probe import CANNOT_BE_ASKED, probe_port
from rig.bench.twins.build import twin_line
from rig.bench.twins.plant import BenchPlant
from rig.bench.wiring import FixtureSpec
from rig.virtual_time import run_virtual

OPTIONS = {
    "modbus-relay": {"unit": 1, "holds_s": 0.0},
    "riden": {"unit": 1},
    "korad": {"line_feed": False},
    "maestro": {"crc": False},
}


class Watched(BenchPlant):
    """Notes every movement."""

    def __init__(self):
        super().__init__({})
        self.moves = []

    def relay_moved(self, fixture, channel, closed, now_s):
        self.moves.append((fixture, channel, closed))

    def servo_moved(self, fixture, channel, pulse_us, now_s):
        self.moves.append((fixture, channel, pulse_us))


def ask(kind, options=None, plan=None):
    plant = Watched()
    spec = FixtureSpec(kind, KINDS[kind], "twin", 4, 9600, options or OPTIONS.get(kind, {}))
    line = twin_line(spec, plant, plan=plan)

    async def main():
        async def open_at(baud):
            return DirectPort(line)

        return await probe_port(open_at)

    return run_virtual(main, limit_s=600), plant.moves


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in CANNOT_BE_ASKED])
def test_every_board_is_found_as_itself_and_no_question_moves_it(kind):
    answers, moves = ask(kind)
    assert [(answer.kind, answer.found) for answer in answers][-1] == (kind, True), answers
    assert not any(answer.found for answer in answers[:-1])
    assert moves == []


@pytest.mark.parametrize("dialect", list(Dialect))
def test_no_dialect_of_lcus_is_moved(dialect):
    answers, moves = ask("lcus", {"dialect": dialect})
    found = [answer.kind for answer in answers if answer.found]
    assert found == ([] if dialect in (Dialect.MUTE, Dialect.D0) else ["lcus"])
    assert moves == []


def test_a_newer_korad_is_found_too():
    answers, _ = ask("korad", {"line_feed": True})
    assert answers[-1].found
    assert "line feed" in answers[-1].words


def test_why_devantech_is_asked_first():
    """Numato's `ver` is relay commands to a Devantech board: the order of KINDS keeps the two apart."""
    assert list(KINDS).index("devantech") < list(KINDS).index("numato")
    plant = Watched()
    line = twin_line(FixtureSpec("d", KINDS["devantech"], "twin", 8, 9600, {}), plant)
    line.receive(b"ver\r", 0.0)
    assert ("d", 1, True) in plant.moves


def test_usb_numbers_narrow_it_down():
    assert kinds_for_usb(0x1A86, 0x7523) == ("lcus", "riden", "modbus-relay")
    assert kinds_for_usb(0x2A19, 0x0C01) == ("numato",)
    assert kinds_for_usb(None, None) == ()
