"""The link itself: connection parameters, liveness, identity, power.

Sources: anki/drive-sdk:include/ankidrive/protocol.h; NoveroResearch/multiVehicleTool:src/Vehicle.cpp;
MasterAirscrachDev/Anki-Partydrive:Protocol.cs; IBM-Cloud/node-mqtt-for-anki-overdrive:receivedMessages.js.
"""

from __future__ import annotations

from protocol.dialect import Direction
from protocol.wire.declare import Message, field, message
from protocol.wire.fields import U8, U16, U32

TO_CAR, TO_HOST = Direction.TO_CAR, Direction.TO_HOST
_SDK = "anki/drive-sdk:include/ankidrive/protocol.h"
_NOVERO = "NoveroResearch/multiVehicleTool:src/Vehicle.cpp"
_PARTYDRIVE = "MasterAirscrachDev/Anki-Partydrive:Protocol.cs"
_IBM = "IBM-Cloud/node-mqtt-for-anki-overdrive:receivedMessages.js"


@message(0x0A, TO_CAR, "BTLE_CHANGE_CONNECTION_PARAMS", size=9, trust="D", source=_NOVERO)
class ChangeConnectionParams(Message):
    """Asks the car to request other connection parameters from its central."""

    min_interval_1250us: int = field(U16, "shortest connection interval", unit="1.25 ms")
    max_interval_1250us: int = field(U16, "longest connection interval", unit="1.25 ms")
    latency_events: int = field(U16, "connection events the car may skip, usually 0", unit="events")
    supervision_timeout_10ms: int = field(
        U16, "silence after which the link is lost, usually 252", unit="10 ms"
    )


@message(0x0B, TO_CAR, "BTLE_CONNECTION_PARAMS_REQUEST", size=1, trust="C", source=_NOVERO)
class ConnectionParamsRequest(Message):
    """Asks for the connection parameters in force."""


@message(0x0C, TO_HOST, "BTLE_CONNECTION_PARAMS_RESPONSE", size=7, trust="C", source=_NOVERO)
class ConnectionParamsResponse(Message):
    """The connection parameters in force."""

    interval_1250us: int = field(U16, "connection interval", unit="1.25 ms")
    latency_events: int = field(U16, "connection events the car may skip", unit="events")
    supervision_timeout_10ms: int = field(U16, "silence after which the link is lost", unit="10 ms")


@message(0x0D, TO_CAR, "DISCONNECT", size=1, trust="A", source=_SDK)
class Disconnect(Message):
    """Asks the car to end the link; it is back on the air at once."""


@message(0x16, TO_CAR, "PING_REQUEST", size=1, trust="A", source=_SDK)
class PingRequest(Message):
    """Asks for a `PingResponse`."""


@message(0x17, TO_HOST, "PING_RESPONSE", size=1, trust="AB", source=f"{_SDK}; {_IBM}")
class PingResponse(Message):
    """The answer to a ping."""


@message(0x18, TO_CAR, "VERSION_REQUEST", size=1, trust="A", source=_SDK)
class VersionRequest(Message):
    """Asks for the firmware number."""


@message(0x19, TO_HOST, "VERSION_RESPONSE", size=5, trust="B", source=_IBM)
class VersionResponse(Message):
    """The firmware number as captured cars send it."""

    version: int = field(U32, "firmware number")


@message(0x19, TO_HOST, "VERSION_RESPONSE", size=3, trust="A", source=_SDK)
class VersionResponseShort(Message):
    """The firmware number in the two bytes the vendor's header declares; never seen in a capture."""

    version: int = field(U16, "firmware number")


@message(0x1A, TO_CAR, "BATTERY_LEVEL_REQUEST", size=1, trust="A", source=_SDK)
class BatteryLevelRequest(Message):
    """Asks for the battery voltage."""


@message(0x1B, TO_HOST, "BATTERY_LEVEL_RESPONSE", size=3, trust="AB", source=f"{_SDK}; {_IBM}")
class BatteryLevelResponse(Message):
    """The battery voltage: about 3400 empty, 4200 full."""

    battery_mv: int = field(U16, "voltage of the single cell", unit="mV")


@message(0x1C, TO_CAR, "SEND_SHUTDOWN", size=1, trust="D", source=_PARTYDRIVE)
class Shutdown(Message):
    """Presumably switches the car off; the payload is assumed to be empty."""


@message(0x1F, TO_CAR, "SET_SYSTEM_STATE", size=2, trust="D", source=_PARTYDRIVE)
class SetSystemState(Message):
    """Sets the car's system state."""

    state: int = field(U8, "4 is called normal; other values are not public")


@message(0x55, TO_CAR, "REBOOT", size=1, trust="D", source=_PARTYDRIVE)
class Reboot(Message):
    """Restarts the car; the payload is assumed to be empty."""
