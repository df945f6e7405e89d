"""What the Bluetooth side of a run was made with, for its record: BlueZ's version and each adapter in a line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rig.doctor import probe_sysfs
from rig.doctor.facts import AdapterFacts, ControllerFacts, Unknown, UsbFacts, every


async def bluetooth_versions(root: Path = Path("/"), programs: Sequence[str] | None = None) -> dict[str, str]:
    """By name: `bluez`, and `adapter hci0` for every adapter this machine has; empty where there is no BlueZ.
    Nothing is opened; `programs` tell BlueZ's version, by default those installed. What could not be learned is said, for that may change from night to night as well."""
    if sys.platform != "linux":
        return {}
    from rig.doctor import probe_mgmt  # noqa: PLC0415 - Linux only, as below
    from rig.doctor.probe_stack import bluez_version, version_programs  # noqa: PLC0415

    found = {"bluez": str(await bluez_version(version_programs() if programs is None else programs))}
    for adapter in every(probe_sysfs.adapters(root)):
        controller = probe_mgmt.controller(int(adapter.name.removeprefix("hci")))
        found[f"adapter {adapter.name}"] = adapter_words(adapter, controller)
    return found


def adapter_words(adapter: AdapterFacts, controller: ControllerFacts | Unknown) -> str:
    """An adapter in a line, by what decides how it behaves: `usb 0a12:0001 rev 8891, btusb, HCI 6 by 10`."""
    words = [str(adapter.bus)]
    if isinstance(adapter.usb, UsbFacts):
        words[0] += f" {adapter.usb.id}" + (f" rev {adapter.usb.release}" if adapter.usb.release else "")
    if not isinstance(adapter.driver, Unknown):
        words.append(adapter.driver)
    if isinstance(controller, ControllerFacts):
        words.append(f"HCI {controller.hci_version} by {controller.manufacturer}")
    return ", ".join(words)
