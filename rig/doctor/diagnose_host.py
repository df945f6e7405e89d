"""Findings about the machine around its adapters: kernel, Bluetooth service, user, processor, packages. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rig.doctor import catalogue as kinds
from rig.doctor import known_bad
from rig.doctor.facts import Facts, Unknown, every, known
from rig.doctor.findings import Finding
from rig.doctor.versions import debian_abi, debian_version, numbers

_SLOW_GOVERNORS = frozenset({"powersave", "conservative", "power"})


def kernel_findings(facts: Facts) -> Iterator[Finding]:
    """Kernels known to be bad, or too old."""
    kernel = facts.system.kernel
    package, abi = debian_version(kernel.build), debian_abi(kernel.release)
    name = f"{kernel.release} (Debian {package})" if package else kernel.release
    for bad in known_bad.KERNELS:
        if bad.is_it(package, abi):
            yield _with_sources(
                kinds.KERNEL_KNOWN_BAD.on("kernel", f"{name}: {bad.fault}", instead=bad.instead), bad.sources
            )
    running = numbers((package or "").rpartition(":")[2]) or numbers(kernel.release)
    if running and running < numbers(known_bad.OLDEST_KERNEL):
        yield kinds.KERNEL_OLD.on("kernel", f"{name} is older than {known_bad.OLDEST_KERNEL}")


def stack_findings(facts: Facts) -> Iterator[Finding]:
    """Whether the Bluetooth service can be asked: only the first obstacle is told, the rest follows from it."""
    stack, user = facts.stack, facts.user.name
    if stack.refused:
        yield kinds.NOT_PERMITTED.on("this user", f"{user} may not use Bluetooth: {stack.refused}", user=user)
    elif stack.answered is True:
        return
    elif stack.bus_reachable is False:
        yield kinds.NO_BUS.on("D-Bus", "there is no system D-Bus")
    elif isinstance(stack.bus_reachable, Unknown):
        yield kinds.NO_BUS.on("D-Bus", f"the system D-Bus cannot be reached: {stack.bus_reachable.why}")
    elif stack.daemon_running is False:
        yield kinds.NO_DAEMON.on("BlueZ", "bluetoothd is not running")
    else:
        why = f": {stack.answered.why}" if isinstance(stack.answered, Unknown) else ""
        yield kinds.STACK_SILENT.on("BlueZ", f"the Bluetooth service did not answer{why}")


def bluez_findings(facts: Facts) -> Iterator[Finding]:
    """BlueZ versions known to be bad, or too old."""
    version = facts.stack.bluez_version
    if isinstance(version, Unknown) or not numbers(version):
        why = version.why if isinstance(version, Unknown) else f"'{version}' is no version"
        yield kinds.BLUEZ_UNKNOWN.on("BlueZ", f"BlueZ's version is not known: {why}")
        return
    if numbers(version) < numbers(known_bad.BLUEZ_OLDEST_FOR_BLEAK):
        yield kinds.BLUEZ_TOO_OLD.on(
            "BlueZ", f"BlueZ {version}; bleak needs {known_bad.BLUEZ_OLDEST_FOR_BLEAK}"
        )
    for bad in known_bad.BLUEZ:
        if bad.is_it(version):
            found = kinds.BLUEZ_KNOWN_BAD.on(
                "BlueZ", f"BlueZ {version}: {bad.fault}", level=bad.level, instead=bad.instead
            )
            yield _with_sources(found, bad.sources)


def surroundings(facts: Facts) -> Iterator[Finding]:
    """Packages, processor and priority: what every radio needs."""
    for name, version in facts.system.packages:
        if isinstance(version, Unknown):
            yield kinds.PACKAGE_MISSING.on("Python", f"{name} is not installed")
    slow = sorted(set(every(facts.system.governors)) & _SLOW_GOVERNORS)
    if slow:
        yield kinds.PROCESSOR_SLOW.on("processor", f"its governor is {', '.join(slow)}")
    if facts.system.realtime_granted is False:
        yield kinds.NO_REALTIME.on(
            "priority", f"the control loop gets {facts.system.realtime}", user=facts.user.name
        )


def unlooked(facts: Facts, *, with_stack: bool) -> Iterator[Finding]:
    """What could not be looked at and matters to the radio in question."""
    looked: list[tuple[str, str, object]] = [
        ("processor", "the processor's governor", facts.system.governors),
        ("Wi-Fi", "whether Wi-Fi is in use", facts.system.wifi_up),
    ]
    if with_stack:
        looked += [
            ("adapters", "the list of adapters", facts.adapters),
            ("rfkill", "the radio switches", facts.switches),
        ]
        for adapter in every(facts.adapters):
            looked += [
                (adapter.name, f"{adapter.name}'s version and maker", adapter.controller),
                (adapter.name, f"{adapter.name}'s link defaults", adapter.link),
            ]
            if adapter.usb is not None:
                looked.append((adapter.name, f"{adapter.name}'s USB side", adapter.usb))
    for subject, what, fact in looked:
        if isinstance(fact, Unknown):
            yield kinds.NOT_LOOKED_AT.on(subject, f"{what} could not be read: {fact.why}")


def where_we_are(facts: Facts) -> Iterator[Finding]:
    """A container hides the host's adapters; other systems hide everything."""
    if facts.system.platform != "linux":
        yield kinds.OTHER_PLATFORM.on(
            "system", f"on {facts.system.platform} most of this cannot be looked at"
        )
    elif known(facts.system.in_container) and not (facts.adapters and facts.stack.answered is True):
        yield kinds.IN_CONTAINER.on("system", "this is a container")


def _with_sources(finding: Finding, sources: tuple[str, ...]) -> Finding:
    return Finding(finding.id, finding.level, finding.subject, finding.found, finding.remedy, sources)
