"""The exact words of bleak 3.1.0 and BlueZ, as bleak's source and the issue threads have them."""

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from rig.errors import BenchError, RigError
from rig.radio import errors
from rig.radio.translate import Doing, is_transient, translate

SCAN, CONNECT, TALK = Doing.SCANNING, Doing.CONNECTING, Doing.TALKING
Reason = BleakBluetoothNotAvailableReason


def unavailable(reason, text="No Bluetooth adapters found."):
    return BleakBluetoothNotAvailableError(text, reason)


def failed(words):
    return BleakDBusError("org.bluez.Error.Failed", [words])


CASES = [
    (unavailable(Reason.NO_BLUETOOTH), SCAN, errors.AdapterMissing),
    (unavailable(Reason.NO_BLE_CENTRAL_ROLE), SCAN, errors.AdapterMissing),
    (unavailable(Reason.POWERED_OFF), CONNECT, errors.AdapterOff),
    (unavailable(Reason.DENIED_BY_USER), SCAN, errors.NotPermitted),
    (unavailable(Reason.DENIED_BY_SYSTEM), SCAN, errors.NotPermitted),
    (unavailable(Reason.DENIED_BY_UNKNOWN), SCAN, errors.NotPermitted),
    (unavailable(Reason.UNKNOWN), SCAN, errors.HostTrouble),
    (FileNotFoundError(2, "No such file or directory"), SCAN, errors.StackMissing),
    (ConnectionRefusedError(111, "Connection refused"), SCAN, errors.StackMissing),
    (PermissionError(13, "Permission denied"), SCAN, errors.NotPermitted),
    (EOFError(), CONNECT, errors.StackMissing),
    (TimeoutError(), SCAN, errors.StackBusy),
    (TimeoutError(), CONNECT, errors.ConnectTimedOut),
    (TimeoutError(), TALK, errors.NoAnswer),
    (BleakDeviceNotFoundError("AA", "Device with address AA was not found."), CONNECT, errors.CarNotFound),
    (BleakCharacteristicNotFoundError("be15bee0"), CONNECT, errors.ServicesMissing),
    (BleakGATTProtocolError(0x0D), TALK, errors.AttError),
    (failed("le-connection-abort-by-local"), CONNECT, errors.EstablishmentFailed),
    (failed("br-connection-canceled"), CONNECT, errors.EstablishmentFailed),
    (failed("Software caused connection abort"), CONNECT, errors.EstablishmentFailed),
    (failed("le-connection-concurrent-connection-limit"), CONNECT, errors.SlotsExhausted),
    (failed("Not connected"), TALK, errors.LinkLost),
    (failed("Operation already in progress"), CONNECT, errors.StackBusy),
    (failed("Operation failed with ATT error: 0x0e"), TALK, errors.AttError),
    (failed("something new"), CONNECT, errors.HostTrouble),
    (failed("something new"), TALK, errors.LinkLost),
    (BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"]), SCAN, errors.StackBusy),
    (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), SCAN, errors.AdapterOff),
    (BleakDBusError("org.bluez.Error.NotPermitted", []), TALK, errors.NotPermitted),
    (BleakDBusError("org.bluez.Error.AlreadyConnected", []), CONNECT, errors.StackBusy),
    (BleakDBusError("org.freedesktop.DBus.Error.UnknownObject", ["gone"]), CONNECT, errors.CarNotFound),
    (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["no bluez"]), SCAN, errors.StackMissing),
    (BleakDBusError("org.freedesktop.DBus.Error.Spawn.ChildExited", ["1"]), SCAN, errors.StackMissing),
    (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", ["policy"]), SCAN, errors.NotPermitted),
    (BleakError("failed to discover services, device disconnected"), CONNECT, errors.EstablishmentFailed),
    (BleakError("adapter 'hci9' not found"), SCAN, errors.AdapterMissing),
    (BleakError("device 'dev_AA' not found"), CONNECT, errors.CarNotFound),
    (BleakError("Bleak requires BlueZ >= 5.55."), CONNECT, errors.StackMissing),
    (BleakError("Client is already connected"), CONNECT, errors.AlreadyConnected),
    (BleakError("Not connected"), TALK, errors.LinkLost),
    (BleakError("Service Discovery has not been performed yet"), TALK, errors.LinkLost),
    (BleakError("connection limit exceeded (HCI 0x09)"), CONNECT, errors.SlotsExhausted),
    (BleakError("connect timed out"), CONNECT, errors.ConnectTimedOut),
    (BleakError("Connection timed out"), CONNECT, errors.ConnectTimedOut),
    (BleakError("Resource temporarily unavailable"), CONNECT, errors.StackBusy),
    (BleakError("device AA:BB:CC:DD:EE:FF was not found"), CONNECT, errors.CarNotFound),  # bleak #367
    (BleakError("Device with address AA:BB:CC:DD:EE:FF was not found."), CONNECT, errors.CarNotFound),
    (failed("Not connected"), CONNECT, errors.LinkLost),  # after a phantom Connected=True
    (BleakError("HCI 0x3e"), CONNECT, errors.EstablishmentFailed),
    (BleakError("Connection Failed to be Established (0x3e)"), CONNECT, errors.EstablishmentFailed),
    (BleakError("HCI 0x08"), CONNECT, errors.EstablishmentFailed),
    (BleakError("HCI 0x08"), TALK, errors.LinkLost),
    (BleakError("Connection Timeout (0x08)"), CONNECT, errors.EstablishmentFailed),
    (BleakError("Connection Timeout (0x08)"), TALK, errors.LinkLost),
    (BleakError("HCI 0x08 supervision timeout"), TALK, errors.LinkLost),
    (BleakError("connection timeout"), CONNECT, errors.ConnectTimedOut),
    (BleakError("Connection timed out"), TALK, errors.LinkLost),
    (failed("Software caused connection abort"), TALK, errors.LinkLost),
    (BleakError("status 133"), CONNECT, errors.EstablishmentFailed),
    (BleakError("failed to connect, status=133 (GATT_ERROR 0x85)"), CONNECT, errors.EstablishmentFailed),
    (BleakError("status 147"), CONNECT, errors.ConnectTimedOut),
    (
        BleakError("Discover primary services by UUID failed: Internal application error: I/O"),
        CONNECT,
        errors.EstablishmentFailed,
    ),
]


