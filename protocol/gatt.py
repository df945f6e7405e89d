"""The car's GATT database: identifiers to look for, and the handles that captures show.

Handles are facts about captured cars, not a contract: a host discovers them. They serve where a capture lacks
the discovery.
"""

from __future__ import annotations

SERVICE_UUID = "be15beef-6186-407e-8381-0bd89c4d8df4"
"""The primary service (`anki/drive-sdk:include/ankidrive/vehicle_gatt_profile.h`)."""

TO_HOST_UUID = "be15bee0-6186-407e-8381-0bd89c4d8df4"
"""Car -> host: read, notify (same header, "read characteristic")."""

TO_CAR_UUID = "be15bee1-6186-407e-8381-0bd89c4d8df4"
"""Host -> car: read, write, write without response (same header, "write characteristic")."""

TO_CAR_HANDLE = 0x000B
"""Value of BEE1 (`opcau/anki:oracle/AnkiNodeDrive/logs/debug.bck:1913`)."""

TO_HOST_HANDLE = 0x000D
"""Value of BEE0 (`opcau/anki:oracle/AnkiNodeDrive/logs/debug.bck:1914`)."""


def uuid_bytes(uuid: str) -> bytes:
    """A 128-bit UUID as ATT and advertising carry it: 16 bytes, little-endian.

    Raises:
        ValueError: `uuid` is not 32 hex digits (hyphens ignored).
    """
    raw = bytes.fromhex(uuid.replace("-", ""))
    if len(raw) != 16:
        raise ValueError(f"'{uuid}' is not a 128-bit UUID")
    return raw[::-1]
