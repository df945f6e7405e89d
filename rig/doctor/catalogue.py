"""Every kind of finding there is, with its meaning and remedy. Pure.

The ids are stable: scripts and the generated page `docs/doctor.md` refer to them. Commands in a remedy stand in
backticks.
"""

from __future__ import annotations

from rig.doctor.findings import Kind, Level

SIMULATED = "`pitboard scan --radio sim`"

NO_ADAPTER = Kind(
    "no-adapter",
    Level.BAD,
    "No Bluetooth adapter is known to the kernel.",
    "plug in a USB adapter, or work without one: " + SIMULATED,
)
ADAPTER_NOT_FOUND = Kind(
    "adapter-not-found", Level.BAD, "The adapter asked for is not there.", "name one of: {there}"
)
ADAPTER_USABLE = Kind("adapter-usable", Level.OK, "The adapter can be used for cars.")
ADAPTER_OFF = Kind("adapter-off", Level.BAD, "The adapter is switched off.", "`bluetoothctl power on`")
ADAPTER_BLOCKED = Kind(
    "adapter-blocked", Level.BAD, "A software radio switch blocks Bluetooth.", "`rfkill unblock bluetooth`"
)
ADAPTER_HARD_BLOCKED = Kind(
    "adapter-hard-blocked",
    Level.BAD,
    "A switch or key of the machine, or its firmware, blocks Bluetooth.",
    "turn on the radio switch on the case (or the flight-mode key), or enable Bluetooth in the firmware setup",
)
ADAPTER_NOT_LE = Kind(
    "adapter-not-le",
    Level.BAD,
    "The adapter cannot be a Bluetooth LE central; cars speak nothing else.",
    "use an adapter of Bluetooth 4.0 or newer",
)
ADAPTER_NOT_SERVED = Kind(
    "adapter-not-served",
    Level.BAD,
    "The kernel has the adapter, but the Bluetooth service does not offer it: it failed to start, or another"
    " program drives it directly.",
    "`sudo systemctl restart bluetooth`; if it stays away, unplug it and plug it in again",
)
ADAPTER_POOR = Kind(
    "adapter-poor",
    Level.WARN,
    "The adapter is of a model with known faults; see the table of adapters below.",
    "{instead}",
)
ADAPTER_SLEEPS = Kind(
    "adapter-sleeps",
    Level.WARN,
    "USB power saving may put the adapter to sleep, which is a known cause of dropped links.",
    "`echo on | sudo tee {control}`",
    (
        "https://github.com/systemd/systemd/pull/27768",
        "https://github.com/linrunner/TLP/issues/545",
        "https://github.com/batocera-linux/batocera.linux/issues/6163",
    ),
)
ADAPTER_SHARES_WIFI = Kind(
    "adapter-shares-wifi",
    Level.WARN,
    "Wi-Fi is in use on the same chip; connects then fail with HCI 0x3e and links drop under Wi-Fi load.",
    "use a separate USB adapter for the cars, or a network cable instead of Wi-Fi",
    (
        "https://github.com/hbldh/bleak/pull/1670",
        "https://github.com/raspberrypi/linux/issues/1444",
        "https://github.com/project-chip/connectedhomeip/issues/26118",
        "https://github.com/home-assistant/operating-system/issues/520",
    ),
)
ADAPTER_SCANNED = Kind(
    "adapter-scanned",
    Level.NOTE,
    "Another program keeps this adapter scanning; connects take longer and may fail with InProgress.",
    "close the other program (a Bluetooth settings window, bluetoothctl scan, a home-automation service)",
    ("https://github.com/hbldh/bleak/issues/859",),
)
ADAPTER_HOLDS_CAR = Kind(
    "adapter-holds-car",
    Level.WARN,
    "BlueZ holds a car connected: another program drives it, or it was left behind. Such a car does not advertise"
    " and is not found.",
    "`bluetoothctl disconnect {address}`, unless another program drives it",
    (
        "https://github.com/hbldh/bleak/issues/367",
        "https://github.com/Bluetooth-Devices/bleak-retry-connector/issues/231",
    ),
)
ADAPTER_HOLDS_OTHERS = Kind(
    "adapter-holds-others",
    Level.NOTE,
    "Other devices are connected through this adapter and take connection slots and air time.",
    "disconnect them while cars are driven: `bluetoothctl disconnect {address}`",
)
TOO_FEW_ADAPTERS = Kind(
    "too-few-adapters",
    Level.WARN,
    "More cars are wanted than the usable adapters should carry: four each.",
    "add {missing} more USB Bluetooth adapter(s)",
)
LINK_TIMEOUT_SHORT = Kind(
    "link-timeout-short",
    Level.NOTE,
    "The kernel gives up a silent link sooner than a second; a short disturbance then costs a reconnect.",
    "set ConnectionSupervisionTimeout=200 under [LE] in /etc/bluetooth/main.conf (2 s), then"
    " `sudo systemctl restart bluetooth`",
)
KERNEL_KNOWN_BAD = Kind(
    "kernel-known-bad",
    Level.BAD,
    "This kernel has a known Bluetooth fault; see the table of kernels below.",
    "{instead}",
)
KERNEL_OLD = Kind(
    "kernel-old",
    Level.WARN,
    "The kernel is older than 5.15.62, below which Home Assistant's maintainers do not support Bluetooth.",
    "upgrade the kernel",
    ("https://www.home-assistant.io/integrations/bluetooth/",),
)
KERNEL_WITHOUT_BLUETOOTH = Kind(
    "kernel-without-bluetooth",
    Level.BAD,
    "The kernel that runs has no Bluetooth at all: a cloud, container or virtual-machine kernel, or the module is"
    " not loaded.",
    "`sudo modprobe bluetooth`, or work without it: " + SIMULATED,
)
BLUEZ_KNOWN_BAD = Kind(
    "bluez-known-bad",
    Level.WARN,
    "This BlueZ has a known fault; see the table of BlueZ versions below.",
    "{instead}",
)
BLUEZ_TOO_OLD = Kind(
    "bluez-too-old",
    Level.BAD,
    "bleak refuses BlueZ before 5.55.",
    "upgrade BlueZ to 5.66 or newer (Debian 12 has it)",
    ("bleak 3.1, bleak/backends/bluezdbus/client.py",),
)
BLUEZ_UNKNOWN = Kind(
    "bluez-version-unknown",
    Level.NOTE,
    "No way was found to ask BlueZ its version.",
    "`bluetoothctl --version`",
)
NO_BUS = Kind(
    "no-dbus",
    Level.BAD,
    "There is no system D-Bus to reach the Bluetooth service through.",
    "start it (`sudo systemctl start dbus`); in a container, mount /run/dbus from the host",
)
NO_DAEMON = Kind(
    "no-bluetoothd",
    Level.BAD,
    "The Bluetooth service, bluetoothd, does not run.",
    "`sudo systemctl start bluetooth` (`sudo apt install bluez` when it is missing)",
)
NOT_PERMITTED = Kind(
    "not-permitted",
    Level.BAD,
    "The system refuses Bluetooth to this user.",
    "`sudo usermod -aG bluetooth {user}`, then log in again",
)
STACK_SILENT = Kind(
    "stack-silent",
    Level.BAD,
    "The Bluetooth service runs, but did not answer as it should.",
    "`sudo systemctl restart bluetooth`",
)
PACKAGE_MISSING = Kind(
    "package-missing",
    Level.BAD,
    "A package that pitboard needs is not installed.",
    "install pitboard again, for example with `pipx reinstall pitboard`",
)
PROCESSOR_SLOW = Kind(
    "cpu-saves-power",
    Level.NOTE,
    "The processor saves power; reactions of the control loop come later and less evenly.",
    "`sudo cpupower frequency-set -g performance`",
)
NO_REALTIME = Kind(
    "no-realtime",
    Level.NOTE,
    "The control loop gets no real-time priority; beside busy programs it reacts late.",
    "allow it with LimitRTPRIO=50 in the systemd unit, or a line `{user} - rtprio 50` in"
    " /etc/security/limits.conf",
)
IN_CONTAINER = Kind(
    "in-container",
    Level.NOTE,
    "Inside a container adapters belong to the host; only its D-Bus socket leads to them.",
    "mount /run/dbus from the host, or use a serial dongle with `--radio hci:serial:<port>`",
)
OTHER_PLATFORM = Kind(
    "not-linux",
    Level.NOTE,
    "On systems other than Linux the doctor can look at packages and serial ports only.",
    "try it: `pitboard doctor --radio ble --probe`",
)
SERIAL_MISSING = Kind(
    "serial-missing",
    Level.BAD,
    "The serial port asked for is not there.",
    "plug the dongle in; ports here: {there}",
)
SERIAL_REFUSED = Kind(
    "serial-refused",
    Level.WARN,
    "A serial port that may be a dongle cannot be opened by this user.",
    "`sudo usermod -aG {group} {user}`, then log in again",
)
SERIAL_USABLE = Kind(
    "serial-usable",
    Level.OK,
    "A serial port can be opened; whether it is a dongle is told with --probe.",
    "`pitboard doctor --radio hci:serial:{port} --probe`",
)
SERIAL_CONTESTED = Kind(
    "serial-contested",
    Level.NOTE,
    "ModemManager runs: it opens newly plugged serial ports and talks to them as to modems.",
    "`sudo systemctl disable --now ModemManager` (or give the dongle ID_MM_DEVICE_IGNORE=1 by a udev rule)",
    (
        "https://modemmanager.org/docs/modemmanager/port-and-device-detection/",
        "https://nick.zoic.org/art/failed-to-set-dtr-rts-systemd-modemmanager/",
    ),
)
RADIO_OPENED = Kind("radio-opened", Level.OK, "The radio was opened, as asked with --probe.")
RADIO_NOT_OPENED = Kind(
    "radio-not-opened",
    Level.BAD,
    "The radio could not be opened, as asked with --probe. For a dongle check its firmware (Zephyr hci_uart), the"
    " speed after the comma, and that nothing else holds the port.",
    "{advice}",
)
RADIO_UNOPENED = Kind(
    "radio-unopened",
    Level.NOTE,
    "The dongle was not opened: nothing is opened unasked.",
    "`pitboard doctor --radio {radio} --probe`",
)
VIRTUAL_USABLE = Kind(
    "virtual-usable",
    Level.OK,
    "Simulated cars can be met through this machine's own Bluetooth stack.",
    "`sudo pitboard scan --radio vhci`",
)
VIRTUAL_REFUSED = Kind(
    "virtual-refused",
    Level.BAD,
    "The virtual controller device cannot be opened by this user.",
    "run pitboard as root, for example with sudo",
)
VIRTUAL_MISSING = Kind(
    "virtual-missing",
    Level.BAD,
    "The kernel offers no virtual controllers.",
    "`sudo modprobe hci_vhci`, or use the simulated radio: " + SIMULATED,
)
SIMULATION_USABLE = Kind("simulation-usable", Level.OK, "The simulated radio works everywhere.")
NOT_LOOKED_AT = Kind(
    "not-looked-at",
    Level.NOTE,
    "Something could not be looked at, so the diagnosis is that much less sure.",
)

CATALOGUE: tuple[Kind, ...] = tuple(kind for kind in list(globals().values()) if isinstance(kind, Kind))
"""Every kind, in the order of the page."""
