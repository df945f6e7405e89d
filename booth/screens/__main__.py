"""`python -m booth.screens`: the screens process, as the launcher starts it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from booth.errors import BoothError
from booth.screens.serving import Where, serve


def main(arguments: list[str] | None = None) -> int:
    """Runs the screens; the exit code says whose fault an end is (see booth.errors)."""
    parser = argparse.ArgumentParser(prog="python -m booth.screens", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket of the race process")
    parser.add_argument(
        "--home",
        type=Path,
        required=True,
        help="results folder; the show's stores are in booth/<show> under it",
    )
    parser.add_argument("--pack", required=True, help="show pack: a file, or a shipped one's name")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pin-file", type=Path, required=True, help='TOML: crew = "…" and it = "…"')
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on")  # noqa: S104
    parser.add_argument("--url", help="what QR codes begin with; otherwise this machine's address")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # not every phone that comes and goes
    try:
        asyncio.run(serve(Where(**vars(given))))
    except BoothError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a process of its own: it talks to whoever runs it
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
