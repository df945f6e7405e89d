"""The car's GATT database: identifiers to look for, and the handles that captures show.

Handles are facts about captured cars, not a contract: a host discovers them. They serve where a capture lacks
the discovery, and a simulated car that should look like a real one.
"""

from __future__ import annotations

SERVICE_UUID = "be15beef-6186-407e-8381-0bd89c4d8df4"
"""The primary service (`anki/drive-sdk:include/ankidrive/vehicle_gatt_profile.h`)."""

TO_HOST_UUID = "be15bee0-6186-407e-8381-0bd89c4d8df4"
"""Car -> host: read, notify (same header, "read characteristic")."""

TO_CAR_UUID = "be15bee1-6186-407e-8381-0bd89c4d8df4"
"""Host -> car: read, write, write without response (same header, "write characteristic")."""

GAP_SERVICE_HANDLES = (0x0001, 0x0007)
"""First and last handle of 0x1800 (`opcau/anki:oracle/AnkiNodeDrive/logs/debug.bck:1911`)."""

GATT_SERVICE_HANDLES = (0x0008, 0x0008)
"""First and last handle of 0x1801, which leaves no room for Service Changed (`debug.bck:1911`)."""

SERVICE_HANDLES = (0x0009, 0xFFFF)
"""First and last handle of the car's own service (`debug.bck:1912`)."""

TO_CAR_DECLARATION_HANDLE = 0x000A
"""Declaration of BEE1 (`debug.bck:1913`)."""

TO_CAR_HANDLE = 0x000B
"""Value of BEE1 (`debug.bck:1913`)."""

TO_CAR_PROPERTIES = 0x0E
"""read | write without response | write (`debug.bck:1913`)."""

TO_HOST_DECLARATION_HANDLE = 0x000C
"""Declaration of BEE0 (`debug.bck:1914`)."""

TO_HOST_HANDLE = 0x000D
"""Value of BEE0 (`debug.bck:1914`)."""

TO_HOST_PROPERTIES = 0x12
"""read | notify (`debug.bck:1914`)."""

TO_HOST_CCCD_HANDLE = 0x000E
"""Client characteristic configuration of BEE0; 0x0001 starts notifications (`debug.bck:4635`)."""

ATT_MTU = 23
"""What the car answers to Exchange MTU: 20 bytes of value (`debug.bck:1910`)."""


def uuid_bytes(uuid: str) -> bytes:
    """A 128-bit UUID as ATT and advertising carry it: 16 bytes, little-endian.

    Raises:
        ValueError: `uuid` is not 32 hex digits (hyphens ignored).
    """
    raw = bytes.fromhex(uuid.replace("-", ""))
    if len(raw) != 16:
        raise ValueError(f"'{uuid}' is not a 128-bit UUID")
    return raw[::-1]
