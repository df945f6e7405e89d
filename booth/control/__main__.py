"""`python -m booth.control`: the race process, as the launcher starts it."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from booth.control.process import Where, run
from booth.errors import BoothError
from rig.errors import RigError


def main(arguments: list[str] | None = None) -> int:
    """Runs the race process; the exit code says whose fault an end is (see booth.errors)."""
    parser = argparse.ArgumentParser(prog="python -m booth.control", description=__doc__)
    parser.add_argument("--pack", required=True, help="show pack: a file, or a shipped one's name")
    parser.add_argument("--home", type=Path, required=True, help="results folder")
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket to serve")
    parser.add_argument("--radio", action="append", required=True, help="as of every command")
    parser.add_argument("--hands", type=Path, help="Unix socket of the hands that move simulated cars")
    parser.add_argument("--seed", type=int, default=1, help="seed of the AI drivers")
    parser.add_argument("--opens", action="store_true", help="let visitors in without a crew")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        return run(Where(**vars(given)))
    except (BoothError, RigError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a process of its own: it talks to whoever runs it
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
