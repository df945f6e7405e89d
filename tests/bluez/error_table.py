"""What org.bluez, D-Bus and Linux answer at each call bleak makes, and the error of ours it must become.

Data, read by `test_error_table.py` (provoked through stock bleak on the fake), by `test_words_are_real.py`
(the words stand in the bluetoothd of this machine) and by `test_no_dead_rows.py` (`rig.radio.translate` has
no row that none of these reaches). Sources, all public:

BLUEZ    BlueZ 5.66, https://git.kernel.org/pub/scm/bluetooth/bluez.git: src/error.c, src/error.h
         (ERR_LE_CONN_*, ERR_BREDR_CONN_*), src/adapter.c, src/device.c
GATT     the same, src/gatt-client.c (create_gatt_dbus_error, characteristic_*)
NEWER    the same after 5.66: error names that replaced words of 5.66
STRERROR BlueZ 5.55 to 5.61 passed glibc's strerror() of the failed connect on; which errno is meant is
         bt_to_errno() of the kernel's net/bluetooth/lib.c
DBUS     the D-Bus specification's error names, in the words of dbus-daemon 1.14
SYSTEMD  activation through systemd, https://www.freedesktop.org/software/systemd/man/org.freedesktop.systemd1.html
"""

from __future__ import annotations

from dataclasses import dataclass

from rig.errors import RigError
from rig.radio import errors

BLUEZ, GATT, NEWER, STRERROR, DBUS, SYSTEMD = "BLUEZ", "GATT", "NEWER", "STRERROR", "DBUS", "SYSTEMD"
BZ, FD = "org.bluez.Error", "org.freedesktop.DBus.Error"


@dataclass(frozen=True, slots=True)
class Row:
    """One answer: at which D-Bus call, the error's name and words, what `Radio` must raise, and whence.

    `kind` None: nothing is raised (a failed end of a scan or a link is not the caller's business).
    """

    call: str
    name: str
    words: str | None
    kind: type[RigError] | None
    source: str

    def __str__(self) -> str:
        return f"{self.call}-{self.name.rpartition('.')[2]}-{(self.words or '')[:36].strip()}"


def _rows(call: str, source: str, *answers: tuple[str, str | None, type[RigError] | None]) -> tuple[Row, ...]:
    return tuple(Row(call, name, words, kind, source) for name, words, kind in answers)


_NO_METHOD = 'Method "{}" with signature "{}" on interface "org.bluez.{}1" doesn\'t exist\n'

