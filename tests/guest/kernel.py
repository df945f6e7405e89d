"""The User-mode-Linux kernel: built from Debian's source, kept by its content."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.guest import debian
from tests.guest.cache import building, cache_folder, content_key
from tests.guest.errors import BuildError, CannotRunHereError
from tests.guest.phases import phase

SOURCE_PACKAGE = debian.FOR_GUEST[0]
SOURCE = Path(f"/usr/src/{SOURCE_PACKAGE}.tar.xz")
CONFIG = Path(__file__).with_name("kernel.config")
RECIPE = "1"
"""Raised when the build steps change in a way that changes the kernel."""
XSTATE_SOURCE = Path("arch/x86/um/user-offsets.c")
XSTATE_DECLARED = re.compile(r"(DEFINE_LONGS\(HOST_FP_SIZE, )2696\)")


def fix_xstate(text: str, size: int) -> str:
    """The source with room for this host's register state of `size` bytes; 6.12 knows only 2,696.

    Raises:
        BuildError: the line is not there (a newer source may measure by itself).
    """
    fixed, times = XSTATE_DECLARED.subn(rf"\g<1>{size})", text)
    if times != 1:
        raise BuildError(f"{XSTATE_SOURCE} of {SOURCE_PACKAGE} does not declare HOST_FP_SIZE as expected")
    return fixed


def ingredients(xstate_bytes: int) -> dict[str, str]:
    """All that decides what the kernel will be."""
    compiler = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=False)
    return {
        "source": debian.version(SOURCE_PACKAGE) or "",
        "config": CONFIG.read_text(),
        "compiler": compiler.stdout.strip(),
        "xstate": str(xstate_bytes),
        "recipe": RECIPE,
    }


async def kernel(xstate_bytes: int) -> Path:
    """The path of the kernel for this machine, built when the cache has none.

    Raises:
        CannotRunHereError: Debian packages are missing and cannot be installed.
        BuildError: a build step failed.
    """
    try:
        debian.install(debian.FOR_GUEST)
    except debian.CannotInstallError as missing:
        raise CannotRunHereError(str(missing)) from missing
    made_of = ingredients(xstate_bytes)
    entry = cache_folder() / "kernels" / content_key(made_of)
    if not (entry / "linux").exists():
        async with building(entry) as folder:
            if folder is not None:
                await _build(folder, xstate_bytes)
    return entry / "linux"


async def _build(folder: Path, xstate_bytes: int) -> None:
    tree, output, log = folder / "source", folder / "output", folder / "build.log"
    tree.mkdir()
    output.mkdir()
    make = ["make", "-C", str(tree), "ARCH=um", f"O={output}"]
    jobs = f"-j{len(os.sched_getaffinity(0))}"
    try:
        unpack = ["tar", "-xf", SOURCE, "-C", tree, "--strip-components=1"]
        await phase("kernel: unpack", unpack, log)
        patched = tree / XSTATE_SOURCE
        patched.write_text(fix_xstate(patched.read_text(), xstate_bytes))
        await phase("kernel: configure", [*make, f"KCONFIG_ALLCONFIG={CONFIG}", "allnoconfig"], log)
        _nothing_dropped(output / ".config")
        await phase("kernel: compile", [*make, jobs, "linux"], log)
        await phase("kernel: strip", ["strip", "-o", folder / "linux", output / "linux"], log)
    finally:
        await asyncio.to_thread(shutil.rmtree, tree, ignore_errors=True)
        await asyncio.to_thread(shutil.rmtree, output, ignore_errors=True)


def dropped(wanted: str, got: str) -> list[str]:
    """The lines of our configuration that the source's rules did not accept."""
    lines = set(got.splitlines())
    return [line for line in wanted.splitlines() if line.startswith("CONFIG_") and line not in lines]


def _nothing_dropped(config: Path) -> None:
    if lost := dropped(CONFIG.read_text(), config.read_text()):
        raise BuildError(f"kernel: {SOURCE_PACKAGE} does not take {', '.join(lost)}; see {CONFIG.name}")
