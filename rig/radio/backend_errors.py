"""A host's failures as a program meets them on BlueZ: bleak's classes, BlueZ's words."""

from __future__ import annotations

from collections.abc import Callable

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
    BleakGATTProtocolError,
)

from rig.radio.host_stack import HostError, HostFailure


def as_bleak(error: HostError) -> Exception:
    """The exception a program would meet on BlueZ."""
    reason = BleakBluetoothNotAvailableReason
    translated: dict[HostFailure, Callable[[], Exception]] = {
        HostFailure.NOT_CONNECTED: lambda: BleakError("Not connected"),
        HostFailure.ATT_ERROR: lambda: BleakGATTProtocolError(error.att_error or 0),
        HostFailure.ADAPTER_OFF: lambda: BleakBluetoothNotAvailableError(
            "No powered Bluetooth adapters found.", reason.POWERED_OFF
        ),
        HostFailure.ADAPTER_GONE: lambda: BleakBluetoothNotAvailableError(
            "No Bluetooth adapters found.", reason.NO_BLUETOOTH
        ),
        HostFailure.BUSY: lambda: BleakDBusError(
            "org.bluez.Error.InProgress", ["Operation already in progress"]
        ),
        HostFailure.CONNECT_ABORTED: lambda: BleakDBusError(
            "org.bluez.Error.Failed", ["br-connection-canceled"]
        ),
        HostFailure.TIMEOUT: lambda: TimeoutError(str(error)),
    }
    build = translated.get(error.failure)
    return BleakError(str(error)) if build is None else build()
