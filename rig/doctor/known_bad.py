"""Combinations known to fail, as data: kernels, BlueZ versions, adapters. Pure.

Every entry has a source, or says that it was observed here and how. Versions compare by `rig.doctor.versions`.
"""

from __future__ import annotations

from dataclasses import dataclass

from rig.doctor.findings import Level
from rig.doctor.versions import compare_debian, numbers

HOME_ASSISTANT = "https://www.home-assistant.io/integrations/bluetooth/"


@dataclass(frozen=True, slots=True)
class BadKernel:
    """Debian kernel packages from `first` to `last`, both included; `abis` names them where no build is told."""

    first: str
    last: str
    abis: tuple[str, ...]
    fault: str
    instead: str
    sources: tuple[str, ...]

    def is_it(self, package: str | None, abi: str | None) -> bool:
        """Whether a kernel is one of these: by its package version, else by the ABI in its name."""
        if package is not None:
            return compare_debian(self.first, package) <= 0 <= compare_debian(self.last, package)
        return abi in self.abis


OLDEST_KERNEL = "5.15.62"

_OBSERVED_6_1_192 = (
    "observed in November 2026 on stock Debian 12 kernels under QEMU with virtual controllers, on every boot"
    " in which the fault was injected (6.1.192-1: 1 of 1, 6.1.192-2: 3 of 3); 6.1.190-1 and 6.12.117 are"
    " free of it; not tried on real radios; no public report known"
)

KERNELS: tuple[BadKernel, ...] = (
    BadKernel(
        "6.1.192-1",
        "6.1.192-2",
        ("6.1.0-55", "6.1.0-56"),
        "the kernel hits a BUG and bluetoothd is killed when a link drops while a connect is in progress"
        " (HCI 0x3e, or a car driving out of range)",
        "boot 6.1.190-1 (ABI 6.1.0-54), or `sudo apt install -t bookworm-backports linux-image-amd64` (6.12)",
        (_OBSERVED_6_1_192,),
    ),
)


@dataclass(frozen=True, slots=True)
class BadBluez:
    """BlueZ versions from `first` up to, not including, `before` (dotted numbers)."""

    first: str
    before: str
    level: Level
    fault: str
    instead: str
    sources: tuple[str, ...]

    def is_it(self, version: str) -> bool:
        """Whether `version` is one of these."""
        return numbers(self.first) <= numbers(version)[:2] < numbers(self.before)


BLUEZ_OLDEST_FOR_BLEAK = "5.55"

BLUEZ: tuple[BadBluez, ...] = (
    BadBluez(
        "5.0",
        "5.42",
        Level.BAD,
        "links drop after seconds to minutes (reported with 5.23, cured by 5.42)",
        "upgrade BlueZ to 5.66 or newer",
        ("https://github.com/noble/noble/issues/465", "https://github.com/noble/bleno/issues/196"),
    ),
    BadBluez(
        "5.43",
        "5.44",
        Level.BAD,
        "cars are lost after 5 to 10 minutes with 'Resource temporarily unavailable' or 'Connection timed out'",
        "upgrade BlueZ to 5.66 or newer",
        ("https://github.com/com2m/anki-overdrive-goes-iot/issues/1",),
    ),
    BadBluez(
        "5.50",
        "5.51",
        Level.BAD,
        "cars are lost after 5 to 10 minutes with 'Resource temporarily unavailable' or 'Connection timed out'",
        "upgrade BlueZ to 5.66 or newer",
        ("https://github.com/com2m/anki-overdrive-goes-iot/issues/1",),
    ),
    BadBluez(
        "5.55",
        "5.63",
        Level.WARN,
        "reported to be unreliable before 5.63",
        "upgrade BlueZ to 5.66 or newer",
        (HOME_ASSISTANT,),
    ),
    BadBluez(
        "5.71",
        "5.72",
        Level.WARN,
        "bluetoothd crashes several times a day",
        "upgrade BlueZ to 5.72 or newer",
        ("https://github.com/bluez/bluez/issues/708", "https://github.com/bluez/bluez/issues/695"),
    ),
    BadBluez(
        "5.87",
        "5.88",
        Level.BAD,
        "bluetoothd crashes as soon as a scan for a service hears it, and pitboard scans for the cars' service"
        " (unless your distribution has patched it)",
        "install BlueZ 5.86, or 5.88 or newer",
        ("https://github.com/bluez/bluez/issues/2282", "https://github.com/bluez/bluez/pull/2283"),
    ),
)


@dataclass(frozen=True, slots=True)
class PoorAdapter:
    """USB adapters by `ids` (`vvvv:pppp`); `not_manufacturer` limits it to controllers that answer another company
    number, `kernel_before` to kernels older than that."""

    ids: tuple[str, ...]
    name: str
    level: Level
    fault: str
    instead: str
    sources: tuple[str, ...]
    not_manufacturer: int | None = None
    kernel_before: str | None = None

    def is_it(self, usb_id: str, manufacturer: int | None, kernel: tuple[int, ...]) -> bool:
        """Whether an adapter is one of these; what is not known does not speak against it."""
        if usb_id not in self.ids:
            return False
        if self.not_manufacturer is not None and manufacturer in (None, self.not_manufacturer):
            return False
        return self.kernel_before is None or not kernel or kernel < numbers(self.kernel_before)


CAMBRIDGE_SILICON_RADIO = 10
_USE_ANOTHER = "use another adapter, for example one on a genuine CSR8510A10 or BCM20702A0 chip"

