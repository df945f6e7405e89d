"""Findings about the machine's own adapters. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rig.doctor import catalogue as kinds
from rig.doctor import known_bad
from rig.doctor.facts import (
    AdapterFacts,
    ControllerFacts,
    Facts,
    LinkDefaults,
    PeerFacts,
    RfkillFacts,
    StackAdapterFacts,
    Unknown,
    UsbFacts,
    every,
    known,
)
from rig.doctor.findings import Finding, Level
from rig.doctor.versions import debian_version, numbers


def adapter_findings(facts: Facts, adapter: AdapterFacts) -> list[Finding]:
    """Everything about one adapter; the first is `adapter-usable` when nothing forbids its use."""
    found = [*_use(facts, adapter), *_hardware(facts, adapter), *_company(adapter)]
    if any(finding.level is Level.BAD for finding in found):
        return found
    if isinstance(facts.stack.answered, Unknown) or not facts.stack.answered:
        return found  # whether it can be used is not for the adapter to say
    usable = f"{adapter.name} can be used, for up to {known_bad.CARS_PER_ADAPTER} cars"
    return [kinds.ADAPTER_USABLE.on(adapter.name, usable), *found]


def switch_findings(facts: Facts) -> Iterator[Finding]:
    """Switches that block Bluetooth where no adapter of their own is known: those of the platform, say."""
    names = {adapter.name for adapter in every(facts.adapters)}
    for switch in every(facts.switches):
        if switch.kind == "bluetooth" and switch.name not in names:
            yield from _blocked(switch, switch.name, Level.WARN)


def description(adapter: AdapterFacts) -> str:
    """One line: address, model, version, driver; what is not known is left out."""
    parts = [adapter.address or ""]
    if isinstance(adapter.usb, UsbFacts):
        parts.append(f"USB {adapter.usb.id}" + (f" {adapter.usb.product}" if adapter.usb.product else ""))
    elif known(adapter.bus):
        parts.append(f"on the {adapter.bus} bus" if adapter.bus != "virtual" else "virtual")
    if isinstance(adapter.controller, ControllerFacts):
        version = known_bad.hci_version_words(adapter.controller.hci_version)
        parts.append(f"{version}, {known_bad.manufacturer_words(adapter.controller.manufacturer)}")
    if driver := known(adapter.driver):
        parts.append(f"driver {driver}")
    return ", ".join(part for part in parts if part) or "nothing more is known of it"


def _use(facts: Facts, adapter: AdapterFacts) -> Iterator[Finding]:
    switch = next((switch for switch in every(facts.switches) if switch.name == adapter.name), None)
    blocked = list(_blocked(switch, adapter.name, Level.BAD)) if switch else []
    yield from blocked
    if adapter.powered is False and facts.stack.answered is True and not blocked:
        yield kinds.ADAPTER_OFF.on(adapter.name, f"{adapter.name} is switched off")
    if _cannot_be_central(adapter):
        yield kinds.ADAPTER_NOT_LE.on(adapter.name, f"{adapter.name} cannot be a Bluetooth LE central")
    if isinstance(adapter.stack, Unknown) and facts.stack.answered is True:
        yield kinds.ADAPTER_NOT_SERVED.on(
            adapter.name, f"the kernel has {adapter.name}, but BlueZ does not offer it"
        )


def _blocked(switch: RfkillFacts, subject: str, level: Level) -> Iterator[Finding]:
    if switch.hard:
        yield kinds.ADAPTER_HARD_BLOCKED.on(
            subject, f"{subject} is blocked by a hardware switch", level=level
        )
    elif switch.soft:
        yield kinds.ADAPTER_BLOCKED.on(subject, f"{subject} is blocked by rfkill", level=level)


def _cannot_be_central(adapter: AdapterFacts) -> bool:
    if isinstance(adapter.stack, StackAdapterFacts) and adapter.stack.roles:
        return "central" not in adapter.stack.roles
    return isinstance(adapter.controller, ControllerFacts) and not adapter.controller.low_energy


def _hardware(facts: Facts, adapter: AdapterFacts) -> Iterator[Finding]:
    usb = adapter.usb if isinstance(adapter.usb, UsbFacts) else None
    if usb is not None:
        yield from _model(facts, adapter, usb)
        if usb.autosuspend is True:
            yield kinds.ADAPTER_SLEEPS.on(
                adapter.name,
                f"USB may put {adapter.name} to sleep (power/control is auto)",
                control=usb.control_path,
            )
    yield from _wifi(facts, adapter, usb)
    if isinstance(adapter.link, LinkDefaults):
        timeout_ms = adapter.link.supervision_timeout_ms
        if timeout_ms < known_bad.SHORT_LINK_TIMEOUT_MS:
            yield kinds.LINK_TIMEOUT_SHORT.on(
                adapter.name, f"the kernel gives a link up after {timeout_ms} ms of silence"
            )


def _model(facts: Facts, adapter: AdapterFacts, usb: UsbFacts) -> Iterator[Finding]:
    kernel = facts.system.kernel
    running = numbers((debian_version(kernel.build) or "").rpartition(":")[2]) or numbers(kernel.release)
    maker = adapter.controller.manufacturer if isinstance(adapter.controller, ControllerFacts) else None
    for poor in known_bad.ADAPTERS:
        if poor.is_it(usb.id, maker, running):
            yield kinds.ADAPTER_POOR.on(
                adapter.name,
                f"{adapter.name} is {usb.id}, {poor.name}: {poor.fault}",
                level=poor.level,
                instead=poor.instead,
            )
            return


def _wifi(facts: Facts, adapter: AdapterFacts, usb: UsbFacts | None) -> Iterator[Finding]:
    wifi_up = tuple(every(facts.system.wifi_up))
    if usb is not None:
        combo = known_bad.WIFI_COMBO_VENDORS.get(usb.vendor_id)
    else:
        combo = known(adapter.driver) if known(adapter.driver) in known_bad.WIFI_COMBO_DRIVERS else None
    if wifi_up and combo:
        yield kinds.ADAPTER_SHARES_WIFI.on(
            adapter.name, f"{adapter.name} ({combo}) shares its chip with Wi-Fi, and {wifi_up[0]} is up"
        )


def _company(adapter: AdapterFacts) -> Iterator[Finding]:
    if not isinstance(adapter.stack, StackAdapterFacts):
        return
    if adapter.stack.discovering:
        yield kinds.ADAPTER_SCANNED.on(adapter.name, f"somebody else keeps {adapter.name} scanning")
    others: list[PeerFacts] = []
    for peer in every(adapter.stack.connected):
        label = f"{peer.name} ({peer.address})" if peer.name else peer.address
        if peer.is_car:
            yield kinds.ADAPTER_HOLDS_CAR.on(
                adapter.name, f"{adapter.name} holds the car {label} connected", address=peer.address
            )
        else:
            others.append(peer)
    if others:
        labels = ", ".join(peer.name or peer.address for peer in others)
        yield kinds.ADAPTER_HOLDS_OTHERS.on(
            adapter.name, f"{adapter.name} is also connected to {labels}", address=others[0].address
        )
