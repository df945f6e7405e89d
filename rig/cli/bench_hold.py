"""Holds the bench of a command: the adapters of its radios, the ports of its fixtures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rig.bench.holding import Hold, held, parts_of_ports, parts_of_radios
from rig.clock import SystemClock
from rig.radio.moniker import Moniker

if TYPE_CHECKING:
    from rig.bench.wiring import Wiring


@contextmanager
def bench_held(what: str, monikers: Sequence[Moniker] = (), wiring: Wiring | None = None) -> Iterator[Hold]:
    """Holds for the block whatever these radios and this wiring map use of the machine; nothing, if all is simulated.
    `what` tells others who it is.

    Raises:
        BenchHeld: another program uses a part of it.
        PortMissing, PortAmbiguous: a fixture's port.
    """
    parts = parts_of_radios(monikers)
    if wiring is not None and not wiring.simulated:
        parts += parts_of_ports(_devices(wiring))
    since = SystemClock().utc_now().isoformat(timespec="seconds")
    with held(parts, what, since) as hold:
        yield hold


def _devices(wiring: Wiring) -> list[tuple[str, str]]:
    from rig.bench.ports.identity import find_port, list_ports  # noqa: PLC0415 - pyserial loads only for a real bench
    from rig.bench.wiring import TWIN  # noqa: PLC0415

    seen = list_ports()
    real = [spec for spec in wiring.fixtures.values() if spec.port != TWIN]
    return [(spec.name, find_port(spec.port, seen, label=spec.name)) for spec in real]
