"""Which messages may go to a real car.

Everything can be encoded and sent to a simulated car. On a real radio only what follows is let through: orders whose
effect the vendor's SDK documents, or that several programs are known to send to real cars.

Kept out, each for its reason:

- ids 0x00-0x06 (boot loader), 0x3a ("do not use") and the development block from 0x78 on have no class here or
  arrive as `Unknown`, which is never let through; 0x89 drops the radio; 0x90, SDK mode, is the one exception.
- `UpdateModel` (0x93) rewrites the car's identity on custom firmware.
- `Shutdown` (0x1c) and `Reboot` (0x55): one source each, payload assumed, the car leaves the air.
- `SetSystemState` (0x1f) and `RoadNetworkMeta` (0x49): one source each, effect beyond a normal session not public.
- `ChangeConnectionParams` (0x0a): one source; the central already dictates the parameters.
- `Extended`, `Unknown` and the undecided readings: bytes nobody can vouch for.
"""

from __future__ import annotations

from protocol.messages import driving, lights, link
from protocol.wire.declare import Message

TRANSMIT_ALLOWED: frozenset[type[Message]] = frozenset(
    {
        link.ConnectionParamsRequest,
        link.Disconnect,
        link.PingRequest,
        link.VersionRequest,
        link.BatteryLevelRequest,
        lights.SetLights,
        lights.LightsPattern,
        lights.LightsPatternDrive,
        driving.SetSpeed,
        driving.SetSpeedV4,
        driving.ChangeLane,
        driving.ChangeLaneShort,
        driving.ChangeLaneDrive,
        driving.CancelLaneChange,
        driving.SetOffset,
        driving.AdjustOffset,
        driving.Turn,
        driving.TurnDrive,
        driving.SetConfigParams,
        driving.StopOnTransition,
        driving.SdkMode,
        driving.SdkModeDrive,
    }
)
"""Message classes that may be transmitted on a real radio."""
