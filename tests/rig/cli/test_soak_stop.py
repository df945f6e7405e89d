"""What whoever stops a soak is told: which cars and what of the bench may not be safe."""

import asyncio

import pytest

from rig.cli.soak_stop import Stopper
from rig.soak.schedule import SoakCar


def stopped(*notes, left=(), left_off=()):
    stopper = Stopper()
    for label in left:
        stopper.note_left(SoakCar(1, label))
    for label in left_off:
        stopper.note_left(SoakCar(1, label), switched_off=True)
    error = asyncio.CancelledError()
    for note in notes:
        error.add_note(note)
    with pytest.raises(KeyboardInterrupt), stopper.interrupting():
        raise error
    return stopper.farewell


def test_a_safe_end_says_so():
    assert stopped() == "stopped: every car is disconnected; 'pitboard soak --resume' goes on"


def test_cars_that_may_still_be_connected_are_named():
    assert stopped(left=["Skull A1", "Thermo A3"]) == (
        "stopped, but these cars may still be connected: Skull A1, Thermo A3; switch them off;"
        " 'pitboard soak --resume' goes on"
    )


def test_cars_that_the_soak_itself_left_switched_off_are_named():
    assert stopped(left_off=["Skull A1"]) == (
        "stopped: every car is disconnected; these cars may be switched off: Skull A1; press their power buttons;"
        " 'pitboard soak --resume' goes on"
    )


def test_a_bench_that_could_not_be_made_safe_is_told_once():
    """The bays and the bench itself try one after the other, and say the same."""
    note = "and the bench could not be made safe: chargers (usb:1a86:7523): its port went away"
    assert stopped(note, note) == (
        f"stopped: every car is disconnected; {note}; 'pitboard soak --resume' goes on"
    )
