"""Two programs for the dead-man test: a board that outlives its host, and the host that is killed.

python -m tests.rig.bench.host_and_twin board         serves a Modbus relay on a pty; prints its path, then contacts
python -m tests.rig.bench.host_and_twin host PATH S   switches channel 1 on (timer of S seconds, 0 for none), renews
"""

import asyncio
import sys

from rig.bench.dead_man import dead_man
from rig.bench.drivers.modbus_relay import ModbusRelays
from rig.bench.ports.serial_port import SerialPort
from rig.bench.twins.line import Line
from rig.bench.twins.plant import BenchPlant
from rig.bench.twins.pty_mount import PtyMount
from rig.bench.twins.relay_bank import RelayBank
from rig.bench.twins.relays import ModbusRelayTwin


def say(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class SpokenPlant(BenchPlant):
    """Says what its contacts do."""

    def relay_moved(self, fixture, channel, closed, now_s):
        if self.closed.get((fixture, channel)) is not closed:
            say(f"{channel} {'on' if closed else 'off'}")
        super().relay_moved(fixture, channel, closed, now_s)


def board():
    mount = PtyMount(Line(ModbusRelayTwin(RelayBank(4, plant=SpokenPlant({})))))
    say(mount.path)
    mount.run()


async def host(path, holds_s):
    relays = ModbusRelays(await SerialPort.open(path), "relays", channels=4, holds_s=holds_s)
    async with dead_man([relays]):
        await relays.switch(1, on=True)
        say("switched")
        await asyncio.sleep(60)


if __name__ == "__main__":
    if sys.argv[1] == "board":
        board()
    else:
        asyncio.run(host(sys.argv[2], float(sys.argv[3])))
