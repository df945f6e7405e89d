"""The codecs against bytes that are not ours, and against garbage."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.bench.codecs import devantech, gate, korad, lcus, maestro, modbus, numato, riden
from rig.bench.codecs.checked import crc7_pololu, crc8_gate, crc16_modbus
from rig.bench.codecs.gate import GateFrame, Kind, LapLine
from rig.bench.codecs.lcus import Frame, Operation
from rig.bench.codecs.maestro import Command

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "fixtures/bench/vectors.jsonl").read_text().splitlines()
]


def of(protocol):
    return pytest.mark.parametrize(
        "vector", [v for v in VECTORS if v["protocol"] == protocol], ids=lambda v: v["hex"]
    )


def test_every_vector_names_its_source_and_is_used():
    used = {"lcus", "modbus", "maestro", "maestro-crc", "numato", "devantech", "korad", "pc-lap-counter"}
    assert {vector["protocol"] for vector in VECTORS} == used
    assert all(vector["source"] for vector in VECTORS)


@of("lcus")
def test_lcus_frames_both_ways(vector):
    wire, means = bytes.fromhex(vector["hex"]), vector["means"]
    frame = Frame(means["channel"], Operation[means["operation"]])
    assert frame.encode() == wire
    assert lcus.take_command(bytearray(wire)) == frame


@of("modbus")
def test_modbus_frames_both_ways(vector):
    wire = bytes.fromhex(vector["hex"])
    request = modbus.Request(**vector["means"])
    assert request.encode() == wire
    assert modbus.take_request(bytearray(wire)) == request
    assert crc16_modbus(wire) == 0


@of("maestro")
def test_maestro_frames_both_ways(vector):
    wire, means = bytes.fromhex(vector["hex"]), vector["means"]
    frame = maestro.Frame(Command[means["command"].upper()], means["channel"], means["value"])
    assert frame.encode() == wire
    assert maestro.take_command(bytearray(wire)) == frame
    assert maestro.take_command(bytearray(frame.encode(crc=True)), crc=True) == frame


@of("maestro-crc")
def test_pololus_crc(vector):
    wire = bytes.fromhex(vector["hex"])
    assert maestro.with_crc(wire[:-1]) == wire
    assert crc7_pololu(wire[:-1]) == wire[-1]


@of("numato")
def test_numato_commands_both_ways(vector):
    wire = bytes.fromhex(vector["hex"])
    assert numato.encode_command(vector["means"]["command"]) == wire
    assert numato.take_command(bytearray(wire)) == vector["means"]["command"]


@of("devantech")
def test_devantech_commands_both_ways(vector):
    wire, means = bytes.fromhex(vector["hex"]), vector["means"]
    assert devantech.take_command(bytearray(wire)) == (means["verb"], means["number"])
    built = {
        "version": lambda: devantech.VERSION,
        "states": lambda: devantech.STATES,
        "set": lambda: devantech.encode_set(means["number"]),
        "on": lambda: devantech.encode_switch(means["number"], on=True),
        "off": lambda: devantech.encode_switch(means["number"], on=False),
    }
    assert built[means["verb"]]() == wire


@of("korad")
def test_korad_commands_both_ways(vector):
    wire, text = bytes.fromhex(vector["hex"]), vector["means"]["text"]
    assert korad.encode_command(text) == wire
    assert korad.take_command(bytearray(wire)) == text
    assert korad.set_volts(20.5) == "VSET1:20.50"
    assert korad.set_amperes(2.225) == "ISET1:2.225"


@of("pc-lap-counter")
def test_lap_lines_both_ways(vector):
    wire = bytes.fromhex(vector["hex"])
    line = LapLine(**vector["means"])
    assert line.encode() == wire
    assert gate.take_lap_line(bytearray(wire)) == line


FRAMES = st.builds(
    GateFrame,
    st.sampled_from(Kind),
    st.integers(0, 255),
    st.integers(0, 255),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)

TAKERS = {
    "lcus command": lcus.take_command,
    "lcus state": lambda got: lcus.take_state(got, 2),
    "lcus text": lambda got: lcus.take_status_text(got, 2),
    "lcus bytes": lambda got: lcus.take_status_bytes(got, 4),
    "modbus request": modbus.take_request,
    "modbus data": lambda got: modbus.take_data(got, modbus.Request(1, 3, 0, 4)),
    "modbus coils": lambda got: modbus.take_data(got, modbus.Request(1, 1, 0, 9)),
    "modbus echo": lambda got: modbus.take_echo(got, modbus.Request(1, 5, 0, 0xFF00)),
    "numato command": numato.take_command,
    "numato reply": lambda got: numato.take_reply(got, "ver"),
    "devantech command": devantech.take_command,
    "devantech version": devantech.take_version,
    "devantech states": devantech.take_states,
    "korad command": korad.take_command,
    "korad volts": korad.take_volts,
    "korad amperes": korad.take_amperes,
    "korad status": korad.take_status,
    "maestro command": maestro.take_command,
    "maestro command with crc": lambda got: maestro.take_command(got, crc=True),
    "maestro reply": maestro.take_reply16,
    "gate frame": gate.take_frame,
    "gate line": gate.take_lap_line,
}


@pytest.mark.parametrize("taker", TAKERS, ids=str)
@given(st.lists(st.binary(max_size=40), max_size=4))
def test_garbage_never_crashes_and_never_piles_up(taker, pieces):
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        for _ in range(200):
            size = len(buffer)
            if TAKERS[taker](buffer) is None:
                break
            assert len(buffer) < size
    assert len(buffer) <= 600


@given(st.lists(FRAMES, min_size=1, max_size=5), st.binary(max_size=60), st.integers(1, 7))
def test_gate_frames_survive_junk_before_them_and_any_chopping(frames, junk, step):
    """Junk may swallow at most what it could itself be the beginning of."""
    wire = junk + b"".join(frame.encode() for frame in frames)
    buffer, found = bytearray(), []
    for start in range(0, len(wire), step):
        buffer += wire[start : start + step]
        while (frame := gate.take_frame(buffer)) is not None:
            found.append(frame)
    assert found[-len(frames) :] == frames


@given(FRAMES, st.integers(0, 79))
def test_no_flipped_bit_of_a_gate_frame_goes_unnoticed(frame, bit):
    wire = bytearray(frame.encode())
    wire[bit // 8] ^= 1 << bit % 8
    assert gate.take_frame(wire) != frame


def test_a_floating_line_of_zeros_is_no_frame():
    assert crc8_gate(bytes(9)) != 0


@given(st.integers(1, 247), st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=20), st.binary(max_size=20))
def test_modbus_data_behind_junk(unit, values, junk):
    asked = modbus.Request(unit, modbus.READ_HOLDING, 0, len(values))
    reply = modbus.encode_data(unit, modbus.READ_HOLDING, modbus.registers_to_bytes(values))
    found = modbus.take_data(bytearray(junk + reply), asked)
    assert isinstance(found, bytes)
    assert modbus.bytes_to_registers(found) == tuple(values)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_coils_both_ways(states):
    assert modbus.bytes_to_coils(modbus.coils_to_bytes(states), len(states)) == tuple(states)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_riden_counters_both_ways(charge_mah, energy_mwh):
    assert riden.counters(riden.counter_registers(charge_mah, energy_mwh)) == (charge_mah, energy_mwh)


def test_riden_scaling_is_known_per_model_or_refused():
    assert riden.scale_of(60062).per_ampere == 1000
    assert riden.scale_of(60065).per_volt == 1000
    assert riden.scale_of(60181).per_ampere == 100
    assert riden.scale_of(60125) is None


@pytest.mark.parametrize(
    ("channel", "channels", "index"), [(1, 8, "0"), (13, 16, "C"), (32, 32, "V"), (64, 64, "63")]
)
def test_numato_names_channels_as_each_size_wants(channel, channels, index):
    assert numato.index_of(channel, channels) == index
    assert numato.channel_of(index, channels) == channel


def test_the_sixteen_channel_board_reads_one_digit():
    assert numato.channel_of("12", 16) == 2, "the board takes relay 12 for relay 1, its second"
    assert numato.channel_of("c", 16) is None, "lower case is ignored"


@pytest.mark.parametrize("text", [b"5.00", b"05.0", b"005.00", b"O5.00", b"05.00 05.00", b""])
def test_half_a_korad_number_is_no_number(text):
    assert korad.take_volts(bytearray(text)) is None