FIRST_CALL = (
    *_rows(
        "GetManagedObjects",
        DBUS,
        (
            f"{FD}.ServiceUnknown",
            "The name org.bluez was not provided by any .service files",
            errors.StackMissing,
        ),
        (
            f"{FD}.NameHasNoOwner",
            'Could not get owner of name "org.bluez": no such name',
            errors.StackMissing,
        ),
        (f"{FD}.NoServer", None, errors.StackMissing),
        (f"{FD}.Disconnected", "Connection is closed", errors.StackMissing),
        (
            f"{FD}.NoReply",
            "Message recipient disconnected from message bus without replying",
            errors.StackMissing,
        ),
        (f"{FD}.NoReply", "Message did not receive a reply (timeout by message bus)", errors.StackBusy),
        (f"{FD}.Timeout", None, errors.StackBusy),
        (
            f"{FD}.TimedOut",
            "Failed to activate service 'org.bluez': timed out (service_start_timeout=25000ms)",
            errors.StackMissing,
        ),
        (
            f"{FD}.Spawn.ExecFailed",
            "Failed to execute program org.bluez: No such file or directory",
            errors.StackMissing,
        ),
        (f"{FD}.Spawn.ForkFailed", "Failed to fork: Cannot allocate memory", errors.StackMissing),
        (f"{FD}.Spawn.ChildExited", "Launch helper exited with unknown return code 1", errors.StackMissing),
        (f"{FD}.Spawn.ChildSignaled", "Process org.bluez received signal 6", errors.StackMissing),
        (f"{FD}.Spawn.Failed", "Process org.bluez failed", errors.StackMissing),
        (f"{FD}.Spawn.FailedToSetup", None, errors.StackMissing),
        (
            f"{FD}.Spawn.ConfigInvalid",
            "Invalid configuration (missing or empty <user>?)",
            errors.StackMissing,
        ),
        (f"{FD}.Spawn.ServiceNotFound", None, errors.StackMissing),
        (f"{FD}.Spawn.ServiceNotValid", "Invalid service file", errors.StackMissing),
        (
            f"{FD}.Spawn.PermissionsInvalid",
            "The permission of the setuid helper is not correct",
            errors.StackMissing,
        ),
        (f"{FD}.Spawn.FileInvalid", None, errors.StackMissing),
        (f"{FD}.Spawn.NoMemory", None, errors.StackMissing),
        (
            f"{FD}.AccessDenied",
            'Rejected send message, 2 matched rules; type="method_call", member="GetManagedObjects"',
            errors.NotPermitted,
        ),
        (f"{FD}.AuthFailed", None, errors.NotPermitted),
        (
            f"{FD}.InteractiveAuthorizationRequired",
            "Interactive authentication required.",
            errors.NotPermitted,
        ),
        (f"{FD}.LimitsExceeded", "The maximum number of pending replies has been reached", errors.StackBusy),
        (f"{FD}.NoMemory", None, errors.HostTrouble),
        (f"{FD}.Failed", "something new", errors.HostTrouble),
        (f"{FD}.UnknownMethod", _NO_METHOD.format("GetManagedObjects", "", "x"), errors.AdapterGone),
    ),
    *_rows(
        "GetManagedObjects",
        SYSTEMD,
        (
            "org.freedesktop.systemd1.NoSuchUnit",
            "Unit dbus-org.bluez.service not found.",
            errors.StackMissing,
        ),
        ("org.freedesktop.systemd1.UnitMasked", "Unit bluetooth.service is masked.", errors.StackMissing),
        (
            "org.freedesktop.systemd1.LoadFailed",
            "Unit dbus-org.bluez.service failed to load.",
            errors.StackMissing,
        ),
    ),
)

SCAN = (
    *_rows(
        "SetDiscoveryFilter",
        BLUEZ,
        (f"{BZ}.NotReady", "Resource Not Ready", errors.AdapterOff),
        (f"{BZ}.NotSupported", "Operation is not supported", errors.HostTrouble),
        (f"{BZ}.InvalidArguments", "Invalid arguments in method call", errors.HostTrouble),
        (f"{BZ}.Failed", "Operation failed", errors.HostTrouble),
    ),
    *_rows(
        "SetDiscoveryFilter",
        DBUS,
        (
            f"{FD}.UnknownObject",
            _NO_METHOD.format("SetDiscoveryFilter", "a{sv}", "Adapter"),
            errors.AdapterGone,
        ),
        (
            f"{FD}.UnknownMethod",
            _NO_METHOD.format("SetDiscoveryFilter", "a{sv}", "Adapter"),
            errors.AdapterGone,
        ),
    ),
    *_rows(
        "StartDiscovery",
        BLUEZ,
        (f"{BZ}.NotReady", "Resource Not Ready", errors.AdapterOff),
        (f"{BZ}.InProgress", "Operation already in progress", errors.StackBusy),
        (f"{BZ}.InProgress", "In Progress", errors.StackBusy),
        (f"{BZ}.NotAuthorized", "Operation Not Authorized", errors.NotPermitted),
        (f"{BZ}.NotPermitted", "Operation Not Permitted", errors.NotPermitted),
        (f"{BZ}.Failed", "something new", errors.HostTrouble),
        (f"{BZ}.Failed", None, errors.HostTrouble),
    ),
    *_rows(
        "StartDiscovery",
        DBUS,
        (
            f"{FD}.AccessDenied",
            'Rejected send message, 2 matched rules; type="method_call"',
            errors.NotPermitted,
        ),
        (f"{FD}.UnknownObject", _NO_METHOD.format("StartDiscovery", "", "Adapter"), errors.AdapterGone),
        (f"{FD}.ServiceUnknown", "The name is not activatable", errors.StackMissing),
        (
            f"{FD}.NoReply",
            "Message recipient disconnected from message bus without replying",
            errors.StackMissing,
        ),
    ),
    *_rows(
        "StopDiscovery",
        BLUEZ,
        (f"{BZ}.Failed", "No discovery started", None),
        (f"{BZ}.InProgress", "Operation already in progress", None),
        (f"{BZ}.NotReady", "Resource Not Ready", None),
        (f"{BZ}.NotAuthorized", "Operation Not Authorized", None),
    ),
    *_rows(
        "StopDiscovery",
        DBUS,
        (f"{FD}.UnknownObject", _NO_METHOD.format("StopDiscovery", "", "Adapter"), None),
    ),
)

