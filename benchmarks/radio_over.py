"""Our radio over a simulated world whose host is in this process."""

from __future__ import annotations

from rig.radio.backend import HostStackClient, HostStackScanner
from rig.radio.host_adapter import HostAdapter
from rig.radio.radio import Radio, RadioCapabilities
from rig.radio.transmit import TransmitPolicy
from rig.sim.world import SimWorld


def radio_over(world: SimWorld) -> Radio:
    """A radio that meets the cars of this world, as `sim:` does."""
    return Radio(
        name="sim",
        transmit=TransmitPolicy.SIMULATED_CARS,
        scanner_backend=HostStackScanner,
        client_backend=HostStackClient,
        backend_options={"host": HostAdapter(world.stack)},
        capabilities=RadioCapabilities(is_simulated=True, max_links=8),
    )
