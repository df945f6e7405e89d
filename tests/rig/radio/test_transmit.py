import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import (
    TRANSMIT_ALLOWED,
    AdjustOffset,
    ChangeLane,
    ChangeLaneShort,
    Dialect,
    Direction,
    EncodeError,
    LightChannel,
    LightsPattern,
    PingRequest,
    Reboot,
    SdkMode,
    SetOffset,
    SetSpeed,
    Shutdown,
    UpdateModel,
    decode,
)
from rig.radio.errors import TransmitRefused
from rig.radio.transmit import TransmitPolicy, frame_to_send

REAL, SIM = TransmitPolicy.REAL_CARS, TransmitPolicy.SIMULATED_CARS
CAR = "Skull 0880eadb"
D = Dialect.OVERDRIVE_266E


@pytest.mark.parametrize("message", [PingRequest(), SetSpeed(300, 1000), SdkMode()])
def test_allowed_messages_pass_as_message_and_as_bytes(message):
    frame = frame_to_send(CAR, message, D, REAL)
    assert frame_to_send(CAR, frame, D, REAL) == frame == frame_to_send(CAR, bytearray(frame), D, REAL)


@pytest.mark.parametrize("message", [Reboot(), Shutdown(), UpdateModel(model=9)])
def test_others_are_refused_on_a_real_radio_and_pass_in_the_simulator(message):
    with pytest.raises(TransmitRefused) as caught:
        frame_to_send(CAR, message, D, REAL)
    assert caught.value.car == CAR
    assert caught.value.exit_code == 2
    assert frame_to_send(CAR, message, D, SIM) == caught.value.frame


@pytest.mark.parametrize(
    "hexes",
    ["01 00", "01 3a", "02 3a 01", "01 89", "01 78", "", "05 16", "02 16 01", "01 17", "03 90 01 01 01"],
)
def test_forbidden_broken_or_longer_frames_are_refused_on_a_real_radio(hexes):
    frame = bytes.fromhex(hexes)
    with pytest.raises(TransmitRefused):
        frame_to_send(CAR, frame, D, REAL)
    assert frame_to_send(CAR, frame, D, SIM) == frame


@given(frame=st.binary(max_size=20), dialect=st.sampled_from(Dialect))
def test_whatever_passes_to_a_real_car_is_one_whole_allowed_message(frame, dialect):
    try:
        sent = frame_to_send(CAR, frame, dialect, REAL)
    except TransmitRefused:
        return
    assert sent == frame
    assert frame[0] == len(frame) - 1
    assert type(decode(frame, Direction.TO_CAR, dialect)) in TRANSMIT_ALLOWED


@pytest.mark.parametrize(
    ("order", "dialect"),
    [
        (ChangeLaneShort(300, 1000, 20.0), Dialect.DRIVE_2120),
        (LightsPattern((LightChannel(1, 0, 14, 14),)), Dialect.DRIVE_2159),
        (SetSpeed(300, 1000), Dialect.V4),
        (SdkMode(), Dialect.DRIVE_2120),
    ],
)
def test_a_form_that_the_car_does_not_speak_is_refused(order, dialect):
    for policy in (REAL, SIM):
        with pytest.raises(EncodeError, match="must be one of"):
            frame_to_send(CAR, order, dialect, policy)


def test_a_field_out_of_range_is_an_encode_error_before_any_policy():
    with pytest.raises(EncodeError):
        frame_to_send(CAR, SetSpeed(70_000, 1000), D, SIM)


@pytest.mark.parametrize("hexes", ["0116", "03900101"])
def test_any_buffer_will_do(hexes):
    frame = bytes.fromhex(hexes)
    assert frame_to_send(CAR, memoryview(frame), D, REAL) == frame
    assert frame_to_send(CAR, memoryview(frame), D, SIM) == frame


@pytest.mark.parametrize("given", [None, "0116", 22, [1, 22]])
@pytest.mark.parametrize("policy", [REAL, SIM])
def test_what_is_neither_message_nor_bytes_is_told_so(given, policy):
    with pytest.raises(TypeError, match=f"a message or bytes, not {type(given).__name__}"):
        frame_to_send(CAR, given, D, policy)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    "order",
    [
        lambda mm: ChangeLane(300, 1000, mm, 0, 0),
        SetOffset,
        AdjustOffset,
    ],
)
def test_no_real_car_is_sent_a_distance_that_is_no_number(order, value):
    frame = frame_to_send(CAR, order(value), D, SIM)
    for given_ in (order(value), frame):
        with pytest.raises(TransmitRefused, match="offset_mm is"):
            frame_to_send(CAR, given_, D, REAL)
    assert frame_to_send(CAR, order(-23.0), D, REAL)
