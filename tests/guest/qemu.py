"""The fallback where ptrace is barred: Debian's stock kernel in QEMU, emulated in software.

Never KVM: that /dev/kvm exists proves nothing (in a nested machine the guest may hang before its first line), and
emulation is quick enough. The kernel comes from its Debian package, unpacked into the cache, nothing installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.guest import debian
from tests.guest.cache import building, cache_folder, content_key
from tests.guest.errors import BuildError, CannotRunHereError
from tests.guest.initramfs import SCRIPT, WANTED_MODULES, initramfs
from tests.guest.job import Exchange
from tests.guest.phases import phase

MEMORY_MB = 1536
TRANSPORT = "trans=virtio,version=9p2000.L,msize=262144,access=any"
EXCHANGE = Exchange("9p", "exchange", TRANSPORT)
PACKAGE = re.compile(r"linux-image-6\.12\.(\d+)\+deb\d+-amd64(-unsigned)?")
RECIPE = "1"
BUSYBOX = Path("/bin/busybox")


@dataclass(frozen=True, slots=True)
class Image:
    """What QEMU boots."""

    kernel: Path
    initramfs: Path


def newest(names: list[str]) -> str | None:
    """The package of the newest stock 6.12 kernel, signed before unsigned; None when there is none."""
    found = [(int(match[1]), not match[2], match[0]) for name in names if (match := PACKAGE.fullmatch(name))]
    return max(found)[2] if found else None


def command(image: Image, folder: Path) -> list[str]:
    """Boots `folder/init` on the host's root, given read-only over virtio-9p; the exchange is the second share."""
    return [
        "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", str(MEMORY_MB),
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
        "-chardev", f"file,id=console,path={folder}/console.log,append=on", "-serial", "chardev:console",
        *_share("root", "/", ",readonly=on"), *_share("exchange", str(folder), ""),
        "-kernel", str(image.kernel), "-initrd", str(image.initramfs),
        "-append", f"console=ttyS0 quiet panic=-1 mitigations=off GUEST_INIT={folder}/init",
    ]  # fmt: skip


def _share(name: str, path: str, more: str) -> list[str]:
    return [
        "-fsdev", f"local,id={name},path={path},security_model=none,multidevs=remap{more}",
        "-device", f"virtio-9p-pci,fsdev={name},mount_tag={name}",
    ]  # fmt: skip


def _package() -> tuple[str, str]:
    """Name and version of the kernel's package as apt knows it."""
    name = newest(_asked("apt-cache", "pkgnames", "linux-image-6.12").split())
    if name is None:
        raise CannotRunHereError(
            "apt knows no linux-image-6.12 for amd64; run apt-get update on a Debian with kernel 6.12"
        )
    version = re.search(r"^\s+Candidate: (\S+)", _asked("apt-cache", "policy", name), re.MULTILINE)
    return name, version[1] if version else ""


def _asked(*question: str) -> str:
    try:
        return subprocess.run(question, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        raise CannotRunHereError(
            "the QEMU guest needs Debian's kernel package, and this system has no apt"
        ) from None


async def image() -> Image:
    """The image, made when the cache has none for the kernel that apt offers.

    Raises:
        CannotRunHereError: packages are missing and cannot be installed, or apt knows no such kernel.
        BuildError: a step failed.
    """
    try:
        debian.install(debian.FOR_QEMU)
    except debian.CannotInstallError as missing:
        raise CannotRunHereError(str(missing)) from missing
    name, version = _package()
    made_of = {
        "package": name, "version": version, "script": SCRIPT, "modules": " ".join(WANTED_MODULES), "recipe": RECIPE,
    }  # fmt: skip
    entry = cache_folder() / "images" / content_key(made_of)
    if not (entry / "vmlinuz").exists():
        async with building(entry) as folder:
            if folder is not None:
                await _build(folder, name)
    return Image(entry / "vmlinuz", entry / "initramfs")


async def _build(folder: Path, package: str) -> None:
    log, tree = folder / "build.log", folder / "tree"
    await phase(
        "image: download", ["apt-get", "-o", "APT::Sandbox::User=root", "download", package], log, folder
    )
    archives = list(folder.glob("*.deb"))
    if len(archives) != 1:
        raise BuildError(f"image: apt-get download {package} left {len(archives)} packages; see {log}")
    await phase("image: unpack", ["dpkg", "-x", archives[0], tree], log)
    shutil.copy(next((tree / "boot").glob("vmlinuz-*")), folder / "vmlinuz")
    (folder / "initramfs").write_bytes(
        initramfs(next((tree / "lib/modules").iterdir()), BUSYBOX.read_bytes())
    )
    shutil.rmtree(tree)
    archives[0].unlink()
