"""`pitboard sim`: the simulated fleet for other people's programs."""

from __future__ import annotations

import asyncio
import runpy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import click

from rig.errors import InputError, RigError
from rig.radio.backend import install
from rig.radio.host_adapter import HostAdapter
from rig.radio.moniker import DEFAULT_WORLD
from rig.sim.on_demand import StackOnDemand
from rig.sim.serve import serving
from rig.sim.world import SimWorld
from rig.sim.worlds import world_by_name

_WORLD = click.option(
    "--world", default=DEFAULT_WORLD, show_default=True, help="Built-in world or world file."
)
_SEED = click.option("--seed", type=int, help="Seed instead of the world's own.")


@click.group()
def sim() -> None:
    r"""Offer the simulated fleet to other people's programs.

    \b
    Examples:
      pitboard sim run their_app.py            an unmodified bleak program meets the simulated cars
      pitboard sim serve --transport tcp-server:127.0.0.1:6402
    """


@sim.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("app", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@_WORLD
@_SEED
def run(app: Path, args: tuple[str, ...], world: str, seed: int | None) -> None:
    r"""Run a bleak program against the simulated fleet, in real time.

    The program is not changed: while it runs, bleak's default adapter is the simulated one. Its exit code is
    handed on. Options for this command come before APP, what follows belongs to the program.

    \b
    Examples:
      pitboard sim run their_app.py
      pitboard sim run --world one-car --seed 7 their_app.py --verbose
    """
    world_by_name(world, seed)  # a wrong name is told now, not from inside their program
    stack = StackOnDemand(lambda: world_by_name(world, seed), f"sim:{world}")
    before = sys.argv, sys.path[:]
    sys.argv = [str(app), *args]
    sys.path.insert(0, str(app.resolve().parent))
    try:
        with install(HostAdapter(stack)):
            runpy.run_path(str(app), run_name="__main__")
    except (RigError, click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:  # noqa: BLE001 - the program's own, told as Python would have told it
        told = error.with_traceback(_since(app, error.__traceback__))
        sys.excepthook(type(told), told, told.__traceback__)
        sys.exit(1)
    finally:
        sys.argv, sys.path[:] = before


def _since(app: Path, trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the program's own first frame on, without how it was started."""
    while trace is not None and trace.tb_frame.f_code.co_filename != str(app):
        trace = trace.tb_next
    return trace


@sim.command()
@click.option(
    "--transport",
    "transports",
    multiple=True,
    required=True,
    metavar="TRANSPORT",
    help="A bumble transport, e.g. tcp-server:127.0.0.1:6402 or pty:fleet; repeat for more adapters.",
)
@click.option(
    "--bench",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Put the bench of the world there as well: each fixture on a pty of its own, and bench.toml to use them.",
)
@_WORLD
@_SEED
def serve(transports: tuple[str, ...], bench: Path | None, world: str, seed: int | None) -> None:
    r"""Offer the simulated fleet as HCI controllers to any BLE host, until Ctrl-C.

    Each transport is an adapter of its own; all see the same cars. With --bench the relays, meters and servos around
    them are there too, at paths that stay the same; what they do to the cars is told as it happens.

    \b
    Examples:
      pitboard sim serve --transport tcp-server:127.0.0.1:6402
      pitboard scan --radio hci:tcp-client:127.0.0.1:6402      in another terminal
      pitboard sim serve --transport tcp-server:127.0.0.1:6402 --bench /tmp/bench
      pitboard bench selftest --radio hci:tcp-client:127.0.0.1:6402 --wiring /tmp/bench/bench.toml
      pitboard sim serve --world one-car --transport pty:fleet
      sudo btattach -B fleet -P h4                             BlueZ gets the fleet as an adapter
    """
    asyncio.run(_serve(world, seed, transports, bench))


async def _serve(name: str, seed: int | None, transports: Sequence[str], bench: Path | None) -> None:
    world = world_by_name(name, seed, adapter=False)
    async with serving(world, transports):
        with _bench_beside(world, name, bench):
            _say(f"{len(world.cars)} cars on the air at {', '.join(transports)}; Ctrl-C ends")
            await asyncio.get_running_loop().create_future()


@contextmanager
def _bench_beside(world: SimWorld, name: str, folder: Path | None) -> Iterator[None]:
    if folder is None:
        yield
        return
    from rig.bench.twins.bench_on_ptys import bench_on_ptys  # noqa: PLC0415 - construct loads only for a bench
    from rig.bench.wiring import load_wiring  # noqa: PLC0415
    from rig.sim.bays import BayPlant  # noqa: PLC0415

    if world.bench is None:
        raise InputError(
            f"world '{name}' has no bench; write bench = \"NAME\" into its file, or leave --bench out"
        )
    wiring = load_wiring(world.bench)
    plant = BayPlant(world, wiring, on_event=_say)
    try:
        with bench_on_ptys(wiring, plant, folder) as chart:
            _say(f"bench '{wiring.name}' of {len(wiring.fixtures)} fixtures: --bench {chart}")
            yield
    finally:
        plant.detach()


def _say(words: str) -> None:
    click.echo(words)
    sys.stdout.flush()
