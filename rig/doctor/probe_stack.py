"""What the Bluetooth service says: D-Bus, bluetoothd, BlueZ and its adapters. Linux only; nothing is changed.

Every question has its limit, and its failure is the fact that is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from protocol.gatt import SERVICE_UUID
from rig.doctor.facts import PeerFacts, StackAdapterFacts, StackFacts, Unknown
from rig.doctor.probe_files import why_not
from rig.doctor.probe_system import link_settings, process_running
from rig.errors import RigError
from rig.radio.bluez import Bluez, DeviceFacts
from rig.radio.errors import NotPermitted, StackMissing

BUS_ANSWER_S = 1.0
STACK_ANSWER_S = 5.0
VERSION_ANSWER_S = 3.0
_BUS_SOCKETS = ("/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket")
_DAEMONS = (
    "/usr/libexec/bluetooth/bluetoothd",
    "/usr/lib/bluetooth/bluetoothd",
    "/usr/sbin/bluetoothd",
)
_VERSION = re.compile(r"\b(\d+\.\d+)\b")
_CAR_NAME = "Drive"  # how most cars' names end; the service tells the others


async def stack_facts(root: Path = Path("/")) -> tuple[StackFacts, Mapping[str, StackAdapterFacts]]:
    """The service, and its adapters by name (`hci0`)."""
    bus = bus_reachable(os.environ)
    asking = (bluez_version(version_programs()), _ask_bluez(bus))
    version, (answered, refused, adapters) = await asyncio.gather(*asking)
    facts = StackFacts(
        bus_reachable=bus,
        daemon_running=True if answered is True else process_running(root, "bluetoothd"),
        bluez_version=version,
        answered=answered,
        refused=refused,
        link_settings=link_settings(root),
    )
    return facts, adapters


def bus_reachable(environment: Mapping[str, str]) -> bool | Unknown:
    """Whether a system bus takes connections; False where there is none at all."""
    address = environment.get("DBUS_SYSTEM_BUS_ADDRESS", "")
    named = [part.removeprefix("path=") for part in _parts(address) if part.startswith("path=")]
    if address and not named:
        return Unknown(f"its address '{address}' names no socket of the file system")
    paths = named or [path for path in _BUS_SOCKETS if Path(path).exists()]
    if not paths or not Path(paths[0]).exists():
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bus:
            bus.settimeout(BUS_ANSWER_S)
            bus.connect(paths[0])
    except OSError as error:
        return why_not(error)
    return True


def _parts(address: str) -> list[str]:
    """Of `unix:path=/run/bus,guid=1;tcp:…`, what the first address gives: `path=/run/bus`, `guid=1`."""
    return address.partition(";")[0].partition(":")[2].split(",")


def version_programs() -> list[str]:
    """BlueZ's programs that are installed: the daemon first, bluetoothctl next."""
    found = [path for path in _DAEMONS if Path(path).exists()]
    control = shutil.which("bluetoothctl")
    return [*found, control] if control else found


async def bluez_version(programs: Iterable[str]) -> str | Unknown:
    """BlueZ's version, from the first of its own programs that tells it."""
    why = Unknown("neither bluetoothd nor bluetoothctl is installed")
    for program in programs:
        answer = await _version_of(program)
        if isinstance(answer, str):
            return answer
        why = answer
    return why


async def _version_of(program: str) -> str | Unknown:
    try:
        process = await asyncio.create_subprocess_exec(
            program, "--version",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        return why_not(error)
    try:
        async with asyncio.timeout(VERSION_ANSWER_S):
            output, _ = await process.communicate()
    except TimeoutError:
        return Unknown(f"{program} --version did not end in {VERSION_ANSWER_S:g} s")
    finally:
        with contextlib.suppress(ProcessLookupError):
            if process.returncode is None:
                process.kill()
                await process.wait()
    found = _VERSION.search(output.decode("utf-8", "replace"))
    return found[1] if found else Unknown(f"{program} --version told none")


async def _ask_bluez(
    bus: bool | Unknown,
) -> tuple[bool | Unknown, str, Mapping[str, StackAdapterFacts]]:
    """(answered, the words of a refusal, adapters by name)."""
    if bus is not True:
        return Unknown("no D-Bus to ask through"), "", {}
    try:
        async with asyncio.timeout(STACK_ANSWER_S), Bluez.connect() as bluez:
            return (
                True,
                "",
                {
                    facts.name: StackAdapterFacts(
                        facts.name,
                        facts.address,
                        powered=facts.powered,
                        discovering=facts.discovering,
                        roles=facts.roles,
                        modalias=facts.modalias,
                        connected=tuple(
                            _peer(peer) for peer in await bluez.devices(facts.name) if peer.connected
                        ),
                    )
                    for facts in await bluez.adapters()
                },
            )
    except TimeoutError:
        return Unknown(f"no answer in {STACK_ANSWER_S:g} s"), "", {}
    except NotPermitted as error:
        return Unknown(error.detail), _first_words(error.detail) or "access denied", {}
    except StackMissing as error:
        return Unknown(error.detail), "", {}
    except RigError as error:
        return Unknown(error.what_happened), "", {}


def _first_words(detail: str) -> str:
    """`Rejected send message` of dbus-daemon's half page on a denial."""
    return re.split(r"[,;]", detail.rpartition("] ")[2], maxsplit=1)[0]


def _peer(device: DeviceFacts) -> PeerFacts:
    name = device.name.replace("\x00", "").strip()
    is_car = _CAR_NAME in name or SERVICE_UUID in device.uuids
    return PeerFacts(device.path, device.address, _printable(name), is_car=is_car)


def _printable(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable()).strip()