@pytest.mark.parametrize(("error", "doing", "kind"), CASES, ids=lambda value: str(value)[:50])
def test_known_words_become_our_class(error, doing, kind):
    ours = translate(error, doing, car="Skull 0880eadb", adapter="ble", waited_s=10.0)
    assert type(ours) is kind
    subject = "ble" if isinstance(ours, BenchError) else "Skull 0880eadb"
    assert str(ours).startswith(f"{subject}: ")
    assert "\n" not in str(ours)


def test_a_missing_bus_is_named_and_not_told_as_a_missing_file():
    ours = translate(FileNotFoundError(2, "No such file or directory"), SCAN, adapter="ble")
    assert "no system D-Bus" in str(ours)
    assert "No such file" not in str(ours)


def test_the_original_words_survive_in_the_detail():
    ours = translate(failed("something new"), CONNECT, adapter="ble:hci1")
    assert isinstance(ours, errors.HostTrouble)
    assert "[org.bluez.Error.Failed] something new" in ours.detail


def test_an_att_error_keeps_its_code():
    assert translate(BleakGATTProtocolError(0x0D), TALK, car="c").code == 0x0D
    assert translate(failed("Operation failed with ATT error: 0x0e"), TALK, car="c").code == 0x0E


def test_a_bug_is_not_translated():
    assert translate(KeyError("x"), CONNECT) is None
    assert translate(ValueError("x"), TALK) is None


def test_faults_of_the_host_end_with_exit_code_3_and_those_of_the_car_with_1():
    assert translate(unavailable(Reason.POWERED_OFF), SCAN).exit_code == 3
    assert translate(TimeoutError(), CONNECT).exit_code == 1
    assert errors.AlreadyConnected("c").exit_code == 2


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (errors.StackBusy(), True),
        (errors.EstablishmentFailed("c"), True),
        (errors.LinkLost("c"), True),
        (errors.CarNotFound("c"), True),
        (errors.AdapterMissing(), False),
        (errors.NotPermitted(), False),
        (errors.ServicesMissing("c"), False),
        (errors.AttError("c", code=3), False),
        (errors.AlreadyConnected("c"), False),
        (ValueError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_errors_that_can_pass_by_themselves_are_transient(error, again):
    assert is_transient(error) is again


def test_every_error_of_the_tree_is_drawn_and_says_one_sentence():
    drawn = errors.__doc__
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RigError)]
    assert len(kinds) > 20
    for kind in kinds:
        assert kind.__name__ in drawn
