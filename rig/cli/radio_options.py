"""The options every command with a radio has, and how such a command runs."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rig.errors import InputError
from rig.radio.moniker import DEFAULT_WORLD
from rig.radio.moniker_list import joined, parse_monikers

if TYPE_CHECKING:
    from rig.compose import Station

T = TypeVar("T")
Command = Callable[..., Any]

DEFAULT_RADIO = f"sim:{DEFAULT_WORLD}"


def radio_options(command: Command) -> Command:
    """Adds --radio, --seed and --fast."""
    for option in (
        click.option(
            "--fast",
            is_flag=True,
            help="Let simulated time jump ahead instead of passing as on a wall clock (sim: only).",
        ),
        click.option("--seed", type=int, help="Seed of the simulated world, instead of the world's own."),
        click.option(
            "--radio",
            envvar="PITBOARD_RADIO",
            multiple=True,
            default=(DEFAULT_RADIO,),
            show_default=True,
            metavar="RADIO",
            help="ble, ble:hci1, hci:<bumble transport>, sim:<world>, vhci:<world>; @2 behind a world gives it two "
            "adapters. Repeat it to spread cars over several; or set PITBOARD_RADIO, with spaces between them.",
        ),
    ):
        command = option(command)
    return command


def run_on_radio(
    radio: Sequence[str],
    main: Callable[[Station], Awaitable[T]],
    *,
    seed: int | None,
    fast: bool,
    quiet: bool = False,
) -> T:
    """Says which radio is used (or which several), runs `main` on it and turns SIGTERM and SIGHUP into Ctrl-C, so that cars are stopped."""
    monikers = parse_monikers(radio)
    named = joined(monikers)
    if fast and not all(moniker.can_jump_time for moniker in monikers):
        raise InputError(
            f"radio '{named}' runs in real time, so it cannot jump; drop --fast or use --radio sim"
        )
    from rig.compose import run_with_radio  # noqa: PLC0415 - bleak and bumble load only when they are needed

    if not quiet:
        hint = " (simulated cars; --radio ble for real ones)" if monikers[0].has_world else ""
        click.echo(f"radio: {named}{hint}", err=True)

    try:
        return run_with_radio(radio, main, virtual=fast, seed=seed, within=_ended_by_signals)
    except asyncio.CancelledError as cancelled:  # by a signal; Ctrl-C arrives as KeyboardInterrupt
        raise click.Abort from cancelled


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP (a closed terminal) cancel the running task, so that it cleans up as after Ctrl-C, while the radio is
    opened as well."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def on_signal(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(task.cancel)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
