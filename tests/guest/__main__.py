"""`python -m tests.guest`: run a command, or one of the two suites, in the guest."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from tests.guest import suites
from tests.guest.cache import new_run_folder
from tests.guest.engine import ENGINES
from tests.guest.errors import GuestError
from tests.guest.job import Step
from tests.guest.runner import prepare, run_guest, used_folder
from tests.guest.verdict import exit_code

BENCH_BROKEN, INTERRUPTED = 3, 130


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """What stands before and after the first `--`."""
    cut = words.index("--") if "--" in words else len(words)
    return words[:cut], words[cut + 1 :]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.guest",
        description=__doc__,
        usage="%(prog)s {run,smoke,full} [options] [-- COMMAND ...]",
        epilog="run takes the command after --; it runs in this folder, inside the guest",
    )
    parser.add_argument("what", choices=("run", *suites.SUITES), help="run COMMAND, or a suite")
    parser.add_argument("--limit", type=float, default=300, metavar="S", help="seconds for the command (run)")
    parser.add_argument("--engine", choices=ENGINES, default="auto")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where logs and results go; default: in the cache"
    )
    parser.add_argument("--snoop", action="store_true", help="record HCI traffic to hci.btsnoop")
    ours, command = _split(sys.argv[1:])
    chosen = parser.parse_args(ours)
    chosen.command = command
    if (chosen.what == "run") != bool(chosen.command):
        parser.error("`run` takes a command after `--`, a suite takes none")
    if not 0 < chosen.limit < 24 * 3600:
        parser.error("--limit must be between 0 and 86400 seconds")
    return chosen


async def _main(chosen: argparse.Namespace) -> int:
    folder = used_folder(chosen.out) if chosen.out else new_run_folder(chosen.what)
    if chosen.what != "run":
        return await suites.run_suite(chosen.what, folder, engine=chosen.engine, snoop=chosen.snoop)
    step = Step("command", tuple(chosen.command), str(Path.cwd()), chosen.limit)
    machine = await prepare(chosen.engine)
    outcome = await run_guest(machine, [step], folder, snoop=chosen.snoop, show=True)
    code = exit_code(outcome.result)
    print(f"guest: exit {code}: {outcome.versions()}, {outcome.wall_s:.1f} s in all, logs in {folder}")
    return code


def _interruptible(work: Coroutine[Any, Any, int]) -> int:
    """Runs it; Ctrl-C, SIGTERM and a closed terminal end it in order."""

    async def watched() -> int:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(ending, task.cancel)
        return await task

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        print("guest: interrupted; the guest is ended", file=sys.stderr)
        return INTERRUPTED
    except GuestError as error:
        print(f"guest: {error}", file=sys.stderr)
        return BENCH_BROKEN


if __name__ == "__main__":
    sys.exit(_interruptible(_main(_arguments())))
