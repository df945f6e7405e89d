"""Facts of machines to diagnose: a sound one, and ways to change it."""

from dataclasses import replace

from rig.doctor.facts import (
    AdapterFacts,
    ControllerFacts,
    Facts,
    KernelFacts,
    LinkDefaults,
    StackAdapterFacts,
    StackFacts,
    SystemFacts,
    UsbFacts,
    UserFacts,
    VirtualControllerFacts,
)

ADDRESS = "00:1A:7D:DA:71:13"
CSR = UsbFacts(
    0x0B05, 0x17CB, "0112", "BCM20702A0", "/sys/bus/usb/devices/1-2/power/control", autosuspend=False
)


def adapter(name="hci0", **changes):
    """A USB adapter that is on, served and without company."""
    sound = AdapterFacts(
        name,
        bus="usb",
        driver="btusb",
        usb=CSR,
        controller=ControllerFacts(ADDRESS, 6, 15, powered=True, low_energy=True),
        link=LinkDefaults(30.0, 50.0, 0, 2000),
        stack=StackAdapterFacts(
            name, ADDRESS, powered=True, discovering=False, roles=("central", "peripheral"), connected=()
        ),
    )
    return replace(sound, **changes)


def served(**changes):
    """How BlueZ presents the adapter."""
    return replace(adapter().stack, **changes)


def kernel(release="6.12.48+deb13-amd64", build="#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)"):
    return KernelFacts(release, build, "x86_64")


def machine(*adapters, system=None, stack=None, user=None, **changes):
    """A Debian laptop with a sound adapter, or with those given."""
    sound = Facts(
        system=SystemFacts(
            platform="linux",
            distribution="Debian GNU/Linux 13 (trixie)",
            kernel=kernel(),
            python="3.13.5",
            model="ThinkPad X13",
            in_container=False,
            packages=(
                ("pitboard", "0.1.0"),
                ("bleak", "3.1.0"),
                ("bumble", "0.0.236"),
                ("dbus-fast", "2.44.1"),
            ),
            governors=("performance",),
            realtime="SCHED_FIFO 50",
            realtime_granted=True,
            wifi_up=(),
        ),
        user=UserFacts("ada", is_root=False, groups=("ada", "bluetooth"), may_administer_network=False),
        stack=StackFacts(
            bus_reachable=True, daemon_running=True, bluez_version="5.82", answered=True, link_settings=()
        ),
        adapters=adapters or (adapter(),),
        virtual_controller=VirtualControllerFacts(exists=False, writable=False),
    )
    return replace(
        sound,
        system=replace(sound.system, **(system or {})),
        stack=replace(sound.stack, **(stack or {})),
        user=replace(sound.user, **(user or {})),
        **changes,
    )


def ids(diagnosis):
    """{finding id: level} of everything that is not ok."""
    return {finding.id: finding.level.value for finding in diagnosis.findings if finding.level.value != "ok"}
