"""Somebody else's program: knows bleak and nothing of pitboard. Run by test_sim_command.py."""

import asyncio
import sys

from bleak import BleakClient, BleakScanner

SERVICE = "be15beef-6186-407e-8381-0bd89c4d8df4"
TO_HOST = "be15bee0-6186-407e-8381-0bd89c4d8df4"
TO_CAR = "be15bee1-6186-407e-8381-0bd89c4d8df4"


async def main():
    device = await BleakScanner.find_device_by_filter(lambda _, advert: SERVICE in advert.service_uuids)
    answers = asyncio.Queue()
    async with BleakClient(device) as client:
        await client.start_notify(TO_HOST, lambda _, data: answers.put_nowait(bytes(data)))
        await client.write_gatt_char(TO_CAR, b"\x01\x16", response=False)
        while (await answers.get())[1] != 0x17:
            pass
        sys.stdout.write(f"connected {client.is_connected} pong {sys.argv[1:]}\n")
    sys.stdout.write(f"disconnected {not client.is_connected}\n")


asyncio.run(main())
sys.exit(7)
