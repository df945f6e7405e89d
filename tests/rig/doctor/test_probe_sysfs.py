"""What /sys tells, from file trees as real machines have them, and from odd ones."""

import os

import pytest

from rig.doctor import probe_sysfs
from rig.doctor.facts import RfkillFacts, Unknown


def tree(root, files=(), links=()):
    for name, text in dict(files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    for name, target in dict(links).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (root / target).mkdir(parents=True, exist_ok=True)
        path.symlink_to(os.path.relpath(root / target, path.parent))
    return root


USB = "sys/devices/pci0000:00/usb1/1-2"


def usb_adapter(root, name="hci0", **changes):
    files = {"idVendor": "0a12", "idProduct": "0001", "bcdDevice": "8891", "product": "CSR8510 A10"}
    files |= {"power/control": "auto"} | changes
    tree(root, {f"{USB}/{file}": text for file, text in files.items() if text is not None})
    return tree(
        root,
        links={
            f"{USB}/1-2:1.0/subsystem": "sys/bus/usb",
            f"{USB}/1-2:1.0/driver": "sys/bus/usb/drivers/btusb",
            f"{USB}/1-2:1.0/bluetooth/{name}/device": f"{USB}/1-2:1.0",
            f"sys/class/bluetooth/{name}": f"{USB}/1-2:1.0/bluetooth/{name}",
        },
    )


def test_a_usb_adapter(tmp_path):
    (found,) = probe_sysfs.adapters(usb_adapter(tmp_path))
    assert (found.name, found.bus, found.driver) == ("hci0", "usb", "btusb")
    assert (found.usb.id, found.usb.release, found.usb.product) == ("0a12:0001", "8891", "CSR8510 A10")
    assert found.usb.autosuspend is True
    assert found.usb.control_path.endswith("usb1/1-2/power/control")


def test_power_control_on(tmp_path):
    (found,) = probe_sysfs.adapters(usb_adapter(tmp_path, **{"power/control": "on"}))
    assert found.usb.autosuspend is False


@pytest.mark.parametrize(
    ("changes", "why"), [({"idVendor": None}, "not there"), ({"idProduct": "odd"}, "idProduct holds 'odd'")]
)
def test_ids_that_cannot_be_had(tmp_path, changes, why):
    (found,) = probe_sysfs.adapters(usb_adapter(tmp_path, **changes))
    assert found.usb == Unknown(why)


def test_power_control_that_cannot_be_had(tmp_path):
    (found,) = probe_sysfs.adapters(usb_adapter(tmp_path, **{"power/control": None, "product": None}))
    assert found.usb.autosuspend == Unknown("not there")
    assert found.usb.product == ""


def test_a_virtual_and_a_serial_adapter_stand_in_order_without_their_links(tmp_path):
    uart = "sys/devices/platform/soc/serial0/serial0-0"
    tree(
        tmp_path,
        links={
            "sys/class/bluetooth/hci10": "sys/devices/virtual/bluetooth/hci10",
            "sys/class/bluetooth/hci10:64": "sys/devices/virtual/bluetooth/hci10/hci10:64",
            f"{uart}/subsystem": "sys/bus/serial",
            f"{uart}/driver": "sys/bus/serial/drivers/hci_uart_bcm",
            f"{uart}/bluetooth/hci2/device": uart,
            "sys/class/bluetooth/hci2": f"{uart}/bluetooth/hci2",
        },
    )
    uart_found, virtual = probe_sysfs.adapters(tmp_path)
    assert (uart_found.name, uart_found.bus, uart_found.driver, uart_found.usb) == (
        "hci2", "serial", "hci_uart_bcm", None,
    )  # fmt: skip
    assert (virtual.name, virtual.bus, virtual.usb) == ("hci10", "virtual", None)


def test_a_kernel_without_bluetooth(tmp_path):
    assert isinstance(probe_sysfs.adapters(tmp_path), Unknown)
    (tmp_path / "sys/class/bluetooth").mkdir(parents=True)
    assert probe_sysfs.adapters(tmp_path) == ()


def test_a_folder_that_is_none(tmp_path):
    found = probe_sysfs.adapters(tree(tmp_path, {"sys/class/bluetooth": "a file"}))
    assert found == Unknown("not a directory")


def test_switches(tmp_path):
    assert probe_sysfs.switches(tmp_path) == ()
    place = "sys/class/rfkill/rfkill0"
    tree(
        tmp_path,
        {f"{place}/name": "hci0", f"{place}/type": "bluetooth", f"{place}/soft": "1", f"{place}/hard": "0"},
    )
    (tmp_path / "sys/class/rfkill/rfkill1").mkdir()
    assert probe_sysfs.switches(tmp_path) == (
        RfkillFacts("hci0", "bluetooth", soft=True, hard=False),
        RfkillFacts("rfkill1", "", soft=False, hard=False),
    )


def test_governors(tmp_path):
    assert probe_sysfs.governors(tmp_path) == Unknown("not there")
    core = "sys/devices/system/cpu/cpu{}/cpufreq/scaling_governor"
    tree(
        tmp_path,
        {
            core.format(0): "powersave",
            core.format(1): "performance",
            "sys/devices/system/cpu/cpu2/online": "0",
            "sys/devices/system/cpu/cpufreq/policy0/x": "",
        },
    )
    assert probe_sysfs.governors(tmp_path) == ("powersave", "performance")


@pytest.mark.parametrize(
    ("driver", "preference", "found"),
    [
        ("intel_pstate", "balance_performance", "balance_performance"),
        ("amd-pstate-epp", "power", "power"),
        ("intel_pstate", None, "adaptive"),
        ("intel_cpufreq", "power", "powersave"),
    ],
)
def test_powersave_that_adapts_to_load(tmp_path, driver, preference, found):
    core = "sys/devices/system/cpu/cpu0/cpufreq"
    tree(tmp_path, {f"{core}/scaling_governor": "powersave", f"{core}/scaling_driver": driver})
    if preference:
        tree(tmp_path, {f"{core}/energy_performance_preference": preference})
    assert probe_sysfs.governors(tmp_path) == (found,)


def test_wifi_that_is_up(tmp_path):
    assert probe_sysfs.wifi_up(tmp_path) == Unknown("not there")
    net = "sys/class/net"
    tree(
        tmp_path,
        {
            f"{net}/eth0/operstate": "up",
            f"{net}/wlan0/operstate": "up",
            f"{net}/wlan0/wireless/x": "",
            f"{net}/wlan1/operstate": "down",
            f"{net}/wlan1/phy80211/x": "",
        },
    )
    assert probe_sysfs.wifi_up(tmp_path) == ("wlan0",)


def test_the_model_of_the_machine(tmp_path):
    assert probe_sysfs.machine_model(tmp_path) == Unknown("not there")
    tree(tmp_path, {"sys/class/dmi/id/product_name": "20UF000LGE"})
    assert probe_sysfs.machine_model(tmp_path) == "20UF000LGE"
    path = tmp_path / "proc/device-tree/model"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"Raspberry Pi 4 Model B Rev 1.4\x00")
    assert probe_sysfs.machine_model(tmp_path) == "Raspberry Pi 4 Model B Rev 1.4"
