"""How much faster than the clock a simulated night is: four connected cars, four messages a second each.

The baseline is bumble as it comes (its own virtual link, no radio under it) carrying the same notifications
in the same virtual time.
"""

from __future__ import annotations

import asyncio
from timeit import timeit

import bleak
import pytest
from bumble import gatt
from bumble.controller import Controller
from bumble.device import Device, DeviceConfiguration, Peer
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink

from protocol.gatt import SERVICE_UUID, TO_HOST_UUID
from rig.radio.backend import install
from rig.radio.host_adapter import HostAdapter
from rig.sim.car.contract import Notify
from rig.sim.world import SimWorld
from rig.virtual_time import run_virtual

CARS, PER_SECOND = 4, 4
MINUTES = 5
NIGHT_HOURS, NIGHT_LIMIT_S = 8, 100.0


class StreamingCar:
    """A car that only talks: one position-sized frame every quarter of a second to whoever subscribes."""

    def __init__(self, number: int) -> None:
        self.address = f"D0:00:00:00:00:{number:02X}"
        self._number = number
        self._connected = False
        self._next_s: float | None = None

    def is_advertising(self, now_s):
        return not self._connected

    def advertising_data(self):
        uuid = bytes.fromhex(SERVICE_UUID.replace("-", ""))[::-1]
        return b"\x02\x01\x06\x11\x07" + uuid + b"\x09\xff\xbe\xef\x00\x08" + self._number.to_bytes(4, "big")

    def scan_response(self, now_s):
        return b"\x02\x0a\x00"

    def link_up(self, now_s):
        self._connected = True

    def subscribed(self, now_s, enabled):
        self._next_s = now_s if enabled else None

    def written(self, frame, now_s):
        pass

    def link_down(self, now_s, clean):
        self._connected, self._next_s = False, None

    def advance(self, now_s):
        if self._next_s is None or now_s < self._next_s:
            return []
        self._next_s += 1 / PER_SECOND
        return [Notify(bytes([16, 0x27]) + bytes(15))]

    def next_event_s(self):
        return self._next_s


def ours(minutes: float) -> int:
    """Notifications that arrived through stock bleak over the simulated air."""
    heard = 0

    def on_notification(_characteristic, _data):
        nonlocal heard
        heard += 1

    async def night():
        async with SimWorld([StreamingCar(number) for number in range(1, CARS + 1)]) as world:
            with install(HostAdapter(world.stack)):
                clients = [bleak.BleakClient(f"D0:00:00:00:00:{n:02X}") for n in range(1, CARS + 1)]
                for client in clients:
                    await client.connect()
                    await client.start_notify(TO_HOST_UUID, on_notification)
                await asyncio.sleep(minutes * 60)
                await asyncio.gather(*(client.disconnect() for client in clients))

    run_virtual(night)
    return heard


def _stock_device(link: LocalLink, address: str) -> Device:
    controller = Controller("stock", link=link)
    return Device(config=DeviceConfiguration(address=Address(address)), host=Host(controller, controller))


async def _stock_car(link: LocalLink, number: int, stop_s: float) -> tuple[Device, asyncio.Task[None]]:
    device = _stock_device(link, f"D0:00:00:00:00:{number:02X}")
    to_host = gatt.Characteristic(
        TO_HOST_UUID, gatt.Characteristic.Properties.NOTIFY, gatt.Characteristic.READABLE, b""
    )
    device.add_service(gatt.Service(SERVICE_UUID, [to_host]))
    await device.power_on()
    await device.start_advertising()

    async def stream() -> None:
        while asyncio.get_running_loop().time() < stop_s:
            await device.notify_subscribers(to_host, bytes(17))
            await asyncio.sleep(1 / PER_SECOND)

    return device, asyncio.create_task(stream())


def stock(minutes: float) -> int:
    """Notifications that arrived over bumble's own virtual link."""
    heard = 0

    def on_notification(_value):
        nonlocal heard
        heard += 1

    async def night():
        link = LocalLink()
        host = _stock_device(link, "C0:00:00:00:00:01")
        await host.power_on()
        cars = [await _stock_car(link, number, minutes * 60) for number in range(1, CARS + 1)]
        for device, _ in cars:
            peer = Peer(await host.connect(device.random_address))
            await peer.discover_services()
            await peer.discover_characteristics()
            await peer.get_characteristics_by_uuid(gatt.UUID(TO_HOST_UUID))[0].subscribe(on_notification)
        await asyncio.gather(*(task for _, task in cars))

    run_virtual(night)
    return heard


def test_a_simulated_minute_costs_less_than_with_bumble_as_it_comes(figures, interleave):
    expected = MINUTES * 60 * CARS * PER_SECOND
    assert ours(MINUTES) == pytest.approx(expected, rel=0.02)
    assert stock(MINUTES) == pytest.approx(expected, rel=0.02)
    times = interleave({"ours": lambda: ours(MINUTES), "stock": lambda: stock(MINUTES)}, rounds=3)
    seconds = times.seconds("ours")
    figures.note("virtual seconds per second, 4 cars x 4/s, ours", round(MINUTES * 60 / seconds))
    figures.note("the same, bumble as it comes", round(MINUTES * 60 / times.seconds("stock")))
    figures.note("a notification, air to bleak callback (us)", round(seconds / expected * 1e6))
    figures.at_most("time of bumble as it comes", times.ratio("ours", "stock"), 0.6)


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_eight_hours_of_four_cars_take_a_minute_or_two(figures):
    took_s = timeit(lambda: ours(NIGHT_HOURS * 60), number=1)
    figures.note("virtual seconds per second over the night", round(NIGHT_HOURS * 3600 / took_s))
    figures.at_most("eight hours, 4 cars x 4/s", took_s, NIGHT_LIMIT_S, " s")
