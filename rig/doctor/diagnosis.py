"""Facts in, findings out, for the radio that was asked about. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from rig.doctor import catalogue as kinds
from rig.doctor.diagnose_adapters import adapter_findings, switch_findings
from rig.doctor.diagnose_host import (
    bluez_findings,
    kernel_findings,
    stack_findings,
    surroundings,
    unlooked,
    where_we_are,
)
from rig.doctor.facts import AdapterFacts, Facts, SerialPortFacts, Unknown, every, known
from rig.doctor.findings import Finding, Level
from rig.doctor.known_bad import CARS_PER_ADAPTER

BROKEN_BENCH = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What the diagnosis is about: a radio's kind (`ble`, `hci`, `vhci`, `sim`), its target ("" for any), and
    how many cars it should carry, 1 or more."""

    kind: str = "ble"
    target: str = ""
    cars: int = CARS_PER_ADAPTER

    def __str__(self) -> str:
        """As a moniker."""
        return f"{self.kind}:{self.target}" if self.target else self.kind


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The findings, and whether the radio asked about can be used."""

    asked: Asked
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether nothing is `bad`."""
        return all(finding.level is not Level.BAD for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 when usable, 3 (broken bench) when not; see docs/decisions/0007."""
        return 0 if self.usable else BROKEN_BENCH


def diagnose(facts: Facts, asked: Asked | None = None) -> Diagnosis:
    """What these facts mean for the radio asked about; by default the system's Bluetooth and four cars."""
    asked = asked or Asked()
    return Diagnosis(asked, tuple(_RADIOS[asked.kind](facts, asked)))


def _own_bluetooth(facts: Facts, asked: Asked) -> Iterator[Finding]:
    if facts.system.platform != "linux":
        yield from where_we_are(facts)
        yield from _opened(facts, asked)
        yield from surroundings(facts)
        return
    present = list(every(facts.adapters))
    chosen = [adapter for adapter in present if asked.target in ("", adapter.name)]
    if not present:
        yield from _nothing_there(facts)
    else:
        if not chosen:
            there = ", ".join(adapter.name for adapter in present)
            yield kinds.ADAPTER_NOT_FOUND.on(asked.target, f"there is no {asked.target}", there=there)
        yield from stack_findings(facts)
        yield from bluez_findings(facts)
    yield from kernel_findings(facts)
    yield from _adapters(facts, chosen, asked)
    yield from switch_findings(facts)
    if not asked.target:
        for port in every(facts.serial_ports):
            yield from _port(facts, port, refused=Level.NOTE)
    yield from _opened(facts, asked)
    yield from where_we_are(facts)
    yield from surroundings(facts)
    if present:
        yield from unlooked(facts, with_stack=True)


def _nothing_there(facts: Facts) -> Iterator[Finding]:
    """One sentence about the absence; the service's state matters only to somebody with an adapter."""
    if isinstance(facts.adapters, Unknown):
        yield kinds.KERNEL_WITHOUT_BLUETOOTH.on(
            "kernel", f"this machine has no Bluetooth: {facts.adapters.why}"
        )
    else:
        yield kinds.NO_ADAPTER.on("adapters", "this machine has no Bluetooth adapter")
    device = facts.virtual_controller
    if facts.user.is_root and not isinstance(device, Unknown) and device.writable:
        yield _virtual_usable()


def _adapters(facts: Facts, chosen: Iterable[AdapterFacts], asked: Asked) -> Iterator[Finding]:
    each = [adapter_findings(facts, adapter) for adapter in chosen]
    sound = [found for found in each if all(finding.level is not Level.BAD for finding in found)]
    for found in each:
        for finding in found:
            spare = bool(sound) and finding.level is Level.BAD
            yield replace(finding, level=Level.WARN) if spare else finding
    needed = -(-asked.cars // CARS_PER_ADAPTER)
    if sound and len(sound) < needed:
        yield kinds.TOO_FEW_ADAPTERS.on(
            "adapters",
            f"{asked.cars} cars need {needed} adapters, {CARS_PER_ADAPTER} cars each; usable: {len(sound)}",
            missing=str(needed - len(sound)),
        )


def _dongle(facts: Facts, asked: Asked) -> Iterator[Finding]:
    ports = list(every(facts.serial_ports))
    transport, _, rest = asked.target.partition(":")
    path = rest.partition(",")[0]
    port = next((port for port in ports if path in (port.path, port.label)), None)
    if transport == "serial" and port is None and facts.opened is None:
        there = ", ".join(port.path for port in ports) or "none"
        yield kinds.SERIAL_MISSING.on(path, f"there is no serial port {path}", there=there)
    elif port is not None:
        yield from _port(facts, port, refused=Level.BAD)
    if facts.opened is None:
        yield kinds.RADIO_UNOPENED.on(str(asked), f"{asked} was not opened", radio=str(asked))
    yield from _opened(facts, asked)
    yield from surroundings(facts)
    yield from unlooked(facts, with_stack=False)


def _port(facts: Facts, port: SerialPortFacts, *, refused: Level) -> Iterator[Finding]:
    if port.readable is False:
        yield kinds.SERIAL_REFUSED.on(
            port.path,
            f"{facts.user.name} may not open {port.path}",
            level=refused,
            group=port.group or "dialout",
            user=facts.user.name,
        )
    elif known(port.readable):
        label = f" ({port.label})" if port.label else ""
        yield kinds.SERIAL_USABLE.on(port.path, f"{port.path}{label} can be opened", port=port.path)
    if known(facts.system.modem_manager):
        yield kinds.SERIAL_CONTESTED.on(port.path, f"ModemManager may talk to {port.path}, too")


def _opened(facts: Facts, asked: Asked) -> Iterator[Finding]:
    if facts.opened is not None:
        kind = kinds.RADIO_OPENED if facts.opened.opened else kinds.RADIO_NOT_OPENED
        advice = facts.opened.advice or "try again, and report it if it stays"
        yield kind.on(str(asked), facts.opened.words, advice=advice)


def _virtual(facts: Facts, asked: Asked) -> Iterator[Finding]:
    device = facts.virtual_controller
    if isinstance(device, Unknown) or not device.exists:
        why = f": {device.why}" if isinstance(device, Unknown) else ""
        yield kinds.VIRTUAL_MISSING.on("/dev/vhci", f"there is no /dev/vhci{why}")
    elif not device.writable:
        yield kinds.VIRTUAL_REFUSED.on("/dev/vhci", f"{facts.user.name} may not open /dev/vhci")
    else:
        yield _virtual_usable()
    yield from stack_findings(facts)
    yield from bluez_findings(facts)
    yield from kernel_findings(facts)
    yield from _opened(facts, asked)
    yield from surroundings(facts)


def _virtual_usable() -> Finding:
    return kinds.VIRTUAL_USABLE.on("/dev/vhci", "simulated cars can meet this machine's own Bluetooth stack")


def _simulated(facts: Facts, asked: Asked) -> Iterator[Finding]:
    missing = [finding for finding in surroundings(facts) if finding.level is Level.BAD]
    if not missing:
        yield kinds.SIMULATION_USABLE.on(str(asked), "the simulated radio needs nothing from this machine")
    yield from missing
    yield from _opened(facts, asked)


_RADIOS: dict[str, Callable[[Facts, Asked], Iterator[Finding]]] = {
    "ble": _own_bluetooth,
    "hci": _dongle,
    "vhci": _virtual,
    "sim": _simulated,
}
