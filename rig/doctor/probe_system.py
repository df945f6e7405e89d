"""Who and where we are: machine, user, packages, priority, serial ports."""

from __future__ import annotations

import configparser
import grp
import os
import platform
import pwd
import re
import stat
import sys
from importlib import metadata
from pathlib import Path

from rig.control.priority import Grant, high_priority
from rig.doctor import probe_sysfs
from rig.doctor.facts import (
    NOT_ASKED,
    KernelFacts,
    SerialPortFacts,
    SystemFacts,
    Unknown,
    UserFacts,
    VirtualControllerFacts,
)
from rig.doctor.probe_files import entries, lines_of, text_of, why_not

PACKAGES = ("pitboard", "bleak", "bumble", *(("dbus-fast",) if sys.platform == "linux" else ()))
_NET_ADMIN = 1 << 12
_SERIAL = re.compile(r"tty(ACM|USB)\d+|cu\.usb(modem|serial).*")  # of Linux, of macOS


def system_facts(root: Path = Path("/")) -> SystemFacts:
    """The machine and the software around us."""
    here = platform.uname()
    with high_priority() as priority:
        granted, words = priority.grant is Grant.REALTIME, str(priority)
    linux = sys.platform == "linux"
    return SystemFacts(
        platform=sys.platform,
        distribution=distribution(root) if linux else Unknown(f"not on {sys.platform}"),
        kernel=KernelFacts(here.release, here.version, here.machine),
        python=platform.python_version(),
        model=probe_sysfs.machine_model(root) if linux else NOT_ASKED,
        in_container=in_container(root) if linux else NOT_ASKED,
        packages=tuple((name, _version(name)) for name in PACKAGES),
        governors=probe_sysfs.governors(root) if linux else NOT_ASKED,
        realtime=words,
        realtime_granted=granted,
        wifi_up=probe_sysfs.wifi_up(root) if linux else NOT_ASKED,
        modem_manager=process_running(root, "ModemManager") if linux else NOT_ASKED,
    )


def _version(name: str) -> str | Unknown:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return Unknown("not installed")


def distribution(root: Path) -> str | Unknown:
    """The distribution's own name, from os-release."""
    text = text_of(root / "etc/os-release")
    for line in lines_of(text):
        key, _, value = line.partition("=")
        if key == "PRETTY_NAME":
            return value.strip("\"'")
    return text if isinstance(text, Unknown) else Unknown("os-release names none")


def in_container(root: Path) -> bool:
    """Whether a container's marks are there (Docker, Podman, systemd-nspawn)."""
    return any(
        (root / mark).exists() for mark in (".dockerenv", "run/.containerenv", "run/systemd/container")
    )


def process_running(root: Path, name: str) -> bool | Unknown:
    """Whether a process of that name runs, as far as this process can see others. Names are cut at 15 letters."""
    found = entries(root / "proc")
    if isinstance(found, Unknown):
        return found
    return any(text_of(path / "comm") == name for path in found if path.name.isdigit())


def user_facts(root: Path = Path("/")) -> UserFacts:
    """Who runs us, with which groups, and whether networks may be administered (for virtual controllers)."""
    number = os.geteuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # as in many containers
        name = str(number)
    return UserFacts(
        name, is_root=number == 0, groups=tuple(_group(group) for group in os.getgroups()),
        may_administer_network=_may_administer_network(root),
    )  # fmt: skip


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _may_administer_network(root: Path) -> bool | Unknown:
    text = text_of(root / "proc/self/status")
    for line in lines_of(text):
        key, _, value = line.partition(":")
        if key == "CapEff":
            return bool(int(value, 16) & _NET_ADMIN)
    return text if isinstance(text, Unknown) else Unknown("no capabilities told")


def serial_ports(root: Path = Path("/")) -> tuple[SerialPortFacts, ...] | Unknown:
    """USB serial ports, which may be dongles; none is opened."""
    found = entries(root / "dev")
    if isinstance(found, Unknown):
        return found
    labels: dict[str, str] = {}
    lasting = entries(root / "dev/serial/by-id")
    for link in [] if isinstance(lasting, Unknown) else lasting:
        labels[link.resolve().name] = f"/dev/serial/by-id/{link.name}"
    return tuple(_port(path, labels) for path in found if _SERIAL.fullmatch(path.name))


def _port(path: Path, labels: dict[str, str]) -> SerialPortFacts:
    shown, label = f"/dev/{path.name}", labels.get(path.name, "")
    try:
        group = _group(path.stat().st_gid)
    except OSError as error:
        return SerialPortFacts(shown, label, why_not(error))
    return SerialPortFacts(shown, label, os.access(path, os.R_OK | os.W_OK), group)


def virtual_controller(root: Path = Path("/")) -> VirtualControllerFacts | Unknown:
    """/dev/vhci: whether it is there and open to us. It is not opened: that would make an adapter."""
    path = root / "dev/vhci"
    try:
        there = stat.S_ISCHR(path.stat().st_mode)
    except FileNotFoundError:
        return VirtualControllerFacts(exists=False, writable=False)
    except OSError as error:
        return why_not(error)
    return VirtualControllerFacts(exists=there, writable=there and os.access(path, os.R_OK | os.W_OK))


def link_settings(root: Path = Path("/")) -> tuple[tuple[str, str], ...] | Unknown:
    """What BlueZ's main.conf sets under [LE]."""
    text = text_of(root / "etc/bluetooth/main.conf")
    if isinstance(text, Unknown):
        return text
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # keys keep their case
    try:
        parser.read_string(text)
        return tuple((key, value or "") for key, value in parser["LE"].items()) if "LE" in parser else ()
    except configparser.Error as error:
        return Unknown(f"main.conf cannot be understood: {str(error).splitlines()[0]}")