_RTL8761BU = ("0bda:8771", "0b05:190e")

ADAPTERS: tuple[PoorAdapter, ...] = (
    PoorAdapter(
        ("0a12:0001",),
        "CSR clone",
        Level.BAD,
        "it calls itself Cambridge Silicon Radio on USB but not in its radio: a clone, for which the kernel's"
        " driver has workarounds but which fails without recovery",
        _USE_ANOTHER,
        (
            HOME_ASSISTANT,
            "Linux drivers/bluetooth/btusb.c, btusb_setup_csr: how clones are told from the real",
        ),
        not_manufacturer=CAMBRIDGE_SILICON_RADIO,
    ),
    PoorAdapter(
        ("0a12:0001",),
        "CSR8510, or a clone of it",
        Level.NOTE,
        "clones of this adapter are common and fail without recovery; a genuine one is among the best",
        "if links fail, look for 'Unbranded CSR clone detected' in `sudo dmesg`",
        (HOME_ASSISTANT, "https://github.com/RPi-Distro/pi-bluetooth/issues/37"),
    ),
    PoorAdapter(
        ("2357:0604",),
        "TP-Link UB500 (RTL8761BU)",
        Level.WARN,
        "frequent connection failures with active connections",
        _USE_ANOTHER,
        (HOME_ASSISTANT,),
    ),
    PoorAdapter(
        _RTL8761BU,
        "RTL8761BU",
        Level.WARN,
        "it stops responding under load, and kernels before 6.1 cannot reset it",
        "upgrade the kernel to 6.1 or newer, or use another adapter",
        (HOME_ASSISTANT, "https://github.com/home-assistant/core/issues/82100"),
        kernel_before="6.1",
    ),
    PoorAdapter(
        _RTL8761BU,
        "RTL8761BU",
        Level.NOTE,
        "reported to fail connects when overloaded, where a CSR8510A10 holds",
        "if connects fail with le-connection-abort-by-local, use another adapter",
        (
            "https://github.com/hbldh/bleak/issues/993",
            "https://github.com/home-assistant/core/issues/82100",
        ),
    ),
    PoorAdapter(
        ("13d3:3585",),
        "MediaTek MT7922",
        Level.NOTE,
        "reported to go on scanning but no longer connect after some time",
        "if connects time out, `sudo modprobe -r btusb btmtk && sudo modprobe btusb`",
        ("https://github.com/LuanAdemi/mediatek7925e-bluetooth-fix/issues/13",),
    ),
    PoorAdapter(
        ("7392:a611",),
        "Edimax EW-7611ULB (RTL8723BU)",
        Level.WARN,
        "frequent connection failures and drop-outs",
        _USE_ANOTHER,
        (HOME_ASSISTANT,),
    ),
    PoorAdapter(
        ("10d7:b012",),
        "ATS2851 (UGREEN CM591 and others)",
        Level.WARN,
        "older kernels have no driver for it",
        _USE_ANOTHER,
        (HOME_ASSISTANT, "Linux drivers/bluetooth/btusb.c: BTUSB_ACTIONS_SEMI"),
    ),
)

WIFI_COMBO_VENDORS: dict[int, str] = {
    0x8087: "Intel",
    0x0CF3: "Qualcomm Atheros",
    0x0489: "Foxconn",
    0x04CA: "Lite-On",
    0x13D3: "IMC Networks",
}
"""USB vendors whose Bluetooth adapters are the other half of a Wi-Fi card of a laptop or small computer."""

WIFI_COMBO_DRIVERS: tuple[str, ...] = ("hci_uart_bcm", "hci_bcm", "hci_uart_qca", "btmtksdio", "btsdio")
"""Drivers of adapters soldered beside Wi-Fi, as on the Raspberry Pi."""

CARS_PER_ADAPTER = 4
"""The official app's limit, and what the cheapest dongles hold; see rig/radio for the rules of slots."""

SHORT_LINK_TIMEOUT_MS = 1000
"""A car's own recorded central asks for 2 s, the official app for 7 s; the kernel's default is 420 ms."""

MANUFACTURERS: dict[int, str] = {
    2: "Intel",
    10: "Cambridge Silicon Radio",
    13: "Texas Instruments",
    15: "Broadcom",
    29: "Qualcomm",
    48: "STMicroelectronics",
    70: "MediaTek",
    72: "Marvell",
    89: "Nordic Semiconductor",
    93: "Realtek",
    305: "Cypress",
    1521: "the Linux Foundation",
    0xFFFF: "no company",
}
"""Bluetooth SIG company numbers of controllers (Assigned Numbers, section 7)."""

HCI_VERSIONS: tuple[str, ...] = (
    "1.0b", "1.1", "1.2", "2.0", "2.1", "3.0", "4.0", "4.1", "4.2", "5.0", "5.1", "5.2", "5.3", "5.4", "6.0", "6.1",
)  # fmt: skip
"""Core Specification by HCI version number (Assigned Numbers, section 2.1)."""


def hci_version_words(number: int) -> str:
    """`Bluetooth 5.0`; a number beyond the table is shown as it is."""
    return f"Bluetooth {HCI_VERSIONS[number]}" if 0 <= number < len(HCI_VERSIONS) else f"HCI version {number}"


def manufacturer_words(number: int) -> str:
    """The maker of the controller; an unknown company is shown by its number."""
    return MANUFACTURERS.get(number, f"company {number}")