_BY_REASON: dict[str, type[RigError]] = {
    "le-connection-invalid-arguments": errors.HostTrouble,
    "le-connection-adapter-not-powered": errors.AdapterOff,
    "le-connection-not-supported": errors.HostTrouble,
    "le-connection-already-connected": errors.StackBusy,  # by another program, or left behind by one
    "le-connection-bad-socket": errors.HostTrouble,
    "le-connection-memory-allocation": errors.SlotsExhausted,  # HCI 0x07
    "le-connection-busy": errors.StackBusy,
    "le-connection-refused": errors.EstablishmentFailed,
    "le-connection-create-socket": errors.HostTrouble,
    "le-connection-timeout": errors.ConnectTimedOut,
    "le-connection-concurrent-connection-limit": errors.SlotsExhausted,  # HCI 0x09
    "le-connection-abort-by-remote": errors.EstablishmentFailed,
    "le-connection-link-layer-protocol-error": errors.EstablishmentFailed,
    "le-connection-unknown": errors.EstablishmentFailed,  # 0x3e among others: the kernel has no errno for it
    "br-connection-already-connected": errors.StackBusy,
    "br-connection-page-timeout": errors.ConnectTimedOut,
    "br-connection-profile-unavailable": errors.HostTrouble,
    "br-connection-sdp-search": errors.HostTrouble,
    "br-connection-create-socket": errors.HostTrouble,
    "br-connection-invalid-argument": errors.HostTrouble,
    "br-connection-adapter-not-powered": errors.AdapterOff,
    "br-connection-not-supported": errors.HostTrouble,
    "br-connection-bad-socket": errors.HostTrouble,
    "br-connection-memory-allocation": errors.SlotsExhausted,
    "br-connection-busy": errors.StackBusy,
    "br-connection-concurrent-connection-limit": errors.SlotsExhausted,
    "br-connection-timeout": errors.ConnectTimedOut,
    "br-connection-refused": errors.EstablishmentFailed,
    "br-connection-aborted-by-remote": errors.EstablishmentFailed,
    "br-connection-aborted-by-local": errors.EstablishmentFailed,
    "br-connection-lmp-protocol-error": errors.EstablishmentFailed,
    "br-connection-canceled": errors.EstablishmentFailed,
    "br-connection-unknown": errors.EstablishmentFailed,
}
_BY_ERRNO: dict[str, type[RigError]] = {
    "Software caused connection abort": errors.EstablishmentFailed,  # bleak #666
    "Connection reset by peer": errors.EstablishmentFailed,
    "Connection refused": errors.EstablishmentFailed,
    "Connection timed out": errors.ConnectTimedOut,
    "Host is down": errors.ConnectTimedOut,
    "Function not implemented": errors.EstablishmentFailed,  # HCI 0x3e
    "Protocol error": errors.EstablishmentFailed,
    "Too many links": errors.SlotsExhausted,
    "Cannot allocate memory": errors.SlotsExhausted,
    "Device or resource busy": errors.StackBusy,
    "Operation already in progress": errors.StackBusy,
    "Resource temporarily unavailable": errors.StackBusy,
    "Transport endpoint is already connected": errors.StackBusy,
    "Transport endpoint is not connected": errors.LinkLost,
    "No route to host": errors.AdapterOff,
    "Network is down": errors.AdapterOff,
    "No such device": errors.AdapterGone,
    "Input/output error": errors.AdapterOff,  # 5.66 too, asked to connect with its adapter off
    "Invalid argument": errors.HostTrouble,
    "Permission denied": errors.NotPermitted,
    "Operation not permitted": errors.NotPermitted,
    "Protocol not available": errors.HostTrouble,
}

