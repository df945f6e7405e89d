"""What /sys tells of adapters, switches, processor and Wi-Fi, without any privilege.

Every function takes the root of the file system, so that a test can give its own.
"""

from __future__ import annotations

import re
from pathlib import Path

from rig.doctor.facts import AdapterFacts, RfkillFacts, Unknown, UsbFacts
from rig.doctor.probe_files import entries, link_name, text_of

_ADAPTER = re.compile(r"hci\d+")  # links are listed beside them, as hci0:16
_ADAPTIVE_DRIVERS = ("intel_pstate", "amd-pstate-epp")
_BUS_WORDS = {"mmc": "sdio", "serial": "serial", "usb": "usb", "platform": "platform", "pci": "pci"}


def adapters(root: Path) -> tuple[AdapterFacts, ...] | Unknown:
    """Every adapter the kernel has, down or up; Unknown where the kernel has no Bluetooth."""
    found = entries(root / "sys/class/bluetooth")
    if isinstance(found, Unknown):
        return Unknown("its kernel has none, or has not loaded it") if found.why == "not there" else found
    return tuple(_adapter(path) for path in found if _ADAPTER.fullmatch(path.name))


def _adapter(path: Path) -> AdapterFacts:
    device = path / "device"
    bus_name = link_name(device / "subsystem")
    if bus_name is None:
        gone = Unknown("its sysfs entry is incomplete")
        return AdapterFacts(
            path.name, bus=gone if device.exists() else "virtual", driver=Unknown("no driver named")
        )
    bus = _BUS_WORDS.get(bus_name, bus_name)
    driver = link_name(device / "driver")
    return AdapterFacts(
        path.name,
        bus=bus,
        driver=driver if driver is not None else Unknown("no driver named"),
        usb=_usb(device) if bus == "usb" else None,
    )


def _usb(interface: Path) -> UsbFacts | Unknown:
    try:
        device = interface.resolve().parent
    except (OSError, RuntimeError) as error:
        return Unknown(str(error))
    ids = []
    for name in ("idVendor", "idProduct"):
        text = text_of(device / name)
        if isinstance(text, Unknown):
            return text
        try:
            ids.append(int(text, 16))
        except ValueError:
            return Unknown(f"{name} holds '{text}'")
    release, product, control = (text_of(device / name) for name in ("bcdDevice", "product", "power/control"))
    return UsbFacts(
        ids[0],
        ids[1],
        release=release if isinstance(release, str) else "",
        product=product if isinstance(product, str) else "",
        control_path=str(device / "power/control"),
        autosuspend=control if isinstance(control, Unknown) else control == "auto",
    )


def switches(root: Path) -> tuple[RfkillFacts, ...] | Unknown:
    """The radio switches (rfkill); a kernel without rfkill blocks nothing."""
    found = entries(root / "sys/class/rfkill")
    if isinstance(found, Unknown):
        return () if found.why == "not there" else found
    return tuple(_switch(path) for path in found)


def _switch(path: Path) -> RfkillFacts:
    name, kind, soft, hard = (text_of(path / name) for name in ("name", "type", "soft", "hard"))
    return RfkillFacts(
        name if isinstance(name, str) else path.name,
        kind if isinstance(kind, str) else "",
        soft=soft == "1",
        hard=hard == "1",
    )


def governors(root: Path) -> tuple[str, ...] | Unknown:
    """The frequency governor of every core; a machine without cpufreq runs at one speed and has none.

    Under intel_pstate and amd-pstate-epp the governor `powersave` adapts to load as others' `ondemand` does; what it
    is tuned for (`balance_performance` … `power`) stands for it. Source: Linux admin-guide/pm/intel_pstate.
    """
    cores = entries(root / "sys/devices/system/cpu")
    if isinstance(cores, Unknown):
        return cores
    found = []
    for core in cores:
        governor = _governor(core / "cpufreq")
        if isinstance(governor, str):
            found.append(governor)
        elif governor.why != "not there" and re.fullmatch(r"cpu\d+", core.name):
            return governor
    return tuple(found)


def _governor(policy: Path) -> str | Unknown:
    governor = text_of(policy / "scaling_governor")
    if governor == "powersave" and text_of(policy / "scaling_driver") in _ADAPTIVE_DRIVERS:
        tuned = text_of(policy / "energy_performance_preference")
        return tuned if isinstance(tuned, str) else "adaptive"
    return governor


def wifi_up(root: Path) -> tuple[str, ...] | Unknown:
    """Names of the Wi-Fi interfaces that are up."""
    found = entries(root / "sys/class/net")
    if isinstance(found, Unknown):
        return found
    return tuple(
        path.name
        for path in found
        if ((path / "wireless").exists() or (path / "phy80211").exists())
        and text_of(path / "operstate") == "up"
    )


def machine_model(root: Path) -> str | Unknown:
    """The board or computer, from its firmware's tables."""
    unknown = Unknown("not there")
    for name in ("proc/device-tree/model", "sys/class/dmi/id/product_name"):
        text = text_of(root / name)
        if isinstance(text, str) and text:
            return text
        unknown = text if isinstance(text, Unknown) else unknown
    return unknown
