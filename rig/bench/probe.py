"""Finds out which board hangs on a port, with questions that switch nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from rig.bench.codecs.lcus import Dialect
from rig.bench.drivers.lcus import LcusRelays
from rig.bench.errors import FixtureFault, PortGone
from rig.bench.kinds import KINDS, Kind
from rig.bench.ports.port import Port
from rig.bench.station import make_driver
from rig.bench.wiring import FixtureSpec

CANNOT_BE_ASKED = ("pc-lap-counter",)
"""Kinds that answer nothing, so that no question finds them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one kind's question brought. `words` are the board's own, or why it is none."""

    kind: str
    found: bool
    words: str


async def probe_port(open_at: Callable[[int], Awaitable[Port]], kinds: Sequence[str] = ()) -> list[Answer]:
    """Asks as each kind in turn (all askable ones, or those named) until one answers as itself.

    The order is that of KINDS whatever is named: it keeps one kind's question from being another's command.
    `open_at` opens the port at a baud rate.

    Raises:
        PortMissing, PortBusy, PortGone: the port itself.
    """
    answers: list[Answer] = []
    for name, kind in KINDS.items():
        if name not in (kinds or KINDS) or name in CANNOT_BE_ASKED:
            continue
        answers.append(await _ask_as(kind, await open_at(kind.baud)))
        if answers[-1].found:
            break
    return answers


async def _ask_as(kind: Kind, port: Port) -> Answer:
    options: dict[str, object] = {"unit": 1} if "unit" in kind.options else {}
    spec = FixtureSpec("port", kind, port.name, 1, kind.baud, options)
    fixture = make_driver(spec, port)
    try:
        if isinstance(fixture, LcusRelays):
            dialect = await fixture.probe()
            words = f"LCUS relay board, dialect {dialect.value}"
            return Answer(
                kind.name, dialect is not Dialect.MUTE, words if dialect is not Dialect.MUTE else "silent"
            )
        return Answer(kind.name, found=True, words=await fixture.identify())
    except PortGone:
        raise
    except FixtureFault as error:
        return Answer(kind.name, found=False, words=f"{error.happened} {error.detail}".strip())
    finally:
        await fixture.close()