CONNECT = (
    *(Row("Connect", f"{BZ}.Failed", words, kind, BLUEZ) for words, kind in _BY_REASON.items()),
    *(Row("Connect", f"{BZ}.Failed", words, kind, STRERROR) for words, kind in _BY_ERRNO.items()),
    *_rows(
        "Connect",
        BLUEZ,
        (f"{BZ}.NotReady", "Resource Not Ready", errors.AdapterOff),
        (f"{BZ}.InProgress", "Operation already in progress", errors.StackBusy),
        (f"{BZ}.InProgress", "In Progress", errors.StackBusy),
        (f"{BZ}.AlreadyConnected", "Already Connected", errors.StackBusy),
        (f"{BZ}.NotAvailable", "Operation currently not available", errors.HostTrouble),
        (f"{BZ}.NotSupported", "Operation is not supported", errors.HostTrouble),
        (f"{BZ}.DoesNotExist", "Does Not Exist", errors.CarNotFound),
        (f"{BZ}.NotConnected", "Not Connected", errors.LinkLost),
        (f"{BZ}.ConnectionAttemptFailed", "Page Timeout", errors.EstablishmentFailed),
        (f"{BZ}.NotAuthorized", "Operation Not Authorized", errors.NotPermitted),
        (f"{BZ}.NoSuchAdapter", "No such adapter", errors.AdapterGone),
        (f"{BZ}.Failed", "Not connected", errors.LinkLost),
        (f"{BZ}.Failed", "something new", errors.HostTrouble),
        (f"{BZ}.Failed", None, errors.HostTrouble),
    ),
    *_rows(
        "Connect",
        NEWER,
        (f"{BZ}.Failed", "le-connection-gatt-browsing", errors.EstablishmentFailed),
        (f"{BZ}.Failed", "le-connection-key-missing", errors.HostTrouble),
        (f"{BZ}.Failed", "br-connection-key-missing", errors.HostTrouble),
        (f"{BZ}.Failed", "br-connection-invalid-arguments", errors.HostTrouble),
        (f"{BZ}.LeConnectionKeyMissing", "LE Link Key missing", errors.HostTrouble),
        (f"{BZ}.BrConnectionKeyMissing", "BR/EDR Link Key missing", errors.HostTrouble),
        (f"{BZ}.AdapterNotPowered", "Adapter not powered", errors.AdapterOff),
        (f"{BZ}.InProgress", "br-connection-busy", errors.StackBusy),
    ),
    *_rows(
        "Connect",
        DBUS,
        (f"{FD}.UnknownObject", _NO_METHOD.format("Connect", "", "Device"), errors.CarNotFound),
        (f"{FD}.UnknownMethod", _NO_METHOD.format("Connect", "", "Device"), errors.CarNotFound),
        (f"{FD}.ServiceUnknown", "The name is not activatable", errors.StackMissing),
        (
            f"{FD}.NoReply",
            "Message recipient disconnected from message bus without replying",
            errors.StackMissing,
        ),
        (f"{FD}.NoReply", "Message did not receive a reply (timeout by message bus)", errors.StackBusy),
        (f"{FD}.AccessDenied", "Rejected send message", errors.NotPermitted),
    ),
)

