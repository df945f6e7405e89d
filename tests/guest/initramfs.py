"""A small initramfs: busybox, the modules that Bluetooth and the 9p root need, and a script that mounts the root."""

from __future__ import annotations

import gzip
import lzma
import re
from pathlib import Path

from tests.guest.errors import BuildError

WANTED_MODULES = (
    "9p", "9pnet_virtio",  # the host's files
    "rfkill", "bluetooth", "hci_vhci",
    "cmac", "algif_hash", "algif_skcipher",  # bluetoothd's ciphers; it cannot load modules itself: none are in reach
)  # fmt: skip
DEPENDS = re.compile(rb"\0depends=([^\0]*)\0")
SCRIPT = """#!/bin/busybox sh
for name in $(/bin/busybox cat /modules/order); do /bin/busybox insmod /modules/$name.ko; done
/bin/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,access=any,cache=loose,ro root /root &&
exec /bin/busybox switch_root /root "$GUEST_INIT"
echo "guest: PID 1 failed: the host's root could not be mounted over 9p"
"""


def load_order(wanted: tuple[str, ...], depends: dict[str, list[str]]) -> list[str]:
    """The modules and all they depend on, each after what it needs."""
    order: list[str] = []

    def add(name: str) -> None:
        if name in order:
            return
        for needed in depends[name]:
            add(needed)
        order.append(name)

    for name in wanted:
        add(name)
    return order


def initramfs(modules: Path, busybox: bytes) -> bytes:
    """The gzipped archive.

    Args:
        modules: the kernel's folder below lib/modules.
        busybox: a statically linked busybox.

    Raises:
        BuildError: the kernel has no such module.
    """
    paths = {_name(path): path for path in modules.rglob("*.ko*")}
    content: dict[str, bytes] = {}
    depends: dict[str, list[str]] = {}
    waiting = list(WANTED_MODULES)
    while waiting:
        name = waiting.pop()
        if name in content:
            continue
        if name not in paths:
            raise BuildError(f"image: the kernel in {modules} has no module {name}")
        content[name] = _unpacked(paths[name])
        found = DEPENDS.search(content[name])
        depends[name] = (
            [each.replace("-", "_") for each in found[1].decode().split(",") if each] if found else []
        )
        waiting += depends[name]
    order = load_order(WANTED_MODULES, depends)
    files = {
        "init": (0o755, SCRIPT.encode()),
        "bin/busybox": (0o755, busybox),
        "modules/order": (0o644, "\n".join(order).encode()),
        **{f"modules/{name}.ko": (0o644, content[name]) for name in order},
    }
    return gzip.compress(archive(["bin", "dev", "modules", "root"], files), compresslevel=1, mtime=0)


def _name(path: Path) -> str:
    return path.name.split(".ko")[0].replace("-", "_")


def _unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(data)
    if path.suffix == ".ko":
        return data
    raise BuildError(f"image: cannot unpack {path.name}")


def archive(folders: list[str], files: dict[str, tuple[int, bytes]]) -> bytes:
    """A cpio archive in the "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst)."""
    out = bytearray()
    entries = [(name, 0o040755, b"") for name in folders]
    entries += [(name, 0o100000 | mode, data) for name, (mode, data) in files.items()]
    for number, (name, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], start=1):
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + "".join(f"{field:08x}" for field in fields).encode() + name.encode() + b"\0"
        out += bytes(-len(out) % 4)
        out += data
        out += bytes(-len(out) % 4)
    return bytes(out)
