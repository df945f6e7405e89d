"""A whole simulated bench on pseudo-terminals: for programs of their own, which may be killed while the bench lives on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rig.bench.twins.build import twin_line
from rig.bench.twins.loop_mount import on_loop
from rig.bench.twins.plant import Plant
from rig.bench.wiring import Wiring
from rig.bench.wiring_text import wiring_text
from rig.errors import BenchError, InputError

WIRING_FILE = "bench.toml"


@contextmanager
def bench_on_ptys(wiring: Wiring, plant: Plant, folder: Path) -> Iterator[Path]:
    """Every fixture's twin on a pty for the length of the block, on the running loop; gives the wiring map to use.

    In `folder`, which is made when it is missing, a symbolic link named after each fixture leads to its pty, the same
    name every time, and WIRING_FILE is the same bench with these links for ports.

    Raises:
        InputError: the folder cannot be made, or something else stands where a link belongs.
        BenchError: the folder cannot be written to.
    """
    links = {name: folder.absolute() / name.replace(" ", "-").replace("/", "-") for name in wiring.fixtures}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder} for the bench: {error}") from error
    with ExitStack() as stack:
        for name, spec in wiring.fixtures.items():
            path = stack.enter_context(on_loop(twin_line(spec, plant)))
            stack.enter_context(_linked(links[name], path))
        chart = folder.absolute() / WIRING_FILE
        try:
            chart.write_text(
                wiring_text(wiring, {name: str(link) for name, link in links.items()}), encoding="utf-8"
            )
        except OSError as error:
            raise BenchError(f"cannot write {chart}: {error}") from error
        yield chart


@contextmanager
def _linked(link: Path, target: str) -> Iterator[None]:
    """A killed server leaves its links behind; anything else stays."""
    if link.exists() and not link.is_symlink():
        raise InputError(f"cannot put a fixture at {link}: a file is there; name a folder of its own")
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    except OSError as error:
        raise BenchError(f"cannot put a fixture at {link}: {error}") from error
    try:
        yield
    finally:
        with suppress(OSError):
            link.unlink(missing_ok=True)