_GATT_ANSWERS: tuple[tuple[str, str | None, type[RigError]], ...] = (
    (f"{BZ}.NotPermitted", "Read not permitted", errors.AttError),
    (f"{BZ}.NotPermitted", "Write not permitted", errors.AttError),
    (f"{BZ}.NotPermitted", "Not paired", errors.AttError),
    (f"{BZ}.NotAuthorized", "Operation Not Authorized", errors.AttError),
    (f"{BZ}.InvalidArguments", "Invalid offset", errors.AttError),
    (f"{BZ}.InvalidArguments", "Invalid Length", errors.AttError),
    (f"{BZ}.InvalidArguments", "Invalid arguments in method call", errors.HostTrouble),
    (
        f"{BZ}.ImproperlyConfigured",
        "Client Characteristic Configuration Descriptor Improperly Configured",
        errors.AttError,
    ),
    (f"{BZ}.Failed", "Operation failed with ATT error: 0x01", errors.AttError),
    (f"{BZ}.Failed", "Operation failed with ATT error: 0x0e", errors.AttError),
    (f"{BZ}.Failed", "Operation failed with ATT error: 0xfc", errors.AttError),
    (f"{BZ}.Failed", "Not connected", errors.LinkLost),
    (f"{BZ}.NotConnected", "Not Connected", errors.LinkLost),
)

TALK = (
    *_rows("StartNotify", GATT, *_GATT_ANSWERS),
    *_rows(
        "StartNotify",
        GATT,
        (f"{BZ}.NotSupported", "Operation is not supported", errors.HostTrouble),
        (f"{BZ}.NotPermitted", "Notify acquired", errors.StackBusy),
        (f"{BZ}.InProgress", "In Progress", errors.StackBusy),
        (f"{BZ}.Failed", "Failed to register notify session", errors.HostTrouble),
    ),
    *_rows(
        "StartNotify",
        DBUS,
        (
            f"{FD}.UnknownObject",
            _NO_METHOD.format("StartNotify", "", "GattCharacteristic"),
            errors.CarNotFound,
        ),
        (f"{FD}.ServiceUnknown", "The name is not activatable", errors.StackMissing),
    ),
    *_rows("WriteValue", GATT, *_GATT_ANSWERS),
    *_rows(
        "WriteValue",
        GATT,
        (f"{BZ}.NotSupported", "Operation is not supported", errors.AttError),
        (f"{BZ}.NotPermitted", "Write acquired", errors.StackBusy),
        (f"{BZ}.Failed", "Operation failed", errors.LinkLost),
        (f"{BZ}.Failed", "Failed to initiate write", errors.LinkLost),
        (f"{BZ}.Failed", None, errors.LinkLost),
    ),
    *_rows(
        "WriteValue",
        DBUS,
        (
            f"{FD}.UnknownObject",
            _NO_METHOD.format("WriteValue", "aya{sv}", "GattCharacteristic"),
            errors.LinkLost,
        ),
        (
            f"{FD}.UnknownMethod",
            _NO_METHOD.format("WriteValue", "aya{sv}", "GattCharacteristic"),
            errors.LinkLost,
        ),
        (f"{FD}.ServiceUnknown", "The name is not activatable", errors.StackMissing),
        (
            f"{FD}.NoReply",
            "Message recipient disconnected from message bus without replying",
            errors.StackMissing,
        ),
        (f"{FD}.AccessDenied", "Rejected send message", errors.NotPermitted),
    ),
)

DISCONNECT = (
    *_rows(
        "Disconnect",
        BLUEZ,
        (f"{BZ}.NotConnected", "Not Connected", None),
        (f"{BZ}.InProgress", "Operation already in progress", None),
        (f"{BZ}.Failed", "something new", None),
    ),
    *_rows(
        "Disconnect",
        DBUS,
        (f"{FD}.UnknownObject", _NO_METHOD.format("Disconnect", "", "Device"), None),
        (f"{FD}.ServiceUnknown", "The name is not activatable", None),
    ),
)

TABLE = (*FIRST_CALL, *SCAN, *CONNECT, *TALK, *DISCONNECT)
