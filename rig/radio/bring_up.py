"""From a bleak client to a usable link: connect, discover, subscribe, hear fresh data; each step noted when reached."""

from __future__ import annotations

import asyncio
import contextlib

from bleak import BleakClient

from protocol import PingRequest
from protocol.gatt import SERVICE_UUID, TO_CAR_UUID, TO_HOST_UUID
from rig.radio.errors import LinkLost, ServicesMissing
from rig.radio.link import CarLink
from rig.radio.milestones import LossReason
from rig.radio.teardown import see_through
from rig.radio.version_check import bluez_version_checked

LINK_POLL_S = 0.005  # how often a pending connect is asked whether its link is up: the milestone's resolution
NUDGE_AFTER_S = 0.3
"""A car speaks right after the subscription; one that has not by now is pinged, once: while another program of this
machine listens too, BlueZ subscribes by itself and the car's first words are over before we do."""
CANCEL_LIMIT_S = 6.0  # for bleak to take a connect back; BlueZ needs about 2 s


async def bring_up(link: CarLink, client: BleakClient, *, stock: bool) -> None:
    """Returns once the car has sent its first frame. The caller bounds it, and closes the client if it fails.

    `stock`: over bleak's own backend, whose look at BlueZ's version must not be cut short.

    Raises:
        LinkLost, ServicesMissing: as named.
        Whatever bleak raises.
    """
    loop = asyncio.get_running_loop()
    if stock:
        await bluez_version_checked()
    await _watch_connect(link, client)
    if not client.is_connected:
        link.ended(LossReason.LOST)
        raise LinkLost(link.label, reason=str(link.lost.loss))
    service = client.services.get_service(SERVICE_UUID)
    if service is None or not (
        service.get_characteristic(TO_HOST_UUID) and service.get_characteristic(TO_CAR_UUID)
    ):
        raise ServicesMissing(link.label)
    await client.start_notify(TO_HOST_UUID, link.received)
    if link.milestones.subscribed_s is None:
        link.reached("subscribed_s", loop.time())
    await _fresh_data(link)


async def _watch_connect(link: CarLink, client: BleakClient) -> None:
    loop = asyncio.get_running_loop()
    connecting = asyncio.ensure_future(client.connect())
    try:
        while not connecting.done():
            await asyncio.wait({connecting}, timeout=LINK_POLL_S)
            if not client.is_connected:  # not yet, or again after a failed establishment
                link.reached("connected_s", None)
            elif link.milestones.connected_s is None:
                link.reached("connected_s", loop.time())
        connecting.result()
    finally:
        if not connecting.done():
            connecting.cancel()
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await see_through(connecting, CANCEL_LIMIT_S, "cancelling a connect")
    now_s = loop.time()
    link.reached("connected_s", link.milestones.connected_s or now_s)
    link.reached("services_s", now_s)


async def _fresh_data(link: CarLink) -> None:
    """Returns at the first frame, pinging a silent car once."""
    data = asyncio.ensure_future(link.first_data())
    ended = asyncio.ensure_future(link.lost.wait())
    try:
        await asyncio.wait({data, ended}, timeout=NUDGE_AFTER_S, return_when=asyncio.FIRST_COMPLETED)
        if not data.done() and not ended.done():
            await link.write(PingRequest())
            await asyncio.wait({data, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise LinkLost(link.label, reason=str(link.lost.loss))
    finally:
        data.cancel()
        ended.cancel()
